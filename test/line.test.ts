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
    expect(line.near()).toEqual(jobs.slice(0, 100).map(({ id }) => id));
    expect(line.standing(jobs[99]!, [], 1, at(0))).toMatchObject({ ahead: 99, startsIn: 990 });
    expect(line.standing(jobs[2999]!, [], 1, at(0))).toEqual({ ahead: 2999 });
    line.leave(jobs[0]!);
    expect(line.near()).toContain(jobs[100]!.id);
  });

  const everyone = (): boolean => true;

  it('draws those over budget when nobody else wants the device, fairly among themselves', () => {
    const line = new Line();
    const asked = (number: number, person: string, relaxed: boolean): Job =>
      job(number, { requester: { platform: 'test', id: person, name: person }, ...(relaxed && { relaxed }) });
    const jobs = [
      asked(1, 'ada', true),
      asked(2, 'ada', true),
      asked(3, 'bob', true),
      asked(4, 'eve', false),
      asked(5, 'eve', false),
    ];
    for (const one of jobs) line.add(one);
    expect(jobs.map((one) => line.standing(one, [], 1, at(0)).ahead)).toEqual([2, 4, 3, 0, 1]);
    const taken = jobs.map(() => line.take(everyone)?.id);
    expect(taken).toEqual([4, 5, 1, 3, 2].map((number) => job(number).id));
  });

  it('holds nothing against a person that they were given while over budget', () => {
    const line = new Line();
    const ada = { platform: 'test', id: 'ada', name: 'Ada' };
    const bob = { platform: 'test', id: 'bob', name: 'Bob' };
    line.add(job(1, { requester: ada, relaxed: true }));
    line.end(line.take(everyone)!, 1000);
    line.add(job(2, { requester: ada }));
    line.add(job(3, { requester: bob }));
    expect(line.take(everyone)?.id).toBe(job(2).id);
  });

  it('has room in a batch for those over budget when nobody else would have it', () => {
    const line = new Line();
    line.add(job(1, { relaxed: true }));
    line.add(job(2));
    line.add(job(3));
    const first = line.take(everyone)!;
    const asked: string[] = [];
    line.join(first, ({ id }) => asked.push(id) > 0);
    expect([first.id, ...asked]).toEqual([job(2).id, job(3).id, job(1).id]);
  });

  it('makes no batch longer for those over budget while anybody else waits', () => {
    const line = new Line();
    line.add(job(1, { relaxed: true }));
    line.add(job(2));
    line.add(job(3, { params: { ...job(3).params, steps: 9 } }));
    const asked: string[] = [];
    line.join(line.take(everyone)!, ({ id }) => asked.push(id) > 0);
    expect(asked).toEqual([]);
  });

  it('gives a person of weight two twice the seconds of another', () => {
    const line = new Line();
    const people = ['ada', 'bob'].map((id) => ({ platform: 'test', id, name: id }));
    let number = 1;
    for (let i = 0; i < 30; i += 1)
      for (const requester of people)
        line.add(job(number++, { requester, ...(requester.id === 'ada' && { weight: 2 }) }));
    const given = new Map<string, number>();
    for (let i = 0; i < 30; i += 1) {
      const taken = line.take(everyone)!;
      line.end(taken, 1);
      given.set(taken.requester.id, (given.get(taken.requester.id) ?? 0) + 1);
    }
    expect(given.get('ada')).toBe(20);
    expect(given.get('bob')).toBe(10);
  });
});
