// The console's accounts, kept in memory.

import type { Account, AccountStore } from '../../src/bots/console/access/accounts.ts';

export class MemoryAccounts implements AccountStore {
  private readonly rows = new Map<string, Account>();

  async add(account: Account): Promise<boolean> {
    if (this.rows.has(account.name)) return false;
    this.rows.set(account.name, account);
    return true;
  }

  async get(name: string): Promise<Account | undefined> {
    return this.rows.get(name);
  }

  async list(): Promise<Account[]> {
    return [...this.rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async remove(name: string): Promise<boolean> {
    return this.rows.delete(name);
  }
}
