// Spans of time as people type them, in seconds. Knows no dates.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const lengths: [RegExp, number][] = [
  [/^s(ec|ecs|econds?)?$/i, 1],
  [/^m(in|ins|inutes?)?$/i, MINUTE],
  [/^h(rs?|ours?)?$/i, HOUR],
  [/^d(ays?)?$/i, DAY],
  [/^w(eeks?)?$/i, 7 * DAY],
  [/^months?$/i, 30 * DAY],
];

/** Seconds in one "h", "days" or "min"; undefined when it is no unit of time. A month has thirty days. */
export const secondsIn = (unit: string): number | undefined => lengths.find(([form]) => form.test(unit))?.[1];

/** "7 days", "12h", "90 min" in seconds; undefined when it is no span. */
export function readSpan(text: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const each = unit === undefined ? undefined : secondsIn(unit);
  return each === undefined ? undefined : Number(count) * each;
}

const exact: [number, string][] = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [1, 'second'],
];

/** "7 days", "90 minutes": in the largest unit that leaves nothing out. */
export function writeSpan(seconds: number): string {
  const [each, name] = exact.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 'second'];
  const count = seconds / each;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
