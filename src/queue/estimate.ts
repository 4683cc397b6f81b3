// How long drawing takes, learned from what was drawn: an average of seconds per unit of work for each model, in which
// the newest weigh most. Knows no devices; an estimate is of the machine as it is.

import type { Job, JobParams } from './job.ts';

/** The weight of the newest measurement, as soon as there are so many that it is not more. */
const NEWEST = 0.05;

/** An average, and of how many. */
interface Pace {
  seconds: number;
  of: number;
}

/** What a job asks of a device, in megapixel-steps: guidance runs the network twice. */
export function workOf({ width, height, steps, stop, count, guidanceScale, init }: JobParams): number {
  const share = init ? init.strength : 1;
  const passes = Math.max(1, Math.min(stop ?? steps, steps * share)) * (guidanceScale > 1 ? 2 : 1);
  return (width * height * passes * count) / 1e6;
}

export class Estimates {
  /** Device-seconds per megapixel-step, by model. */
  readonly #pace = new Map<string, Pace>();
  /** The same of what a person sees: from the beginning to the end, in the company of other jobs. */
  readonly #wholePace = new Map<string, Pace>();

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
    return pace && pace.seconds * workOf(params);
  }

  /** Seconds from its beginning to its end. */
  wholeFor(params: JobParams): number | undefined {
    const pace = this.#wholePace.get(params.model);
    return pace && pace.seconds * workOf(params);
  }

  /** Seconds until a batch that began then is done. */
  leftOf(batch: readonly Job[], startedAt: Date | undefined, now: Date): number | undefined {
    let all = 0;
    for (const { params } of batch) {
      const seconds = this.secondsFor(params);
      if (seconds === undefined) return undefined;
      all += seconds;
    }
    const gone = startedAt ? (now.getTime() - startedAt.getTime()) / 1000 : 0;
    return Math.min(all, Math.max(0, all - gone));
  }
}

function follow(paces: Map<string, Pace>, model: string, seconds: number): void {
  const known = paces.get(model) ?? { seconds: 0, of: 0 };
  const of = known.of + 1;
  paces.set(model, { seconds: known.seconds + Math.max(NEWEST, 1 / of) * (seconds - known.seconds), of });
}
