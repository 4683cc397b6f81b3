// What a start finds of a program that died, and mends. The same with real processes is in crash.test.ts.

import { describe, expect, it, vi } from 'vitest';
import type { Job } from '../src/queue/job.ts';
import { persist } from '../src/queue/persist.ts';
import { Together } from '../src/store/together.ts';
import { sampleJob } from './support/sample-job.ts';
import { ada, memory, workingStudio } from './support/studio.ts';

const asked = (key: string) => sampleJob({ key, requester: ada, channel: 'c' });

describe('a start', () => {
  it('shows a picture that was made before its message was', async () => {
    const stores = memory();
    const { id } = await stores.jobs.insert(asked('quick'), new Date());
    await stores.images.put(`${id}-0`, new Uint8Array(1));
    await stores.jobs.move(id, ['queued'], { status: 'done', images: [`${id}-0`] });
    const { desk, chat } = await workingStudio(stores);
    await desk.resume([chat]);
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    expect(chat.last('m1')).toMatchObject({ status: 'done', pictures: [{ id: `${id}-0` }] });
  });

  it('takes up every message of a job that has several', async () => {
    const stores = memory();
    const before = await workingStudio(stores);
    await before.say({ kind: 'imagine', text: 'one' });
    const [job] = await stores.jobs.history(ada, 1);
    await before.say({ kind: 'show', jobId: job!.id });
    const { desk, chat, painters } = await workingStudio(stores);
    await desk.resume([chat]);
    await vi.waitFor(() => painters.easels[0]!.finish());
    await vi.waitFor(() => expect([...chat.delivered].toSorted()).toEqual(['m1', 'm2']));
  });

  it('removes what was drawn of a job that was canceled meanwhile, and nothing else', async () => {
    const stores = memory();
    const { jobs, images } = stores;
    const made: Record<string, Job> = {};
    for (const status of ['canceled', 'failed', 'done', 'queued'] as const) {
      const job = await jobs.insert(asked(status), new Date());
      await images.put(`${job.id}-0`, new Uint8Array(1));
      made[status] = (await jobs.move(job.id, ['queued'], { status }))!;
    }
    await images.put('input-0123', new Uint8Array(1));
    const { queue } = await workingStudio(stores);
    await queue.stop();
    const left = (await images.list()).map(({ id }) => id);
    expect(left.toSorted()).toEqual(
      [`${made['done']!.id}-0`, `${made['queued']!.id}-0`, 'input-0123'].toSorted(),
    );
  });

  it('leaves nothing of a try that the program did not live to see, when the next one fails or is canceled', async () => {
    const stores = memory();
    const { jobs, images } = stores;
    for (const key of ['fails', 'canceled']) {
      const { id } = await jobs.insert(asked(key), new Date());
      await jobs.move(id, ['queued'], { status: 'running', begin: true });
      await images.put(`${id}-0`, new Uint8Array(1)); // and here it died
    }
    const { painters, queue } = await workingStudio(stores);
    const [canceled] = await jobs.history(ada, 1);
    await queue.cancel(canceled!.id);
    await vi.waitFor(() => painters.easels[0]!.fail(new Error('the shape is wrong')));
    await vi.waitFor(async () => expect(await images.list()).toEqual([]));
  });

  it('gives up a job that was being drawn at three ends of the program', async () => {
    const stores = memory();
    let ends = 0;
    for (; ends < 3; ends++) {
      const { painters, say } = await workingStudio(stores); // and here it dies
      if (ends === 0) await say({ kind: 'imagine', text: 'one' });
      await vi.waitFor(() => expect(painters.easels).toHaveLength(1));
    }
    const { desk, chat, painters } = await workingStudio(stores);
    await desk.resume([chat]);
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
    expect(chat.last('m1')!.headline).toMatch(/^Drawing this was cut off 3 times/);
    expect(painters.easels).toEqual([]);
  });

  it('does not count that the program was stopped politely', async () => {
    const stores = memory();
    for (let stops = 0; stops < 5; stops++) {
      const { painters, say, queue } = await workingStudio(stores);
      if (stops === 0) await say({ kind: 'imagine', text: 'one' });
      await vi.waitFor(() => expect(painters.easels).toHaveLength(1));
      await queue.stop();
    }
    const [job] = await stores.jobs.history(ada, 1);
    expect(job).toMatchObject({ status: 'queued', attempt: 0 });
  });
});

describe('an update that a platform does not take', () => {
  it('costs that view only', async () => {
    const { say, painters, chat } = await workingStudio();
    vi.spyOn(chat, 'update').mockRejectedValueOnce(new Error('503 Service Unavailable'));
    await say({ kind: 'imagine', text: 'one' });
    await vi.waitFor(() => painters.easels[0]!.step(3));
    await vi.waitFor(() => expect(chat.last('m1')?.headline).toBe('Developing, step 3 of 20'));
    painters.easels[0]!.finish();
    await vi.waitFor(() => expect(chat.delivered).toContain('m1'));
  });
});

describe('trying again', () => {
  it('is ever more seldom, up to a limit, and ends when it is told to', async () => {
    const stop = new AbortController();
    const waits: number[] = [];
    const failed = vi.fn<(error: unknown, attempt: number) => void>();
    const never = persist(() => Promise.reject(new Error('locked')), {
      signal: stop.signal,
      firstPauseMs: 10,
      longestPauseMs: 50,
      failed,
      wait: async (ms) => {
        if (waits.push(ms) === 5) stop.abort();
      },
    });
    await expect(never).rejects.toThrow('locked');
    expect(waits).toEqual([10, 20, 40, 50, 50]);
    expect(failed).toHaveBeenCalledTimes(5);
  });
});

describe('rows that come together', () => {
  it('are written together while the last are, each with its own end', async () => {
    const calls: string[][] = [];
    const writes = new Together<string, string>(async (items) => {
      calls.push([...items]);
      await new Promise((resolve) => setImmediate(resolve));
      return items.map((item) =>
        item === 'bad'
          ? { status: 'rejected', reason: new Error('refused') }
          : { status: 'fulfilled', value: item.toUpperCase() },
      );
    });
    const ends = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => writes.add(item)));
    expect(calls).toEqual([['a'], ['b', 'bad', 'c']]);
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : 'refused'))).toEqual([
      'A',
      'B',
      'refused',
      'C',
    ]);
  });

  it('are all refused when the disk is full, and written when there is room', async () => {
    let full = true;
    const writes = new Together<number, number>(async (items) => {
      if (full) throw new Error('full');
      return items.map((value) => ({ status: 'fulfilled', value }));
    });
    const ends = await Promise.allSettled([1, 2, 3].map((item) => writes.add(item)));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    full = false;
    expect(await writes.add(4)).toBe(4);
  });
});
