// Opens the database: brings its tables up to date and hands out the stores in it. One program at a time may hold a
// database.

import { fileURLToPath } from 'node:url';
import type { AccessStore } from '../bots/console/access/access-store.ts';
import type { MessageStore } from '../bots/console/messages.ts';
import type { LedgerStore } from '../core/ledger.ts';
import type { PeopleStore } from '../core/people.ts';
import type { PostStore } from '../core/posts.ts';
import type { UsageStore } from '../core/report.ts';
import type { ReviewStore } from '../core/reviews.ts';
import type { RulesStore } from '../core/rules.ts';
import type { JobStore } from '../queue/job.ts';
import { PrismaAccounts } from './accounts-prisma.ts';
import { openClient, patienceMs, type Db } from './client.ts';
import { databaseFile, isPostgres } from './database-url.ts';
import { explainFailure } from './failure.ts';
import { lockDatabase, type Lock } from './instance-lock.ts';
import { PrismaJobs } from './jobs-prisma.ts';
import { PrismaLedger } from './ledger-prisma.ts';
import { PrismaMessages } from './messages-prisma.ts';
import { migrate } from './migrate.ts';
import { PrismaPeople } from './people-prisma.ts';
import { PrismaPosts } from './posts-prisma.ts';
import { PrismaReviews } from './reviews-prisma.ts';
import { PrismaRules } from './rules-prisma.ts';
import { PrismaUsage } from './usage-prisma.ts';

export interface Store {
  jobs: JobStore;
  posts: PostStore;
  people: PeopleStore;
  messages: MessageStore;
  accounts: AccessStore;
  rules: RulesStore;
  reviews: ReviewStore;
  ledger: LedgerStore;
  usage: UsageStore;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The folder that holds `migrations/` and `postgres/migrations/`; the repository's own by default. */
  migrationsRoot?: string;
  now?: () => Date;
}

// The same from src/store and from dist/store.
const ownMigrations = fileURLToPath(new URL('../../prisma', import.meta.url));

/** Rejects with a StoreUnavailable or an AlreadyRunning whose message says what to do. */
export async function openStore(databaseUrl: string, options: StoreOptions = {}): Promise<Store> {
  let lock: Lock | undefined;
  try {
    lock = await lockOf(databaseUrl);
    await migrate(databaseUrl, options.migrationsRoot ?? ownMigrations);
    return storesOf(await openClient(databaseUrl), lock, options.now ?? (() => new Date()));
  } catch (error) {
    lock?.release();
    throw explainFailure(error, databaseUrl);
  }
}

async function lockOf(databaseUrl: string): Promise<Lock> {
  if (!isPostgres(databaseUrl)) return lockDatabase(databaseFile(databaseUrl));
  const { lockPostgres } = await import('./postgres-lock.ts'); // its driver is not loaded for SQLite
  return lockPostgres(databaseUrl, patienceMs);
}

function storesOf(db: Db, lock: Lock | undefined, now: () => Date): Store {
  return {
    jobs: new PrismaJobs(db),
    posts: new PrismaPosts(db, now),
    people: new PrismaPeople(db, now),
    messages: new PrismaMessages(db),
    accounts: new PrismaAccounts(db),
    rules: new PrismaRules(db),
    reviews: new PrismaReviews(db),
    ledger: new PrismaLedger(db),
    usage: new PrismaUsage(db),
    async close() {
      await db.$disconnect();
      lock?.release();
    },
  };
}
