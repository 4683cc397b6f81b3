// Usage reports: the picture by its colours and pixels, the table parsed back, the words for chat.

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { reportChart } from '../src/bots/report/chart.ts';
import { reportCsv } from '../src/bots/report/csv.ts';
import { card, inks } from '../src/bots/report/palette.ts';
import { reportWords, usageWords } from '../src/bots/report/words.ts';
import type { Standing } from '../src/core/admission.ts';
import type { Share, UsageReport } from '../src/core/report.ts';

const share = (name: string, deviceSeconds: number, key = `id-${name}`): Share => ({
  key,
  name,
  requests: 2,
  pictures: 1500,
  deviceSeconds,
});

const report: UsageReport = {
  server: { platform: 'discord', id: '77' },
  timeZone: 'Europe/Berlin',
  from: '2026-11-02',
  to: '2026-11-03',
  total: { requests: 1204, pictures: 4816, deviceSeconds: 4320, megapixelSteps: 12.3456 },
  days: [
    { day: '2026-11-02', requests: 1200, pictures: 4800, deviceSeconds: 4290 },
    { day: '2026-11-03', requests: 4, pictures: 16, deviceSeconds: 30.12345 },
  ],
  people: [share('<@1>', 4277, '123456789012345678'), share('bob', 43)],
  channels: [share('<#5>', 4320)],
  models: [share('emoji', 4320, 'emoji')],
  peopleCount: 57,
  channelCount: 1,
  modelCount: 1,
  outcomes: { done: 1130, failed: 60, canceled: 10, moderated: 4 },
  waits: { p50: 4.2, p95: 130 },
  limits: [{ text: '200 pictures a day for the whole server', used: 126, amount: 200 }],
};
const nothing: UsageReport = {
  ...report,
  total: { requests: 0, pictures: 0, deviceSeconds: 0, megapixelSteps: 0 },
  days: report.days.map(({ day }) => ({ day, requests: 0, pictures: 0, deviceSeconds: 0 })),
  people: [],
  channels: [],
  models: [],
  peopleCount: 0,
  channelCount: 0,
  modelCount: 0,
  outcomes: { done: 0, failed: 0, canceled: 0, moderated: 0 },
  limits: [],
};
delete nothing.waits;

const rgb = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, blue] = rgb(hex).map((value) =>
      value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

/** How many pixels of a box of the card, in its own units, have nearly this colour. */
async function inked(png: Uint8Array, [left, top, width, height]: number[], hex: string): Promise<number> {
  const box = { left: left! * 2, top: top! * 2, width: width! * 2, height: height! * 2 };
  const raw = await sharp(png).extract(box).ensureAlpha().raw().toBuffer();
  const colour = rgb(hex);
  let found = 0;
  for (let at = 0; at < raw.length; at += 4)
    if (colour.every((value, i) => Math.abs(value - raw[at + i]!) < 8)) found++;
  return found;
}

describe("a report's picture", () => {
  it('is written in colours that are read on its card', () => {
    for (const ink of Object.values(inks)) expect(contrast(ink, card)).toBeGreaterThanOrEqual(4.5);
  });

  it('is a card of twice the density with clear corners, a title and bars', async () => {
    const { png } = await reportChart(report);
    expect(await sharp(png).metadata()).toMatchObject({ width: 2000, height: 1120, hasAlpha: true });
    const corner = await sharp(png).extract({ left: 0, top: 0, width: 1, height: 1 }).raw().toBuffer();
    expect(corner[3]).toBe(0);
    expect(await inked(png, [32, 30, 200, 34], inks.strong)).toBeGreaterThan(300);
    expect(await inked(png, [84, 210, 540, 160], inks.time)).toBeGreaterThan(2000);
    expect(await inked(png, [84, 410, 540, 90], inks.pictures)).toBeGreaterThan(1000);
  });

  it('has a sentence in the place of bars where nothing was used', async () => {
    const { png, alt } = await reportChart(nothing);
    expect(await inked(png, [84, 210, 540, 290], inks.time)).toBe(0);
    expect(await inked(png, [250, 336, 500, 40], inks.soft)).toBeGreaterThan(300);
    expect(alt).toContain('Nobody asked for a picture');
  });

  it('keeps long names out of the column of numbers, and out of its edge', async () => {
    const people = [share('W'.repeat(400), 9e6), share('\u202e</text><b>&', 8e6)];
    const { png, alt } = await reportChart({ ...report, people });
    expect(await inked(png, [872, 207, 8, 20], inks.strong)).toBe(0);
    expect(await inked(png, [970, 20, 26, 520], inks.strong)).toBe(0);
    expect(alt).not.toContain('\u202e');
  });

  it('has its numbers in words', async () => {
    const { alt } = await reportChart(report);
    expect(alt).toContain('1,204 requests, 4,816 pictures and 1 h 12 min of device time, by 57 people.');
    expect(alt).toContain('bob (43 s)');
  });
});

/** RFC 4180, read letter by letter. */
function parsed(text: string): string[][] {
  const rows: string[][] = [['']];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const row = rows.at(-1)!;
    const add = (letters: string): void => void (row[row.length - 1] += letters);
    if (quoted && text.startsWith('""', at)) add(text[at++]!);
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text[at] === ',') row.push('');
    else if (!quoted && text.startsWith('\r\n', at)) {
      rows.push(['']);
      at++;
    } else add(text[at]!);
  }
  return rows.slice(0, -1);
}
function table(of: UsageReport): Record<string, string>[] {
  const [header, ...rows] = parsed(reportCsv(of).slice(1));
  for (const row of rows) expect(row).toHaveLength(header!.length);
  return rows.map((row) => Object.fromEntries(header!.map((name, at) => [name, row[at]!])));
}

describe("a report's table", () => {
  it('begins with a byte order mark and ends every row as RFC 4180 says', () => {
    const text = reportCsv(report);
    expect(text.startsWith('\ufeffsection,key,name,requests,pictures,device_seconds,')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('has every number of the report', () => {
    const rows = table(report);
    const of = (section: string) => rows.filter((row) => row['section'] === section);
    expect(of('total')).toMatchObject([
      { requests: '1204', pictures: '4816', device_seconds: '4320', megapixel_steps: '12.346' },
    ]);
    expect(of('day').map((row) => [row['key'], row['device_seconds']])).toEqual([
      ['2026-11-02', '4290'],
      ['2026-11-03', '30.123'],
    ]);
    expect(of('person')[0]).toMatchObject({ key: 'discord/123456789012345678', name: '<@1>' });
    expect(of('channel')).toHaveLength(1);
    expect(of('model')[0]).toMatchObject({ key: 'emoji', pictures: '1500' });
    expect(of('outcome').map((row) => row['requests'])).toEqual(['1130', '60', '10', '4']);
    expect(of('wait').map((row) => [row['key'], row['seconds']])).toEqual([
      ['p50', '4.2'],
      ['p95', '130'],
    ]);
    expect(of('limit')[0]).toMatchObject({ used: '126', amount: '200' });
    expect(of('report').map((row) => row['name'])).toEqual([
      'discord/77',
      'Europe/Berlin',
      '2026-11-02',
      '2026-11-03',
      '57',
    ]);
  });

  it('gives names back as they are, with commas, quotes and line breaks', () => {
    const name = 'Ada, "the\r\nfirst"; a=b';
    expect(
      table({ ...report, people: [share(name, 1)] }).find((row) => row['section'] === 'person'),
    ).toMatchObject({
      name,
    });
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\u200b=1', '\nx'])(
    'takes the name %j for text and never for a formula',
    (name) => {
      const row = table({ ...report, people: [share(name, 1)] }).find(({ section }) => section === 'person');
      expect(row!['name']).toBe(`'${name}`);
    },
  );
});

describe("a report's words", () => {
  it('tell totals, the first of each kind, waits, ends and limits', () => {
    expect(reportWords(report)).toEqual([
      { text: 'Usage, 2–3 November 2026 (Europe/Berlin):' },
      { text: '1,204 requests, 4,816 pictures and 1 h 12 min of device time, by 57 people.' },
      { text: 'People by device time, the first 2 of 57:' },
      { text: '1. <@1>', code: '1 h 11 min  99 %  1,500 pictures' },
      { text: '2. bob', code: '      43 s   1 %  1,500 pictures' },
      { text: 'Channels by device time:' },
      { text: '1. <#5>', code: '1 h 12 min  100 %  1,500 pictures' },
      { text: 'Models by device time:' },
      { text: '1. emoji', code: '1 h 12 min  100 %  1,500 pictures' },
      { text: 'Half of the requests began within 4.2 s, 95 of 100 within 2 min.' },
      {
        text: 'Of 1,204 requests that ended: 1,130 done (94 %), 60 failed (5 %), 10 canceled (1 %), 4 not allowed (<1 %).',
      },
      { text: 'Limit: 200 pictures a day for the whole server', code: '██████░░░░ 63 %' },
    ]);
  });

  it('name ten of the kind that is asked for, and no other', () => {
    const people = Array.from({ length: 25 }, (_, at) => share(`p${at}`, 1000 - at));
    const texts = reportWords({ ...report, people, peopleCount: 140 }, 'person').map(({ text }) => text);
    expect(texts).toContain('People by device time, the first 10 of 140:');
    expect(texts.filter((text) => /^\d+\. p\d+$/.test(text))).toHaveLength(10);
    expect(texts.join()).not.toContain('Models');
  });

  it('count the channels and models that are not named', () => {
    const texts = reportWords({ ...report, channelCount: 50, modelCount: 12 }).map(({ text }) => text);
    expect(texts).toContain('Channels by device time, the first 1 of 50:');
    expect(texts).toContain('Models by device time, the first 1 of 12:');
  });

  it('say plainly that nothing was used', () => {
    expect(reportWords(nothing).map(({ text }) => text)).toEqual([
      'Usage, 2–3 November 2026 (Europe/Berlin):',
      'Nobody asked for a picture in these days.',
    ]);
  });

  it('show a bar that is full at the limit alone, and never longer', () => {
    const limits = [0, 0.9, 199, 200, 500].map((used) => ({ text: 'l', used, amount: 200 }));
    expect(
      reportWords({ ...report, limits })
        .slice(-5)
        .map(({ code }) => code),
    ).toEqual([
      '░░░░░░░░░░ 0 %',
      '█░░░░░░░░░ <1 %',
      '█████████░ >99 %',
      '██████████ 100 %',
      '██████████ 250 %',
    ]);
  });
});

describe("one person's usage", () => {
  const today = { requests: 1, pictures: 4, deviceSeconds: 43 };
  const month = { requests: 30, pictures: 120, deviceSeconds: 4320 };
  const told = (standings: Standing[]): string[] =>
    usageWords({ today, month, standings, timeZone: 'Europe/Berlin' }).map(({ text }) => text);
  const daily: Standing = {
    limit: { who: 'everyone', unit: 'pictures', per: 'day', amount: 50 },
    text: '50 pictures a day for each person',
    used: 12,
    amount: 50,
    renewsAt: new Date('2026-11-23T23:00:00Z'),
  };

  it('tells what was used, what is left and when it renews, in the zone of the server', () => {
    const seconds: Standing = {
      ...daily,
      limit: { who: 'server', unit: 'seconds', per: 'month', amount: 7200, model: 'sdxl' },
      used: 4320,
      amount: 7200,
      renewsAt: new Date('2026-11-30T23:00:00Z'),
    };
    expect(told([daily, seconds])).toEqual([
      'Today you used 1 request, 4 pictures and 43 s of device time.',
      'This month you used 30 requests, 120 pictures and 1 h 12 min of device time.',
      'You have used 12 of 50 pictures today: 38 left, renewed at midnight (Europe/Berlin).',
      'All together have used 1 h 12 min of 2 h of device time of the model sdxl this month: 48 min left, renewed on 1 December.',
    ]);
  });

  it('tells that nothing is left, nothing is allowed, or nothing is limited', () => {
    expect(told([{ ...daily, used: 51 }])[2]).toContain('51 of 50 pictures today: nothing left');
    expect(told([{ ...daily, amount: 0 }])[2]).toBe('50 pictures a day for each person: nothing is allowed.');
    expect(told([])[2]).toBe('Nothing limits what you may draw.');
  });
});
