// Requests of several people in one batch: who joins whom, what each may do without the others noticing, and what is
// true whatever happens.

import { describe, expect, it, vi } from 'vitest';
import type { Batch } from '../src/pipeline/picture.ts';
import type { Job, JobParams, Requester } from '../src/queue/job.ts';
import { DeviceTime } from '../src/queue/device-time.ts';
import { Estimates } from '../src/queue/estimate.ts';
import { BatchFailed, HostDied } from '../src/workers/failures.ts';
import { BatchSizes } from '../src/workers/batch-sizes.ts';
import { randomFrom } from './support/random.ts';
import { sampleJob, sampleParams } from './support/sample-job.ts';
import { memory, openStudio, pngOf, type Easel } from './support/studio.ts';

const person = (id: string): Requester => ({ platform: 'test', id, name: id });

/** A queue that draws nothing until `start`, and puts up to `most` pictures into a batch. */
function opened(most: number, places = 1, limits = { running: Infinity, waiting: Infinity }) {
  const studio = openStudio(memory(), places, limits);
  const { queue, painters, jobs } = studio;
  painters.most = most;
  const ask = (who: string, params: Partial<JobParams> = {}): Promise<Job> =>
    queue.add(
      sampleJob({ requester: person(who), server: who, params: { ...sampleParams, ...params, prompt: who } }),
    );
  const statusOf = async ({ id }: Job): Promise<string> => (await jobs.get(id))!.status;
  const handed = (): string[][] =>
    painters.batches.map((batch) => batch.map((easel) => easel.batch.tasks[0]!.prompt));
  return { ...studio, ask, statusOf, handed };
}

const batches = (painters: { batches: Easel[][] }, count: number): Promise<void> =>
  vi.waitFor(() => expect(painters.batches).toHaveLength(count));

describe('a free device', () => {
  it('is given the next request, and those after it that are of its kind, while they fit', async () => {
    const { queue, ask, painters, handed } = opened(4);
    await ask('ada', { count: 2 });
    await ask('bob', { steps: 5 });
    await ask('cyd', { count: 3 });
    await ask('dan');
    await ask('eve', { guidanceScale: 5 });
    await ask('fay', { promptless: true });
    await queue.start();
    await batches(painters, 1);
    expect(handed()).toEqual([['ada', 'dan', 'fay']]);
    const left = painters.batches[0]!.map(({ batch }) => batch.tasks[0]!.promptless);
    expect(left).toEqual([undefined, undefined, true]);
    expect(queue.load).toEqual({ waiting: 3, running: 3 });
    for (const easel of painters.batches[0]!) easel.finish();
    await batches(painters, 2);
    expect(handed()[1]).toEqual(['bob']);
  });

  it('draws a request that is larger than its batches alone', async () => {
    const { queue, ask, painters, handed } = opened(2);
    await ask('ada', { count: 4 });
    await ask('bob');
    await queue.start();
    await batches(painters, 1);
    expect(handed()).toEqual([['ada']]);
  });

  it('gives one person no more places than are allowed', async () => {
    const { queue, ask, painters, handed } = opened(8, 1, { running: 2, waiting: 9 });
    for (let i = 0; i < 4; i++) await ask('ada');
    await ask('bob');
    await queue.start();
    await batches(painters, 1);
    expect(handed()).toEqual([['ada', 'bob', 'ada']]);
  });

  it('keeps apart what starts from a picture with another strength', async () => {
    const { queue, ask, painters, images, handed } = opened(8);
    await images.put('a', pngOf(1));
    await ask('ada', { init: { images: ['a'], strength: 0.5 } });
    await ask('bob', { init: { images: ['a'], strength: 0.6 } });
    await ask('cyd');
    await ask('dan', { init: { images: ['a'], strength: 0.5 } });
    await queue.start();
    await batches(painters, 1);
    expect(handed()).toEqual([['ada', 'dan']]);
  });
});

describe('in one batch', () => {
  const together = async (...names: string[]) => {
    const studio = opened(8);
    const jobs = [];
    for (const name of names) jobs.push(await studio.ask(name, { count: 2 }));
    await studio.queue.start();
    await batches(studio.painters, 1);
    return { ...studio, asked: jobs, easels: studio.painters.batches[0]! };
  };

  it('a cancel takes away one request, and the others are drawn', async () => {
    const { queue, asked, easels, statusOf } = await together('ada', 'bob', 'cyd');
    await queue.cancel(asked[1]!.id);
    expect(easels.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
    for (const easel of easels) easel.finish();
    await vi.waitFor(async () =>
      expect(await Promise.all(asked.map(statusOf))).toEqual(['done', 'canceled', 'done']),
    );
  });

  it('a request canceled while it is claimed is left out', async () => {
    const { queue, ask, painters, jobs, handed } = opened(8);
    const [, bob] = [await ask('ada'), await ask('bob')];
    const move = jobs.move.bind(jobs);
    vi.spyOn(jobs, 'move').mockImplementationOnce(async (...how) => {
      await queue.cancel(bob.id);
      return move(...how);
    });
    await queue.start();
    await batches(painters, 1);
    expect(handed()).toEqual([['ada']]);
  });

  it('one that is finished early is delivered before the others', async () => {
    const { queue, asked, easels, statusOf, jobs } = await together('ada', 'bob');
    easels[0]!.step(3);
    expect(queue.keep(asked[0]!.id)).toBe(true);
    await vi.waitFor(async () => expect(await statusOf(asked[0]!)).toBe('done'));
    expect((await jobs.get(asked[0]!.id))!.params.stop).toBe(3);
    expect(await statusOf(asked[1]!)).toBe('running');
    expect(easels[1]!.over).toBe(false);
  });

  it('one picture may be picked: the row becomes its recipe', async () => {
    const { queue, asked, easels, jobs, images } = await together('ada', 'bob');
    expect((await queue.pick(asked[0]!.id, 1))?.params).toMatchObject({ seed: 8, count: 1 });
    expect(await queue.pick(asked[0]!.id, 1)).toBeUndefined(); // there is one alone now
    for (const easel of easels) easel.finish();
    await vi.waitFor(async () => expect((await jobs.get(asked[1]!.id))!.images).toHaveLength(2));
    const { id, status, params } = (await jobs.get(asked[0]!.id))!;
    expect({ status, params }).toEqual({
      status: 'done',
      params: { ...asked[0]!.params, seed: 8, count: 1 },
    });
    expect(await images.get(`${id}-0`)).toEqual(pngOf(8));
    expect(await images.get(`${id}-1`)).toBeUndefined();
    expect(await queue.pick(asked[0]!.id, 0)).toBeUndefined();
  });

  it('a picture that is picked too late for the device is still the only one', async () => {
    const { queue, asked, easels, jobs, images } = await together('ada');
    const move = jobs.move.bind(jobs);
    vi.spyOn(jobs, 'move').mockImplementationOnce(async (...how) => {
      easels[0]!.finish(); // with both pictures, before the device could be told
      await vi.waitFor(() => expect(easels[0]!.over).toBe(true));
      return move(...how);
    });
    await queue.pick(asked[0]!.id, 1);
    await vi.waitFor(async () => expect((await jobs.get(asked[0]!.id))!.status).toBe('done'));
    expect((await jobs.get(asked[0]!.id))!.images).toHaveLength(1);
    expect(await images.get(`${asked[0]!.id}-0`)).toEqual(pngOf(8));
  });

  it('a failure fails nobody yet: each is drawn alone, and the one whose fault it is fails', async () => {
    const { asked, easels, painters, handed, jobs, statusOf } = await together('ada', 'bob', 'cyd');
    for (const easel of easels)
      easel.fail(new BatchFailed('The model gave numbers that are not finite.', true));
    for (let i = 1; i <= 3; i++) {
      await batches(painters, i + 1);
      const [easel] = painters.batches[i]!;
      expect((await jobs.get(asked[i - 1]!.id))!.attempt).toBe(1);
      if (i === 2) easel!.fail(new BatchFailed('The model gave numbers that are not finite.', true));
      else easel!.finish();
    }
    expect(handed().slice(1)).toEqual([['ada'], ['bob'], ['cyd']]);
    await vi.waitFor(async () =>
      expect(await Promise.all(asked.map(statusOf))).toEqual(['done', 'failed', 'done']),
    );
  });

  it('the death of the worker makes each be drawn alone', async () => {
    const { ask, easels, painters, handed } = await together('ada', 'bob');
    for (const name of ['cyd', 'dan']) await ask(name, { count: 2 });
    for (const easel of easels) easel.fail(new HostDied('SIGSEGV'));
    for (let i = 1; i <= 3; i++) {
      await batches(painters, i + 1);
      for (const easel of painters.batches[i]!) easel.finish();
    }
    const rest = handed().slice(1);
    expect(rest.map((names) => names.join('+')).toSorted()).toEqual(['ada', 'bob', 'cyd+dan']);
  });

  it('a worker killed because of someone else costs nobody a try', async () => {
    const { queue, asked, easels, painters, jobs, handed } = await together('ada', 'bob', 'cyd');
    await queue.cancel(asked[0]!.id);
    for (const easel of easels) easel.fail(new HostDied('did not stop', { blameless: true }));
    await batches(painters, 2);
    expect(handed()[1]).toEqual(['bob', 'cyd']);
    expect((await jobs.get(asked[1]!.id))!.attempt).toBe(1);
  });
});

describe('the time of a batch', () => {
  it('is divided by the work of those who are in it', () => {
    let now = 0;
    const jobs = [
      { id: 'a', work: 1 },
      { id: 'b', work: 3 },
    ];
    const time = new DeviceTime(jobs, () => now);
    now = 4000;
    expect(time.leave('b')).toBeCloseTo(3, 10);
    now = 6000;
    expect(time.leave('a')).toBeCloseTo(3, 10);
    expect(time.leave('a')).toBe(0);
  });

  it('is divided anew when one has less to do', () => {
    let now = 0;
    const time = new DeviceTime(
      ['a', 'b'].map((id) => ({ id, work: 4 })),
      () => now,
    );
    now = 2000;
    time.change('a', 1);
    now = 7000;
    expect([time.leave('a'), time.leave('b')]).toEqual([2, 5]);
  });
});

describe('an estimate', () => {
  it('tells what a job in company costs the device from how long its person waits', () => {
    const estimates = new Estimates();
    const startedAt = new Date(1_700_000_000_000);
    const finishedAt = new Date(startedAt.getTime() + 10_000);
    const times = { createdAt: startedAt, startedAt, finishedAt };
    const row = { ...sampleJob(), id: 'a', status: 'done' as const, attempt: 1, images: [] };
    estimates.learn({ ...row, ...times }, 4);
    expect(estimates.secondsFor(sampleParams)).toBeCloseTo(4, 10);
    expect(estimates.wholeFor(sampleParams)).toBeCloseTo(10, 10);
  });
});

describe('the size of batches', () => {
  const batch = (pictures: number): Batch => {
    const { prompt, negativePrompt, seed, count: _, ...shared } = sampleParams;
    return { ...shared, tasks: Array.from({ length: pictures }, () => ({ prompt, negativePrompt, seed })) };
  };
  /** What a device would be given after batches with these speeds, in pictures per second. */
  const after = (speeds: [pictures: number, speed: number][], device = 'cpu'): number => {
    const sizes = new BatchSizes();
    for (const [pictures, speed] of speeds) sizes.learn(device, batch(pictures), (pictures / speed) * 1000);
    return sizes.most(device, batch(1));
  };

  it.each<[string, [number, number][], number]>([
    ['begins with four', [], 4],
    ['stays there while only smaller ones are known', [[1, 1]], 4],
    ['doubles what was good', [[1, 1], [4, 2]], 8], // prettier-ignore
    ['doubles again', [[1, 1], [4, 2], [8, 3]], 16], // prettier-ignore
    ['goes back where more is not faster', [[1, 1], [4, 2], [8, 2.05]], 4], // prettier-ignore
    ['is no larger than can be drawn in short steps', [[1, 0.02], [4, 0.12]], 2], // prettier-ignore
    ['is one where no company is worth it', [[1, 1], [2, 1], [4, 1]], 1], // prettier-ignore
  ])('on a CPU %s', (_, speeds, most) => {
    expect(after(speeds)).toBe(most);
  });

  it('begins with eight on other devices, and every device learns for itself', () => {
    expect(after([], 'cuda:0')).toBe(8);
    const sizes = new BatchSizes();
    sizes.learn('cuda:0', batch(8), 1000);
    expect([sizes.most('cuda:0', batch(1)), sizes.most('cuda:1', batch(1))]).toEqual([16, 8]);
  });

  it('is halved when a batch fails for no known reason, and grows again in calm times', () => {
    const sizes = new BatchSizes();
    sizes.failed('cuda:0', batch(8));
    expect(sizes.most('cuda:0', batch(1))).toBe(4);
    for (let i = 0; i < 20; i++) sizes.learn('cuda:0', batch(1), 1000);
    expect(sizes.most('cuda:0', batch(1))).toBe(8);
  });

  it('is what the owner says', () => {
    expect(new BatchSizes(3).most('cpu', batch(1))).toBe(3);
  });
});

/** People and devices that do as chance has it, for `rounds`; then all that waits is drawn. */
async function storm(seed: number, rounds: number) {
  const random = randomFrom(seed);
  const upTo = (most: number): number => Math.floor(random() * most);
  const limits = { running: 3, waiting: Infinity };
  const studio = opened(6, 2, limits);
  const { queue, painters, ask } = studio;
  const wrong: string[] = [];
  const asked: Job[] = [];
  const canceled = new Set<string>();
  /** Requests that something happened to, by their number. */
  const struck = new Set<number>();
  const ends: string[] = [];
  queue.on('change', ({ id, status }) => {
    if (['done', 'failed', 'canceled'].includes(status)) ends.push(id);
  });
  const open = (): Easel[][] => painters.batches.filter((batch) => batch.some(({ over }) => !over));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const any = <T>(from: readonly T[]): T | undefined => from[upTo(from.length)];
  const check = (): void => {
    const batch = painters.batches.at(-1);
    const counts = batch?.map((easel) => easel.batch.tasks.length) ?? [];
    if (counts.length > 1 && counts.reduce((a, b) => a + b) > 6) wrong.push(`${counts.join('+')} pictures`);
    if (new Set(batch?.map((easel) => easel.batch.steps)).size > 1) wrong.push('unlike requests in a batch');
    if (open().length > 2) wrong.push('more batches than places');
    const drawn = open().flatMap((all) => all.filter((e) => !e.over && !e.signal.aborted));
    for (const who of ['a', 'b', 'c', 'd', 'e'])
      if (drawn.filter((e) => e.batch.tasks[0]!.prompt === who).length > limits.running)
        wrong.push(`${who} has too much`);
  };
  const strike = (error: () => Error): void => {
    for (const easel of any(open()) ?? []) {
      struck.add(Math.floor(easel.batch.tasks[0]!.seed / 8));
      easel.fail(error());
    }
  };
  const acts: (() => unknown)[] = [
    async () =>
      asked.push(
        await ask('abcde'[upTo(5)]!, { seed: asked.length * 8, steps: 1 + upTo(2), count: 1 + upTo(4) }),
      ),
    () => any(any(open()) ?? [])?.finish(),
    () => any(open())?.forEach((easel) => easel.finish()),
    async () => {
      const job = any(asked.slice(-12));
      if (job && (await queue.cancel(job.id))) canceled.add(job.id);
    },
    () => queue.keep(any(asked.slice(-12))?.id ?? ''),
    () => queue.pick(any(asked.slice(-12))?.id ?? '', upTo(4)),
    () => random() < 0.2 && strike(() => new HostDied('SIGKILL')),
    () => random() < 0.2 && strike(() => new HostDied('SIGKILL', { blameless: true })),
    () => random() < 0.2 && strike(() => new BatchFailed('The numbers are not finite.', true)),
  ];
  await queue.start();
  for (let round = 0; round < rounds; round++) {
    await acts[random() < 0.35 ? 0 : upTo(acts.length)]!();
    await settled();
    check();
  }
  while (queue.load.waiting + queue.load.running > 0) {
    for (const batch of open()) for (const easel of batch) easel.finish();
    await settled();
    check();
  }
  return { ...studio, wrong, asked, canceled, struck, ends };
}

describe('whatever people and devices do, with seed', () => {
  it.each([1, 2, 3, 4])('%i, every request ends once, as itself', async (seed) => {
    const { wrong, asked, canceled, struck, ends, jobs, images, queue } = await storm(seed, 600);
    expect(wrong).toEqual([]);
    expect(asked.length).toBeGreaterThan(100);
    expect(ends.toSorted()).toEqual(asked.map(({ id }) => id).toSorted());
    for (const [n, { id, requester }] of asked.entries()) {
      const row = (await jobs.get(id))!;
      expect(row.status !== 'failed' || struck.has(n), `${id} is ${row.status}`).toBe(true);
      expect(row.status === 'canceled', `${id} is ${row.status}`).toBe(canceled.has(id));
      expect(row.images).toHaveLength(row.status === 'done' ? row.params.count : 0);
      for (const [i, picture] of row.images.entries())
        expect(await images.get(picture)).toEqual(pngOf(row.params.seed + i));
      expect(queue.waitingOf(requester).waiting).toBe(0);
    }
    const kept = (await images.list()).map((one) => one.id.replace(/-\d+$/, ''));
    const done = asked.map(async ({ id }) => ((await jobs.get(id))!.status === 'done' ? [id] : []));
    expect([...new Set(kept)].toSorted()).toEqual((await Promise.all(done)).flat().toSorted());
  });
});
