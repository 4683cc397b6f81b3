// When messages may be edited, with time in the test's hands.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EditPace } from '../src/bots/edit-pace.ts';

const PACE = { gapMs: 2000, budget: 5, windowMs: 5000 };

let pace: EditPace;
let sent: string[];
let failures: unknown[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  sent = [];
  failures = [];
  pace = new EditPace(PACE, (error) => failures.push(error));
});

afterEach(() => {
  pace.stop();
  if (vi.getTimerCount() > 0) throw new Error('a timer was left behind');
  vi.useRealTimers();
});

const frame = (name: string) => async (): Promise<void> => void sent.push(name);

describe('the pace of edits', () => {
  it('sends the first frame at once and then the newest one after the gap', async () => {
    for (const name of ['a1', 'a2', 'a3']) pace.offer('c', 'a', frame(name));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['a1']);
    await vi.advanceTimersByTimeAsync(PACE.gapMs - 1);
    expect(sent).toEqual(['a1']);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(['a1', 'a3']);
  });

  it('keeps a budget for each channel', async () => {
    for (let i = 1; i <= 8; i++) pace.offer('c', `m${i}`, frame(`m${i}`));
    pace.offer('d', 'other', frame('other'));
    await vi.advanceTimersByTimeAsync(PACE.windowMs - 1);
    expect(sent).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'other']);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.slice(6)).toEqual(['m6', 'm7', 'm8']);
  });

  it('sends the last view without waiting, after the edit under way, and drops what waited', async () => {
    const { promise, release } = gate();
    pace.offer('c', 'a', async () => {
      await promise;
      sent.push('slow');
    });
    pace.offer('c', 'a', frame('dropped'));
    const last = pace.insist('c', 'a', frame('last'));
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([]);
    release();
    await last;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(['slow', 'last']);
  });

  it('goes on after a frame that failed, and tells of it', async () => {
    const refused = new Error('refused');
    pace.offer('c', 'a', () => Promise.reject(refused));
    pace.offer('c', 'a', frame('a2'));
    await vi.advanceTimersByTimeAsync(PACE.gapMs);
    expect(failures).toEqual([refused]);
    expect(sent).toEqual(['a2']);
  });

  it('tells who insisted that the last view failed', async () => {
    await expect(pace.insist('c', 'a', () => Promise.reject(new Error('refused')))).rejects.toThrow(
      'refused',
    );
  });

  it('sends nothing of a message that was forgotten, and nothing after it was stopped', async () => {
    pace.offer('c', 'a', frame('a1'));
    pace.offer('c', 'a', frame('a2'));
    pace.offer('c', 'b', frame('b1'));
    pace.offer('c', 'b', frame('b2'));
    await pace.forget('a');
    pace.stop();
    pace.offer('c', 'c', frame('c1'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(['a1', 'b1']);
  });
});

function gate(): { promise: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  return { promise, release };
}
