// When a waiting request begins, in words.

import type { Standing } from '../queue/line.ts';
import { duration } from './duration.ts';

/** A range as narrow as this is said as one number. */
const NARROW = 0.35;
const NARROW_SECONDS = 2;

/** Whether one number says as much as the range. */
export const isNarrow = (startsIn: number, [from, to]: readonly [number, number]): boolean => {
  const far = Math.max(NARROW * startsIn, NARROW_SECONDS);
  return startsIn - from <= far && to - startsIn <= far;
};

/** "starts in about 40 s", or "starts in 20 to 60 s" where that is not known better. */
export function starts(startsIn: number, within: Standing['startsWithin']): string {
  if (!within || isNarrow(startsIn, within))
    return startsIn < 1 ? 'starts now' : `starts in about ${duration(startsIn)}`;
  const [from, to] = [duration(Math.floor(within[0])), duration(Math.ceil(within[1]))].map((said) =>
    said.replace('.0', ''),
  );
  if (within[0] < 1) return `starts within ${to}`;
  const [number, unit] = from!.split(' ');
  return `starts in ${to!.endsWith(` ${unit}`) ? number : from} to ${to}`;
}
