// Where waiting jobs stand, and who is told when the line moves.

import { describe, expect, it } from 'vitest';
import type { Job } from '../src/queue/job.ts';
import { Line } from '../src/queue/line.ts';
import { sampleJob } from './support/sample-job.ts';

const at = (second: number): Date => new Date(1_700_000_000_000 + second * 1000);

function job(number: number, changes: Partial<Job> = {}): Job {
  const id = String(number).padStart(6, '0');
  return {
    ...sampleJob(),
    id,
    status: 'queued',
    attempt: 0,
    images: [],
    createdAt: at(0),
    ...changes,
  };
}

function lineOf(length: number): { line: Line; jobs: Job[] } {
  const line = new Line();
  line.learn(job(0, { status: 'done', startedAt: at(0), finishedAt: at(10) }));
  const jobs = Array.from({ length }, (_, i) => job(i + 1));
  for (const one of jobs) line.add(one);
  return { line, jobs };
}

describe('a line', () => {
  it('tells each of its jobs when it begins', () => {
    const { line, jobs } = lineOf(4);
    const starts = jobs.map((one) => line.standing(one, [], 2, at(0)));
    expect(starts.map(({ ahead, startsIn }) => [ahead, startsIn])).toEqual([
      [0, 0],
      [1, 0],
      [2, 10],
      [3, 10],
    ]);
  });

  it('works it out anew when it moves, and when time has passed', () => {
    const { line, jobs } = lineOf(3);
    const [first, second] = jobs as [Job, Job];
    const running = job(9, { status: 'running', startedAt: at(0) });
    expect(line.standing(second, [running], 1, at(0)).startsIn).toBe(20);
    expect(line.standing(second, [running], 1, at(4)).startsIn).toBe(16);
    line.leave(first);
    expect(line.standing(second, [running], 1, at(4)).startsIn).toBe(6);
  });

  it('of thousands is told to those who are near its head', () => {
    const { line, jobs } = lineOf(3000);
    expect(jobs.filter(({ id }) => line.isNear(id))).toEqual(jobs.slice(0, 100));
    expect(line.standing(jobs[99]!, [], 1, at(0))).toMatchObject({ ahead: 99, startsIn: 990 });
    expect(line.standing(jobs[2999]!, [], 1, at(0))).toEqual({ ahead: 2999 });
    line.leave(jobs[0]!);
    expect(line.isNear(jobs[100]!.id)).toBe(true);
  });
});
