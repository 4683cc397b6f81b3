// What every ledger promises of the jobs beside it.

import { expect, it } from 'vitest';
import { FORGOTTEN } from '../../src/core/ledger.ts';
import { DIRECT } from '../../src/core/rules.ts';
import { isOver, type Job, type JobStatus, type NewJob } from '../../src/queue/job.ts';
import { randomFrom } from '../support/random.ts';
import { sampleJob, sampleParams } from '../support/sample-job.ts';
import { at, type Stores } from './stores.ts';

const server = { platform: 'discord', id: 's' };
const ada = { platform: 'discord', id: 'ada' };
const always = [new Date(0), new Date(Date.UTC(2100, 0))] as const;

const asked = (changes: Partial<NewJob> = {}, count = 4): NewJob =>
  sampleJob({
    requester: { ...ada, name: 'Ada' },
    server: 's',
    predictedSeconds: 8,
    params: { ...sampleParams, count },
    ...changes,
  });

/** Whole numbers below one that is asked, the same for each seed. */
function randoms(seed: number): (below: number) => number {
  const random = randomFrom(seed);
  return (below) => Math.floor(random() * below);
}

export function ledgerTests(stores: () => Stores): void {
  it('reserves what a request may use and settles what it used', async () => {
    const { jobs, ledger } = stores();
    const { id } = await jobs.insert(asked(), at(1));
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 4, seconds: 8 });
    await jobs.move(id, ['queued'], { status: 'running', begin: true, startedAt: at(4) });
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 4, seconds: 8 });
    const images = ['a', 'b', 'c'];
    const over = { status: 'done' as const, images, deviceSeconds: 5, finishedAt: at(9) };
    await jobs.move(id, ['running'], over);
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 3, seconds: 5 });
    const [reserve, settle, ...more] = await ledger.entriesOf(ada);
    expect(reserve).toEqual({
      jobId: id,
      kind: 'reserve',
      at: at(1),
      countedAt: at(1),
      server,
      channel: 'studio',
      model: 'emoji',
      pictures: 4,
      steps: 4,
      megapixelSteps: (64 * 64 * 4 * 4) / 1e6,
      deviceSeconds: 8,
      relaxed: false,
    });
    expect(settle).toMatchObject({
      kind: 'settle',
      at: at(9),
      countedAt: at(1),
      pictures: -1,
      deviceSeconds: -3,
      outcome: 'done',
      waitSeconds: 3,
      runSeconds: 5,
    });
    expect(settle!.megapixelSteps).toBeCloseTo((-64 * 64 * 4) / 1e6, 9);
    expect(more).toEqual([]);
  });

  it('counts what is used in a thread for the channel that it hangs in', async () => {
    const { jobs, ledger } = stores();
    const { id } = await jobs.insert({ ...asked(), channel: 'thread', parentChannel: 'studio' }, at(1));
    expect(await jobs.get(id)).toMatchObject({ channel: 'thread', parentChannel: 'studio' });
    await jobs.move(id, ['queued'], { status: 'canceled', finishedAt: at(2) });
    expect((await ledger.entriesOf(ada)).map(({ channel }) => channel)).toEqual(['studio', 'studio']);
  });

  it('sums by server, person, model and time of asking, without the relax lane', async () => {
    const { jobs, ledger } = stores();
    const other = { platform: 'discord', id: 'bob', name: 'Bob' };
    await jobs.insert(asked({}, 1), at(10));
    await jobs.insert(asked({ requester: other }, 2), at(20));
    await jobs.insert(asked({ params: { ...sampleParams, model: 'big', count: 3 } }), at(30));
    await jobs.insert(asked({ relaxed: true }), at(15));
    await jobs.insert(asked({ server: 'elsewhere' }), at(15));
    const direct = asked();
    delete direct.server;
    await jobs.insert(direct, at(15));
    const pictures = async (account: Parameters<typeof ledger.used>[0], from = 0, to = 99) =>
      (await ledger.used(account, at(from), at(to))).pictures;
    expect(await pictures({ server })).toBe(6);
    expect(await pictures({ server, person: 'bob' })).toBe(2);
    expect(await pictures({ server, model: 'big' })).toBe(3);
    expect(await pictures({ server, person: 'ada', model: 'emoji' })).toBe(1);
    expect(await pictures({ server }, 10, 20)).toBe(1);
    expect(await pictures({ server }, 20, 30)).toBe(2);
    expect(await pictures({ server: { platform: 'discord', id: DIRECT } })).toBe(4);
    expect(await pictures({ server: { platform: 'slack', id: 's' } })).toBe(0);
  });

  it('tells a failure whose pictures were withheld from others', async () => {
    const { jobs, ledger } = stores();
    for (const flagged of [[0], undefined]) {
      const { id } = await jobs.insert(asked(), at(1));
      await jobs.move(id, ['queued'], { status: 'failed', error: 'x', ...(flagged && { flagged }) });
    }
    const entries = (await ledger.entriesOf(ada)).filter(({ kind }) => kind === 'settle');
    expect(new Set(entries.map(({ outcome }) => outcome))).toEqual(new Set(['failed', 'moderated']));
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 0, seconds: 0 });
  });

  it('keeps what moderation refused and counts it against no limit', async () => {
    const { ledger } = stores();
    const refused = { server, channel: 'c', person: 'ada', model: 'emoji', at: at(3) };
    await ledger.refuse(refused);
    await ledger.refuse(refused);
    const entries = await ledger.entriesOf(ada);
    expect(new Set(entries.map(({ jobId }) => jobId)).size).toBe(2);
    expect(entries[0]).toMatchObject({ kind: 'refuse', countedAt: at(3), outcome: 'moderated', pictures: 0 });
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 0, seconds: 0 });
  });

  it('forgets one person and no amount', async () => {
    const { jobs, ledger } = stores();
    await jobs.insert(asked(), at(1));
    const { id } = await jobs.insert(asked(), at(2));
    await jobs.insert(asked({ requester: { platform: 'slack', id: 'ada', name: 'Ada' } }), at(3));
    await ledger.forget(ada);
    await ledger.forget(ada);
    expect(await ledger.entriesOf(ada)).toEqual([]);
    expect(await ledger.entriesOf({ platform: 'slack', id: 'ada' })).toHaveLength(1);
    expect(await ledger.used({ server, person: 'ada' }, ...always)).toEqual({ pictures: 0, seconds: 0 });
    expect(await ledger.used({ server, person: FORGOTTEN }, ...always)).toEqual({ pictures: 8, seconds: 16 });
    await jobs.move(id, ['queued'], { status: 'canceled' });
    expect(await ledger.entriesOf(ada)).toEqual([]);
    expect(await ledger.used({ server }, ...always)).toEqual({ pictures: 4, seconds: 8 });
  });

  it.each([1, 2, 3, 4])('adds up whatever becomes of its jobs in whatever order, round %i', async (seed) => {
    const { jobs, ledger } = stores();
    const random = randoms(seed);
    const ids: string[] = [];
    const from: JobStatus[][] = [['queued'], ['running'], ['queued', 'running']];
    for (let second = 0; second < 60; second += 1) {
      const id = ids[random(ids.length)];
      const finishedAt = at(second);
      const deviceSeconds = random(9);
      const images = ['a', 'b', 'c', 'd'].slice(0, random(5));
      const acts: (() => Promise<unknown>)[] = [
        async () =>
          ids.push((await jobs.insert(asked({ server: `s${random(2)}` }, 1 + random(4)), at(second))).id),
        () => jobs.move(id!, ['queued'], { status: 'running', begin: true, startedAt: at(second) }),
        () => jobs.move(id!, ['running'], { status: 'queued', spare: true }),
        () => jobs.move(id!, from[random(3)]!, { status: 'done', images, deviceSeconds, finishedAt }),
        () => jobs.move(id!, from[random(3)]!, { status: 'failed', error: 'x', deviceSeconds, finishedAt }),
        () => jobs.move(id!, from[random(3)]!, { status: 'canceled', finishedAt }),
        () => Promise.all([1, 2].map(() => jobs.move(id!, from[2]!, { status: 'canceled', finishedAt }))),
        () => jobs.requeueRunning(),
      ];
      await acts[id === undefined || random(3) === 0 ? 0 : 1 + random(acts.length - 1)]!();
    }
    const rows = (await Promise.all(ids.map((id) => jobs.get(id)))) as Job[];
    expect(rows.some(({ status }) => isOver(status))).toBe(true);
    for (const id of ['s0', 's1']) {
      const own = rows.filter((job) => job.server === id);
      const sum = (of: (job: Job) => number): number => own.reduce((all, job) => all + of(job), 0);
      expect(await ledger.used({ server: { platform: 'discord', id } }, ...always)).toEqual({
        pictures: sum((job) => (isOver(job.status) ? job.images.length : job.params.count)),
        seconds: sum((job) => (isOver(job.status) ? (job.deviceSeconds ?? 0) : job.predictedSeconds!)),
      });
    }
    const over = rows.filter(({ status }) => isOver(status));
    expect(await ledger.entriesOf(ada)).toHaveLength(rows.length + over.length);
  });

  it('is not written by those who may only read it', async () => {
    const { raw, jobs, ledger } = stores();
    if (!raw) return;
    await jobs.insert(asked(), at(1));
    const before = await ledger.entriesOf(ada);
    await expect(raw(`UPDATE "LedgerEntry" SET "pictures" = 0`)).rejects.toThrow(/never changed/);
    await expect(raw(`UPDATE "LedgerEntry" SET "personId" = 'eve'`)).rejects.toThrow(/never changed/);
    await expect(raw(`DELETE FROM "LedgerEntry"`)).rejects.toThrow(/never (changed or )?removed/);
    expect(await ledger.entriesOf(ada)).toEqual(before);
  });
}
