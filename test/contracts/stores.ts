// What the contracts are tried on.

import type { AccessStore } from '../../src/bots/console/access/access-store.ts';
import type { MessageStore } from '../../src/bots/console/messages.ts';
import type { LedgerStore } from '../../src/core/ledger.ts';
import type { PeopleStore } from '../../src/core/people.ts';
import type { PostStore } from '../../src/core/posts.ts';
import type { UsageStore } from '../../src/core/report.ts';
import type { RulesStore } from '../../src/core/rules.ts';
import type { ReviewStore } from '../../src/core/reviews.ts';
import type { JobStore } from '../../src/queue/job.ts';

export interface Stores {
  jobs: JobStore;
  posts: PostStore;
  people: PeopleStore;
  messages: MessageStore;
  accounts: AccessStore;
  rules: RulesStore;
  ledger: LedgerStore;
  usage: UsageStore;
  /** A statement past the stores, where there is a database. */
  raw?: (statement: string) => Promise<unknown>;
  reviews: ReviewStore;
  close?(): Promise<void>;
}

/** A fixed time, so many seconds into 2026. */
export const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
