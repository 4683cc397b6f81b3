// What a report says, in sentences that its picture and its words share. Pure.

import { timeText } from '../../core/quota.ts';
import type { DayUse, UsageReport, Use } from '../../core/report.ts';
import { duration } from '../duration.ts';
import { counted } from './amounts.ts';
import { dayWords } from './days.ts';
import { cut, plainName } from './names.ts';

/** "3 requests, 12 pictures and 4 min of device time". */
export const useWords = ({ requests, pictures, deviceSeconds }: Use): string =>
  `${counted(requests, 'request')}, ${counted(pictures, 'picture')} and ${timeText(deviceSeconds)} of device time`;

/** Undefined where something was drawn. */
export function emptyWords({ total, from, to }: UsageReport): string | undefined {
  if (total.deviceSeconds > 0 || total.pictures > 0) return undefined;
  const when = from === to ? 'on this day' : 'in these days';
  return total.requests === 0
    ? `Nobody asked for a picture ${when}.`
    : `${counted(total.requests, 'request')}, but nothing was drawn ${when}.`;
}

export const totalWords = ({ total, peopleCount }: UsageReport): string =>
  `${useWords(total)}, by ${counted(peopleCount, 'person', 'people')}.`;

/** The day with the most device time, where there are several to choose from. */
export function bestDayWords({ days }: UsageReport): string | undefined {
  const best = days.reduce<DayUse | undefined>(
    (most, day) => (most && most.deviceSeconds >= day.deviceSeconds ? most : day),
    undefined,
  );
  return best && days.length > 1 && best.deviceSeconds > 0
    ? `Busiest day: ${dayWords(best.day)}, ${timeText(best.deviceSeconds)}.`
    : undefined;
}

/** The first three people, or models where nobody is named. */
export function topWords({ people, models }: UsageReport): string | undefined {
  const shares = people.length > 0 ? people : models;
  const top = shares
    .slice(0, 3)
    .map(({ name, key, deviceSeconds }) => `${cut(plainName(name, key), 40)} (${timeText(deviceSeconds)})`);
  return top.length === 0 ? undefined : `Most device time: ${top.join(', ')}.`;
}

export const waitWords = ({ waits }: UsageReport): string | undefined =>
  waits && `Half of the requests began within ${span(waits.p50)}, 95 of 100 within ${span(waits.p95)}.`;

/** The ledger keeps whole seconds. */
const span = (seconds: number): string => (seconds < 1 ? 'a second' : duration(seconds));
