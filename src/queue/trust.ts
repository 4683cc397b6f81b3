// How far an estimate may be from what comes, learned from what came: a range in which nine of ten jobs begin. Each job
// moves it by one step only, however wrong its estimate was: a device that stood still for an hour spoils nothing.

/** Of ten jobs half of one begins earlier, and half of one later. */
const OUTSIDE = 0.05;
/** In spreads. */
const STEP = 0.25;
const BEGIN: Range = [-1.6, 1.6];
/** Seconds, so that what begins at once has a range too. */
const FLOOR = 0.5;

type Range = [number, number];

export interface Told {
  startsIn: number;
  /** Of its logarithm, as far as that can be foreseen. */
  spread: number;
}

export class Trust {
  /** Where nine of ten are, in spreads, for estimates of each size. */
  readonly #ranges = new Map<number, Range>();

  /** Seconds between which it begins. */
  range({ startsIn, spread }: Told): Range {
    const [low, high] = this.#ranges.get(sizeOf(startsIn)) ?? BEGIN;
    const at = (z: number): number => Math.max(0, (startsIn + FLOOR) * Math.exp(z * spread) - FLOOR);
    return [Math.min(startsIn, at(low)), Math.max(startsIn, at(high))];
  }

  /** A job began after so many seconds. */
  learn({ startsIn, spread }: Told, waited: number): void {
    if (waited < 0) return; // the clock was set back
    const size = sizeOf(startsIn);
    const [low, high] = this.#ranges.get(size) ?? BEGIN;
    const z = Math.log((waited + FLOOR) / (startsIn + FLOOR)) / spread;
    this.#ranges.set(size, [
      low + STEP * (OUTSIDE - (z < low ? 1 : 0)),
      high + STEP * ((z > high ? 1 : 0) - OUTSIDE),
    ]);
  }
}

/** Each is four times the one before. */
const sizeOf = (seconds: number): number => Math.round(Math.log2(seconds + 1) / 2);
