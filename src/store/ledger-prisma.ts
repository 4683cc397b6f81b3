// The account of what is used, in SQLite or Postgres. What jobs reserve and settle is written by the database's triggers
// on their rows (prisma/**/migrations/*_ledger_and_rules); this reads it, and adds what no job came of.

import { empty, sqltag as sql } from '@prisma/client/runtime/client';
import {
  FORGOTTEN,
  type Account,
  type LedgerEntry,
  type LedgerStore,
  type Refused,
  type Used,
} from '../core/ledger.ts';
import type { PersonRef } from '../core/people.ts';
import { uuid7s } from '../queue/uuid7.ts';
import type { Db } from './client.ts';
import type { LedgerEntry as EntryRow } from './generated/sqlite/client.ts';

const nextId = uuid7s();

export class PrismaLedger implements LedgerStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async used({ server, person, model }: Account, from: Date, to: Date): Promise<Used> {
    // Prisma's own sum makes a table of all the entries first.
    const [sum] = await this.#db.$queryRaw<[{ pictures: unknown; seconds: unknown }]>(sql`
      SELECT coalesce(sum("pictures"), 0) AS "pictures", coalesce(sum("deviceSeconds"), 0) AS "seconds"
      FROM "LedgerEntry"
      WHERE "platform" = ${server.platform} AND "server" = ${server.id}
        AND "countedAt" >= ${from} AND "countedAt" < ${to} AND "relaxed" = ${false}
        ${person === undefined ? empty : sql`AND "personId" = ${person}`}
        ${model === undefined ? empty : sql`AND "model" = ${model}`}`);
    return { pictures: Number(sum.pictures), seconds: Number(sum.seconds) };
  }

  async refuse({ server, channel, person, model, at }: Refused): Promise<void> {
    await this.#db.ledgerEntry.create({
      data: {
        jobId: nextId(at),
        kind: 'refuse',
        at,
        countedAt: at,
        platform: server.platform,
        server: server.id,
        channel,
        personId: person,
        model,
        pictures: 0,
        steps: 0,
        megapixelSteps: 0,
        deviceSeconds: 0,
        relaxed: false,
        outcome: 'moderated',
      },
    });
  }

  async entriesOf({ platform, id: personId }: PersonRef): Promise<LedgerEntry[]> {
    const rows = await this.#db.ledgerEntry.findMany({
      where: { platform, personId },
      orderBy: [{ countedAt: 'asc' }, { jobId: 'asc' }, { kind: 'asc' }],
    });
    return rows.map(toEntry);
  }

  async forget({ platform, id: personId }: PersonRef): Promise<void> {
    await this.#db.ledgerEntry.updateMany({
      where: { platform, personId },
      data: { personId: FORGOTTEN },
    });
  }
}

// The casts trust columns that only this file and the triggers write.
function toEntry(row: EntryRow): LedgerEntry {
  const { platform, server, personId: _, outcome, waitSeconds, runSeconds, ...rest } = row;
  return {
    ...rest,
    kind: row.kind as LedgerEntry['kind'],
    server: { platform, id: server },
    ...(outcome !== null && { outcome }),
    ...(waitSeconds !== null && { waitSeconds }),
    ...(runSeconds !== null && { runSeconds }),
  };
}
