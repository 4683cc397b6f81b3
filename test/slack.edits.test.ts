// When edits go out: the workspace's budget, turns, rate limits, last edits.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Edits, SLACK_PACE, type Verdict } from '../src/bots/slack/edits.ts';

interface Sent {
  message: string;
  state: string;
  at: number;
}

class Line {
  readonly sent: Sent[] = [];
  readonly lost: unknown[] = [];
  readonly begin = Date.now();
  /** What becomes of the next sends. */
  readonly verdicts: (Verdict | undefined)[] = [];
  readonly edits = new Edits<string>({
    send: async (message, state) => {
      this.sent.push({ message, state, at: Date.now() - this.begin });
      const verdict = this.verdicts.shift();
      if (verdict) throw new Error('refused', { cause: verdict });
    },
    judge: (error) => (error as Error).cause as Verdict,
    lost: (error) => this.lost.push(error),
    now: () => Date.now(),
  });

  get states(): string[] {
    return this.sent.map(({ state }) => state);
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('edits', () => {
  it('show the first state at once and then only the newest, three seconds apart', async () => {
    const { edits, sent } = new Line();
    for (let step = 1; step <= 40; step += 1) {
      edits.show('a', `step ${step}`);
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(sent.map(({ at }) => at)).toEqual([0, 3000, 6000, 9000]);
    expect(sent[1]?.state).toBe('step 12');
  });

  it('stay within fifty a minute for the whole workspace, in turns', async () => {
    const { edits, sent } = new Line();
    const messages = Array.from({ length: 10 }, (_, i) => `m${i}`);
    for (let tick = 0; tick < 240; tick += 1) {
      for (const message of messages) edits.show(message, `tick ${tick}`);
      await vi.advanceTimersByTimeAsync(500);
    }
    const aMinute = sent.filter(({ at }) => at >= 30_000 && at < 90_000);
    expect(aMinute.length).toBeLessThanOrEqual(60_000 / SLACK_PACE.everyMs);
    const each = messages.map((message) => aMinute.filter((s) => s.message === message).length);
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
  });

  it('put a last state before all progress and drop what it replaces', async () => {
    const line = new Line();
    for (const message of ['a', 'b', 'c', 'd']) line.edits.show(message, `${message} drawing`);
    const done = line.edits.last('d', 'd done');
    line.edits.show('d', 'd too late');
    await vi.advanceTimersByTimeAsync(20_000);
    await done;
    expect(line.states).toEqual(['a drawing', 'd done', 'b drawing', 'c drawing']);
  });

  it('keep quiet for as long as Slack says, and then show the newest', async () => {
    const line = new Line();
    line.verdicts.push({ again: true, ms: 30_000 });
    line.edits.show('a', 'old');
    await vi.advanceTimersByTimeAsync(1000);
    line.edits.show('a', 'new');
    const done = line.edits.last('b', 'b done');
    await vi.advanceTimersByTimeAsync(28_000);
    expect(line.states).toEqual(['old']);
    await vi.advanceTimersByTimeAsync(10_000);
    await done;
    expect(line.states).toEqual(['old', 'b done', 'new']);
  });

  it('try a last state again until it is shown, without holding up others', async () => {
    const line = new Line();
    line.verdicts.push({ again: true }, undefined, { again: true });
    const done = line.edits.last('a', 'a done');
    line.edits.show('b', 'b drawing');
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(line.states).toEqual(['a done', 'b drawing', 'a done', 'a done']);
  });

  it('reject a last state that is refused for good, and only note lost progress', async () => {
    const line = new Line();
    line.verdicts.push({ again: false }, { again: false });
    const done = line.edits.last('a', 'a done').catch((error: Error) => error.message);
    line.edits.show('b', 'b drawing');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await done).toBe('refused');
    expect(line.lost).toHaveLength(1);
    expect(line.sent).toHaveLength(2);
  });

  it('leave no timer behind when stopped, and say that the last state is still owed', async () => {
    const line = new Line();
    line.edits.show('a', 'one');
    await vi.advanceTimersByTimeAsync(0);
    line.edits.show('a', 'two');
    const owed = line.edits.last('b', 'b done').catch((error: Error) => error.message);
    line.edits.stop();
    expect(await owed).toContain('after the next start');
    expect(vi.getTimerCount()).toBe(0);
    await expect(line.edits.last('c', 'c done')).rejects.toThrow('closed');
  });
});
