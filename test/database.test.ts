// Opening the database: what is written stays, and what cannot be opened is refused with a sentence.

import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openClient } from '../src/store/client.ts';
import { StoreUnavailable } from '../src/store/failure.ts';
import { AlreadyRunning, lockInstance } from '../src/store/instance-lock.ts';
import { StorageFull } from '../src/queue/job.ts';
import { PrismaJobs } from '../src/store/jobs-prisma.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/open.ts';
import { findPostgres, startPostgres, type PostgresServer } from './support/postgres.ts';
import { runModule } from './support/run-module.ts';
import { sampleJob, sampleParams } from './support/sample-job.ts';

const postgres = findPostgres();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (postgres) server = await startPostgres(postgres);
});
afterAll(() => server?.stop());

const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'darkroom-database-'));
const newFile = (): string => path.join(newFolder(), 'darkroom.db');

describe('an SQLite database', () => {
  it('that has no room for a request says so, and keeps what it has', async () => {
    const url = `file:${newFile()}`;
    await migrate(url, 'prisma');
    const db = await openClient(url);
    const jobs = new PrismaJobs(db);
    const kept = await jobs.insert(sampleJob(), new Date());
    await db.$queryRawUnsafe('PRAGMA max_page_count = 1'); // no page more than there is
    const params = { ...sampleParams, prompt: 'x'.repeat(100_000) };
    const refused = jobs.insert(sampleJob({ params }), new Date());
    await expect(refused).rejects.toBeInstanceOf(StorageFull);
    await expect(refused).rejects.toThrow('is full: free some space, then ask again');
    expect(await jobs.get(kept.id)).toEqual(kept);
    await db.$disconnect();
  });

  it('is written so that a power cut loses no row that was acknowledged', async () => {
    const file = newFile();
    await migrate(`file:${file}`, 'prisma');
    const db = await openClient(`file:${file}`);
    const pragma = async (name: string) =>
      Object.values((await db.$queryRawUnsafe<object[]>(`PRAGMA ${name}`))[0]!);
    expect(await pragma('journal_mode')).toEqual(['wal']);
    expect((await pragma('synchronous')).map(Number)).toEqual([2]);
    expect((await pragma('busy_timeout')).map(Number)).toEqual([5000]);
    expect((await pragma('foreign_keys')).map(Number)).toEqual([1]);
    await db.$disconnect();
  });

  it('keeps its rows when it is closed and opened again, even by a path with spaces', async () => {
    const url = `file:${path.join(newFolder(), 'my data', 'übung', 'd.db')}`;
    const first = await openStore(url);
    const job = await first.jobs.insert(sampleJob(), new Date());
    await first.close();
    await first.close();
    const second = await openStore(url);
    expect(await second.jobs.get(job.id)).toEqual(job);
    await second.close();
  });

  it('loses no acknowledged row to a SIGKILL', async () => {
    const url = `file:${newFile()}`;
    const child = runModule(
      `import { openStore } from './src/store/open.ts';
       import { sampleJob } from './test/support/sample-job.ts';
       const store = await openStore(process.argv.at(-1));
       for (;;) console.log((await store.jobs.insert(sampleJob(), new Date())).id);`,
      [url],
    );
    const acknowledged: string[] = [];
    while (acknowledged.length < 40) acknowledged.push(await child.nextLine());
    await child.kill();
    const store = await openStore(url);
    for (const id of acknowledged) expect(await store.jobs.get(id)).toMatchObject({ status: 'queued' });
    await store.close();
  });

  it('is refused when it is no database', async () => {
    const file = newFile();
    writeFileSync(file, 'a letter to my aunt, much longer than the hundred bytes of a header'.repeat(20));
    const failure = await openStore(`file:${file}`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(failure).toMatchObject({
      message: `${file} is not a readable SQLite database: restore a backup or move it away, then start again.`,
    });
    expect(readFileSync(file, 'utf8')).toContain('a letter to my aunt');
  });

  it('is refused when its end is missing', async () => {
    const file = newFile();
    await (await openStore(`file:${file}`)).close();
    truncateSync(file, 8192);
    await expect(openStore(`file:${file}`)).rejects.toThrow('is not a readable SQLite database');
  });

  it('can be opened again after it was refused', async () => {
    const file = newFile();
    writeFileSync(file, 'x'.repeat(2000));
    await expect(openStore(`file:${file}`)).rejects.toThrow(StoreUnavailable);
    writeFileSync(file, '');
    await (await openStore(`file:${file}`)).close();
  });

  it('is refused while another program holds a lock on it', { timeout: 90_000 }, async () => {
    const file = newFile();
    await (await openStore(`file:${file}`)).close();
    const other = new Database(file);
    other.exec('BEGIN EXCLUSIVE');
    await expect(openStore(`file:${file}`)).rejects.toThrow(
      `The database ${file} is locked by another program`,
    );
    other.close();
  });

  it('is refused when its folder cannot be made', async () => {
    const folder = newFolder();
    writeFileSync(path.join(folder, 'file'), '');
    await expect(openStore(`file:${folder}/file/x.db`)).rejects.toThrow(/because a file is in its place/);
  });
});

describe('a second instance', () => {
  it('is refused on the same database', async () => {
    const file = newFile();
    const store = await openStore(`file:${file}`);
    const failure = await openStore(`file:${file}`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AlreadyRunning);
    expect(failure).toMatchObject({
      message: `Darkroom is already running with this database (${file}): stop it first or set another DATABASE_URL.`,
    });
    await store.close();
    await (await openStore(`file:${file}`)).close();
  });

  it('is refused on the same DATA_DIR for as long as the first process lives', async () => {
    const folder = path.join(newFolder(), 'not yet there');
    const first = runModule(
      `import { lockInstance } from './src/store/instance-lock.ts';
       lockInstance(process.argv.at(-1));
       globalThis.gc();
       console.log('locked');
       setInterval(() => {}, 1000);`,
      [folder],
    );
    await first.nextLine();
    expect(() => lockInstance(folder)).toThrow(
      `Darkroom is already running with this DATA_DIR (${folder}): stop it first or set another DATA_DIR.`,
    );
    await first.kill();
    lockInstance(folder).release();
    lockInstance(folder).release();
  });
});

describe('a Postgres database', () => {
  it('is refused with its address, and without its password, when nothing answers there', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const failure = await openStore(`postgresql://me:secret@127.0.0.1:${port}/art`).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(failure).toMatchObject({
      message: `Postgres at 127.0.0.1:${port}/art does not answer: start it, or correct DATABASE_URL.`,
    });
  });

  it.skipIf(!postgres)('is had by one program at a time, however that one ends', async () => {
    const url = await server!.newDatabase();
    const first = await openStore(url);
    const failure = await openStore(url).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(AlreadyRunning);
    expect((failure as Error).message).toContain('already running with this Postgres database');
    await first.close();
    // The server lets go of the lock when it has seen the connection end.
    const second = await vi.waitFor(() => openStore(url), { timeout: 10_000 });
    await second.close();
  });

  it.skipIf(!postgres)('is refused when the server has none of that name', async () => {
    const url = (await server!.newDatabase()).replace(/[^/]*$/, 'nowhere');
    await expect(openStore(url)).rejects.toThrow(/has no database at .*\/nowhere: create it/);
  });
});
