// The contracts of the stores, tried on each kind.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { MemoryMessages } from './support/memory-messages.ts';
import { MemoryJobs, MemoryPeople, MemoryPosts } from './support/memory-stores.ts';
import { jobTests, raceTests } from './contracts/jobs.ts';
import { messageTests } from './contracts/messages.ts';
import { peopleTests } from './contracts/people.ts';
import { postTests } from './contracts/posts.ts';
import { at, type Stores } from './contracts/stores.ts';
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
    const jobs = new MemoryJobs();
    const people = new MemoryPeople();
    return { jobs, posts: new MemoryPosts(jobs), people, messages: new MemoryMessages() };
  },
  SQLite: (now) => openStore(`file:${newFolder()}/darkroom.db`, { now }),
  Postgres: async (now) => openStore(await server!.newDatabase(), { now }),
};

describe.each(Object.keys(kinds))('a %s store', (kind) => {
  describe.skipIf(kind === 'Postgres' && !postgres)('of jobs, posts, people and messages', () => {
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
  });
});
