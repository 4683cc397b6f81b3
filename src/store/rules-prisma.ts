// The servers' rules and who changed them, in SQLite or Postgres.

import {
  rules as schema,
  type AuditEntry,
  type Rules,
  type RulesStore,
  type ServerRef,
} from '../core/rules.ts';
import { uuid7s } from '../queue/uuid7.ts';
import type { Db } from './client.ts';

const nextId = uuid7s();

export class PrismaRules implements RulesStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async get({ platform, id: server }: ServerRef): Promise<Rules | undefined> {
    const row = await this.#db.serverRules.findUnique({ where: { platform_server: { platform, server } } });
    return row ? schema.parse(row.rules) : undefined;
  }

  async set({ platform, id: server }: ServerRef, rules: Rules, entry: AuditEntry): Promise<void> {
    const { at, by, change } = entry;
    await this.#db.auditEntry.create({
      data: { id: nextId(at), platform, server, personId: by.id, personName: by.name, change, at },
    });
    const document = JSON.parse(JSON.stringify(rules)) as object; // no undefined in it
    await this.#db.serverRules.upsert({
      where: { platform_server: { platform, server } },
      create: { platform, server, rules: document },
      update: { rules: document },
    });
  }

  async audit({ platform, id: server }: ServerRef, limit: number): Promise<AuditEntry[]> {
    const rows = await this.#db.auditEntry.findMany({
      where: { platform, server },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(({ at, personId, personName, change }) => ({
      at,
      by: { id: personId, name: personName },
      change,
    }));
  }

  async list(): Promise<{ server: ServerRef; rules: Rules }[]> {
    const rows = await this.#db.serverRules.findMany({ orderBy: [{ platform: 'asc' }, { server: 'asc' }] });
    return rows.map(({ platform, server, rules }) => ({
      server: { platform, id: server },
      rules: schema.parse(rules),
    }));
  }
}
