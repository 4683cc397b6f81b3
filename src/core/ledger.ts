// The account of all that is used: what a request may use is reserved when it is accepted and settled when it is over.
// Entries are only ever added, by the database itself, in the very statement that changes the job's row
// (prisma/migrations/*_ledger): no crash can come between the two, and no code path can forget one. A settlement corrects its reservation; what it
// gives back of it is the refund. Balances are sums of entries.

import type { PersonRef } from './people.ts';
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

/** A request that moderation refused: no job came of it. */
export interface Refused {
  server: ServerRef;
  channel: string;
  /** The platform's id. */
  person: string;
  model: string;
  at: Date;
}

/** One line of the account, as a person may read their own. */
export interface LedgerEntry {
  /** Of a refused request, which has none, an id of its own. */
  jobId: string;
  kind: 'reserve' | 'settle' | 'refuse';
  at: Date;
  /** When the request was accepted: the period that it counts in. */
  countedAt: Date;
  server: ServerRef;
  channel: string;
  model: string;
  /** Of a settlement, this and the other amounts are what is added to its reservation. */
  pictures: number;
  steps: number;
  megapixelSteps: number;
  deviceSeconds: number;
  relaxed: boolean;
  outcome?: string;
  /** From accepted to begun. */
  waitSeconds?: number;
  runSeconds?: number;
}

export interface LedgerStore {
  /** Used and reserved by requests that were accepted in [from, to), but for those in the relax lane. */
  used(account: Account, from: Date, to: Date): Promise<Used>;
  /** Counted in reports, and against no limit. */
  refuse(refused: Refused): Promise<void>;
  /** All there is about a person, the oldest first. */
  entriesOf(person: PersonRef): Promise<LedgerEntry[]>;
  /** Entries of this person name nobody from now on. What reports keep of them is forgotten by Usage alone. */
  forget(person: PersonRef): Promise<void>;
}

/** Who an entry names after its person asked to be forgotten. */
export const FORGOTTEN = 'forgotten';
