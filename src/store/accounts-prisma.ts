// Who was let in to the console, and who is signed in, in SQLite or Postgres.

import type { AccessStore, Account, Session } from '../bots/console/access/access-store.ts';
import type { Db } from './client.ts';
import { isDuplicate } from './duplicate.ts';

export class PrismaAccounts implements AccessStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async invite(account: Account): Promise<boolean> {
    try {
      await this.#db.consoleAccount.create({ data: account });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async dismiss(name: string): Promise<boolean> {
    const { count } = await this.#db.consoleAccount.deleteMany({ where: { name } });
    return count > 0;
  }

  accounts(): Promise<Account[]> {
    return this.#db.consoleAccount.findMany({ orderBy: { name: 'asc' } });
  }

  async accountWithKey(keyHash: string): Promise<Account | undefined> {
    return (await this.#db.consoleAccount.findUnique({ where: { keyHash } })) ?? undefined;
  }

  async begin({ id, name, mark, until }: Session, now: Date, most: number): Promise<void> {
    await this.#db.consoleSession.deleteMany({ where: { until: { lte: now } } });
    await this.#db.consoleSession.create({ data: { id, name: name ?? null, mark: mark ?? null, until } });
    const oldest = await this.#db.consoleSession.findMany({
      where: { name: name ?? null },
      orderBy: [{ until: 'desc' }, { id: 'asc' }],
      skip: most,
      select: { id: true },
    });
    if (oldest.length === 0) return;
    await this.#db.consoleSession.deleteMany({ where: { id: { in: oldest.map((old) => old.id) } } });
  }

  async session(id: string): Promise<Session | undefined> {
    const row = await this.#db.consoleSession.findUnique({ where: { id } });
    if (!row) return undefined;
    const { name, mark, until } = row;
    return { id, until, ...(name !== null && { name }), ...(mark !== null && { mark }) };
  }

  async end(id: string): Promise<void> {
    await this.#db.consoleSession.deleteMany({ where: { id } });
  }
}
