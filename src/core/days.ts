// The days of a time zone by their names, 2026-11-23. Pure.

import { DateTime } from 'luxon';
import { windowOf } from './quota.ts';
import type { Day } from './report.ts';

const MOST_DAYS = 3700;
/** Where a day begins first. */
const EASTERNMOST = 'UTC+14';

/** The days from the one that `first` lies in to the one that `last` lies in. */
export function daysFrom(first: Date, last: Date, zone: string): Day[] {
  const days: Day[] = [];
  let window = windowOf('day', zone, first);
  while (window.from <= last && days.length < MOST_DAYS) {
    days.push({ ...window, name: nameOfDay(window.from, zone) });
    window = windowOf('day', zone, window.to);
  }
  return days;
}

/** The latest day that anywhere is today. */
export const latestToday = (now: Date): string => nameOfDay(now, EASTERNMOST);

export const startOfDay = (name: string, zone: string): Date =>
  DateTime.fromISO(name, { zone: known(zone) })
    .startOf('day')
    .toJSDate();

const nameOfDay = (at: Date, zone: string): string =>
  DateTime.fromJSDate(at, { zone: known(zone) }).toISODate() ?? '';

/** A zone that is not known is UTC, as in the windows of limits. */
const known = (zone: string): string => (DateTime.local({ zone }).isValid ? zone : 'UTC');
