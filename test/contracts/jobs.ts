// What every store of jobs promises.

import { expect, it } from 'vitest';
import { statuses, type NewJob } from '../../src/queue/job.ts';
import { sampleJob, sampleParams } from '../support/sample-job.ts';
import { at, type Stores } from './stores.ts';

export function jobTests(stores: () => Stores): void {
  it('keeps every input of a job', async () => {
    const { jobs } = stores();
    const asked: NewJob = sampleJob({
      requester: { platform: 'discord', id: '123456789012345678', name: 'Zoë 🦊 שלום' },
      server: '123',
      channel: '987',
      parentChannel: '986',
      params: {
        ...sampleParams,
        prompt: 'ein "rotes" Herz\n\tמימין 🫀 '.repeat(200),
        seed: 4294967295,
        guidanceScale: 7.25,
        stop: 7,
        init: { images: ['parent-3', 'input-abc'], strength: 0.1 },
      },
      parent: { jobId: 'parent', how: 'variation' },
      private: true,
    });
    const job = await jobs.insert(asked, at(5));
    expect(job).toEqual({
      ...asked,
      id: job.id,
      status: 'queued',
      attempt: 0,
      images: [],
      createdAt: at(5),
    });
    expect(job.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await jobs.get(job.id)).toEqual(job);
  });

  it('makes a private job public, and public ones stay so', async () => {
    const { jobs } = stores();
    const hidden = await jobs.insert(sampleJob({ key: 'hidden', private: true }), at(1));
    expect((await jobs.publish(hidden.id))?.private).toBeUndefined();
    expect((await jobs.get(hidden.id))?.private).toBeUndefined();
    const open = await jobs.insert(sampleJob({ key: 'open' }), at(2));
    expect(await jobs.publish(open.id)).toEqual(open);
    expect(await jobs.publish('nobody')).toBeUndefined();
  });

  it('replaces the parameters when a change names them', async () => {
    const { jobs } = stores();
    const { id, params } = await jobs.insert(sampleJob({ key: 'kept' }), at(1));
    await jobs.move(id, ['queued'], { status: 'done', params: { ...params, stop: 3 } });
    expect((await jobs.get(id))?.params).toEqual({ ...params, stop: 3 });
  });

  it('lists the jobs that were drawn to their end, the newest first', async () => {
    const { jobs } = stores();
    const made = [];
    for (const [i, status] of (['done', 'failed', 'done', 'queued'] as const).entries()) {
      const { id } = await jobs.insert(sampleJob({ key: `drawn ${i}` }), at(i));
      await jobs.move(id, ['queued'], { status });
      made.push(id);
    }
    expect((await jobs.lastDone(5)).map(({ id }) => id)).toEqual([made[2], made[0]]);
    expect((await jobs.lastDone(1)).map(({ id }) => id)).toEqual([made[2]]);
  });

  it('keeps on what terms a job was accepted, and how it ended', async () => {
    const { jobs } = stores();
    const terms = { relaxed: true, weight: 2.5, predictedSeconds: 1.25, flaggedAs: 'spoiler' as const };
    const job = await jobs.insert(sampleJob({ key: 'terms', ...terms }), at(1));
    expect(job).toMatchObject(terms);
    const change = { status: 'done' as const, images: ['a'], flagged: [0], deviceSeconds: 0.75 };
    expect(await jobs.move(job.id, ['queued'], change)).toMatchObject({ ...terms, ...change });
  });

  it('hands out a person’s jobs in pages, the newest first', async () => {
    const { jobs } = stores();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await jobs.insert(sampleJob({ key: `page ${i}` }), at(i))).id);
    await jobs.insert(
      sampleJob({ key: 'other', requester: { platform: 'slack', id: 'ada', name: '' } }),
      at(9),
    );
    const person = { platform: 'console', id: 'ada' };
    const first = await jobs.pageOf(person, 2);
    const second = await jobs.pageOf(person, 9, first.at(-1)!.id);
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids);
  });

  it('erases jobs that are over, and no others', async () => {
    const { jobs, posts } = stores();
    const over = await jobs.insert(sampleJob({ key: 'over' }), at(1));
    const open = await jobs.insert(sampleJob({ key: 'open still' }), at(2));
    await posts.link({ platform: 'console', channel: 'c', message: 'm' }, open.id);
    await jobs.move(over.id, ['queued'], { status: 'canceled' });
    await jobs.erase([over.id, open.id]);
    expect(await jobs.get(over.id)).toBeUndefined();
    expect(await jobs.get(open.id)).toEqual(open);
  });

  it('finds finished jobs of a server that are old and have pictures still', async () => {
    const { jobs } = stores();
    const made = async (key: string, server: string | undefined, second: number, images: string[]) => {
      const job = await jobs.insert(sampleJob({ key, ...(server !== undefined && { server }) }), at(0));
      await jobs.move(job.id, ['queued'], { status: 'done', images, finishedAt: at(second) });
      return job.id;
    };
    const second = await made('second', 's', 3, ['b']);
    const first = await made('first', 's', 2, ['a']);
    await made('new', 's', 9, ['c']);
    await made('bare', 's', 1, []);
    await made('elsewhere', 't', 1, ['d']);
    const direct = await made('direct', undefined, 1, ['e']);
    const found = async (id: string, limit = 9) =>
      (await jobs.shownBefore({ platform: 'console', id }, at(5), limit)).map((job) => job.id);
    expect((await found('s')).toSorted()).toEqual([first, second].toSorted());
    expect(await found('s', 1)).toHaveLength(1);
    expect(await found('direct')).toEqual([direct]);
  });

  it('knows nothing of a job that is not there', async () => {
    const { jobs } = stores();
    expect(await jobs.get('nobody')).toBeUndefined();
    expect(await jobs.move('nobody', statuses, { status: 'done' })).toBeUndefined();
  });

  it('finds the row already made for a key, as it is now', async () => {
    const { jobs } = stores();
    const asked = sampleJob();
    const first = await jobs.insert(asked, at(1));
    const running = await jobs.move(first.id, ['queued'], {
      status: 'running',
      begin: true,
      startedAt: at(2),
    });
    expect(await jobs.insert({ ...asked, channel: 'elsewhere' }, at(9))).toEqual(running);
    expect(await jobs.queued()).toEqual([]);
  });

  it('moves a job from one status to the next and counts its attempts', async () => {
    const { jobs } = stores();
    const { id, ...asked } = await jobs.insert(sampleJob(), at(1));
    const running = await jobs.move(id, ['queued'], { status: 'running', begin: true, startedAt: at(2) });
    expect(running).toEqual({ id, ...asked, status: 'running', attempt: 1, startedAt: at(2) });
    const done = await jobs.move(id, ['running'], { status: 'done', images: ['a', 'b'], finishedAt: at(3) });
    expect(done).toEqual({ ...running, status: 'done', images: ['a', 'b'], finishedAt: at(3) });
    expect(await jobs.get(id)).toEqual(done);
  });

  it('keeps the reason of a failure', async () => {
    const { jobs } = stores();
    const { id } = await jobs.insert(sampleJob(), at(1));
    await jobs.move(id, ['queued'], { status: 'failed', error: 'The disk is full.', finishedAt: at(2) });
    expect(await jobs.get(id)).toMatchObject({
      status: 'failed',
      error: 'The disk is full.',
      finishedAt: at(2),
    });
  });

  it('leaves a job alone whose status is none of those asked for', async () => {
    const { jobs } = stores();
    const job = await jobs.insert(sampleJob(), at(1));
    expect(await jobs.move(job.id, ['running', 'done'], { status: 'canceled', error: 'x' })).toBeUndefined();
    expect(await jobs.move(job.id, [], { status: 'canceled' })).toBeUndefined();
    expect(await jobs.get(job.id)).toEqual(job);
  });

  it('forgets the start of a job that is queued again', async () => {
    const { jobs } = stores();
    const { id } = await jobs.insert(sampleJob(), at(1));
    await jobs.move(id, ['queued'], { status: 'running', begin: true, startedAt: at(2) });
    const again = await jobs.move(id, ['running'], { status: 'queued' });
    expect(again).toMatchObject({ status: 'queued', attempt: 1 });
    expect(again).not.toHaveProperty('startedAt');
  });

  it('takes an attempt back that ended through no fault of its own', async () => {
    const { jobs } = stores();
    const { id } = await jobs.insert(sampleJob(), at(1));
    await jobs.move(id, ['queued'], { status: 'running', begin: true });
    const spared = { status: 'queued' as const, spare: true as const };
    expect(await jobs.move(id, ['running'], spared)).toMatchObject({ attempt: 0 });
  });

  it('tells which jobs are over without pictures', async () => {
    const { jobs } = stores();
    const made = [];
    for (const status of ['canceled', 'failed', 'done', 'queued', 'running', 'canceled'] as const) {
      const { id } = await jobs.insert(sampleJob(), at(1));
      await jobs.move(id, ['queued'], { status });
      made.push(id);
    }
    const asked = [...made.slice(0, 5), 'input'];
    expect((await jobs.withoutPictures(asked)).toSorted()).toEqual(made.slice(0, 2).toSorted());
  });

  it('lists queued jobs with the oldest first and knows who is ahead', async () => {
    const { jobs } = stores();
    const [late, early, twin] = [
      await jobs.insert(sampleJob(), at(20)),
      await jobs.insert(sampleJob(), at(10)),
      await jobs.insert(sampleJob(), at(10)),
    ];
    const over = await jobs.insert(sampleJob(), at(5));
    await jobs.move(over.id, ['queued'], { status: 'canceled' });
    const [first, second] = [early, twin].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect((await jobs.queued()).map((job) => job.id)).toEqual([first!.id, second!.id, late.id]);
  });

  it('keeps the order of jobs that were made in the same millisecond', async () => {
    const { jobs } = stores();
    const made = [];
    for (let i = 0; i < 20; i += 1) made.push((await jobs.insert(sampleJob(), at(1))).id);
    expect((await jobs.queued()).map((job) => job.id)).toEqual(made);
  });

  it('queues every running job again after a crash, and no other', async () => {
    const { jobs } = stores();
    const [one, two, done] = [
      await jobs.insert(sampleJob(), at(1)),
      await jobs.insert(sampleJob(), at(2)),
      await jobs.insert(sampleJob(), at(3)),
    ];
    for (const { id } of [one, two, done])
      await jobs.move(id, ['queued'], { status: 'running', begin: true, startedAt: at(4) });
    await jobs.move(done.id, ['running'], { status: 'done', images: ['p'] });
    expect(await jobs.requeueRunning()).toBe(2);
    expect(await jobs.queued()).toEqual([
      { ...one, attempt: 1 },
      { ...two, attempt: 1 },
    ]);
    expect(await jobs.get(done.id)).toMatchObject({ status: 'done' });
    expect(await jobs.requeueRunning()).toBe(0);
  });

  it('tells a person’s history with the newest first, and nobody else’s', async () => {
    const { jobs } = stores();
    const by = (platform: string, id: string) => ({ requester: { platform, id, name: 'x' } });
    const old = await jobs.insert(sampleJob(by('slack', 'U1')), at(1));
    await jobs.insert(sampleJob(by('slack', 'U2')), at(2));
    await jobs.insert(sampleJob(by('discord', 'U1')), at(3));
    const recent = await jobs.insert(sampleJob(by('slack', 'U1')), at(4));
    expect(await jobs.history({ platform: 'slack', id: 'U1' }, 10)).toEqual([recent, old]);
    expect(await jobs.history({ platform: 'slack', id: 'U1' }, 1)).toEqual([recent]);
  });
}

export function raceTests(stores: () => Stores): void {
  it('lets one of twenty claims win', async () => {
    const { jobs } = stores();
    const { id } = await jobs.insert(sampleJob(), at(1));
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => jobs.move(id, ['queued'], { status: 'running', begin: true })),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await jobs.get(id)).toMatchObject({ status: 'running', attempt: 1 });
  });

  it('gives a cancel or a finish the job, never both', async () => {
    const { jobs } = stores();
    for (let round = 0; round < 5; round += 1) {
      const { id } = await jobs.insert(sampleJob(), at(1));
      await jobs.move(id, ['queued'], { status: 'running', begin: true });
      const [done, canceled] = await Promise.all([
        jobs.move(id, ['running'], { status: 'done', images: ['p'] }),
        jobs.move(id, ['queued', 'running'], { status: 'canceled' }),
      ]);
      const winner = done ?? canceled;
      expect([done, canceled].filter(Boolean)).toEqual([winner]);
      expect(await jobs.get(id)).toEqual(winner);
    }
  });

  it('makes one row of an event that is delivered many times at once', async () => {
    const { jobs } = stores();
    const asked = sampleJob();
    const rows = await Promise.all(Array.from({ length: 12 }, (_, i) => jobs.insert(asked, at(i))));
    expect(new Set(rows.map((row) => row.id)).size).toBe(1);
    expect(await jobs.queued()).toHaveLength(1);
  });
}
