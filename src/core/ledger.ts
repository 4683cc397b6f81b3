// The account of all that is used: what a request may use is reserved when it is accepted and settled when it is over.
// Entries are only ever added, by the database itself, in the very statement that changes the job's row
// (prisma/migrations/*_ledger): no crash can come between the two, and no code path can forget one. A settlement corrects its reservation; what it
// gives back of it is the refund. Balances are sums of entries.

import type { ServerRef } from './rules.ts';

export interface Used {
  pictures: number;
  /** Of a device. */
  seconds: number;
}

/** Whose use is summed. */
export interface Account {
  server: ServerRef;
  /** The platform's id. */
  person?: string;
  model?: string;
}

export interface LedgerStore {
  /** Used and reserved by requests that were accepted in [from, to), but for those in the relax lane. */
  used(account: Account, from: Date, to: Date): Promise<Used>;
  /** Entries of this person name nobody from now on. */
  forget(person: { platform: string; id: string }): Promise<void>;
}

/** Who an entry names after its person asked to be forgotten. */
export const FORGOTTEN = 'forgotten';
