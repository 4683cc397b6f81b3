// How near the first estimate comes to what follows: a thousand people in fifty servers, in virtual time.

import { describe, expect, it } from 'vitest';
import { calibrationOf, steadyLoads } from './support/calibration.ts';
import { steadyLoad } from './support/steady-load.ts';

/** What was measured over 3000 jobs after 4000 others, less a margin for chance: these runs are shorter. */
const floors: Record<keyof typeof steadyLoads, { within: number; nearly: number }> = {
  'saturated, nearly everybody waits': { within: 0.78, nearly: 0.78 },
  'saturated, hundreds wait': { within: 0.48, nearly: 0.56 },
  'saturated, a hundred wait': { within: 0.34, nearly: 0.47 },
  'twenty servers always want more': { within: 0.48, nearly: 0.54 },
  'people come by chance, load 0.9': { within: 0.28, nearly: 0.42 },
  'people come by chance, load 0.7': { within: 0.34, nearly: 0.65 },
  'sixty people ask for twelve at once': { within: 0.27, nearly: 0.42 },
};

/** Short lines have forgotten sooner how they began. */
const sizes = (name: string): { warmUp: number; measured: number } =>
  /wait$|want more/.test(name) ? { warmUp: 2400, measured: 700 } : { warmUp: 2000, measured: 700 };

const names = Object.keys(steadyLoads) as (keyof typeof steadyLoads)[];

describe.each(names)('a first estimate (%s)', (name) => {
  const { told: all } = steadyLoad({ ...steadyLoads[name], ...sizes(name) });
  const { within, nearly, inRange, ratios, told, sure, sureShare } = calibrationOf(all);

  it('is given to nearly everybody who waits', () => {
    expect(told).toBeGreaterThan(0.9);
  });

  it('names a range in which nine of ten begin', () => {
    expect(inRange).toBeGreaterThan(0.8);
    expect(inRange).toBeLessThan(0.97);
  });

  it('is as often too long as too short', () => {
    expect(ratios[1]).toBeGreaterThan(0.8);
    expect(ratios[1]).toBeLessThan(1.25);
  });

  it('is as near as was measured', () => {
    expect(within).toBeGreaterThan(floors[name].within);
    expect(nearly).toBeGreaterThan(floors[name].nearly);
  });

  it('is seldom one number, or nine of ten begin near it', () => {
    expect(sureShare > 0.2 ? sure : 1).toBeGreaterThan(0.88);
  });
});
