// A machine that fails: a disk without room, a database that another program holds or that is damaged, a clock that is
// set while a picture is drawn. What the person sees, and that all goes on afterwards.

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { openClient } from '../src/store/client.ts';
import { StoreUnavailable } from '../src/store/failure.ts';
import { DiskImages } from '../src/store/images-disk.ts';
import { PrismaJobs } from '../src/store/jobs-prisma.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/open.ts';
import { PrismaPeople } from '../src/store/people-prisma.ts';
import { PrismaPosts } from '../src/store/posts-prisma.ts';
import { Queue } from '../src/queue/queue.ts';
import { silent } from './support/fake-workers.ts';
import { runModule } from './support/run-module.ts';
import { sampleJob } from './support/sample-job.ts';
import { ada, bob, memory, openStudio, ScriptedPainters } from './support/studio.ts';

const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'darkroom-faults-'));

/** A studio that works, on a database of its own. */
async function studioOn(file: string, images = memory().images) {
  await migrate(`file:${file}`, 'prisma');
  const db = await openClient(`file:${file}`, 20);
  const now = (): Date => new Date();
  const jobs = new PrismaJobs(db);
  const stores = { jobs, posts: new PrismaPosts(db, now), people: new PrismaPeople(db, now) };
  const opened = openStudio({ ...memory(), ...stores, images } as unknown as ReturnType<typeof memory>);
  await opened.queue.start();
  return { ...opened, db };
}

describe('a disk that is full', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  it('at the third of four pictures ends the request with a sentence and keeps none of them', async () => {
    const folder = newFolder();
    let files = 0;
    const images = await DiskImages.open(folder, async (file, flags) => {
      if (flags === 'wx' && (files += 1) === 3) throw full;
      return open(file, flags);
    });
    const stores = { ...memory(), images } as unknown as ReturnType<typeof memory>;
    const { say, painters, chat, queue } = openStudio(stores);
    await queue.start();
    await say({ kind: 'imagine', text: 'a cat' });
    await vi.waitFor(() => painters.easels[0]!.finish());
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    const headline = `The disk that holds ${folder} is full: free some space, then ask again.`;
    expect(chat.last('m1')).toMatchObject({ status: 'failed', headline });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('at a new row refuses the request with a sentence, and takes the next when there is room', async () => {
    const { say, chat, painters, db } = await studioOn(path.join(newFolder(), 'darkroom.db'));
    await db.$queryRawUnsafe('PRAGMA max_page_count = 1'); // no page more than there is
    for (let i = 0; i < 10; i++) await say({ kind: 'imagine', text: 'cat '.repeat(500) }); // some still fit in
    expect(new Set(chat.whispers)).toEqual(
      new Set(['The disk that holds the database is full: free some space, then ask again.']),
    );
    await db.$queryRawUnsafe('PRAGMA max_page_count = 100000');
    const accepted = chat.views.size;
    await say({ kind: 'imagine', text: 'a cat' });
    expect(chat.views.size).toBe(accepted + 1);
    await vi.waitFor(() => painters.easels[0]!.finish());
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    await db.$disconnect();
  });
});

describe('a database that another program holds', () => {
  it('refuses a request with a sentence', async () => {
    const file = path.join(newFolder(), 'darkroom.db');
    const { say, chat, db } = await studioOn(file);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await say({ kind: 'imagine', text: 'a cat' });
    expect(chat.whispers).toEqual(['The database is busy with another program: ask again in a moment.']);
    other.close();
    await say({ kind: 'imagine', text: 'a cat' });
    expect(chat.last('m1')).toBeDefined();
    await db.$disconnect();
  });

  it('while a picture is drawn delays it, and loses nothing', async () => {
    const file = path.join(newFolder(), 'darkroom.db');
    const { say, chat, painters, waits, db } = await studioOn(file);
    await say({ kind: 'imagine', text: 'a cat' });
    await vi.waitFor(() => expect(painters.easels).toHaveLength(1));
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    painters.easels[0]!.finish();
    await vi.waitFor(() => expect(waits.length).toBeGreaterThan(1));
    expect(waits.slice(0, 2)).toEqual([500, 1000]);
    expect(chat.delivered).not.toContain('m1');
    other.close();
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    expect(chat.last('m1')).toMatchObject({ status: 'done' });
    expect(painters.easels).toHaveLength(1);
    await db.$disconnect();
  });
});

describe('a damaged database', () => {
  /** Fills a database and dies without closing it. */
  async function leftBehind(file: string): Promise<void> {
    const store = await openStore(`file:${file}`);
    for (let i = 0; i < 50; i++) await store.jobs.insert(sampleJob(), new Date());
    await store.close();
    const child = runModule(
      `import { openStore } from './src/store/open.ts';
       import { sampleJob } from './test/support/sample-job.ts';
       const store = await openStore(process.argv.at(-1));
       await store.jobs.insert(sampleJob({ key: 'last' }), new Date());
       console.log('written');
       setInterval(() => {}, 1000);`,
      [`file:${file}`],
    );
    await child.nextLine();
    await child.kill();
  }

  const bytesOf = (file: string): Buffer[] => ['', '-wal'].map((end) => readFileSync(file + end));

  it('is refused with what to do, and neither it nor its log is touched', async () => {
    const file = path.join(newFolder(), 'darkroom.db');
    await leftBehind(file);
    const handle = openSync(file, 'r+');
    for (const page of [5, 8, 11]) writeSync(handle, Buffer.alloc(4096, 0xab), 0, 4096, page * 4096);
    closeSync(handle);
    const before = bytesOf(file);
    const failure = await openStore(`file:${file}`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect((failure as Error).message).toBe(
      `${file} is not a readable SQLite database: restore a backup or move it away, then start again.`,
    );
    expect(bytesOf(file).map((bytes, i) => bytes.equals(before[i]!))).toEqual([true, true]);
  });
});

describe('a clock that is set while a picture is drawn', () => {
  const HOUR = 3_600_000;

  function atWork(places = 1) {
    const stores = memory();
    const painters = new ScriptedPainters(places);
    const time = { clock: Date.UTC(2026, 0, 1), elapsed: 0 };
    const queue = new Queue({
      ...stores,
      painters,
      log: silent,
      now: () => new Date(time.clock),
      elapsed: () => time.elapsed,
    });
    const ask = (key: string, requester = ada) => queue.add(sampleJob({ key, requester }));
    const pass = (seconds: number): void => {
      time.clock += seconds * 1000;
      time.elapsed += seconds * 1000;
    };
    const easel = (i: number) => vi.waitFor(() => expect(painters.easels[i]).toBeDefined());
    return { ...stores, painters, queue, ask, pass, easel, time };
  }

  it.each([-3 * HOUR, 3 * HOUR])(
    'by %d ms shows how long it really took, and so do estimates',
    async (jump) => {
      const { jobs, painters, queue, ask, pass, easel, time } = atWork();
      await queue.start();
      const { id } = await ask('one');
      await easel(0);
      pass(2);
      time.clock += jump;
      pass(3);
      painters.easels[0]!.finish();
      await vi.waitFor(async () => expect((await jobs.get(id))?.status).toBe('done'));
      const { startedAt, finishedAt } = (await jobs.get(id))!;
      expect(finishedAt!.getTime() - startedAt!.getTime()).toBe(5000);
      await ask('two');
      await easel(1);
      time.clock -= jump;
      const next = queue.standing(await ask('three'));
      expect(next.ahead).toBe(0);
      expect(next.takes).toBeCloseTo(5, 6);
      expect(next.startsIn).toBeGreaterThanOrEqual(0);
      expect(next.startsIn).toBeLessThanOrEqual(5);
    },
  );

  it.each([-3 * HOUR, 3 * HOUR])('by %d ms costs nobody their turn', async (jump) => {
    const { painters, queue, ask, pass, easel, time } = atWork();
    await queue.start();
    for (const key of ['1', '2', '3']) await ask(`ada ${key}`);
    for (const key of ['1', '2', '3']) await ask(`bob ${key}`, bob);
    const drawn: string[] = [];
    queue.on('change', ({ key, status }) => status === 'running' && drawn.push(key));
    for (let i = 0; i < 6; i++) {
      await easel(i);
      if (i === 0) time.clock += jump;
      pass(5);
      painters.easels[i]!.finish();
    }
    expect(drawn).toEqual(['bob 1', 'ada 2', 'bob 2', 'ada 3', 'bob 3']);
  });

  it('back keeps the order in which one person asked', async () => {
    const { queue, ask, easel, painters, time } = atWork();
    const drawn: string[] = [];
    queue.on('change', ({ key, status }) => status === 'running' && drawn.push(key));
    for (const key of ['one', 'two', 'three']) {
      await ask(key);
      time.clock -= HOUR;
    }
    await queue.start();
    for (let i = 0; i < 3; i++) {
      await easel(i);
      painters.easels[i]!.finish();
    }
    expect(drawn).toEqual(['one', 'two', 'three']);
  });
});
