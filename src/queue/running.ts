// A job from the moment it leaves the line until its row is settled, and what it is told meanwhile.

import type { Progress } from '../workers/protocol.ts';
import type { DeviceTime } from './device-time.ts';
import type { Job } from './job.ts';
import type { GroupWatch } from './painters.ts';

export class Running {
  job: Job;
  /** When it was claimed, in milliseconds that no setting of the clock changes. */
  since: number;
  readonly abort = new AbortController();
  readonly finish = new AbortController();
  /** The row is being changed to one picture alone. */
  picking?: Promise<Job | undefined>;
  /** Its pictures are here. */
  drawn = false;
  /** Seconds it had of its device, once its drawing is over. */
  deviceSeconds?: number;
  /** The batch it is drawn in, once that has begun. */
  batch?: { size: number; time: DeviceTime };
  readonly over: Promise<void>;
  readonly #picked: Promise<number>;
  /** Says that the row is settled. */
  end!: () => void;
  /** Says that only this picture is wanted. */
  pick!: (index: number) => void;

  constructor(job: Job, since: number) {
    this.job = job;
    this.since = since;
    this.over = new Promise((resolve) => (this.end = resolve));
    this.#picked = new Promise((resolve) => (this.pick = resolve));
  }

  watch(onProgress: (progress: Progress) => void): GroupWatch {
    return { signal: this.abort.signal, finish: this.finish.signal, picked: this.#picked, onProgress };
  }
}
