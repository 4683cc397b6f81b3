// How long drawing takes, learned from what was drawn.

import { describe, expect, it } from 'vitest';
import type { Job, JobParams } from '../src/queue/job.ts';
import { Estimates, workOf } from '../src/queue/estimate.ts';
import { forecast, type Needs } from '../src/queue/forecast.ts';
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
    expect(estimates.leftOf([job({})], at(0), at(1))).toBeUndefined();
  });

  it('scales with the work, and follows a machine that grows slower', () => {
    const estimates = new Estimates();
    estimates.learn(drawn({ steps: 10 }, 2));
    expect(estimates.secondsFor({ ...sampleParams, steps: 30 })).toBeCloseTo(6, 6);
    for (let i = 0; i < 100; i++) estimates.learn(drawn({ steps: 10 }, 4));
    expect(estimates.secondsFor({ ...sampleParams, steps: 10 })).toBeCloseTo(4, 1);
  });

  it('learns nothing from what was not drawn', () => {
    const estimates = new Estimates();
    estimates.learn({ ...drawn({}, 9), status: 'failed' });
    estimates.learn(drawn({ init: { images: ['a'], strength: 0 } }, 9));
    expect(estimates.secondsFor(sampleParams)).toBeUndefined();
  });

  it('counts what is left of a batch that is drawn', () => {
    const estimates = new Estimates();
    estimates.learn(drawn({}, 10));
    expect(estimates.leftOf([job({})], at(0), at(4))).toBeCloseTo(6, 6);
    expect(estimates.leftOf([job({}), job({ count: 2 })], at(0), at(4))).toBeCloseTo(26, 6);
    expect(estimates.leftOf([job({})], at(0), at(400))).toBe(0);
    expect(estimates.leftOf([job({})], at(9), at(4))).toBeCloseTo(10, 6);
    expect(estimates.leftOf([job({}), job({ model: 'another' })], at(0), at(4))).toBeUndefined();
  });
});

describe('a forecast', () => {
  const needs = (id: string, seconds: number | undefined, kind = 'a', pictures = 1, room = 1): Needs => ({
    id,
    seconds,
    kind,
    pictures,
    room,
  });
  const told = (...asked: Parameters<typeof forecast>): [string, number, boolean][] =>
    [...forecast(...asked)].map(([id, { at: begin, joins }]) => [id, begin, joins]);

  it('seats each job on the place that is free first', () => {
    const waiting = [needs('1', 10), needs('2', 4), needs('3', 5), needs('4', 1)];
    expect(told(waiting, [3, 0], 16)).toEqual([
      ['1', 0, false],
      ['2', 3, false],
      ['3', 7, false],
      ['4', 10, false],
    ]);
  });

  it('fills batches from those who are near, as far as there is room', () => {
    const waiting = [
      needs('1', 10, 'a', 2, 4),
      needs('2', 4, 'b'),
      needs('3', 5, 'a', 1, 4),
      needs('4', 5, 'a', 2, 4),
      needs('5', 5, 'a', 1, 4),
    ];
    expect(told(waiting, [0], 16)).toEqual([
      ['1', 0, false],
      ['3', 0, true],
      ['5', 0, true],
      ['2', 20, false],
      ['4', 24, false],
    ]);
    expect(told(waiting, [0], 1).map(([id]) => id)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('ends before the first of whom nothing can be told', () => {
    expect(told([needs('1', 10), needs('2', undefined), needs('3', 1)], [0], 16)).toEqual([['1', 0, false]]);
  });
});
