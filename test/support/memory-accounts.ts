// Who was let in to the console, kept in memory.

import type { AccessStore, Account, Session } from '../../src/bots/console/access/access-store.ts';

export class MemoryAccounts implements AccessStore {
  readonly #accounts = new Map<string, Account>();
  readonly #sessions = new Map<string, Session>();

  async invite(account: Account): Promise<boolean> {
    if (this.#accounts.has(account.name)) return false;
    this.#accounts.set(account.name, account);
    return true;
  }

  async dismiss(name: string): Promise<boolean> {
    for (const session of this.#sessions.values())
      if (session.name === name) this.#sessions.delete(session.id);
    return this.#accounts.delete(name);
  }

  async accounts(): Promise<Account[]> {
    return [...this.#accounts.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async accountWithKey(keyHash: string): Promise<Account | undefined> {
    return [...this.#accounts.values()].find((account) => account.keyHash === keyHash);
  }

  async begin(session: Session, now: Date, most: number): Promise<void> {
    for (const { id, until } of this.#sessions.values()) if (until <= now) this.#sessions.delete(id);
    if (session.name !== undefined && !this.#accounts.has(session.name)) throw new Error('No such account.');
    this.#sessions.set(session.id, session);
    const own = [...this.#sessions.values()].filter(({ name }) => name === session.name);
    const newest = own.toSorted((a, b) => b.until.getTime() - a.until.getTime());
    for (const { id } of newest.slice(most)) this.#sessions.delete(id);
  }

  async session(id: string): Promise<Session | undefined> {
    return this.#sessions.get(id);
  }

  async end(id: string): Promise<void> {
    this.#sessions.delete(id);
  }
}
