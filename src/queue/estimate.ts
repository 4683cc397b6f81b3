// How long drawing takes, learned from what was drawn: an average of seconds per unit of work for each model, in which
// the newest weigh most. Knows no devices; an estimate is of the machine as it is.

import type { Job, JobParams } from './job.ts';

/** The weight of the newest measurement. */
const NEWEST = 0.3;

/** What a job asks of a device, in megapixel-steps: guidance runs the network twice. */
export function workOf({ width, height, steps, stop, count, guidanceScale, init }: JobParams): number {
  const share = init ? init.strength : 1;
  const passes = Math.max(1, Math.min(stop ?? steps, steps * share)) * (guidanceScale > 1 ? 2 : 1);
  return (width * height * passes * count) / 1e6;
}

export class Estimates {
  /** Device-seconds per megapixel-step, by model. */
  readonly #pace = new Map<string, number>();
  /** The same of what a person sees: from the beginning to the end, in the company of other jobs. */
  readonly #wholePace = new Map<string, number>();

  /** A job that was drawn to its end, and its share of a device's time. Without that it counts as drawn alone. */
  learn(
    { status, params, startedAt, finishedAt, deviceSeconds: had }: Job,
    deviceSeconds: number | undefined = had,
  ): void {
    if (status !== 'done' || !startedAt || !finishedAt || params.init?.strength === 0) return;
    const whole = (finishedAt.getTime() - startedAt.getTime()) / 1000;
    if (whole < 0) return; // the clock was set back
    follow(this.#wholePace, params.model, whole / workOf(params));
    follow(this.#pace, params.model, (deviceSeconds ?? whole) / workOf(params));
  }

  /** Seconds of a device, or undefined for a model that has drawn nothing yet. */
  secondsFor(params: JobParams): number | undefined {
    const pace = this.#pace.get(params.model);
    return pace === undefined ? undefined : pace * workOf(params);
  }

  /** Seconds from its beginning to its end. */
  wholeFor(params: JobParams): number | undefined {
    const pace = this.#wholePace.get(params.model);
    return pace === undefined ? undefined : pace * workOf(params);
  }

  /**
   * Seconds until each of `waiting` begins, and one more after them, when `running` are being drawn in `places`, one of
   * each batch. Undefined from the first on that can not be told.
   */
  starts(
    running: readonly Job[],
    waiting: readonly Job[],
    places: number,
    now: Date,
  ): (number | undefined)[] {
    const freeAt = Array.from({ length: Math.max(1, places) }, () => 0);
    let known = true;
    // Each job goes to the place that is free first.
    const seat = (seconds: number | undefined): number | undefined => {
      const start = Math.min(...freeAt);
      if (seconds === undefined) known = false;
      else freeAt[freeAt.indexOf(start)] = start + seconds;
      return start;
    };
    for (const job of running) seat(this.#leftOf(job, now));
    const starts = waiting.map(({ params }) => {
      const told = known;
      const start = seat(this.secondsFor(params));
      return told ? start : undefined;
    });
    return [...starts, known ? Math.min(...freeAt) : undefined];
  }

  #leftOf({ params, startedAt }: Job, now: Date): number | undefined {
    const all = this.wholeFor(params);
    const gone = startedAt ? (now.getTime() - startedAt.getTime()) / 1000 : 0;
    return all === undefined ? undefined : Math.min(all, Math.max(0, all - gone));
  }
}

function follow(paces: Map<string, number>, model: string, pace: number): void {
  const known = paces.get(model);
  paces.set(model, known === undefined ? pace : known + NEWEST * (pace - known));
}
