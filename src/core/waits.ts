// How long requests waited, as counts of whole seconds: their sums and quantiles. Pure.

import type { DayWaits, Waits } from './report.ts';

type Counts = Map<number, number>;

/** Of all days together; undefined when no request began. */
export function waitsOf(days: readonly DayWaits[]): Waits | undefined {
  const all: Counts = new Map();
  for (const { bySeconds } of days) add(all, bySeconds);
  return quantilesOf(all);
}

/** Of each day on which a request began. */
export function waitsByDay(days: readonly DayWaits[]): Map<string, Waits> {
  const counts = new Map<string, Counts>();
  for (const { day, bySeconds } of days) {
    const known = counts.get(day);
    if (known) add(known, bySeconds);
    else counts.set(day, new Map(bySeconds));
  }
  const found = new Map<string, Waits>();
  for (const [day, all] of counts) {
    const waits = quantilesOf(all);
    if (waits) found.set(day, waits);
  }
  return found;
}

function add(all: Counts, more: ReadonlyMap<number, number>): void {
  for (const [seconds, requests] of more) all.set(seconds, (all.get(seconds) ?? 0) + requests);
}

function quantilesOf(counts: Counts): Waits | undefined {
  const sorted = [...counts].toSorted(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, requests]) => sum + requests, 0);
  if (all === 0) return undefined;
  /** The smallest that at least this part of the requests waited no longer than. */
  const quantile = (part: number): number => {
    let left = Math.ceil(all * part);
    return sorted.find(([, requests]) => (left -= requests) <= 0)![0];
  };
  return { p50: quantile(0.5), p95: quantile(0.95) };
}
