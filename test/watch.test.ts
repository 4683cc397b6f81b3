// Following one job among many.

import { expect, it } from 'vitest';
import type { Ticket } from '../src/core/watch.ts';
import { workingStudio } from './support/studio.ts';

it('is told of its own job alone, to its end, and leaves nobody listening', async () => {
  const { queue, studio, painters, jobs, say } = await workingStudio();
  await say({ kind: 'imagine', text: 'one' }, undefined, 'first');
  await say({ kind: 'imagine', text: 'two' }, undefined, 'second');
  const [first, second] = [await jobs.withKey('first'), await jobs.withKey('second')];
  const told: Ticket[] = [];
  const follow = studio.watch(second!.id);
  const next = async (): Promise<Ticket> => {
    told.push((await follow.next()).value as Ticket);
    return told.at(-1)!;
  };
  expect(await next()).toMatchObject({ job: { status: 'queued' }, standing: { ahead: 0 } });
  const later = next(); // waits
  painters.easels[0]!.step(1); // of the first job
  expect(told).toHaveLength(1);
  await queue.cancel(first!.id); // now it is the second's turn
  expect((await later).job.id).toBe(second!.id);
  await expect.poll(() => painters.easels.length).toBe(2);
  painters.easels[1]!.finish();
  while ((await next()).job.status !== 'done');
  expect(told.every(({ job }) => job.id === second!.id)).toBe(true);
  expect((await follow.next()).done).toBe(true);
  await expect.poll(() => queue.eventNames()).toEqual([]);
});

it('does not make the queue tell everybody of every job', async () => {
  const { queue, jobs, say } = await workingStudio();
  for (let i = 0; i < 20; i += 1) await say({ kind: 'imagine', text: 'one' }, undefined, `key ${i}`);
  const { id } = (await jobs.withKey('key 7'))!;
  await expect.poll(() => queue.listenerCount(`change ${id}`)).toBe(1);
  expect(queue.listenerCount('change')).toBe(0);
  expect(queue.listenerCount('moved')).toBe(0);
  expect(queue.listenerCount('progress')).toBe(0);
});
