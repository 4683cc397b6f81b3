// The contracts of the stores, tried on each kind.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { MemoryAccounts } from './support/memory-accounts.ts';
import { MemoryReviews } from './support/memory-reviews.ts';
import { MemoryLedger } from './support/memory-ledger.ts';
import { MemoryMessages } from './support/memory-messages.ts';
import { MemoryRules } from './support/memory-rules.ts';
import { MemoryJobs, MemoryPeople, MemoryPosts } from './support/memory-stores.ts';
import { MemoryUsage } from './support/memory-usage.ts';
import { accountTests } from './contracts/accounts.ts';
import { jobTests, raceTests } from './contracts/jobs.ts';
import { ledgerTests } from './contracts/ledger.ts';
import { messageTests } from './contracts/messages.ts';
import { reviewTests } from './contracts/reviews.ts';
import { peopleTests } from './contracts/people.ts';
import { postTests } from './contracts/posts.ts';
import { rulesTests } from './contracts/rules.ts';
import { at, type Stores } from './contracts/stores.ts';
import { usageTests } from './contracts/usage.ts';
import { findPostgres, startPostgres, type PostgresServer } from './support/postgres.ts';

const postgres = findPostgres();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (postgres) server = await startPostgres(postgres);
});
afterAll(() => server?.stop());

const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'darkroom-store-'));

const kinds: Record<string, (now: () => Date) => Promise<Stores>> = {
  memory: async () => {
    const ledger = new MemoryLedger();
    const jobs = new MemoryJobs(ledger);
    return {
      jobs,
      posts: new MemoryPosts(jobs),
      people: new MemoryPeople(),
      messages: new MemoryMessages(),
      accounts: new MemoryAccounts(),
      rules: new MemoryRules(),
      reviews: new MemoryReviews(),
      ledger,
      usage: new MemoryUsage(ledger, jobs),
    };
  },
  SQLite: async (now) => {
    const file = `${newFolder()}/darkroom.db`;
    const store = await openStore(`file:${file}`, { now });
    return { ...store, raw: async (statement) => inSqlite(file, statement) };
  },
  Postgres: async (now) => {
    const address = await server!.newDatabase();
    const store = await openStore(address, { now });
    return { ...store, raw: (statement) => inPostgres(address, statement) };
  },
};

function inSqlite(file: string, statement: string): void {
  const db = new Database(file);
  try {
    db.exec(statement);
  } finally {
    db.close();
  }
}

async function inPostgres(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

describe.each(Object.keys(kinds))('a %s store', (kind) => {
  describe.skipIf(kind === 'Postgres' && !postgres)('of jobs, posts, people, messages, rules and use', () => {
    let stores: Stores;
    let seconds = 0;
    beforeEach(async () => {
      stores = await kinds[kind]!(() => at((seconds += 1)));
    });
    afterEach(() => stores.close?.());

    jobTests(() => stores);
    raceTests(() => stores);
    postTests(() => stores);
    peopleTests(() => stores);
    messageTests(() => stores);
    accountTests(() => stores);
    rulesTests(() => stores);
    ledgerTests(() => stores);
    usageTests(() => stores);
    reviewTests(() => stores);
  });
});
