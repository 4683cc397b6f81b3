// When a waiting request begins, in words, and how those words learn.

import { describe, expect, it } from 'vitest';
import { starts } from '../src/bots/waiting.ts';
import { Trust } from '../src/queue/trust.ts';

describe('when a waiting request begins', () => {
  it.each([
    ['is now', 0.4, [0, 1.5], 'starts now'],
    ['is one number when that is known well', 40, [30, 52], 'starts in about 40 s'],
    ['is one number when nothing is known of the range', 40, undefined, 'starts in about 40 s'],
    ['is a range otherwise', 40, [20, 75], 'starts in 20 to 75 s'],
    ['is a range in minutes', 300, [130, 600], 'starts in 2 to 10 min'],
    ['is a range over two units', 80, [30, 400], 'starts in 30 s to 7 min'],
    ['is a range of few seconds', 4, [1.2, 8.6], 'starts in 1 to 9 s'],
    ['is a limit where it may be now', 4, [0.3, 11.2], 'starts within 12 s'],
  ] as const)('%s', (_, seconds, within, words) => {
    expect(starts(seconds, within && [...within])).toBe(words);
  });
});

describe('the range of an estimate', () => {
  const told = { startsIn: 100, spread: 0.5 };

  it('becomes as narrow as what comes is near, and as wide as it is far', () => {
    const [near, far] = [new Trust(), new Trust()];
    const [low, high] = near.range(told);
    for (let i = 0; i < 200; i++) near.learn(told, 95 + (i % 10));
    for (let i = 0; i < 200; i++) far.learn(told, i % 2 ? 10 : 1000);
    expect(near.range(told)[0]).toBeGreaterThan(low + 20);
    expect(near.range(told)[1]).toBeLessThan(high - 50);
    expect(far.range(told)[0]).toBeLessThan(15);
    expect(far.range(told)[1]).toBeGreaterThan(900);
  });

  it('is not spoiled by a device that stood still, or by a clock that was set', () => {
    const trust = new Trust();
    for (let i = 0; i < 200; i++) trust.learn(told, 80 + (i % 40));
    const [low, high] = trust.range(told);
    for (let i = 0; i < 3; i++) trust.learn(told, 100_000);
    for (let i = 0; i < 3; i++) trust.learn(told, -3600);
    expect(trust.range(told)[0]).toBeGreaterThan(0.9 * low);
    expect(trust.range(told)[1]).toBeLessThan(1.6 * high);
    for (let i = 0; i < 60; i++) trust.learn(told, 80 + (i % 40));
    expect(trust.range(told)[1]).toBeLessThan(1.15 * high);
  });
});
