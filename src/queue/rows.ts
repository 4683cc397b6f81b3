// Changing rows until it works: a database that is locked or full is so for a while. Knows nothing of why.

import type { Logger } from 'pino';
import type { Job, JobChange, JobStatus, JobStore } from './job.ts';
import { persist, type Wait } from './persist.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Deps {
  jobs: Pick<JobStore, 'move' | 'get'>;
  log: Logger;
  /** Ends the trying. */
  signal: AbortSignal;
  /** Between two tries. */
  wait?: Wait | undefined;
}

export class Rows {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The changed row; undefined when somebody else has changed it. Rejects when the signal is aborted. */
  move(id: string, from: JobStatus, change: JobChange): Promise<Job | undefined> {
    const { jobs, log, signal, wait } = this.#deps;
    const move = async (): Promise<Job | undefined> => {
      const row = (await jobs.move(id, [from], change)) ?? (await jobs.get(id));
      return row?.status === change.status ? row : undefined; // a try that seemed to fail may have worked
    };
    return persist(move, {
      signal,
      wait,
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: LONGEST_PAUSE_MS,
      failed: (err, attempt) =>
        log.error({ err, job: id, attempt }, 'the row could not be written; trying again'),
    });
  }
}
