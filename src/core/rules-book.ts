// The rules of all servers, in memory for whoever asks and in the store for good. Changes come one after the other, and
// each leaves a line in the audit log. Knows no commands.

import {
  lasts,
  noRules,
  serverKey,
  type AuditEntry,
  type Rules,
  type RulesStore,
  type ServerRef,
} from './rules.ts';
import { Turns } from './turns.ts';

export class RulesBook {
  readonly #store: RulesStore;
  readonly #now: () => Date;
  readonly #rules = new Map<string, { server: ServerRef; rules: Rules }>();
  readonly #turns = new Turns();

  constructor(store: RulesStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Once, before anybody asks. */
  async load(): Promise<void> {
    for (const each of await this.#store.list()) this.#rules.set(serverKey(each.server), each);
  }

  of(server: ServerRef): Rules {
    return this.#rules.get(serverKey(server))?.rules ?? noRules;
  }

  /** All servers that have rules. */
  list(): { server: ServerRef; rules: Rules }[] {
    return [...this.#rules.values()];
  }

  /**
   * Stores what `edit` makes of the rules, then lets them hold, and returns what is said of it. `words` stand in the
   * audit log. What `edit` throws changes nothing.
   */
  async change(
    server: ServerRef,
    by: AuditEntry['by'],
    words: string,
    edit: (rules: Rules) => { rules: Rules; said: string },
  ): Promise<string> {
    const name = serverKey(server);
    return this.#turns.take(name, async () => {
      const at = this.#now();
      const { rules, said } = edit(this.of(server));
      const lasting = withoutEnded(rules, at);
      const { id, name: called } = by;
      await this.#store.set(server, lasting, { at, by: { id, name: called }, change: words });
      this.#rules.set(name, { server, rules: lasting });
      return said;
    });
  }

  /** The newest first. */
  audit(server: ServerRef, limit: number): Promise<AuditEntry[]> {
    return this.#store.audit(server, limit);
  }
}

/** Bans and grants that are over need no room. */
function withoutEnded(rules: Rules, now: Date): Rules {
  const { bans, grants } = rules;
  return {
    ...rules,
    bans: bans.filter((ban) => lasts(ban, now)),
    grants: grants.filter((grant) => lasts(grant, now)),
  };
}
