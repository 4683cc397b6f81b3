// What reports say of the jobs in every kind of store.

import { expect, it } from 'vitest';
import { Usage } from '../../src/core/usage.ts';
import { noRules, type Rules, type ServerRef } from '../../src/core/rules.ts';
import { sampleJob, sampleParams } from '../support/sample-job.ts';
import type { Stores } from './stores.ts';

const server = { platform: 'discord', id: 's' };
const ada = { platform: 'discord', id: 'ada' };
const utc = (day: number, hour = 0, minute = 0): Date => new Date(Date.UTC(2026, 10, day, hour, minute));
const later = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);

const usageIn = (
  { usage, ledger }: Stores,
  rulesOf: (server: ServerRef) => Partial<Rules> = () => ({}),
): Usage => new Usage({ usage, ledger, rulesOf: (of) => ({ ...noRules, ...rulesOf(of) }) });

interface Drawn {
  person?: string;
  name?: string;
  server?: string;
  platform?: string;
  channel?: string;
  model?: string;
  /** Of four that were asked for. */
  pictures?: number;
  seconds?: number;
  wait?: number;
  relaxed?: boolean;
}

/** A request that was accepted a minute before it was over. */
async function drawn({ jobs }: Stores, finishedAt: Date, drew: Drawn = {}): Promise<string> {
  const { person = 'ada', name = person, platform = 'discord', pictures = 4, wait = 10 } = drew;
  const createdAt = later(finishedAt, -60);
  const { id } = await jobs.insert(
    sampleJob({
      requester: { platform, id: person, name },
      server: drew.server ?? 's',
      channel: drew.channel ?? 'c',
      predictedSeconds: 50,
      params: { ...sampleParams, model: drew.model ?? 'emoji', count: 4 },
      ...(drew.relaxed && { relaxed: true }),
    }),
    createdAt,
  );
  await jobs.move(id, ['queued'], { status: 'running', begin: true, startedAt: later(createdAt, wait) });
  await jobs.move(id, ['running'], {
    status: 'done',
    images: ['a', 'b', 'c', 'd'].slice(0, pictures),
    deviceSeconds: drew.seconds ?? 8,
    finishedAt,
  });
  return id;
}

export function usageTests(stores: () => Stores): void {
  it('reports what was in truth used, by day, person, channel and model', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { name: 'Old name', seconds: 2, wait: 3 });
    await drawn(all, utc(3, 12), { name: 'Ada 🦊', seconds: 3, pictures: 2, wait: 20, relaxed: true });
    await drawn(all, utc(3, 13), { person: 'bob', seconds: 9, channel: 'd', model: 'big', wait: 5 });
    await drawn(all, utc(3, 13), { server: 'elsewhere' });
    await all.jobs.insert(sampleJob({ requester: { ...ada, name: 'Ada 🦊' }, server: 's' }), utc(3, 14));
    const withdrawn = await all.jobs.insert(
      sampleJob({ requester: { ...ada, name: 'Ada 🦊' }, server: 's' }),
      utc(3, 14),
    );
    await all.jobs.move(withdrawn.id, ['queued'], { status: 'canceled', finishedAt: utc(3, 15) });
    await all.ledger.refuse({ server, channel: 'c', person: 'ada', model: 'emoji', at: utc(4, 1) });
    const report = await usageIn(all).report({ server, from: utc(1), to: utc(6), now: utc(4, 2) });
    expect(report).toEqual({
      server,
      timeZone: 'UTC',
      from: '2026-11-01',
      to: '2026-11-05',
      total: {
        requests: 5,
        pictures: 10,
        deviceSeconds: 14,
        megapixelSteps: expect.closeTo((64 * 64 * 40) / 1e6, 9),
      },
      days: [
        { day: '2026-11-01', requests: 1, pictures: 4, deviceSeconds: 2, waits: { p50: 3, p95: 3 } },
        { day: '2026-11-02', requests: 0, pictures: 0, deviceSeconds: 0 },
        { day: '2026-11-03', requests: 3, pictures: 6, deviceSeconds: 12, waits: { p50: 5, p95: 20 } },
        { day: '2026-11-04', requests: 1, pictures: 0, deviceSeconds: 0 },
        { day: '2026-11-05', requests: 0, pictures: 0, deviceSeconds: 0 },
      ],
      people: [
        { key: 'bob', name: 'bob', requests: 1, pictures: 4, deviceSeconds: 9 },
        { key: 'ada', name: 'Ada 🦊', requests: 4, pictures: 6, deviceSeconds: 5 },
      ],
      channels: [
        { key: 'd', name: 'd', requests: 1, pictures: 4, deviceSeconds: 9 },
        { key: 'c', name: 'c', requests: 3, pictures: 6, deviceSeconds: 5 },
        { key: 'studio', name: 'studio', requests: 1, pictures: 0, deviceSeconds: 0 },
      ],
      models: [
        { key: 'big', name: 'big', requests: 1, pictures: 4, deviceSeconds: 9 },
        { key: 'emoji', name: 'emoji', requests: 4, pictures: 6, deviceSeconds: 5 },
      ],
      peopleCount: 2,
      channelCount: 3,
      modelCount: 2,
      outcomes: { done: 3, failed: 0, canceled: 1, moderated: 1 },
      waits: { p50: 5, p95: 20 },
      limits: [],
    });
  });

  it('says the same of a day before and after it is summed, and sums it once', async () => {
    const all = stores();
    for (const seconds of [1, 2, 3]) await drawn(all, utc(1, 12 + seconds), { seconds });
    const usage = usageIn(all);
    const on = (now: Date) => usage.report({ server, from: utc(1), to: utc(2), now });
    const open = await on(utc(2, 0, 9));
    expect(await all.usage.summed([server])).toEqual([]);
    await usage.sumUp(utc(2, 0, 10));
    expect(await all.usage.summed([server])).toEqual([
      { server, day: '2026-11-01', zone: 'UTC', requests: 3 },
    ]);
    expect(open.total).toMatchObject({ requests: 3, pictures: 12, deviceSeconds: 6 });
    expect(await on(utc(9))).toEqual(open);
    await drawn(all, utc(1, 20));
    await Promise.all([usage.sumUp(utc(9)), usage.sumUp(utc(9))]);
    expect(await on(utc(9))).toEqual(open);
  });

  it('counts what was over before midnight and could be written only after it, also on a day that is summed', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { seconds: 1 });
    const usage = usageIn(all);
    const on = async (now: Date) => {
      const { total, people, days } = await usage.report({ server, from: utc(1), to: utc(3), now });
      return [total.deviceSeconds, people.map(({ key }) => key), days.map(({ requests }) => requests)];
    };
    await usage.sumUp(utc(2, 1));
    expect(await on(utc(2, 1))).toEqual([1, ['ada'], [1, 0]]);
    await drawn(all, utc(1, 23, 59), { seconds: 2, person: 'bob' });
    await drawn(all, utc(2, 0, 1), { seconds: 4, person: 'bob' });
    const whole = [7, ['bob', 'ada'], [2, 1]];
    await usage.sumUp(utc(2, 2));
    expect(await on(utc(2, 20))).toEqual(whole);
    await usage.sumUp(utc(20));
    expect(await on(utc(20))).toEqual(whole);
    expect((await all.usage.summed([server])).map(({ requests }) => requests)).toEqual(
      expect.arrayContaining([2, 1]),
    );
  });

  it('counts in the days of each server, and again when their time zone changes', async () => {
    const all = stores();
    await drawn(all, utc(1, 23, 30), { seconds: 5 });
    let timeZone = 'UTC';
    const usage = usageIn(all, () => ({ timeZone }));
    const daysOf = async () => {
      const { days } = await usage.report({ server, from: utc(1, 6), to: utc(2, 18), now: utc(9) });
      return days.map(({ day, deviceSeconds }) => [day, deviceSeconds]);
    };
    expect(await daysOf()).toEqual([
      ['2026-11-01', 5],
      ['2026-11-02', 0],
    ]);
    timeZone = 'Europe/Berlin';
    expect(await daysOf()).toEqual([
      ['2026-11-01', 0],
      ['2026-11-02', 5],
    ]);
    expect((await all.usage.summed([server])).every(({ zone }) => zone === timeZone)).toBe(true);
  });

  it('tells of each day how long people waited, the day that is not over as well', async () => {
    const all = stores();
    for (const wait of [1, 2, 2, 40]) await drawn(all, utc(1, 12), { wait });
    for (const wait of [7, 9]) await drawn(all, utc(1, 12), { wait, platform: 'slack' });
    await drawn(all, utc(3, 12), { wait: 5 });
    const report = await usageIn(all).report({ from: utc(1), to: utc(4), now: utc(3, 13) });
    expect(report.days.map(({ waits }) => waits)).toEqual([
      { p50: 2, p95: 40 },
      undefined,
      { p50: 5, p95: 5 },
    ]);
    expect(report.waits).toEqual({ p50: 5, p95: 40 });
  });

  it('reports all servers of all platforms together', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { seconds: 1 });
    await drawn(all, utc(1, 12), { seconds: 2, server: 't' });
    await drawn(all, utc(1, 12), { seconds: 5, platform: 'slack' });
    await drawn(all, utc(2, 12), { seconds: 1, platform: 'slack' });
    const report = await usageIn(all).report({ from: utc(1), to: utc(3), now: utc(2, 13) });
    expect(report.server).toBeUndefined();
    expect(report.people).toEqual([
      { key: 'slack/ada', name: 'ada', requests: 2, pictures: 8, deviceSeconds: 6 },
      { key: 'discord/ada', name: 'ada', requests: 2, pictures: 8, deviceSeconds: 3 },
    ]);
    expect(report.models).toEqual([
      { key: 'emoji', name: 'emoji', requests: 4, pictures: 16, deviceSeconds: 9 },
    ]);
    expect(report.days.map(({ deviceSeconds }) => deviceSeconds)).toEqual([8, 1]);
    expect(await all.usage.servers()).toEqual([
      server,
      { platform: 'discord', id: 't' },
      { platform: 'slack', id: 's' },
    ]);
  });

  it('reads the days that are not over of all servers together as it reads them one by one', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { seconds: 1, wait: 2 });
    await drawn(all, utc(2, 3), { seconds: 2, wait: 4, person: 'bob' });
    await drawn(all, utc(2, 4), { seconds: 4, wait: 6, server: 't', channel: 'd' });
    await drawn(all, utc(2, 4), { seconds: 8, wait: 6, platform: 'slack' });
    await drawn(all, utc(2, 16), { seconds: 16, wait: 9, server: 'east', model: 'big' });
    const usage = usageIn(all, ({ id }) => (id === 'east' ? { timeZone: 'Asia/Tokyo' } : {}));
    const month = { from: utc(1), to: utc(3) };
    const open = await usage.report({ ...month, now: utc(2, 17) });
    expect(open.people.map(({ key, deviceSeconds }) => [key, deviceSeconds])).toEqual([
      ['discord/ada', 21],
      ['slack/ada', 8],
      ['discord/bob', 2],
    ]);
    expect(open.days).toEqual([
      { day: '2026-11-01', requests: 1, pictures: 4, deviceSeconds: 1, waits: { p50: 2, p95: 2 } },
      { day: '2026-11-02', requests: 4, pictures: 16, deviceSeconds: 30, waits: { p50: 6, p95: 9 } },
    ]);
    const { outcomes, channelCount, modelCount } = open;
    expect([outcomes.done, channelCount, modelCount]).toEqual([5, 3, 2]);
    await usage.sumUp(utc(9));
    expect(await usage.report({ from: utc(1), to: utc(4), now: utc(9) })).toEqual({
      ...open,
      to: '2026-11-03',
      days: [
        open.days[0],
        { day: '2026-11-02', requests: 3, pictures: 12, deviceSeconds: 14, waits: { p50: 6, p95: 6 } },
        { day: '2026-11-03', requests: 1, pictures: 4, deviceSeconds: 16, waits: { p50: 9, p95: 9 } },
      ],
    });
  });

  it('reports nothing while there is no server', async () => {
    const report = await usageIn(stores()).report({ from: utc(1), to: utc(2), now: utc(1, 13) });
    expect(report).toMatchObject({ total: { requests: 0 }, peopleCount: 0, channelCount: 0, modelCount: 0 });
  });

  it('forgets a person in sums that were made, and keeps the amounts', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { seconds: 1 });
    await drawn(all, utc(2, 12), { person: 'bob' });
    const usage = usageIn(all);
    const on = () => usage.report({ server, from: utc(1), to: utc(3), now: utc(9) });
    const before = await on();
    const [, after] = await Promise.all([usage.forget(ada), on(), usage.sumUp(utc(9))]);
    expect(after.total).toEqual(before.total);
    expect(after.people.map(({ key, name }) => [key, name])).toEqual([
      ['bob', 'bob'],
      ['forgotten', 'people who were forgotten'],
    ]);
    expect(JSON.stringify(await all.usage.sums([server], '', '~'))).not.toContain('ada');
  });

  it('tells a person what they used and reserved in a time', async () => {
    const all = stores();
    await drawn(all, utc(1, 12), { seconds: 3, pictures: 2 });
    await drawn(all, utc(2, 12), { seconds: 5 });
    await drawn(all, utc(1, 12), { person: 'bob' });
    const mine = { ...ada, name: 'Ada' };
    await all.jobs.insert(sampleJob({ requester: mine, predictedSeconds: 1.5 }), utc(1, 13));
    const day = { from: utc(1), to: utc(2) };
    expect(await usageIn(all).useOf(ada, day)).toEqual({ requests: 2, pictures: 3, deviceSeconds: 4.5 });
    const nothing = { requests: 0, pictures: 0, deviceSeconds: 0 };
    expect(await usageIn(all).useOf({ ...ada, id: 'eve' }, day)).toEqual(nothing);
  });
}
