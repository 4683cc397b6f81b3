// How usage reports look: the picture by its pixels, the table parsed back, and the words for chat.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { percent, tick } from '../src/bots/report/amounts.ts';
import { reportChart } from '../src/bots/report/chart.ts';
import { reportCsv } from '../src/bots/report/csv.ts';
import { axisNames, periodWords } from '../src/bots/report/days.ts';
import { fitted, loadFonts } from '../src/bots/report/fonts.ts';
import { cut, plainName } from '../src/bots/report/names.ts';
import { card, inks, lines } from '../src/bots/report/palette.ts';
import { scale, timeUnit } from '../src/bots/report/plot.ts';
import { reportWords, usageWords } from '../src/bots/report/words.ts';
import type { Line } from '../src/bots/chat.ts';
import type { Standing } from '../src/core/admission.ts';
import type { DayUse, Share, UsageReport } from '../src/core/report.ts';

const opened = vi.hoisted(() => ({ echarts: 0 }));
vi.mock('echarts/dist/echarts.esm.min.mjs', (original) => {
  opened.echarts++;
  return original();
});

const none = { requests: 0, pictures: 0, deviceSeconds: 0 };

function daysFrom(from: string, seconds: readonly number[]): DayUse[] {
  return seconds.map((deviceSeconds, at) => ({
    day: new Date(Date.parse(from) + at * 86_400_000).toISOString().slice(0, 10),
    requests: Math.ceil(deviceSeconds / 20),
    pictures: Math.ceil(deviceSeconds / 5),
    deviceSeconds,
  }));
}

const share = (name: string, deviceSeconds: number, key = `id-${name}`): Share => ({
  key,
  name,
  requests: Math.ceil(deviceSeconds / 20),
  pictures: Math.ceil(deviceSeconds / 5),
  deviceSeconds,
});

function reportOf(seconds: readonly number[], changes: Partial<UsageReport> = {}): UsageReport {
  const days = daysFrom('2026-11-02', seconds);
  const sum = (key: keyof typeof none): number => days.reduce((all, day) => all + day[key], 0);
  const all = sum('deviceSeconds');
  return {
    server: { platform: 'discord', id: '77' },
    timeZone: 'Europe/Berlin',
    from: days[0]!.day,
    to: days.at(-1)!.day,
    total: {
      requests: sum('requests'),
      pictures: sum('pictures'),
      deviceSeconds: all,
      megapixelSteps: 12.3456,
    },
    days,
    people: [share('ada', all * 0.6), share('bob', all * 0.3), share('cleo', all * 0.1)],
    channels: [share('art', all)],
    models: [share('emoji', all * 0.75, 'emoji'), share('sdxl', all * 0.25, 'sdxl')],
    peopleCount: 3,
    channelCount: 1,
    modelCount: 2,
    outcomes: { done: 970, failed: 24, canceled: 5, moderated: 1 },
    waits: { p50: 4.2, p95: 130 },
    limits: [{ text: '200 pictures a day for the whole server', used: 126, amount: 200 }],
    ...changes,
  };
}

const week = [600, 1200, 0, 4320, 30, 90, 7];
const nothing = reportOf([0, 0, 0], {
  people: [],
  channels: [],
  models: [],
  peopleCount: 0,
  channelCount: 0,
  modelCount: 0,
  waits: undefined as never,
});

/** Of a picture: a test of each pixel of a box of the card, counted; colours may be off by a few of 255. */
async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4),
  ];
  const count = (
    box: { x: number; y: number; to: number; down: number },
    test: (rgba: number[]) => boolean,
  ) => {
    let found = 0;
    for (let y = box.y * 2; y < box.down * 2; y++)
      for (let x = box.x * 2; x < box.to * 2; x++) if (test(at(x, y))) found++;
    return found;
  };
  return { info, at, count };
}
const rgb = (hex: string): number[] =>
  [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
const like =
  (hex: string) =>
  (rgba: number[]): boolean =>
    rgb(hex).every((value, at) => Math.abs(value - rgba[at]!) < 8);

const boxOf = ({ x, y, to, down }: { x: number; y: number; to: number; down: number }): number =>
  (to - x) * 2 * (down - y) * 2;
const titleBox = { x: 32, y: 30, to: 968, down: 64 };
const plotBox = { x: 84, y: 206, to: 626, down: 364 };

describe("a report's picture", () => {
  it('opens the chart library with the first report that has something to draw', async () => {
    await reportChart(nothing);
    expect(opened.echarts).toBe(0);
    await reportChart(reportOf(week));
    expect(opened.echarts).toBe(1);
  });

  it('is a card of its own with clear corners, twice as dense as it is shown', async () => {
    const { info, at } = await pixels((await reportChart(reportOf(week))).png);
    expect([info.width, info.height]).toEqual([2000, 1120]);
    for (const [x, y] of [
      [0, 0],
      [1999, 0],
      [0, 1119],
      [1999, 1119],
    ] as const)
      expect(at(x, y)[3]).toBe(0);
    expect(at(1000, 20)).toEqual([...rgb(card), 255]);
  });

  it('has a contrast of 4.5 to 1 in all that is written, and of 3 to 1 in all bars', () => {
    for (const ink of Object.values(inks)) expect(contrast(ink, card)).toBeGreaterThanOrEqual(4.5);
    for (const ink of [inks.time, inks.pictures])
      expect(contrast(ink, lines.track)).toBeGreaterThanOrEqual(3);
  });

  it('writes in no other colours than those of the palette', async () => {
    const { count } = await pixels((await reportChart(reportOf(week), 'Guild')).png);
    expect(count(titleBox, like(inks.strong))).toBeGreaterThan(400);
    expect(count({ x: 32, y: 100, to: 200, down: 132 }, like(inks.time))).toBeGreaterThan(200);
    expect(count({ x: 330, y: 100, to: 460, down: 132 }, like(inks.pictures))).toBeGreaterThan(200);
  });

  it('has a bar where a day has use, and none where it has not', async () => {
    const { count } = await pixels((await reportChart(reportOf([0, 0, 0, 500, 0, 0, 0]))).png);
    const seventh = (plotBox.to - plotBox.x) / 7;
    const bars = Array.from({ length: 7 }, (_, day) =>
      count(
        {
          ...plotBox,
          x: Math.ceil(plotBox.x + day * seventh),
          to: Math.floor(plotBox.x + (day + 1) * seventh),
        },
        like(inks.time),
      ),
    );
    expect(bars.map((bar) => bar > 1000)).toEqual([false, false, false, true, false, false, false]);
  });

  it('has bars as high as the numbers, for 7, 31 and 366 days', async () => {
    for (const many of [7, 31, 366]) {
      const half = (high: boolean): number[] =>
        Array.from({ length: many }, (_, day) => (day < many / 2 === high ? 1000 : 250));
      const { count } = await pixels((await reportChart(reportOf(half(true)))).png);
      const middle = (plotBox.x + plotBox.to) / 2;
      const left = count({ ...plotBox, to: middle - 45 }, like(inks.time));
      const right = count({ ...plotBox, x: middle + 45 }, like(inks.time));
      expect(left / right).toBeGreaterThan(3);
      expect(left / right).toBeLessThan(5.5);
    }
  });

  it('differs with the days, the people, the models, the waits and the name', async () => {
    const variants = [
      [reportOf(week)],
      [reportOf(week.toReversed())],
      [reportOf(week, { people: [share('dora', 5000)] })],
      [reportOf(week, { models: [share('flux', 5000)] })],
      [reportOf(week, { waits: { p50: 5, p95: 6 } })],
      [reportOf(week), 'Guild'],
    ] as const;
    const drawn = [];
    for (const [report, name] of variants)
      drawn.push(Buffer.from((await reportChart(report, name)).png).toString('base64'));
    expect(new Set(drawn).size).toBe(variants.length);
  });

  it('says in a sentence that there was nothing, in the place of axes', async () => {
    const { png, alt } = await reportChart(nothing);
    const { count } = await pixels(png);
    expect(count({ ...plotBox, down: 330 }, like(card))).toBe(boxOf({ ...plotBox, down: 330 }));
    expect(count({ x: 250, y: 336, to: 750, down: 376 }, like(inks.soft))).toBeGreaterThan(300);
    expect(alt).toBe('Usage, 2–4 November 2026. Nobody asked for a picture in these days.');
    const failed = reportOf([0], { total: { ...none, requests: 12, megapixelSteps: 0 } });
    expect((await reportChart(failed)).alt).toContain('12 requests, but nothing was drawn on this day.');
  });

  it('keeps the longest and strangest names in their places', async () => {
    const names = [
      'W'.repeat(500),
      '漢字'.repeat(40),
      '\u202Eevil <b>&"\'\u0000\ud800',
      `z${'\u0300'.repeat(90)}`,
      '👩‍👩‍👧‍👦'.repeat(30),
    ];
    const people = names.map((name, at) => share(name, 3_000_000 - at));
    const { png, alt } = await reportChart(reportOf(week, { people, peopleCount: 12_345 }), 'W'.repeat(300));
    const { count } = await pixels(png);
    const written = (rgba: number[]): boolean => Math.max(...rgba.slice(0, 3)) > 150;
    expect(count({ x: 970, y: 20, to: 996, down: 540 }, written)).toBe(0);
    // Between the names and the times.
    for (let row = 0; row < 5; row++)
      expect(count({ x: 838, y: 207 + row * 34, to: 846, down: 227 + row * 34 }, written)).toBe(0);
    expect(alt.length).toBeLessThan(1024);
    for (const sign of ['\u202e', '\u0000']) expect(alt).not.toContain(sign);
  });

  it('has its numbers in words for those who do not see it', async () => {
    expect((await reportChart(reportOf(week), 'The Guild')).alt).toBe(
      'Usage of The Guild, 2–8 November 2026. 314 requests, 1,250 pictures and 1 h 44 min of device time, by 3 people. ' +
        'Busiest day: Thursday 5 November 2026, 1 h 12 min. Most device time: ada (1 h 2 min), bob (31 min 14 s), cleo (10 min 25 s). ' +
        'Half of the requests began within 4.2 s, 95 of 100 within 2 min.',
    );
  });

  it('is written in the font that comes along where the system has none', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-fonts-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="60"><text x="9" y="40" font-family="DejaVu Sans" font-size="30">Device time of Ada Żółć</text></svg>';
    const empty = path.join(folder, 'fonts.conf');
    writeFileSync(empty, '<fontconfig></fontconfig>');
    const env = { PATH: '/nowhere', HOME: folder, XDG_CACHE_HOME: folder, FONTCONFIG_FILE: empty };
    const drawnBy = async (before: string): Promise<Buffer> => {
      const script = `
        import sharp from 'sharp';
        import { loadFonts } from './src/bots/report/fonts.ts';
        ${before}
        console.log((await sharp(Buffer.from('${svg}')).raw().toBuffer()).toString('base64'));`;
      const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 1e8 });
      return Buffer.from(stdout, 'base64');
    };
    await loadFonts();
    const here = await sharp(Buffer.from(svg)).raw().toBuffer();
    const [bare, loaded] = [await drawnBy(''), await drawnBy('await loadFonts();')];
    const apart = (other: Buffer): number =>
      here.filter((value, at) => Math.abs(value - other[at]!) > 64).length;
    const ink = here.filter((value) => value > 64).length;
    expect(ink).toBeGreaterThan(1000);
    expect(apart(loaded)).toBeLessThan(ink * 0.02);
    expect(apart(bare)).toBeGreaterThan(ink * 0.2);
  });
});

function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, blue] = rgb(hex).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe('an axis', () => {
  it('never has names that touch, and always has some', async () => {
    const width = 548;
    for (const many of [1, 2, 7, 8, 9, 14, 28, 31, 45, 62, 92, 99, 100, 101, 120, 181, 366, 731, 3000]) {
      const days = daysFrom(
        '2026-10-28',
        Array.from({ length: many }, () => 1),
      ).map(({ day }) => day);
      const named = [...axisNames(days, width)];
      expect(named.length, `${many} days`).toBeGreaterThan(0);
      for (const [at, [index, name]] of named.entries()) {
        const next = named[at + 1];
        const room = next ? ((next[0] - index) * width) / many : width;
        expect(await fitted(name, room - 6, 14), `${name} of ${many} days`).toBe(name);
      }
    }
  });

  it('names days by weekday, by date, and months with the year at January', () => {
    const of = (from: string, many: number): string[] => {
      const days = daysFrom(
        from,
        Array.from({ length: many }, () => 1),
      ).map(({ day }) => day);
      return [...axisNames(days, 548).values()];
    };
    expect(of('2026-11-23', 1)).toEqual(['Mon 23 Nov']);
    expect(of('2026-11-23', 3)).toEqual(['Mon 23', 'Tue 24', 'Wed 25']);
    expect(of('2026-11-01', 30).slice(0, 3)).toEqual(['1 Nov', '5 Nov', '9 Nov']);
    expect(of('2026-11-23', 110)).toEqual(['Dec', '2027', 'Feb', 'Mar']);
  });

  it('ends at a round number not below the largest', () => {
    expect(scale(83, 4)).toEqual({ max: 100, interval: 25 });
    expect(scale(2, 2, true)).toEqual({ max: 2, interval: 1 });
    expect(scale(0, 4)).toEqual({ max: 1, interval: 1 });
    for (const largest of [0.3, 1, 7, 12, 99, 101, 4999, 123_456]) {
      const { max, interval } = scale(largest, 4);
      expect(max).toBeGreaterThanOrEqual(largest * 0.999);
      expect(max / interval).toBeCloseTo(Math.round(max / interval), 9);
      expect(max / interval).toBeLessThanOrEqual(5);
    }
    expect([timeUnit(100).name, timeUnit(600).name, timeUnit(20_000).name]).toEqual([
      'seconds',
      'minutes',
      'hours',
    ]);
  });
});

describe('numbers and names', () => {
  it('are told as people read them', () => {
    expect([percent(1, 1000), percent(999, 1000), percent(5, 5), percent(0, 9), percent(13, 10)]).toEqual([
      '<1 %',
      '>99 %',
      '100 %',
      '0 %',
      '130 %',
    ]);
    expect([2.5, 5000, 12_000, 1_500_000].map(tick)).toEqual(['2.5', '5,000', '12K', '1.5M']);
    expect(periodWords('2026-10-28', '2026-11-03')).toBe('28 October – 3 November 2026');
    expect(periodWords('2025-12-28', '2026-01-03')).toBe('28 December 2025 – 3 January 2026');
  });

  it('lose what is invisible, and nothing else', () => {
    expect(plainName(' a\n\tb\u202e\u0000\ud800c ', 'k')).toBe('a bc');
    expect(plainName('\u200b \u2060', 'k')).toBe('k');
    expect(plainName('Zoë 山田 👩‍👩‍👧', 'k')).toBe('Zoë 山田 👩‍👩‍👧');
    expect(plainName(`a${'\u0301'.repeat(50)}b`, 'k')).toBe('a\u0301\u0301b');
  });

  it('are cut between letters, where wide ones count twice', () => {
    expect(cut('山田太郎', 5)).toBe('山田…');
    expect(cut('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 4)).toBe('👩‍👩‍👧…');
    expect(cut('short', 5)).toBe('short');
  });
});

describe("a report's table", () => {
  it('is what Excel and RFC 4180 take, and says every number', () => {
    const report = reportOf([600, 30.12345], { people: [share('Ada, "the\nfirst"', 600)] });
    const { text, rows } = read(reportCsv(report));
    expect(
      text.startsWith(
        '\ufeffsection,key,name,requests,pictures,device_seconds,megapixel_steps,seconds,used,amount\r\n',
      ),
    ).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    const section = (name: string) => rows.filter((row) => row['section'] === name);
    expect(section('total')[0]).toMatchObject({ requests: '32', pictures: '127', device_seconds: '630.123' });
    expect(section('total')[0]).toMatchObject({ megapixel_steps: '12.346' });
    expect(section('day').map((row) => [row['key'], row['device_seconds']])).toEqual([
      ['2026-11-02', '600'],
      ['2026-11-03', '30.123'],
    ]);
    expect(section('person')[0]).toMatchObject({
      key: 'discord/id-Ada, "the\nfirst"',
      name: 'Ada, "the\nfirst"',
      requests: '30',
    });
    expect(section('channel')).toHaveLength(1);
    expect(section('model').map((row) => row['key'])).toEqual(['emoji', 'sdxl']);
    expect(section('outcome').map((row) => [row['key'], row['requests']])).toEqual([
      ['done', '970'],
      ['failed', '24'],
      ['canceled', '5'],
      ['moderated', '1'],
    ]);
    expect(section('wait').map((row) => row['seconds'])).toEqual(['4.2', '130']);
    expect(section('limit')[0]).toMatchObject({ used: '126', amount: '200' });
    expect(section('report')[0]).toMatchObject({ name: 'discord/77' });
  });

  it('leaves keys of a report on all servers as they are, and rows of waits away where nothing began', () => {
    const { rows } = read(
      reportCsv({ ...nothing, server: undefined as never, people: [share('a', 1, 'slack/U1')] }),
    );
    expect(rows.find((row) => row['section'] === 'person')!['key']).toBe('slack/U1');
    expect(rows.find((row) => row['key'] === 'server')!['name']).toBe('all');
    expect(rows.some((row) => row['section'] === 'wait')).toBe(false);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\u200b=1', '\u202e@x'])(
    'takes the name %j for text, never for a formula',
    (name) => {
      const { rows } = read(reportCsv(reportOf(week, { people: [share(name, 1)] })));
      expect(rows.find((row) => row['section'] === 'person')!['name']).toBe(`'${name}`);
    },
  );

  it('leaves other names alone', () => {
    const { rows } = read(reportCsv(reportOf(week, { people: [share('a=b -c', 1)] })));
    expect(rows.find((row) => row['section'] === 'person')!['name']).toBe('a=b -c');
  });
});

/** RFC 4180, read letter by letter. */
function read(text: string) {
  const records: string[][] = [['']];
  let quoted = false;
  for (let at = 1 /* after the mark */; at < text.length; at++) {
    const record = records.at(-1)!;
    if (quoted && text.startsWith('""', at)) {
      record.push(`${record.pop()}"`);
      at++;
    } else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text[at] === ',') record.push('');
    else if (!quoted && text.startsWith('\r\n', at)) {
      records.push(['']);
      at++;
    } else record.push(`${record.pop()}${text[at]}`);
  }
  expect(quoted).toBe(false);
  const [header, ...body] = records.slice(0, -1);
  for (const row of body) expect(row).toHaveLength(header!.length);
  return {
    text,
    rows: body.map((row) => Object.fromEntries(header!.map((name, at) => [name, row[at]!]))),
  };
}

describe("a report's words", () => {
  const written = (words: readonly Line[]): string[] =>
    words.map(({ text, code }) => (code === undefined ? text : `${text} [${code}]`));

  it('tell totals, the first of each kind, waits, ends and limits', () => {
    expect(written(reportWords(reportOf(week)))).toEqual([
      'Usage, 2–8 November 2026 (Europe/Berlin):',
      '314 requests, 1,250 pictures and 1 h 44 min of device time, by 3 people.',
      'People by device time:',
      '1. ada [  1 h 2 min  60 %  750 pictures]',
      '2. bob [31 min 14 s  30 %  375 pictures]',
      '3. cleo [10 min 25 s  10 %  125 pictures]',
      'Channels by device time:',
      '1. art [1 h 44 min  100 %  1,250 pictures]',
      'Models by device time:',
      '1. emoji [1 h 18 min  75 %  938 pictures]',
      '2. sdxl [26 min 2 s  25 %  313 pictures]',
      'Half of the requests began within 4.2 s, 95 of 100 within 2 min.',
      'Of 1,000 requests that ended: 970 done (97 %), 24 failed (2 %), 5 canceled (1 %), 1 not allowed (<1 %).',
      'Limit: 200 pictures a day for the whole server [██████░░░░ 63 %]',
    ]);
  });

  it('name ten of the chosen kind alone, and how many there are', () => {
    const people = Array.from({ length: 25 }, (_, at) => share(`p${at}`, 1000 - at));
    const words = reportWords(reportOf(week, { people, peopleCount: 140 }), 'person');
    expect(words.map(({ text }) => text)).toContain('People by device time, the first 10 of 140:');
    expect(words.filter(({ code }) => code?.includes('picture'))).toHaveLength(10);
    expect(words.some(({ text }) => text.startsWith('Models'))).toBe(false);
  });

  it('say plainly that nothing was drawn, or that nobody of the chosen kind is named', () => {
    const outcomes = { done: 0, failed: 0, canceled: 0, moderated: 0 };
    expect(reportWords({ ...nothing, outcomes, limits: [] })).toEqual([
      { text: 'Usage, 2–4 November 2026 (Europe/Berlin):' },
      { text: 'Nobody asked for a picture in these days.' },
    ]);
    const unnamed = reportWords(reportOf(week, { channels: [] }), 'channel').map(({ text }) => text);
    expect(unnamed).toContain('No channel is named in these days.');
  });

  it('show a bar that is empty only at nothing, full only at the limit, and never longer', () => {
    const limits = [0, 1, 199, 200, 500].map((used) => ({ text: 'l', used, amount: 200 }));
    const all = [...limits, { text: 'closed', used: 0, amount: 0 }];
    expect(
      reportWords(reportOf(week, { limits: all }))
        .slice(-6)
        .map(({ code }) => code),
    ).toEqual([
      '░░░░░░░░░░ 0 %',
      '█░░░░░░░░░ 1 %',
      '█████████░ >99 %',
      '██████████ 100 %',
      '██████████ 250 %',
      '░░░░░░░░░░ nothing allowed',
    ]);
  });
});

describe("one person's usage", () => {
  const renewsAt = new Date('2026-11-23T23:00:00Z');
  const today = { requests: 1, pictures: 4, deviceSeconds: 43 };
  const month = { requests: 30, pictures: 120, deviceSeconds: 4320 };
  const standing = (changes: Partial<Standing>): Standing => ({
    limit: { who: 'everyone', unit: 'pictures', per: 'day', amount: 50 },
    text: '50 pictures a day for each person',
    used: 12,
    amount: 50,
    renewsAt,
    ...changes,
  });
  const said = (standings: Standing[]) => usageWords({ today, month, standings, timeZone: 'Europe/Berlin' });

  it('tells what was used, what is left and when it renews, in the zone of the server', () => {
    const time = standing({
      limit: { who: 'server', unit: 'seconds', per: 'day', amount: 7200, model: 'sdxl' },
      used: 4320,
      amount: 7200,
    });
    expect(said([standing({}), time])).toEqual([
      { text: 'Today you used 1 request, 4 pictures and 43 s of device time.' },
      { text: 'This month you used 30 requests, 120 pictures and 1 h 12 min of device time.' },
      {
        text: 'You have used 12 of 50 pictures today: 38 left, renewed at midnight (Europe/Berlin).',
        code: '██░░░░░░░░ 24 %',
      },
      {
        text: 'All together have used 1 h 12 min of 2 h of device time of the model sdxl today: 48 min left, renewed at midnight (Europe/Berlin).',
        code: '██████░░░░ 60 %',
      },
    ]);
  });

  it('never leaves less than nothing, and says what is closed', () => {
    const [over, closed] = said([standing({ used: 51 }), standing({ amount: 0, text: 'sdxl' })]).slice(2);
    expect(over!.text).toContain('today: nothing left, renewed');
    expect(closed).toEqual({ text: 'sdxl: nothing is allowed.' });
  });

  it('says so where nothing is limited', () => {
    expect(said([]).at(-1)).toEqual({ text: 'Nothing limits what you may draw.' });
  });
});
