// A usage report as a table for spreadsheets and programs: RFC 4180 in UTF-8, a row for each thing that is counted.
// Knows no platform.

import { outcomes, type Share, type UsageReport } from '../../core/report.ts';
import { serverKey } from '../../core/rules.ts';

const columns = [
  'section',
  'key',
  'name',
  'requests',
  'pictures',
  'device_seconds',
  'megapixel_steps',
  'seconds',
  'used',
  'amount',
] as const;
type Row = Partial<Record<(typeof columns)[number], string | number>> & { section: string };

/**
 * Sections, in this order: `report` (what it is about, key and value in `name`), `total`, `day`, `person`, `channel`,
 * `model`, `outcome`, `wait` (`seconds`) and `limit` (`used`, `amount`). A person's or channel's key has its platform
 * in front ("discord/123"), or spreadsheets would round the long numbers. It begins with a byte order mark, without
 * which Excel takes the letters for another alphabet's.
 */
export function reportCsv(report: UsageReport): string {
  const lines = [columns.join(','), ...rowsOf(report).map(lineOf)];
  return `\ufeff${lines.map((line) => `${line}\r\n`).join('')}`;
}

function rowsOf(report: UsageReport): Row[] {
  const { server, timeZone, from, to, total, days, people, channels, models, waits } = report;
  const about = {
    server: server ? serverKey(server) : 'all',
    time_zone: timeZone,
    from,
    to,
    people: String(report.peopleCount),
  };
  const whose = (key: string): string => (server ? `${server.platform}/${key}` : key);
  return [
    ...Object.entries(about).map(([key, name]) => ({ section: 'report', key, name })),
    { section: 'total', ...useOf(total), megapixel_steps: rounded(total.megapixelSteps) },
    ...days.map((use) => ({ section: 'day', key: use.day, ...useOf(use) })),
    ...people.map((use) => ({ section: 'person', key: whose(use.key), name: use.name, ...useOf(use) })),
    ...channels.map((use) => ({ section: 'channel', key: whose(use.key), name: use.name, ...useOf(use) })),
    ...models.map((use) => ({ section: 'model', key: use.key, name: use.name, ...useOf(use) })),
    ...outcomes.map((key) => ({ section: 'outcome', key, requests: report.outcomes[key] })),
    ...Object.entries(waits ?? {}).map(([key, seconds]) => ({
      section: 'wait',
      key,
      seconds: rounded(seconds),
    })),
    ...report.limits.map(({ text, used, amount }, at) => ({
      section: 'limit',
      key: String(at + 1),
      name: text,
      used: rounded(used),
      amount: rounded(amount),
    })),
  ];
}

const useOf = ({ requests, pictures, deviceSeconds }: Omit<Share, 'key' | 'name'>) => ({
  requests,
  pictures,
  device_seconds: rounded(deviceSeconds),
});

/** Milliseconds are exact enough, and sums of seconds have long tails. */
const rounded = (amount: number): number => Math.round(amount * 1000) / 1000;

const lineOf = (row: Row): string => columns.map((column) => cellOf(row[column] ?? '')).join(',');

/** What a spreadsheet would take for a formula, after any blanks; the wide signs are those of East Asian keyboards. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

/** An apostrophe in front of what would be a formula, which is then text in every spreadsheet. */
function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\s']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
