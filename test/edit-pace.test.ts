// When messages may be edited, with time in the test's hands.

import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EditPace, type Pace, type PaceClock, type Verdict } from '../src/bots/edit-pace.ts';

/** Time that passes when a test says so. */
class Clock implements PaceClock {
  #now = 0;
  readonly #calls = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    this.#calls.set(call, this.#now + ms);
    return () => this.#calls.delete(call);
  }

  get waiting(): number {
    return this.#calls.size;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await setImmediate(); // what was sent comes back
      const [next] = [...this.#calls].toSorted(([, a], [, b]) => a - b);
      if (!next || next[1] > end) break;
      this.#calls.delete(next[0]);
      this.#now = Math.max(this.#now, next[1]);
      next[0]();
    }
    this.#now = end;
  }
}

const DISCORD: Pace = {
  gapMs: 2000,
  everyMs: 40,
  atOnce: Infinity,
  channel: { budget: 5, windowMs: 5000 },
  retryMs: 1000,
};
const SLACK: Pace = { gapMs: 3000, everyMs: 1200, atOnce: 1, retryMs: 1000 };

let clock: Clock;
let sent: { what: string; at: number }[];
let lost: unknown[];
/** Which failure of a last view each was that is tried again. */
let retried: number[];

/** An error that carries what it means. */
class Refused extends Error {
  readonly verdict: Verdict;
  constructor(verdict: Verdict) {
    super('refused');
    this.verdict = verdict;
  }
}

const open: EditPace[] = [];
function start(pace: Pace): EditPace {
  const retrying = (_: unknown, attempt: number): unknown => retried.push(attempt);
  const judge = (error: unknown): Verdict => (error as Refused).verdict;
  const made = new EditPace({ pace, judge, lost: (error) => lost.push(error), retrying, clock });
  open.push(made);
  return made;
}

beforeEach(() => {
  clock = new Clock();
  sent = [];
  lost = [];
  retried = [];
});

afterEach(() => {
  for (const pace of open.splice(0)) pace.stop();
  if (clock.waiting > 0) throw new Error('a timer was left behind');
});

/** An edit that is noted; the first tries end with these verdicts. */
function edit(what: string, ...verdicts: Verdict[]): () => Promise<void> {
  return async () => {
    sent.push({ what, at: clock.now() });
    const verdict = verdicts.shift();
    if (verdict) throw new Refused(verdict);
  };
}

/** An edit that lasts until the test says. */
function slow(what: string): { send: () => Promise<void>; done: () => void } {
  let done = (): void => undefined;
  const over = new Promise<void>((resolve) => (done = resolve));
  return { send: () => edit(what)().then(() => over), done };
}

/** What it rejects with. */
const complaint = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: Error) => error.message,
  );

const words = (): string[] => sent.map(({ what }) => what);
const times = (): number[] => sent.map(({ at }) => at);

describe('frames', () => {
  it('go out at once and then only the newest, a gap apart', async () => {
    const pace = start(SLACK);
    for (let step = 1; step <= 40; step += 1) {
      pace.offer('c', 'a', edit(`step ${step}`));
      await clock.pass(250);
    }
    expect(times()).toEqual([0, 3000, 6000, 9000]);
    expect(words()[1]).toBe('step 12');
  });

  it('are counted: those that were shown, and those that a newer view or a refusal kept from it', async () => {
    const pace = start(SLACK);
    for (const step of ['1', '2', '3', '4']) pace.offer('c', 'a', edit(step)); // 2 and 3 have no turn
    await clock.pass(3000);
    pace.offer('c', 'a', edit('5'));
    await Promise.all([pace.insist('c', 'a', edit('last')), clock.pass(3000)]);
    expect(words()).toEqual(['1', '4', 'last']);
    expect(pace.counts).toEqual({ shown: 3, dropped: 3 });
    pace.offer('c', 'b', edit('refused', { again: false }));
    await clock.pass(3000);
    expect(pace.counts).toEqual({ shown: 3, dropped: 4 });
  });

  it('keep to the budget of their channel, and leave other channels theirs', async () => {
    const pace = start(DISCORD);
    for (let i = 1; i <= 8; i += 1) pace.offer('c', `m${i}`, edit(`m${i}`));
    pace.offer('d', 'other', edit('other'));
    await clock.pass(20_000);
    expect(words()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'other', 'm6', 'm7', 'm8']);
    expect(times()).toEqual([0, 40, 80, 120, 160, 200, 5000, 5040, 5080]);
  });

  it('keep to the budget in any window, however they come', async () => {
    const pace = start({ ...DISCORD, gapMs: 0, everyMs: 0 });
    for (let tick = 0; tick < 300; tick += 1) {
      for (let m = 0; m <= tick % 7; m += 1) pace.offer('c', `m${m}`, edit('x'));
      await clock.pass(37 + (tick % 5) * 31);
    }
    const most = Math.max(...times().map((at) => times().filter((t) => t >= at && t < at + 5000).length));
    expect(most).toBe(5);
  });

  it('count in their channel until a window after their answer, so that none can arrive too early', async () => {
    const pace = start({ ...DISCORD, channel: { budget: 2, windowMs: 5000 } });
    const first = slow('slow');
    pace.offer('c', 'slow', first.send);
    for (const message of ['a', 'b', 'd']) pace.offer('c', message, edit(message));
    await clock.pass(3000);
    first.done();
    await clock.pass(20_000);
    expect(words()).toEqual(['slow', 'a', 'b', 'd']);
    expect(times()).toEqual([0, 40, 5040, 8000]);
  });

  it('keep to the budget of the whole platform: 25 a second', async () => {
    const pace = start(DISCORD);
    for (let tick = 0; tick < 40; tick += 1) {
      for (let i = 0; i < 200; i += 1) pace.offer(`c${i}`, `m${i}`, edit(`m${i}`));
      await clock.pass(250);
    }
    expect(sent).toHaveLength(251);
    expect(times().every((at, i) => at === i * 40)).toBe(true);
  });

  it('go one at a time where the platform wants that, evenly, and to all messages in turn', async () => {
    const pace = start(SLACK);
    const messages = Array.from({ length: 50 }, (_, i) => `m${i}`);
    for (let tick = 0; tick < 360; tick += 1) {
      for (const message of messages) pace.offer('c', message, edit(message));
      await clock.pass(500);
    }
    expect(words()).toEqual(Array.from({ length: 151 }, (_, i) => `m${i % 50}`));
    expect(times().every((at, i) => at === i * 1200)).toBe(true);
  });

  it('go first to the message that was edited longest ago', async () => {
    const pace = start({ ...SLACK, everyMs: 10_000 });
    for (const message of ['a', 'b', 'c']) pace.offer('c', message, edit(message));
    await clock.pass(20_000);
    for (const message of ['c', 'b', 'a', 'new']) pace.offer('c', message, edit(`${message} again`));
    await clock.pass(40_000);
    expect(words()).toEqual(['a', 'b', 'c', 'new again', 'a again', 'b again', 'c again']);
  });

  it('of one message never overtake each other', async () => {
    const pace = start({ ...DISCORD, gapMs: 0 });
    const first = slow('one');
    pace.offer('c', 'a', first.send);
    pace.offer('c', 'a', edit('two'));
    await clock.pass(10_000);
    expect(words()).toEqual(['one']);
    first.done();
    await clock.pass(0);
    expect(words()).toEqual(['one', 'two']);
  });

  it('that fail are told of or, if it may pass, sent again unless there is a newer one', async () => {
    const pace = start(DISCORD);
    pace.offer('c', 'a', edit('a1', { again: false }));
    pace.offer('c', 'b', edit('b1', { again: true }));
    pace.offer('c', 'd', edit('d1', { again: true }));
    await clock.pass(1000);
    pace.offer('c', 'a', edit('a2'));
    pace.offer('c', 'd', edit('d2'));
    await clock.pass(60_000);
    expect(words()).toEqual(['a1', 'b1', 'd1', 'a2', 'b1', 'd2']);
    expect(lost).toHaveLength(1);
  });
});

describe('a last view', () => {
  it('waits for the edit under way, then goes before all frames, and nothing comes after it', async () => {
    const pace = start(SLACK);
    const first = slow('a drawing');
    pace.offer('c', 'a', first.send);
    for (const message of ['b', 'd']) pace.offer('c', message, edit(`${message} drawing`));
    pace.offer('c', 'a', edit('dropped'));
    const done = pace.insist('c', 'a', edit('a done'));
    pace.offer('c', 'a', edit('too late'));
    first.done();
    await clock.pass(20_000);
    await done;
    expect(words()).toEqual(['a drawing', 'a done', 'b drawing', 'd drawing']);
    expect(times()).toEqual([0, 1200, 2400, 3600]);
  });

  it('needs no gap, but room in its channel', async () => {
    const pace = start(DISCORD);
    for (let i = 1; i <= 4; i += 1) pace.offer('c', `m${i}`, edit(`m${i}`));
    const soon = pace.insist('c', 'm1', edit('m1 done'));
    await clock.pass(1000);
    await soon;
    const later = pace.insist('c', 'm2', edit('m2 done'));
    await clock.pass(3999);
    expect(words()).toEqual(['m1', 'm1 done', 'm2', 'm3', 'm4']);
    await clock.pass(1);
    await later;
    expect(sent.at(-1)).toEqual({ what: 'm2 done', at: 5000 });
  });

  it('is sent again until it is shown, ever more patiently, told each time, without holding up others', async () => {
    const pace = start({ ...SLACK, retryMs: 5000 });
    const again: Verdict = { again: true };
    const done = pace.insist('c', 'a', edit('a done', ...Array.from({ length: 8 }, () => again)));
    pace.offer('c', 'b', edit('b'));
    await clock.pass(400_000);
    await done;
    expect(sent[1]).toEqual({ what: 'b', at: 1200 });
    const tries = sent.filter(({ what }) => what === 'a done').map(({ at }) => at);
    const pauses = tries.slice(1).map((at, i) => at - tries[i]!);
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000, 60_000]);
    expect(retried).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(lost).toEqual([]);
  });

  it('that is refused for good rejects', async () => {
    const refused = start(SLACK).insist('c', 'a', edit('a done', { again: false }));
    await expect(refused).rejects.toThrow('refused');
    expect(lost).toEqual([]);
  });

  it('that a later one replaces is shown when that one is', async () => {
    const pace = start(SLACK);
    pace.offer('c', 'b', edit('b'));
    const [one, two] = [pace.insist('c', 'a', edit('one')), pace.insist('c', 'a', edit('two'))];
    await clock.pass(5000);
    await Promise.all([one, two]);
    expect(words()).toEqual(['b', 'two']);
  });

  it('that a later one replaces while it is under way does not take that one with it', async () => {
    const pace = start(SLACK);
    const first = slow('one');
    const one = pace.insist('c', 'a', first.send);
    const two = pace.insist('c', 'a', edit('two'));
    first.done();
    await clock.pass(5000);
    await Promise.all([one, two]);
    expect(words()).toEqual(['one', 'two']);
  });
});

describe('quiet', () => {
  it('is kept in a channel for as long as the platform says, and ends with the newest', async () => {
    const pace = start(DISCORD);
    pace.offer('c', 'a', edit('a1', { again: true, quietMs: 30_000 }));
    await clock.pass(10);
    pace.offer('c', 'a', edit('a2'));
    pace.offer('d', 'e', edit('e1'));
    const done = pace.insist('c', 'b', edit('b done'));
    await clock.pass(60_000);
    await done;
    expect(sent).toEqual([
      { what: 'a1', at: 0 },
      { what: 'e1', at: 40 },
      { what: 'b done', at: 30_000 },
      { what: 'a2', at: 30_040 },
    ]);
  });

  it('is kept everywhere when the platform says so', async () => {
    const pace = start(SLACK);
    const done = pace.insist('c', 'a', edit('a done', { again: true, quietMs: 30_000, everywhere: true }));
    pace.offer('d', 'b', edit('b'));
    await clock.pass(60_000);
    await done;
    expect(words()).toEqual(['a done', 'a done', 'b']);
    expect(times()).toEqual([0, 30_000, 31_200]);
  });
});

describe('the end', () => {
  it('of one message drops what waits for it, once nothing is under way', async () => {
    const pace = start(DISCORD);
    const first = slow('a1');
    pace.offer('c', 'a', first.send);
    pace.offer('c', 'a', edit('a2'));
    const owed = pace.insist('c', 'a', edit('a done'));
    let over = false;
    const forgotten = pace.forget('a').then(() => (over = true));
    await clock.pass(1000);
    expect(over).toBe(false);
    first.done();
    await Promise.all([forgotten, owed]);
    await clock.pass(60_000);
    expect(words()).toEqual(['a1']);
  });

  it('of all leaves no timer, and says that last views are still owed', async () => {
    const pace = start(SLACK);
    pace.offer('c', 'a', edit('one'));
    pace.offer('c', 'a', edit('two'));
    const owed = complaint(pace.insist('c', 'b', edit('b done')));
    pace.stop();
    pace.offer('c', 'd', edit('d'));
    expect(await owed).toContain('after the next start');
    await expect(pace.insist('c', 'd', edit('d done'))).rejects.toThrow('after the next start');
    expect(clock.waiting).toBe(0);
    await clock.pass(60_000);
    expect(words()).toEqual(['one']);
  });

  it('lets the last view that is under way arrive, or says that it did not', async () => {
    const pace = start(DISCORD);
    const arriving = slow('a done');
    const arrives = pace.insist('c', 'a', arriving.send);
    const fails = complaint(pace.insist('c', 'b', edit('b done', { again: true })));
    await clock.pass(100);
    pace.stop();
    arriving.done();
    await arrives;
    expect(await fails).toContain('after the next start');
  });
});
