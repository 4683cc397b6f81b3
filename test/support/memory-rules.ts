// The servers' rules as plain maps.

import type { AuditEntry, Rules, RulesStore, ServerRef } from '../../src/core/rules.ts';

export class MemoryRules implements RulesStore {
  readonly #rules = new Map<string, { server: ServerRef; rules: Rules }>();
  /** The newest first. */
  readonly #audit = new Map<string, AuditEntry[]>();

  async get(server: ServerRef): Promise<Rules | undefined> {
    return structuredClone(this.#rules.get(nameOf(server))?.rules);
  }

  async set(server: ServerRef, rules: Rules, entry: AuditEntry): Promise<void> {
    const name = nameOf(server);
    this.#audit.set(name, [structuredClone(entry), ...(this.#audit.get(name) ?? [])]);
    this.#rules.set(name, structuredClone({ server, rules }));
  }

  async audit(server: ServerRef, limit: number): Promise<AuditEntry[]> {
    return structuredClone((this.#audit.get(nameOf(server)) ?? []).slice(0, limit));
  }

  async list(): Promise<{ server: ServerRef; rules: Rules }[]> {
    const names = [...this.#rules.keys()].toSorted();
    return structuredClone(names.map((name) => this.#rules.get(name)!));
  }
}

const nameOf = ({ platform, id }: ServerRef): string => JSON.stringify([platform, id]);
