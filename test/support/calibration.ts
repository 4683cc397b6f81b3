// The steady loads for which first estimates are measured, and how near they came.

import { isNarrow } from '../../src/bots/waiting.ts';
import type { Scenario, Told } from './steady-load.ts';

const usual = { people: 1000, servers: 50, places: [1, 1, 1, 0.7], mostPictures: 4, seed: 1 };
const long = { warmUp: 4000, measured: 3000 };

export const steadyLoads = {
  'saturated, nearly everybody waits': { ...usual, ...long, think: 60 },
  'saturated, hundreds wait': { ...usual, ...long, think: 1200 },
  'saturated, a hundred wait': { ...usual, ...long, think: 1900 },
  'twenty servers always want more': { ...usual, ...long, greedy: 20, load: 0.1 },
  'people come by chance, load 0.9': { ...usual, ...long, load: 0.9 },
  'people come by chance, load 0.7': { ...usual, ...long, load: 0.7 },
  'sixty people ask for twelve at once': { ...usual, ...long, think: 6000, heavy: 60 },
} satisfies Record<string, Scenario>;

export interface Calibration {
  /** Parts of the jobs that were told a time: within 30 % of it, the same or within 2 s, and in their range. */
  within: number;
  nearly: number;
  inRange: number;
  /** The same as the first, of the estimates that were said without a range, and how many of all these are. */
  sure: number;
  sureShare: number;
  /** Seconds in truth for one that was told: in the middle, and of nine of ten. */
  ratios: [number, number, number];
  /** Parts of all jobs that waited. */
  told: number;
}

/** How near first estimates came. */
export function calibrationOf(all: readonly Told[]): Calibration {
  const told = all.flatMap(({ startsIn, within, waited }) =>
    startsIn === undefined || !within ? [] : [{ startsIn, within, waited }],
  );
  const part = <T>(of: readonly T[], holds: (one: T) => boolean): number =>
    of.length === 0 ? 1 : of.filter(holds).length / of.length;
  const near = ({ startsIn, waited }: (typeof told)[number], least = 0): boolean =>
    Math.abs(waited - startsIn) <= Math.max(0.3 * startsIn, least);
  const sure = told.filter(({ startsIn, within }) => isNarrow(startsIn, within));
  const ratios = told.map(({ startsIn, waited }) => (waited + 1) / (startsIn + 1)).toSorted((a, b) => a - b);
  const at = (share: number): number => ratios[Math.floor(share * (ratios.length - 1))]!;
  return {
    within: part(told, (one) => near(one)),
    nearly: part(told, (one) => near(one, 2)),
    inRange: part(told, ({ within, waited }) => waited >= within[0] && waited <= within[1]),
    sure: part(sure, (one) => near(one, 2)),
    sureShare: sure.length / told.length,
    ratios: [at(0.05), at(0.5), at(0.95)],
    told: told.length / all.length,
  };
}
