// Calendar windows in many zones, and which limits hold for whom.

import { describe, expect, it } from 'vitest';
import { amountOf, limitsOn, limitText, renewalText, windowOf } from '../src/core/quota.ts';
import { noRules, type Limit, type Period, type Rules } from '../src/core/rules.ts';

const limit = (changes: Partial<Limit> = {}): Limit => ({
  who: 'everyone',
  unit: 'pictures',
  per: 'day',
  amount: 10,
  ...changes,
});
const now = new Date('2026-11-23T12:00:00Z');
const held = (limits: Limit[], roles: string[] = [], more: Partial<Rules> = {}, model?: string) =>
  limitsOn({ ...noRules, limits, ...more }, { person: 'ada', roles, ...(model && { model }) }, now);

describe('a window', () => {
  it.each<[Period, string, string, string, string]>([
    ['day', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T00:30Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T01:30Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
    ['day', 'America/New_York', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['month', 'America/New_York', '2026-03-31T12:00Z', '2026-03-01T05:00Z', '2026-04-01T04:00Z'],
    ['hour', 'Asia/Kolkata', '2026-05-01T12:10Z', '2026-05-01T11:30Z', '2026-05-01T12:30Z'],
    ['day', 'Pacific/Chatham', '2026-04-04T12:00Z', '2026-04-04T10:15Z', '2026-04-05T11:15Z'],
    ['day', 'America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['month', 'UTC', '2028-02-29T23:59Z', '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
    ['month', 'UTC', '2026-12-31T23:59Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
  ])('of a %s in %s around %s begins and ends by its clocks', (period, zone, at, from, to) => {
    expect(windowOf(period, zone, new Date(at))).toEqual({ from: new Date(from), to: new Date(to) });
  });
});

describe('the limits on a person', () => {
  it('are the most generous of those for everyone and for their roles, with its own burst', () => {
    const limits = [
      limit({ burst: 9 }),
      limit({ who: 'role:a', amount: 30, burst: 1 }),
      limit({ who: 'role:a', amount: 30, burst: 2 }),
      limit({ who: 'role:b', amount: 90 }),
    ];
    expect(held(limits, ['a'])).toEqual([{ ...limits[2], granted: 0 }]);
    expect(held(limits)).toEqual([{ ...limits[0], granted: 0 }]);
  });

  it('give way to one for the person alone, but those of the server do not', () => {
    const limits = [limit(), limit({ who: 'server', amount: 20 }), limit({ who: 'person:ada', amount: 3 })];
    expect(held(limits).map(({ who }) => who)).toEqual(['server', 'person:ada']);
  });

  it('are raised by grants of their unit that last, and the server’s are not', () => {
    const grant = (unit: 'pictures' | 'seconds', until: string) => ({
      person: 'ada',
      unit,
      amount: 5,
      until,
    });
    const grants = [
      grant('pictures', '2026-11-24T00:00:00Z'),
      grant('pictures', '2026-11-23T12:00:00Z'),
      grant('seconds', '2026-11-24T00:00:00Z'),
    ];
    const all = held([limit(), limit({ who: 'server' })], [], { grants });
    expect(all.map(({ who, granted }) => [who, granted])).toEqual([
      ['server', 0],
      ['everyone', 5],
    ]);
  });

  it('of a model hold beside the others, for that model alone', () => {
    const limits = [limit(), limit({ model: 'sdxl', amount: 2 })];
    expect(held(limits, [], {}, 'sdxl')).toHaveLength(2);
    expect(held(limits, [], {}, 'emoji')).toHaveLength(1);
  });

  it('let no more of the period before be used than it left, and than the burst', () => {
    const one = { ...limit({ burst: 4 }), granted: 0 };
    expect([0, 8, 10, 14].map((before) => amountOf(one, before))).toEqual([14, 12, 10, 10]);
  });
});

it('says limits and renewals in words', () => {
  expect(limitText(limit({ amount: 1, per: 'hour' }))).toBe('1 picture an hour for each person');
  const timed = limit({ who: 'server', unit: 'seconds', per: 'month', amount: 7200, model: 'sdxl' });
  expect(limitText(timed)).toBe('2 h of device time a month of the model sdxl for the whole server');
  const at = new Date('2026-11-30T23:00Z');
  expect(renewalText('month', 'Europe/Berlin', at)).toBe('on 1 December');
  expect(renewalText('day', 'Europe/Berlin', at)).toBe('at midnight (Europe/Berlin)');
  expect(renewalText('hour', 'UTC', at)).toBe('at 23:00 (UTC)');
});
