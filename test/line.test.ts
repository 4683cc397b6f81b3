// Where waiting jobs stand, and who is told when the line moves.

import { describe, expect, it } from 'vitest';
import type { Job } from '../src/queue/job.ts';
import { Line } from '../src/queue/line.ts';
import { randomFrom } from './support/random.ts';
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
    expect(line.standing(jobs[2999]!, [], 1, at(0))).toMatchObject({ ahead: 2999, startsIn: 29_990 });
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

const someone = (id: string): Job['requester'] => ({ platform: 'test', id, name: id });

describe('an estimate of the line', () => {
  it('is not given to those over budget, who wait for a device that nobody else wants', () => {
    const { line, jobs } = lineOf(2);
    const relaxed = job(8, { relaxed: true });
    line.add(relaxed);
    expect(line.standing(relaxed, [], 1, at(0))).toEqual({ ahead: 2 });
    for (const one of jobs) line.leave(one);
    expect(line.standing(relaxed, [], 1, at(0))).toEqual({ ahead: 0 });
  });

  it('counts those who will come and go before whoever was given much', () => {
    const line = new Line({}, randomFrom(1));
    line.learn(job(0, { status: 'done', startedAt: at(0), finishedAt: at(10) }));
    const take = (): Job | undefined => line.take(() => true);
    let number = 1;
    // Somebody else comes every eleven seconds and is drawn for ten; Ada has just been given 300.
    line.add(job(number++, { requester: someone('ada'), server: 's' }));
    line.add(job(number++, { requester: someone('eve'), server: 's' }));
    line.end(take()!, 300);
    for (let second = 0; second < 2200; second += 11) {
      const visitor = someone(`visitor ${(second / 11) % 10}`);
      line.add(job(number++, { requester: visitor, server: 's', createdAt: at(second) }));
      line.end(take()!, 10);
    }
    const ada = job(number++, { requester: someone('ada'), server: 's', createdAt: at(2200) });
    line.add(ada);
    const { ahead, startsIn, startsWithin } = line.standing(ada, [], 1, at(2200));
    expect(ahead).toBe(1);
    expect(startsIn).toBeGreaterThan(15);
    expect(startsWithin![1]).toBeGreaterThan(startsIn!);
  });

  it('is the same whatever the clock was set to while others waited', () => {
    const { line, jobs } = lineOf(40);
    const last = jobs[39]!;
    const before = line.standing(last, [], 2, at(0)).startsIn!;
    const back = line.standing(last, [], 2, at(-7200)).startsIn!;
    const ahead = line.standing(last, [], 2, at(7200)).startsIn!;
    expect([before, back, ahead]).toEqual([190, 190, 190]);
  });

  it('is known of what is further back than an unknown model only where that is far', () => {
    const { line, jobs } = lineOf(1);
    const unknown = job(5, { params: { ...job(5).params, model: 'another' } });
    const behind = job(6);
    line.add(unknown);
    line.add(behind);
    expect(line.standing(jobs[0]!, [], 1, at(0)).startsIn).toBe(0);
    expect(line.standing(unknown, [], 1, at(0))).toEqual({ ahead: 1 });
    expect(line.standing(behind, [], 1, at(0))).toEqual({ ahead: 2 });
  });
});

describe('how many of a person wait', () => {
  it('is counted for each lane, and for both', () => {
    const line = new Line();
    const ada = someone('ada');
    const jobs = [1, 2, 3].map((number) => job(number, { requester: ada, relaxed: number > 1 }));
    for (const one of jobs) line.add(one);
    const counted = (): number[] => [
      line.waitingOf(ada),
      line.waitingOf(ada, false),
      line.waitingOf(ada, true),
    ];
    expect(counted()).toEqual([3, 1, 2]);
    line.join(
      line.take(() => true)!,
      ({ id }) => id === jobs[1]!.id,
    );
    expect(counted()).toEqual([1, 0, 1]);
    line.leave(jobs[2]!);
    expect(counted()).toEqual([0, 0, 0]);
  });
});

/** Any day at a line with two lanes. */
describe.each([1, 2, 3, 4])('the lane of those over budget, by chance %i,', (seed) => {
  const random = randomFrom(seed);
  const any = (below: number): number => Math.floor(random() * below);
  const people = Array.from({ length: 12 }, (_, i) => `p${i}`);
  const asked = (number: number): Job =>
    job(number, {
      requester: someone(people[any(people.length)]!),
      server: `s${any(3)}`,
      relaxed: random() < 0.5,
      params: { ...job(1).params, steps: 1 + any(3) },
    });

  it('is drawn only while nobody in budget may be, and nothing is lost or taken twice', () => {
    const line = new Line();
    const waiting = new Map<string, Job>();
    const running = new Map<string, Job>();
    const faults: string[] = [];
    const check = (holds: boolean, fault: string): unknown => holds || faults.push(fault);
    const waits = (which: (one: Job) => boolean): boolean => [...waiting.values()].some(which);
    const begin = (one: Job): void => {
      check(waiting.delete(one.id), `${one.id} was taken, and did not wait`);
      running.set(one.id, one);
    };
    const take = (): void => {
      const busy = new Set(people.filter(() => random() < 0.3));
      const mayRun = ({ requester }: Job): boolean => !busy.has(requester.id);
      const next = line.take((person) => !busy.has(person.slice('test/'.length)));
      check(next !== undefined || !waits(mayRun), 'somebody may run and is not taken');
      if (!next) return;
      check(!next.relaxed || !waits((one) => !one.relaxed && mayRun(one)), `${next.id} goes before its turn`);
      begin(next);
      line.join(next, (one) => {
        check(!one.relaxed || !waits(({ relaxed }) => !relaxed), `${one.id} joins before its turn`);
        if (random() < 0.5) return false;
        begin(one);
        return true;
      });
    };
    const end = (from: Map<string, Job>, ends: (one: Job) => void): void => {
      const one = [...from.values()][any(from.size)];
      if (!one) return;
      from.delete(one.id);
      ends(one);
    };
    for (let number = 1; number <= 3000; number++) {
      const happens = random();
      const one = asked(number);
      if (happens < 0.45) {
        waiting.set(one.id, one);
        line.add(one);
      } else if (happens < 0.65) take();
      else if (happens < 0.75) end(waiting, (left) => line.leave(left));
      else if (happens < 0.8) end(running, (left) => line.leave(left));
      else end(running, (left) => line.end(left, random() * 20));
      const its = [...waiting.values()].filter(({ requester }) => requester.id === one.requester.id);
      const relaxed = its.filter((each) => each.relaxed).length;
      check(line.size === waiting.size, 'the line has another length');
      check(line.waitingOf(one.requester) === its.length, 'a person has another number');
      check(line.waitingOf(one.requester, true) === relaxed, 'a person has another number over budget');
    }
    for (let next = line.take(() => true); next; next = line.take(() => true)) begin(next);
    expect([faults, waiting.size]).toEqual([[], 0]);
  });

  it('is fair among its own', () => {
    const line = new Line();
    const given = new Map<string, number>();
    let number = 1;
    const ask = (person: string): void =>
      line.add(job(number++, { requester: someone(person), server: 's', relaxed: true }));
    for (const person of people) for (let i = 0; i < 3; i++) ask(person);
    for (let turn = 0; turn < 1200; turn++) {
      const next = line.take(() => true)!;
      const seconds = 1 + random();
      line.end(next, seconds);
      given.set(next.requester.id, (given.get(next.requester.id) ?? 0) + seconds);
      ask(next.requester.id);
    }
    const shares = people.map((person) => given.get(person) ?? 0);
    expect(Math.min(...shares)).toBeGreaterThan(0.9 * Math.max(...shares));
  });

  it('changes nothing of who is next in budget', () => {
    const [mixed, alone] = [new Line(), new Line()];
    const taken: [string | undefined, string | undefined][] = [];
    for (let number = 1; number <= 400; number++) {
      const one = asked(number);
      mixed.add(one);
      if (!one.relaxed) alone.add(one);
      if (random() < 0.6) continue;
      const [next, same] = [mixed.take(() => true), alone.take(() => true)];
      const seconds = random() * 20;
      taken.push([next?.relaxed ? undefined : next?.id, same?.id]);
      if (next) mixed.end(next, next.relaxed ? 100 * seconds : seconds);
      if (same) alone.end(same, seconds);
    }
    expect(taken.map(([next]) => next)).toEqual(taken.map(([, same]) => same));
    expect(taken.filter(([next]) => next).length).toBeGreaterThan(20);
  });
});
