// Who may sign in to the console, in SQLite or Postgres.

import type { Account, AccountStore } from '../bots/console/access/accounts.ts';
import type { Db } from './client.ts';
import { isDuplicate } from './duplicate.ts';

export class PrismaAccounts implements AccountStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async add({ name, tokenHash, createdAt }: Account): Promise<boolean> {
    try {
      await this.#db.consoleAccount.create({ data: { name, tokenHash, createdAt } });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async get(name: string): Promise<Account | undefined> {
    return (await this.#db.consoleAccount.findUnique({ where: { name } })) ?? undefined;
  }

  list(): Promise<Account[]> {
    return this.#db.consoleAccount.findMany({ orderBy: { name: 'asc' } });
  }

  async remove(name: string): Promise<boolean> {
    return (await this.#db.consoleAccount.deleteMany({ where: { name } })).count > 0;
  }
}
