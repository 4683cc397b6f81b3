// Opens the Prisma client that fits the address. Both clients come from the same models and differ only in the
// provider, so one type serves both.

import type Database from 'better-sqlite3';
import type { PrismaClient } from './generated/sqlite/client.ts';
import { StorageBusy, StorageFull } from '../queue/job.ts';
import { databaseFile, isPostgres } from './database-url.ts';
import { keepPrepared } from './prepared.ts';

export type Db = PrismaClient;

/** How long a statement waits for another process's write on the same SQLite file, and a connection for Postgres. */
export const patienceMs = 5000;

export async function openClient(databaseUrl: string, patience = patienceMs): Promise<Db> {
  const client = await (isPostgres(databaseUrl)
    ? openPostgres(databaseUrl)
    : openSqlite(databaseFile(databaseUrl), patience));
  // The extended client is the same client with every statement watched.
  return client.$extends({ query: { $allOperations: watched } }) as unknown as Db;
}

async function watched({ args, query }: { args: unknown; query: (args: unknown) => Promise<unknown> }) {
  try {
    return await query(args);
  } catch (error) {
    if (isFull(error)) throw new StorageFull(FULL, { cause: error });
    throw isBusy(error) ? new StorageBusy(BUSY, { cause: error }) : error;
  }
}

const FULL = 'The disk that holds the database is full: free some space, then ask again.';
const BUSY = 'The database is busy with another program: ask again in a moment.';

/** Prisma's code for a lock that was not had in time. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'P1008';

/** SQLite's name and Postgres' code for a disk without room, wherever the driver's error carries it. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && /\b(SQLITE_FULL|53100)\b/.test(error.message);

async function openPostgres(connectionString: string): Promise<Db> {
  const [{ PrismaClient: Client }, { PrismaPg }] = await Promise.all([
    import('./generated/postgres/client.ts'),
    import('@prisma/adapter-pg'),
  ]);
  const adapter = new PrismaPg({ connectionString, connectionTimeoutMillis: patienceMs });
  return new Client({ adapter }) as unknown as Db;
}

async function openSqlite(file: string, timeout: number): Promise<Db> {
  const [{ PrismaClient: Client }, { PrismaBetterSqlite3 }] = await Promise.all([
    import('./generated/sqlite/client.ts'),
    import('@prisma/adapter-better-sqlite3'),
  ]);
  class Adapter extends PrismaBetterSqlite3 {
    override async connect() {
      const adapter = await super.connect();
      // Its connection is no part of what it promises; without it all goes on, slower.
      if ('client' in adapter) keepPrepared(adapter.client as Database.Database);
      return adapter;
    }
  }
  const db = new Client({ adapter: new Adapter({ url: `file:${file}`, timeout }) });
  // better-sqlite3 is built with NORMAL for WAL files, which may lose the last rows with the power.
  await db.$queryRawUnsafe('PRAGMA synchronous = FULL');
  // Pages in the log before they are moved into the file, by whoever writes next. At SQLite's 1000 that would be one
  // claim in a hundred.
  await db.$queryRawUnsafe('PRAGMA wal_autocheckpoint = 4000');
  return db;
}
