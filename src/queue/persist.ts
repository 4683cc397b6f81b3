// Trying again, ever more seldom: a platform that does not answer, or a database that is locked, is so for a while.

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms`. Rejects when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface Persistence {
  /** Ends the trying; the failure of the last try is thrown. */
  signal: AbortSignal;
  wait?: Wait | undefined;
  firstPauseMs: number;
  longestPauseMs: number;
  /** Called after each failure; throws what is not worth another try. */
  failed(error: unknown, attempt: number): void;
}

const pause: Wait = (ms, signal) => sleep(ms, undefined, { signal });

export async function persist<T>(act: () => Promise<T>, how: Persistence): Promise<T> {
  const { signal, wait = pause, firstPauseMs, longestPauseMs } = how;
  for (let attempt = 0; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted) throw error;
      how.failed(error, attempt);
      await wait(Math.min(firstPauseMs * 2 ** attempt, longestPauseMs), signal);
    }
  }
}
