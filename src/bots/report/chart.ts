// A usage report as one picture: totals, days, and who and what used the most, on a card of its own colour, and the
// same in words for those who do not see it. Knows no platform.

import sharp from 'sharp';
import { timeText } from '../../core/quota.ts';
import type { Share, UsageReport } from '../../core/report.ts';
import { count, nounOf } from './amounts.ts';
import { periodWords } from './days.ts';
import { escapeXml, fitted, FONT, loadFonts, type Weight } from './fonts.ts';
import { cut, plainName } from './names.ts';
import { card, inks, lines } from './palette.ts';
import { plots, timeUnit } from './plot.ts';
import { bestDayWords, emptyWords, topWords, totalWords, waitWords } from './sentences.ts';

const WIDTH = 1000;
const HEIGHT = 560;
/** Pixels of the picture for each of the card's. */
const DENSITY = 2;
const EDGE = 32;
/** Where each of the totals begins; the time is the longest. */
const FACTS = [EDGE, 330, 546, 762];
const RANKS = { x: 676, width: WIDTH - EDGE - 676, value: 134, pitch: 34 };

/** A PNG of 2000×1120 pixels with clear corners; `serverName`, where it is known, stands in its title. */
export async function reportChart(
  report: UsageReport,
  serverName?: string,
): Promise<{ png: Uint8Array; alt: string }> {
  await loadFonts();
  const empty = emptyWords(report);
  const parts = [
    await head(report, serverName),
    totals(report),
    ...(empty === undefined
      ? [await daysOf(report), await ranksOf(report), foot(report)]
      : [sentence(empty)]),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH * DENSITY}" height="${HEIGHT * DENSITY}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${FONT}">
<rect x="1" y="1" width="${WIDTH - 2}" height="${HEIGHT - 2}" rx="18" fill="${card}" stroke="${lines.edge}" stroke-width="2"/>${parts.join('')}</svg>`;
  const png = await sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toBuffer();
  return { png, alt: altOf(report, serverName) };
}

/** The numbers of the picture in words: at most about 700 letters. */
function altOf(report: UsageReport, serverName?: string): string {
  const about = `${titleOf(serverName && cut(plainName(serverName, ''), 80))}, ${periodWords(report.from, report.to)}.`;
  const empty = emptyWords(report);
  const sentences = empty
    ? [empty]
    : [totalWords(report), bestDayWords(report), topWords(report), waitWords(report)];
  return [about, ...sentences.filter((said) => said !== undefined)].join(' ');
}

const titleOf = (serverName?: string): string => (serverName ? `Usage of ${serverName}` : 'Usage');

interface Ink {
  size: number;
  fill: string;
  weight?: Weight;
  anchor?: 'end' | 'middle';
}

function write(text: string, x: number, y: number, { size, fill, weight = 'normal', anchor }: Ink): string {
  const place = anchor ? ` text-anchor="${anchor}"` : '';
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}"${place}>${escapeXml(text)}</text>`;
}

const heading: Ink = { size: 15, fill: inks.strong, weight: 'bold' };
const label: Ink = { size: 14, fill: inks.soft };

async function head({ from, to, timeZone }: UsageReport, serverName?: string): Promise<string> {
  const title: Ink = { size: 26, fill: inks.strong, weight: 'bold' };
  const name = serverName && plainName(serverName, '');
  const text = await fitted(titleOf(name), WIDTH - 2 * EDGE, title.size, 'bold');
  return (
    write(text, EDGE, 56, title) +
    write(`${periodWords(from, to)}, in ${timeZone} time`, EDGE, 82, { size: 15, fill: inks.soft })
  );
}

function totals({ total, peopleCount }: UsageReport): string {
  const facts = [
    { value: timeText(total.deviceSeconds), name: 'of device time', fill: inks.time },
    { value: count(total.pictures), name: nounOf(total.pictures, 'picture'), fill: inks.pictures },
    { value: count(total.requests), name: nounOf(total.requests, 'request'), fill: inks.strong },
    { value: count(peopleCount), name: nounOf(peopleCount, 'person', 'people'), fill: inks.strong },
  ];
  const columns = facts.map(
    ({ value, name, fill }, at) =>
      write(value, FACTS[at]!, 128, { size: 26, fill, weight: 'bold' }) + write(name, FACTS[at]!, 150, label),
  );
  return `${columns.join('')}<path d="M${EDGE} 168H${WIDTH - EDGE}" stroke="${lines.rule}" stroke-width="1"/>`;
}

async function daysOf({ days }: UsageReport): Promise<string> {
  const unit = timeUnit(Math.max(...days.map(({ deviceSeconds }) => deviceSeconds)));
  const box = { x: EDGE - 8, y: 204, width: 632, height: 314 };
  return (
    write(`Device time, ${unit.name} a day`, EDGE, 196, heading) +
    write('Pictures a day', EDGE, 396, heading) +
    (await plots(days, box, 200, 38))
  );
}

async function ranksOf({ people, models, peopleCount, modelCount }: UsageReport): Promise<string> {
  const lists = [
    { title: 'People', shares: people, of: peopleCount, most: models.length > 0 ? 5 : 9 },
    { title: 'Models', shares: models, of: modelCount, most: people.length > 0 ? 3 : 9 },
  ].filter(({ shares }) => shares.length > 0);
  let y = 196;
  const parts: string[] = [];
  for (const { title, shares, of, most } of lists) {
    const shown = shares.slice(0, most);
    parts.push(write(title, RANKS.x, y, heading));
    if (of > shown.length)
      parts.push(write(`${shown.length} of ${count(of)}`, WIDTH - EDGE, y, { ...label, anchor: 'end' }));
    for (const [at, share] of shown.entries())
      parts.push(await rank(share, shares[0]!, y + 9 + at * RANKS.pitch));
    y += 40 + shown.length * RANKS.pitch;
  }
  return parts.join('');
}

/** A name, its device time, and a bar as long as it is of the first one's. Whatever a name is made of stays in its row. */
async function rank({ name, key, deviceSeconds }: Share, first: Share, y: number): Promise<string> {
  const { x, width, value, pitch } = RANKS;
  const room = width - value;
  const shown = await fitted(plainName(name, key), room, 15);
  const share = first.deviceSeconds > 0 ? deviceSeconds / first.deviceSeconds : 0;
  const bar = (length: number, fill: string): string =>
    `<rect x="${x}" y="${y + 25}" width="${length.toFixed(1)}" height="4" rx="2" fill="${fill}"/>`;
  return (
    `<svg x="${x - 6}" y="${y}" width="${room + 12}" height="${pitch - 10}" overflow="hidden">${write(shown, 6, 18, { size: 15, fill: inks.strong })}</svg>` +
    write(timeText(deviceSeconds), x + width, y + 18, { size: 15, fill: inks.soft, anchor: 'end' }) +
    bar(width, lines.track) +
    (share > 0 ? bar(Math.max(4, share * width), inks.time) : '')
  );
}

const foot = (report: UsageReport): string =>
  write([bestDayWords(report), waitWords(report)].filter(Boolean).join('  '), EDGE, 541, label);

const sentence = (text: string): string =>
  write(text, WIDTH / 2, 362, { size: 22, fill: inks.soft, anchor: 'middle' });
