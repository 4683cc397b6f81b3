// Slack's user groups, which are the roles of its people: who is in which, as Slack told the last time. What is known is
// said at once, and asked for anew behind it; without the scope nobody has a role.

import type { Logger } from 'pino';
import { codeOf } from './failures.ts';
import type { SlackWeb } from './web.ts';

/** What Slack told is taken for true for so long, where no event says that it changed. */
const FRESH_MS = 5 * 60_000;
/** After a question that failed. */
const RETRY_MS = 30_000;
const NO_SCOPE =
  'the Slack app may not read user groups, so nobody has a role there: give it the scope usergroups:read and install it again';

export class Groups {
  readonly #web: SlackWeb;
  readonly #log: Logger;
  readonly #clock: () => Date;
  /** Ids of groups by the id of a person. */
  #groups = new Map<string, string[]>();
  /** Handles of groups, as in "@designers". */
  #handles = new Map<string, string>();
  #askAgainAt = 0;
  #asking: Promise<void> | undefined;
  /** Something changed while Slack was asked. */
  #changed = false;
  #warned = false;

  constructor(web: SlackWeb, log: Logger, clock: () => Date) {
    this.#web = web;
    this.#log = log;
    this.#clock = clock;
  }

  /** Ids of a person's groups, as far as they are known. */
  of(person: string): readonly string[] {
    if (this.#clock().getTime() >= this.#askAgainAt) void this.refresh();
    return this.#groups.get(person) ?? [];
  }

  /** "designers", for words about a group. */
  handleOf(id: string): string | undefined {
    return this.#handles.get(id);
  }

  /** Resolves when what is known is what Slack says now, or Slack said nothing. Never rejects. */
  refresh(): Promise<void> {
    this.#changed = this.#asking !== undefined;
    this.#asking ??= this.#askUntilUnchanged().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #askUntilUnchanged(): Promise<void> {
    do {
      this.#changed = false;
      await this.#ask();
    } while (this.#changed);
  }

  async #ask(): Promise<void> {
    const next = (afterMs: number): number => this.#clock().getTime() + afterMs;
    this.#askAgainAt = next(RETRY_MS);
    try {
      const { usergroups = [] } = await this.#web.client.usergroups.list({ include_users: true });
      const groups = new Map<string, string[]>();
      for (const { id = '', users = [] } of usergroups)
        for (const user of users) groups.set(user, [...(groups.get(user) ?? []), id]);
      this.#groups = groups;
      this.#handles = new Map(usergroups.map(({ id = '', handle, name }) => [id, handle ?? name ?? id]));
      this.#askAgainAt = next(FRESH_MS);
    } catch (error) {
      this.#askAgainAt = next(RETRY_MS);
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (this.#web.stopped) return;
    if (codeOf(error) !== 'missing_scope')
      return this.#log.warn({ err: error }, 'Slack did not say who is in which user group');
    this.#askAgainAt = this.#clock().getTime() + FRESH_MS;
    if (!this.#warned) this.#log.warn(NO_SCOPE);
    this.#warned = true;
  }
}
