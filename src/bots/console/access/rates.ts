// How often somebody may do something. Memory is bounded: of too many keys the one used longest ago is forgotten.
// Knows neither HTTP nor people; time comes in with each call, in milliseconds.

const MOST_KEYS = 10_000;

/** So many in a row, and as many again spread over `perMs` (the generic cell rate algorithm: one number a key). */
export class Rate {
  readonly #step: number;
  readonly #perMs: number;
  readonly #due = new Map<string, number>();

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
    remember(this.#due, key, due + this.#step);
    return 0;
  }

  /** What was taken for nothing. */
  giveBack(key: string): void {
    const due = this.#due.get(key);
    if (due !== undefined) this.#due.set(key, due - this.#step);
  }
}

interface Failures {
  count: number;
  last: number;
}

/** After a few failures each one more doubles the wait. */
export class Backoff {
  readonly #free: number;
  readonly #mostMs: number;
  readonly #failures = new Map<string, Failures>();

  /** `free` failures cost nothing; no wait is longer than `mostMs`, after which all is forgotten. */
  constructor(free: number, mostMs: number) {
    this.#free = free;
    this.#mostMs = mostMs;
  }

  /** Milliseconds until the next try. */
  wait(key: string, now: number): number {
    const failures = this.#failures.get(key);
    if (!failures || failures.count <= this.#free || now < failures.last) return 0;
    const delay = Math.min(1000 * 2 ** (failures.count - this.#free), this.#mostMs);
    return Math.max(0, failures.last + delay - now);
  }

  failed(key: string, now: number): void {
    const before = this.#failures.get(key);
    const count = before && now - before.last <= 2 * this.#mostMs ? before.count : 0;
    remember(this.#failures, key, { count: count + 1, last: now });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_KEYS && oldest !== undefined) map.delete(oldest);
}
