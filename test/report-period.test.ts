// The period of a report in words: days of the server's zone, clocks that change included.

import { describe, expect, it } from 'vitest';
import { periodOf } from '../src/core/report-period.ts';
import { UserError } from '../src/core/user-error.ts';

describe('a period', () => {
  // 23 November 2026 is a Monday.
  it.each<[string, string, string, string, string]>([
    ['today', 'UTC', '2026-11-23T12:00Z', '2026-11-23T00:00Z', '2026-11-24T00:00Z'],
    ['Yesterday', 'UTC', '2026-11-23T12:00Z', '2026-11-22T00:00Z', '2026-11-23T00:00Z'],
    ['week', 'UTC', '2026-11-25T12:00Z', '2026-11-23T00:00Z', '2026-11-26T00:00Z'],
    ['last  week', 'UTC', '2026-11-25T12:00Z', '2026-11-16T00:00Z', '2026-11-23T00:00Z'],
    ['month', 'UTC', '2026-11-23T12:00Z', '2026-11-01T00:00Z', '2026-11-24T00:00Z'],
    ['last month', 'UTC', '2026-03-31T12:00Z', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['7d', 'UTC', '2026-11-23T12:00Z', '2026-11-17T00:00Z', '2026-11-24T00:00Z'],
    ['366d', 'UTC', '2026-11-23T12:00Z', '2025-11-23T00:00Z', '2026-11-24T00:00Z'],
    ['2026-11', 'UTC', '2026-11-23T12:00Z', '2026-11-01T00:00Z', '2026-11-24T00:00Z'],
    ['2026-02', 'UTC', '2026-11-23T12:00Z', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['2026-11-01..2026-11-15', 'UTC', '2026-11-23T12:00Z', '2026-11-01T00:00Z', '2026-11-16T00:00Z'],
    ['2026-11-20..2026-12-15', 'UTC', '2026-11-23T12:00Z', '2026-11-20T00:00Z', '2026-11-24T00:00Z'],
    // Days of 23 and of 25 hours, and months that hold one.
    ['today', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['yesterday', 'Europe/Berlin', '2026-10-26T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    ['2026-03', 'America/New_York', '2026-11-23T12:00Z', '2026-03-01T05:00Z', '2026-04-01T04:00Z'],
    ['7d', 'America/New_York', '2026-11-03T12:00Z', '2026-10-28T04:00Z', '2026-11-04T05:00Z'],
    ['366d', 'Europe/Berlin', '2026-03-29T12:00Z', '2025-03-28T23:00Z', '2026-03-29T22:00Z'],
    // Where it is another day than in UTC.
    ['today', 'Asia/Kolkata', '2026-11-23T20:00Z', '2026-11-23T18:30Z', '2026-11-24T18:30Z'],
    ['today', 'Pacific/Chatham', '2026-11-23T12:00Z', '2026-11-23T10:15Z', '2026-11-24T10:15Z'],
  ])('of %s in %s at %s is whole days', (text, zone, now, from, to) => {
    const period = periodOf(text, zone, new Date(now));
    expect([period.from, period.to]).toEqual([new Date(from), new Date(to)]);
  });

  it('begins with the first of two midnights where clocks go back over it', () => {
    const { from, to } = periodOf('today', 'America/Havana', new Date('2026-11-01T12:00Z'));
    expect([from, to]).toEqual([new Date('2026-11-01T04:00Z'), new Date('2026-11-02T05:00Z')]);
  });

  it.each([
    'soon',
    '',
    '0d',
    '367d',
    '400d',
    '2026-13',
    '2026-02-30..2026-03-01',
    '2026-11-15..2026-11-01',
    '2027-01',
    '2020-01-01..2026-01-01',
    'week month',
  ])('that can not be is refused with what can: %j', (text) => {
    expect(() => periodOf(text, 'UTC', new Date('2026-11-23T12:00Z'))).toThrow(UserError);
  });
});
