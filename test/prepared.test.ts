// The statements of an SQLite connection, which are prepared once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../src/store/open.ts';
import { keepPrepared } from '../src/store/prepared.ts';
import { sampleJob } from './support/sample-job.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-prepared-'));

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe('a statement', () => {
  it('of Prisma is prepared once, however often it is used, and sees what others wrote', async () => {
    const prepare = vi.spyOn(Database.prototype, 'prepare');
    const store = await openStore(`file:${folder}/darkroom.db`);
    const now = new Date();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { id } = await store.jobs.insert(sampleJob({ key: `key-${i}` }), now);
      ids.push(id);
      expect(await store.jobs.move(id, ['queued'], { status: 'running', begin: true })).toMatchObject({
        id,
        status: 'running',
        attempt: 1,
      });
      expect(await store.jobs.get(id)).toMatchObject({ key: `key-${i}`, status: 'running' });
    }
    expect(new Set(ids).size).toBe(5);
    await store.close();
    const prepared = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /`Job`/.test(sql));
    expect(prepared.length).toBeGreaterThanOrEqual(3);
    expect(new Set(prepared).size).toBe(prepared.length);
  });

  it('that has not been used for long is put away', () => {
    const prepare = vi.spyOn(Database.prototype, 'prepare');
    const db = new Database(':memory:');
    keepPrepared(db);
    const ask = (n: number): unknown[] => db.prepare(`SELECT ${n} + ?`).bind([1]).raw().all();
    for (let n = 0; n < 300; n += 1) {
      expect(ask(n)).toEqual([[n + 1]]);
      expect(ask(0)).toEqual([[1]]); // in use all the time
    }
    expect(prepare).toHaveBeenCalledTimes(300);
    expect(ask(150)).toEqual([[151]]);
    expect(prepare).toHaveBeenCalledTimes(300);
    expect(ask(50)).toEqual([[51]]);
    expect(prepare).toHaveBeenCalledTimes(301);
    db.close();
  });
});
