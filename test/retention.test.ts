// Pictures are kept as long as the owner says, and can be drawn again after that.

import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { sweep, sweepServer, type Policy } from '../src/core/retention.ts';
import { MemoryImages, MemoryJobs } from './support/memory-stores.ts';
import { sampleJob, sampleParams } from './support/sample-job.ts';
import { postOf, workingStudio } from './support/studio.ts';

const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1 + n));
const log = pino({ level: 'silent' });

/** Ten bytes written on each of the days 0 to 4. */
async function fiveDays() {
  const images = new MemoryImages();
  const jobs = new MemoryJobs();
  for (let n = 0; n < 5; n++) {
    images.now = () => day(n);
    await images.put(`day${n}-0`, new Uint8Array(10));
  }
  const left = async (policy: Policy): Promise<string[]> => {
    await sweep({ images, jobs, log }, policy, day(5));
    return (await images.list()).map(({ id }) => id);
  };
  return { images, jobs, left };
}

describe('retention', () => {
  it.each([
    ['keeps everything where nothing is said', {}, 5],
    ['removes what is older than the days', { keepDays: 2 }, 2],
    ['removes the oldest until there is room', { budget: 35 }, 3],
    ['heeds both', { keepDays: 4, budget: 1000 }, 4],
    ['may remove all', { budget: 0 }, 0],
  ])('%s', async (_, policy, count) => {
    const { left } = await fiveDays();
    expect(await left(policy)).toEqual(['day0-0', 'day1-0', 'day2-0', 'day3-0', 'day4-0'].slice(5 - count));
  });

  it('spares what a waiting job starts from', async () => {
    const { jobs, left } = await fiveDays();
    const init = { images: ['day1-0'], strength: 0.5 };
    await jobs.insert(sampleJob({ params: { ...sampleParams, init } }), day(4));
    expect(await left({ keepDays: 2 })).toEqual(['day1-0', 'day3-0', 'day4-0']);
  });

  it('is shorter for a server that says so', async () => {
    const { images, jobs } = await fiveDays();
    for (const [n, server] of ['s', 's', 't'].entries()) {
      const { id } = await jobs.insert(sampleJob({ server }), day(n));
      await images.put(`${id}-0`, new Uint8Array(10));
      await jobs.move(id, ['queued'], { status: 'done', images: [`${id}-0`], finishedAt: day(n) });
    }
    const server = { platform: 'console', id: 's' };
    expect(await sweepServer({ images, jobs, log }, { server, keepDays: 4 }, day(5))).toBe(1);
    expect(await images.list()).toHaveLength(7);
    expect(await sweepServer({ images, jobs, log }, { server, keepDays: 1 }, day(5))).toBe(1);
    expect(await sweepServer({ images, jobs, log }, { server, keepDays: 1 }, day(5))).toBe(0);
  });

  it('leaves a message that says so, and an id that draws the same pictures again', async () => {
    const { say, painters, chat, images, jobs, queue } = await workingStudio();
    const drawNext = async (at: number): Promise<void> =>
      (await vi.waitFor(() => painters.easels[at] ?? Promise.reject(new Error('not yet')))).finish();
    await say({ kind: 'imagine', text: 'a cat --seed 5 --n 2' });
    await drawNext(0);
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    const { jobId, pictures } = chat.last('m1')!;
    expect(await sweep({ images, jobs, log }, { budget: 0 }, new Date())).toBe(2);
    expect(await images.get(pictures[0]!.id)).toBeUndefined();
    await say({ kind: 'history' });
    expect(chat.whispers.at(-1)).toContain(`and removed since then: /show ${jobId} draws it again`);
    await say({ kind: 'vary', post: postOf('m1'), index: 0 });
    expect(chat.whispers.at(-1)).toBe(`That picture was removed. /show ${jobId} draws it again.`);
    await say({ kind: 'show', jobId });
    await drawNext(1);
    expect(painters.easels[1]!.batch).toEqual(painters.easels[0]!.batch);
    await vi.waitFor(() => expect(queue.load).toEqual({ waiting: 0, running: 0 }));
  });
});
