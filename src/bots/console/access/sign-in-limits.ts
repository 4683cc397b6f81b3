// How often somebody may try to sign in: few times from one address, longer waits after each failure, and a ceiling
// for all addresses together.

import { Backoff, Rate } from './rates.ts';

const MINUTE_MS = 60_000;
const TRIES_A_MINUTE = 10;
const FREE_FAILURES = 4;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
const FAILURES_OF_ALL_A_MINUTE = 100;
const ALL = 'all';

export class SignInLimits {
  readonly #tries = new Rate(TRIES_A_MINUTE, MINUTE_MS);
  readonly #failures = new Backoff(FREE_FAILURES, LONGEST_WAIT_MS);
  readonly #ofAll = new Rate(FAILURES_OF_ALL_A_MINUTE, MINUTE_MS);

  /**
   * 0 when a try is allowed, else how many milliseconds to wait. A try counts as failed until `succeeded` says
   * otherwise, so many at the same time get no further than one after the other.
   */
  take(address: string, now: number): number {
    const wait =
      this.#failures.wait(address, now) || this.#tries.take(address, now) || this.#ofAll.take(ALL, now);
    if (wait === 0) this.#failures.failed(address, now);
    return wait;
  }

  succeeded(address: string): void {
    this.#failures.succeeded(address);
    this.#tries.giveBack(address);
    this.#ofAll.giveBack(ALL);
  }
}
