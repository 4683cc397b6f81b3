// How often passwords and keys may be tried: few times from one address, and not too often over one connection, for a
// proxy's word about the address may be anybody's.

import type { Context } from 'hono';
import { callerOf, peerOf } from './address.ts';
import { Rate } from './rate.ts';

const MINUTE_MS = 60_000;
const OF_A_CALLER = 10;
const OF_A_PEER = 100;

export class Tries {
  readonly #callers = new Rate(OF_A_CALLER, MINUTE_MS);
  readonly #peers = new Rate(OF_A_PEER, MINUTE_MS);
  readonly #clock: () => Date;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  /**
   * 0 when a try is allowed, and then it is counted as a wrong one until `right` says otherwise, so many at the same
   * time get no further than one after the other; else how many milliseconds to wait.
   */
  take(c: Context): number {
    const now = this.#clock().getTime();
    return this.#callers.take(callerOf(c), now) || this.#peers.take(peerOf(c), now);
  }

  right(c: Context): void {
    this.#callers.giveBack(callerOf(c));
    this.#peers.giveBack(peerOf(c));
  }
}
