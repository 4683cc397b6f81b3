// How often somebody may do something: the generic cell rate algorithm, one number for each. Knows neither HTTP nor
// people; time comes in with each call, in milliseconds.

import type { Context } from 'hono';
import { Recent } from '../../recent.ts';

/** Memory is bounded: of too many the one used longest ago is forgotten. */
const MOST_KEYS = 10_000;

/** So many in a row, and as many again spread over `perMs`. */
export class Rate {
  readonly #step: number;
  readonly #perMs: number;
  readonly #due = new Recent<number>(MOST_KEYS);

  constructor(most: number, perMs: number) {
    this.#step = perMs / most;
    this.#perMs = perMs;
  }

  /** 0 when it is allowed, and then it is counted; else how many milliseconds to wait. */
  take(key: string, now: number): number {
    const known = this.#due.get(key) ?? now;
    // A clock that was set back locks nobody out.
    const due = known > now + this.#perMs ? now : Math.max(known, now);
    const wait = due + this.#step - this.#perMs - now;
    if (wait > 0) return Math.ceil(wait);
    this.#due.set(key, due + this.#step);
    return 0;
  }

  /** What was taken counts for nothing. */
  giveBack(key: string): void {
    const due = this.#due.get(key);
    if (due !== undefined) this.#due.set(key, due - this.#step);
  }
}

/** 429 with the time to wait, in the header and in words. */
export function tooMany(c: Context, waitMs: number, what: string): Response {
  const seconds = Math.ceil(waitMs / 1000);
  c.header('retry-after', String(seconds));
  const unit = seconds === 1 ? 'second' : 'seconds';
  return c.json({ error: `${what} Try again in ${seconds} ${unit}.` }, 429);
}
