// The report over HTTP: its JSON, its CSV, the servers it can be of, its live stream, and whom it refuses.

import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { reportRoutes } from '../src/bots/console/report-routes.ts';
import { errorOf } from './support/console-server.ts';
import { discord, reportDesk, slack, utc } from './support/report-desk.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function opened() {
  const house = await reportDesk();
  closing.push(() => house.desk.chat.stop());
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(house.url + path, init);
  const json = async (path: string) => (await (await get(path)).json()) as Record<string, unknown>;
  return { ...house, get, json };
}

/** Everyone may read. */
const all = { heartbeatMs: 1000, mayRead: () => true, isStillIn: async () => true };

describe('the report as JSON', () => {
  it('has the totals, the days, who and what used the most, waits, ends, limits and what goes on now', async () => {
    const { drew, ledger, json } = await opened();
    drew(utc(20), { seconds: 90, wait: 3, channel: 'art' });
    drew(utc(20), { person: 'bob', seconds: 30, wait: 20, channel: 'art', model: 'big' });
    drew(utc(23), { server: slack, person: 'bob', pictures: 1, seconds: 6, wait: 4, channel: 'C9' });
    await ledger.refuse({ server: discord, channel: 'art', person: 'eve', model: 'emoji', at: utc(21) });
    const share = { requests: 1, pictures: 4, deviceSeconds: 90 };
    expect(await json('/api/report?period=7d')).toEqual({
      server: 'all',
      period: { from: '2026-11-17', to: '2026-11-23', timeZone: 'UTC', words: '17–23 November 2026' },
      total: {
        requests: 4,
        pictures: 9,
        deviceSeconds: 126,
        megapixelSteps: expect.any(Number),
        people: 4,
        channels: 2,
        models: 2,
      },
      days: [17, 18, 19, 20, 21, 22, 23].map((day) => ({
        day: `2026-11-${day}`,
        requests: 0,
        pictures: 0,
        deviceSeconds: 0,
        ...(day === 20 && { requests: 2, pictures: 8, deviceSeconds: 120, waits: { p50: 3, p95: 20 } }),
        ...(day === 21 && { requests: 1 }),
        ...(day === 23 && { requests: 1, pictures: 1, deviceSeconds: 6, waits: { p50: 4, p95: 4 } }),
      })),
      people: [
        { key: 'discord/ada', name: 'ada', ...share },
        { key: 'discord/bob', name: 'bob', ...share, deviceSeconds: 30 },
        { key: 'slack/bob', name: 'bob', requests: 1, pictures: 1, deviceSeconds: 6 },
        { key: 'discord/eve', name: 'eve', requests: 1, pictures: 0, deviceSeconds: 0 },
      ],
      channels: [
        { key: 'discord/art', name: 'art', requests: 3, pictures: 8, deviceSeconds: 120 },
        { key: 'slack/C9', name: 'C9', requests: 1, pictures: 1, deviceSeconds: 6 },
      ],
      models: [
        { key: 'emoji', name: 'emoji', requests: 3, pictures: 5, deviceSeconds: 96 },
        { key: 'big', name: 'big', ...share, deviceSeconds: 30 },
      ],
      outcomes: { done: 3, failed: 0, canceled: 0, moderated: 1 },
      waits: { p50: 4, p95: 20 },
      limits: [],
      sentences: {
        total: '4 requests, 9 pictures and 2 min 6 s of device time, by 4 people.',
        bestDay: 'Busiest day: Friday 20 November 2026, 2 min.',
        waits: expect.stringContaining('Half of the requests began within'),
      },
      now: { waiting: 0, running: 0 },
    });
  });

  it('is of the last thirty days where no period is named, and says so when nothing was drawn', async () => {
    const { json } = await opened();
    expect(await json('/api/report')).toMatchObject({
      period: { from: '2026-10-25', to: '2026-11-23' },
      waits: null,
      sentences: { empty: 'Nobody asked for a picture in these days.' },
    });
  });

  it('is of one server, in its own days and with its limits', async () => {
    const { drew, json, rules } = await opened();
    drew(utc(20, 23), { seconds: 5 });
    drew(utc(20), { server: slack, seconds: 50 });
    await rules.change(discord, { id: 'eve', name: 'Eve' }, 'limit', (own) => ({
      rules: {
        ...own,
        timeZone: 'Europe/Berlin',
        limits: [{ who: 'server', unit: 'pictures', per: 'month', amount: 100 }],
      },
      said: '',
    }));
    const report = await json('/api/report?period=2026-11-21&server=discord/42');
    expect(report).toMatchObject({
      server: 'discord/42',
      period: { timeZone: 'Europe/Berlin', words: 'Saturday 21 November 2026' },
      total: { deviceSeconds: 5 },
      people: [{ key: 'ada' }],
      limits: [{ text: expect.stringContaining('100 pictures'), used: 4, amount: 100 }],
    });
  });

  it('has one list alone where it is asked for by something', async () => {
    const { drew, json } = await opened();
    drew(utc(20));
    const report = await json('/api/report?by=channel');
    expect(report).toHaveProperty('channels');
    expect(report).not.toHaveProperty('people');
    expect(report).not.toHaveProperty('models');
  });

  it.each([
    ['period=soon', 'A period is today'],
    ['period=2027-01', 'has not begun yet'],
    ['by=weather', 'by is person, channel or model.'],
    ['server=discord/404', 'There is no such server here.'],
  ])('says what is wrong with %s', async (query, words) => {
    const { get } = await opened();
    for (const path of ['/api/report', '/api/report.csv'].slice(0, query.startsWith('by') ? 1 : 2)) {
      const response = await get(`${path}?${query}`);
      expect(response.status).toBe(422);
      expect(await errorOf(response)).toContain(words);
    }
  });

  it('is made once for all who ask the same while it is made', async () => {
    const { reports } = await opened();
    const asked: string[] = [];
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const report: typeof reports.report = async (of) => {
      asked.push(of.period);
      await held;
      return reports.report(of);
    };
    const app = new Hono();
    reportRoutes(app, { ...reports, report, ...all });
    const answers = ['month', 'month', 'today'].map((period) => app.request(`/api/report?period=${period}`));
    await expect.poll(() => asked).toEqual(['month', 'today']);
    go();
    for (const answer of answers) expect((await answer).status).toBe(200);
    await app.request('/api/report?period=month');
    expect(asked).toHaveLength(3);
  });
});

describe('the report as CSV', () => {
  it('is a file with the same numbers', async () => {
    const { drew, get } = await opened();
    drew(utc(20), { seconds: 90 });
    const response = await get('/api/report.csv?period=7d&server=discord/42');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="darkroom-2026-11-17-2026-11-23.csv"',
    );
    const lines = (await response.text()).split('\r\n');
    expect(lines).toContain('report,server,discord/42,,,,,,,');
    expect(lines).toContain('day,2026-11-20,,1,4,90,,,,');
  });
});

describe('the servers of the report', () => {
  it('are those with use and those with rules, after all of them together', async () => {
    const { drew, json, rules } = await opened();
    const eve = { id: 'eve', name: 'Eve' };
    drew(utc(20), { server: { platform: 'slack', id: 'direct' } });
    drew(utc(20), { server: { platform: 'console', id: 'direct' } });
    await rules.change(discord, eve, 'words', (own) => ({ rules: { ...own, words: ['x'] }, said: '' }));
    expect(await json('/api/report/servers')).toEqual({
      servers: [
        { key: 'all', name: 'All servers together' },
        { key: 'console/direct', name: 'This page' },
        { key: 'slack/direct', name: 'Direct messages on Slack' },
        { key: 'discord/42', name: 'Discord server 42' },
      ],
    });
  });

  it('have the names that their platforms tell, and so have channels', async () => {
    const { drew, reports } = await opened();
    drew(utc(20), { channel: '7' });
    drew(utc(20), { server: slack, channel: '7' });
    const known = new Map([
      ['server discord 42', 'Studio'],
      ['channel discord 7', 'art'],
    ]);
    const nameOf: typeof reports.nameOf = (kind, platform, id) => known.get(`${kind} ${platform} ${id}`);
    const app = new Hono();
    reportRoutes(app, { ...reports, nameOf, ...all });
    const read = async (path: string): Promise<unknown> => (await app.request(path)).json();
    expect(await read('/api/report/servers')).toMatchObject({
      servers: [{ key: 'all' }, { name: 'Studio on Discord' }, { name: 'Slack workspace T1' }],
    });
    expect(await read('/api/report')).toMatchObject({ channels: [{ name: 'art' }, { name: '7' }] });
    expect(await read('/api/report?server=discord/42')).toMatchObject({ channels: [{ name: 'art' }] });
    const csv = await (await app.request('/api/report.csv')).text();
    expect(csv).toContain('channel,discord/7,art,');
  });
});

describe('the live stream of the report', () => {
  it('tells how busy the queue is, now and whenever that changes', async () => {
    const { get, say, painters } = await opened();
    const stop = new AbortController();
    const response = await get('/api/report/events', { signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const loads: unknown[] = [];
    const until = async (load: object): Promise<void> => {
      for (let text = ''; JSON.stringify(loads.at(-1)) !== JSON.stringify(load);) {
        text += (await reader.read()).value ?? '';
        for (const [, data] of text.matchAll(/event: load\ndata: (.*)\n\n/g)) loads.push(JSON.parse(data!));
      }
    };
    await until({ waiting: 0, running: 0 });
    await say({ kind: 'imagine', text: 'a cat --n 1' });
    await say({ kind: 'imagine', text: 'a dog --n 1' });
    await until({ waiting: 1, running: 1 });
    painters.easels[0]!.finish();
    await until({ waiting: 0, running: 1 });
    stop.abort();
  });

  it('is heard no more once its reader is gone', async () => {
    const { get, queue } = await opened();
    const before = queue.listenerCount('moved');
    const stop = new AbortController();
    const response = await get('/api/report/events', { signal: stop.signal });
    await response.body!.getReader().read();
    expect(queue.listenerCount('moved')).toBe(before + 1);
    stop.abort();
    await expect.poll(() => queue.listenerCount('moved')).toBe(before);
  });
});

describe('who may not read the report', () => {
  it.each([
    '/api/report',
    '/api/report?period=soon',
    '/api/report.csv',
    '/api/report/servers',
    '/api/report/events',
  ])('is refused %s in words', async (path) => {
    const { reports, asked } = await opened();
    const app = new Hono();
    reportRoutes(app, { ...reports, ...all, mayRead: () => false });
    const response = await app.request(path);
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toContain('Only admins of this Darkroom');
    expect(asked).toEqual([]);
  });
});

describe('the library of the charts', () => {
  it('comes packed out of its package, and not again while its version is the same', async () => {
    const { get } = await opened();
    const plain = await get('/page/echarts.js', { headers: { 'accept-encoding': 'identity' } });
    const tag = plain.headers.get('etag')!;
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('content-type')).toContain('text/javascript');
    const bytes = await plain.arrayBuffer();
    const packed = await get('/page/echarts.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(Buffer.compare(Buffer.from(await packed.arrayBuffer()), Buffer.from(bytes))).toBe(0);
    const again = await get('/page/echarts.js', { headers: { 'if-none-match': tag } });
    expect(again.status).toBe(304);
  });
});
