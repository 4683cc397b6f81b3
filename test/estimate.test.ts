// How long drawing takes, learned from what was drawn.

import { describe, expect, it } from 'vitest';
import type { Job, JobParams } from '../src/queue/job.ts';
import { Estimates, workOf } from '../src/queue/estimate.ts';
import { sampleJob, sampleParams } from './support/sample-job.ts';

const at = (second: number): Date => new Date(1_700_000_000_000 + second * 1000);

function job(params: Partial<JobParams>, times: { startedAt?: Date; finishedAt?: Date } = {}): Job {
  const asked = sampleJob({ params: { ...sampleParams, ...params } });
  const done = times.finishedAt ? ('done' as const) : ('running' as const);
  return { ...asked, id: 'a', status: done, attempt: 1, images: [], createdAt: at(0), ...times };
}

const drawn = (params: Partial<JobParams>, seconds: number): Job =>
  job(params, { startedAt: at(0), finishedAt: at(seconds) });

describe('the work of a job', () => {
  const base = { ...sampleParams, width: 500, height: 400, steps: 10, count: 1, guidanceScale: 1 };
  it.each([
    ['is megapixels by steps', {}, 2],
    ['is twice that with guidance', { guidanceScale: 7 }, 4],
    ['grows with the pictures', { count: 3 }, 6],
    ['ends where it stops', { stop: 4 }, 0.8],
    ['is a part of it over a picture', { init: { images: ['a'], strength: 0.5 } }, 1],
    ['is never nothing', { init: { images: ['a'], strength: 0 } }, 0.2],
  ])('%s', (_, more, work) => {
    const { init: __, stop: ___, ...plain } = base;
    expect(workOf({ ...plain, ...more })).toBeCloseTo(work, 10);
  });
});

describe('an estimate', () => {
  it('is not given before something was drawn', () => {
    const estimates = new Estimates();
    expect(estimates.secondsFor(sampleParams)).toBeUndefined();
    expect(estimates.starts([job({})], [], 1, at(1)).at(-1)).toBeUndefined();
    expect(estimates.starts([], [], 1, at(1)).at(-1)).toBe(0);
  });

  it('scales with the work, and follows a machine that grows slower', () => {
    const estimates = new Estimates();
    estimates.learn(drawn({ steps: 10 }, 2));
    expect(estimates.secondsFor({ ...sampleParams, steps: 30 })).toBeCloseTo(6, 6);
    for (let i = 0; i < 20; i++) estimates.learn(drawn({ steps: 10 }, 4));
    expect(estimates.secondsFor({ ...sampleParams, steps: 10 })).toBeCloseTo(4, 1);
  });

  it('learns nothing from what was not drawn', () => {
    const estimates = new Estimates();
    estimates.learn({ ...drawn({}, 9), status: 'failed' });
    estimates.learn(drawn({ init: { images: ['a'], strength: 0 } }, 9));
    expect(estimates.secondsFor(sampleParams)).toBeUndefined();
  });

  it('counts what is left of the running jobs and all that wait, over all places', () => {
    const estimates = new Estimates();
    estimates.learn(drawn({}, 10));
    const running = [job({}, { startedAt: at(0) })];
    expect(estimates.starts(running, [], 1, at(4)).at(-1)).toBeCloseTo(6, 6);
    expect(estimates.starts(running, [job({}), job({})], 1, at(4)).at(-1)).toBeCloseTo(26, 6);
    expect(estimates.starts(running, [job({})], 2, at(4)).at(-1)).toBeCloseTo(6, 6);
    expect(estimates.starts(running, [job({}), job({})], 2, at(4)).at(-1)).toBeCloseTo(10, 6);
    expect(estimates.starts(running, [], 1, at(400)).at(-1)).toBe(0);
    expect(estimates.starts(running, [job({ model: 'another' })], 1, at(4)).at(-1)).toBeUndefined();
  });
});
