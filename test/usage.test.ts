// What reports say beyond what every store is asked (test/contracts/usage.ts).

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HOUSE, noRules, type Rules, type ServerRef } from '../src/core/rules.ts';
import { Usage } from '../src/core/usage.ts';
import { MemoryLedger } from './support/memory-ledger.ts';
import { MemoryJobs } from './support/memory-stores.ts';
import { MemoryUsage } from './support/memory-usage.ts';

const server = { platform: 'discord', id: 's' };
const utc = (day: number, hour = 0, minute = 0): Date => new Date(Date.UTC(2026, 10, day, hour, minute));

let ledger: MemoryLedger;
let store: MemoryUsage;
let rulesOf: (server: ServerRef) => Partial<Rules>;
let usage: Usage;
beforeEach(() => {
  ledger = new MemoryLedger();
  store = new MemoryUsage(ledger, new MemoryJobs());
  rulesOf = () => ({});
  usage = new Usage({ usage: store, ledger, rulesOf: (of) => ({ ...noRules, ...rulesOf(of) }) });
});

interface Made {
  of?: ServerRef;
  person?: string;
  seconds?: number;
  wait?: number;
  channel?: string;
  model?: string;
}

function made(at: Date, drew: Made = {}): void {
  const { of = server, person = 'ada', seconds = 1, wait, channel, model = 'emoji' } = drew;
  const reserved = ledger.reserve({ server: of, person, model, at, pictures: 4, seconds: 9 });
  ledger.settle(reserved, { pictures: 2, seconds });
  if (channel !== undefined) for (const entry of ledger.entries.slice(-2)) entry.channel = channel;
  if (wait !== undefined) ledger.entries.at(-1)!.waitSeconds = wait;
}

const reportOf = (of?: ServerRef, now = utc(9)) =>
  usage.report({ ...(of && { server: of }), from: utc(1), to: utc(3), now });

describe('a report', () => {
  it('has nothing to say of a server that nobody used, but for its days', async () => {
    const report = await reportOf(server);
    expect(report.days.map(({ day, requests }) => [day, requests])).toEqual([
      ['2026-11-01', 0],
      ['2026-11-02', 0],
    ]);
    expect(report).toMatchObject({ people: [], channels: [], models: [], peopleCount: 0, limits: [] });
    expect(report).not.toHaveProperty('waits');
  });

  it('reads what is over once, until somebody is forgotten or something comes late', async () => {
    const sums = vi.spyOn(store, 'sums');
    made(utc(1, 1));
    made(utc(2, 1), { person: 'bob' });
    made(utc(2, 1), { of: { platform: 'slack', id: 'w' }, person: 'cy' });
    const first = await reportOf(server);
    expect(await reportOf(server)).toEqual(first);
    expect(sums).toHaveBeenCalledTimes(1);
    await reportOf();
    expect((await reportOf(server)).people).toHaveLength(2);
    expect(sums).toHaveBeenCalledTimes(3);
    await usage.forget({ platform: 'discord', id: 'bob' });
    expect((await reportOf(server)).people.map(({ key }) => key)).not.toContain('bob');
    made(utc(1, 2));
    await usage.sumUp(utc(4));
    expect((await reportOf(server, utc(4))).total.requests).toBe(3);
  });

  it('names the ten who used most and counts all', async () => {
    for (let i = 0; i < 12; i += 1) made(utc(1, i), { person: `p${i}`, seconds: i });
    const { people, peopleCount } = await reportOf(server);
    expect(people.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `p${11 - i}`));
    expect(peopleCount).toBe(12);
  });

  it('names ten channels and ten models and counts all', async () => {
    for (let i = 0; i < 14; i += 1) made(utc(1, i), { channel: `c${i % 13}`, model: `m${i}` });
    const { channels, models, channelCount, modelCount } = await reportOf(server);
    expect([channels.length, channelCount]).toEqual([10, 13]);
    expect([models.length, modelCount]).toEqual([10, 14]);
  });

  it('tells how long half of the requests waited at most, and 95 of 100', async () => {
    for (let i = 1; i <= 100; i += 1) made(utc(1, 1), { wait: i });
    made(utc(1, 1));
    expect((await reportOf(server)).waits).toEqual({ p50: 50, p95: 95 });
  });

  it('leaves out what was over before its first day and after its last', async () => {
    made(new Date(utc(1).getTime() - 1), { seconds: 100 });
    made(utc(1), { seconds: 1 });
    made(new Date(utc(3).getTime() - 1), { seconds: 2 });
    made(utc(3), { seconds: 100 });
    expect((await reportOf(server)).total.deviceSeconds).toBe(3);
    expect((await reportOf()).total.deviceSeconds).toBe(3);
  });

  it('counts requests from no server in the days of the house', async () => {
    rulesOf = ({ platform }) => (platform === HOUSE.platform ? { timeZone: 'Asia/Tokyo' } : {});
    const direct = { platform: 'discord', id: 'direct' };
    made(utc(1, 16), { of: direct });
    const { timeZone, days } = await usage.report({
      server: direct,
      from: utc(1),
      to: utc(2),
      now: utc(9),
    });
    expect(timeZone).toBe('Asia/Tokyo');
    expect(days.map(({ day, requests }) => [day, requests])).toEqual([
      ['2026-11-01', 0],
      ['2026-11-02', 1],
    ]);
  });

  it('of all servers counts what is drawn where it is already tomorrow on its last day', async () => {
    const tokyo = { platform: 'slack', id: 'tokyo' };
    const kiritimati = { platform: 'slack', id: 'kiritimati' };
    rulesOf = ({ platform, id }) => {
      if (id === 'tokyo') return { timeZone: 'Asia/Tokyo' };
      if (id === 'kiritimati') return { timeZone: 'Pacific/Kiritimati' };
      return platform === HOUSE.platform ? { timeZone: 'Pacific/Pago_Pago' } : {};
    };
    made(utc(2, 9), { seconds: 1, wait: 3 });
    made(utc(3, 8), { seconds: 2, wait: 5 });
    made(utc(3, 9), { of: kiritimati, seconds: 4, wait: 7 }); // the house's tomorrow, over where it is
    made(utc(3, 10, 15), { of: kiritimati, seconds: 8, wait: 9 }); // two days ahead of the house
    made(utc(2, 15), { of: tokyo, seconds: 16, wait: 11 });
    made(utc(3, 10, 20), { of: tokyo, seconds: 32, wait: 13 });
    const now = utc(3, 10, 30);
    const on = async (from: Date, to: Date) => {
      const { days } = await usage.report({ from, to, now });
      return days.map(({ day, deviceSeconds, waits }) => [day, deviceSeconds, waits?.p95]);
    };
    const today: [string, number, number] = ['2026-11-02', 63, 13];
    expect(await on(utc(2, 11), utc(3, 11))).toEqual([today]);
    expect(await on(utc(1, 11), utc(3, 11))).toEqual([['2026-11-01', 0, undefined], today]);
    expect(await on(utc(1, 11), utc(2, 11))).toEqual([['2026-11-01', 0, undefined]]);
    await usage.sumUp(now);
    expect(await on(utc(2, 11), utc(3, 11))).toEqual([today]);
  });

  it('counts an hour that clocks repeat in one day', async () => {
    rulesOf = () => ({ timeZone: 'Europe/Berlin' });
    for (const hour of [-2, -1, 0, 1, 22, 23]) made(new Date(Date.UTC(2026, 9, 25, hour)), { seconds: 1 });
    const from = new Date(Date.UTC(2026, 9, 24, 22));
    const to = new Date(Date.UTC(2026, 9, 25, 23));
    const { days } = await usage.report({ server, from, to, now: utc(9) });
    expect(days.map(({ day, requests }) => [day, requests])).toEqual([['2026-10-25', 5]]);
  });

  it('tells how the limits of the whole server stand, with what the period before left', async () => {
    const limit = { unit: 'pictures', per: 'day', amount: 10 } as const;
    rulesOf = () => ({
      limits: [
        { ...limit, who: 'server', burst: 100 },
        { ...limit, who: 'everyone' },
        { who: 'server', unit: 'seconds', per: 'month', amount: 3600, model: 'big' },
      ],
    });
    made(utc(1, 12));
    made(utc(2, 12));
    made(utc(2, 13));
    const { limits } = await reportOf(server, utc(2, 14));
    expect(limits).toEqual([
      { text: '10 pictures a day for the whole server', used: 4, amount: 18 },
      { text: '1 h of device time a month of the model big for the whole server', used: 0, amount: 3600 },
    ]);
  });

  it('goes on after one that failed', async () => {
    made(utc(1, 12));
    const since = store.since.bind(store);
    store.since = () => Promise.reject(new Error('The database is busy.'));
    await expect(reportOf(server)).rejects.toThrow('busy');
    store.since = since;
    expect((await reportOf(server)).total.requests).toBe(1);
  });
});

describe('the sums', () => {
  it('are made of every server and every day from its first request on, but for days that are not over', async () => {
    const other = { platform: 'slack', id: 't' };
    made(utc(1, 12));
    made(utc(3, 12), { of: other });
    await usage.sumUp(utc(4, 0, 9));
    expect((await store.summed([server])).map(({ day }) => day)).toEqual(['2026-11-01', '2026-11-02']);
    expect(await store.summed([other])).toEqual([]);
    await usage.sumUp(utc(4, 0, 10));
    expect((await store.summed([other])).map(({ day }) => day)).toEqual(['2026-11-03']);
  });

  it('are not made while somebody is forgotten', async () => {
    made(utc(1, 12));
    await usage.sumUp(utc(9));
    let release = (): void => {};
    const forget = ledger.forget.bind(ledger);
    ledger.forget = async (person) => {
      await new Promise<void>((resolve) => (release = resolve));
      await forget(person);
    };
    const forgotten = usage.forget({ platform: 'discord', id: 'ada' });
    const report = reportOf(server);
    await Promise.resolve();
    release();
    await forgotten;
    expect((await report).people.map(({ key }) => key)).toEqual(['forgotten']);
  });
});
