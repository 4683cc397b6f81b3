// How many pictures are worth drawing at once, learned from how fast batches of each size were. A larger batch makes its
// first picture wait for the others, so it has to be faster by more than chance; and it may not fit into the memory.

import type { Batch, BatchParams } from '../pipeline/picture.ts';

/** Where nothing was measured yet. */
const BEGIN = { cpu: 4, other: 8 };
const LARGEST = 64;
/** A cancel is heard between two steps only, and a host that hears nothing for long is killed. */
const LONGEST_STEP_SECONDS = 5;
/** So much faster than the best smaller batch is worth it. */
const WORTH = 1.05;
/** The weight of the newest measurement. */
const NEWEST = 0.3;
/** After so many batches that went well, a size that failed is tried again. */
const CALM = 20;

interface Known {
  /** Picture-steps per second, by the number of pictures. */
  speeds: Map<number, number>;
  /** One half of what has failed. */
  most: number;
  calm: number;
}

type Kind = Pick<BatchParams, 'model' | 'width' | 'height' | 'guidanceScale'>;

export class BatchSizes {
  readonly #fixed: number;
  readonly #known = new Map<string, Known>();

  /** 0: as many as are worth it. */
  constructor(fixed = 0) {
    this.#fixed = fixed;
  }

  /** The most pictures for a batch: never more than twice what was found good. */
  most(device: string, kind: Kind): number {
    if (this.#fixed > 0) return this.#fixed;
    const { speeds, most } = this.#of(device, kind);
    const begin = device === 'cpu' ? BEGIN.cpu : BEGIN.other;
    const largest = Math.max(0, ...speeds.keys());
    const best = bestOf(speeds);
    const wanted = largest < begin ? begin : best === largest ? 2 * best : best;
    const inTime =
      speeds.size > 0 ? Math.floor(Math.max(...speeds.values()) * LONGEST_STEP_SECONDS) : LARGEST;
    return Math.min(wanted, most, Math.max(1, inTime));
  }

  /** A batch went well and took so long. */
  learn(device: string, batch: Batch, totalMs: number): void {
    const known = this.#of(device, batch);
    if (++known.calm >= CALM) Object.assign(known, { most: known.most * 2, calm: 0 });
    const pictures = batch.tasks.length;
    // Stopped ones and those that start from a picture have fewer steps: how many is not known here.
    if (totalMs <= 0 || batch.stop !== undefined || batch.tasks.some(({ init }) => init)) return;
    const speed = (pictures * batch.steps * 1000) / totalMs;
    const before = known.speeds.get(pictures) ?? speed;
    known.speeds.set(pictures, before + NEWEST * (speed - before));
  }

  /** Nobody can say why it failed: it may have been too large. */
  failed(device: string, batch: Batch): void {
    const most = Math.max(1, Math.floor(batch.tasks.length / 2));
    const known = this.#of(device, batch);
    Object.assign(known, { most: Math.min(most, known.most), calm: 0 });
  }

  #of(device: string, { model, width, height, guidanceScale }: Kind): Known {
    const key = `${device} ${model} ${width} ${height} ${guidanceScale > 1}`;
    const known = this.#known.get(key) ?? { speeds: new Map<number, number>(), most: LARGEST, calm: 0 };
    this.#known.set(key, known);
    return known;
  }
}

/** The smallest size that no larger one beats. */
function bestOf(speeds: ReadonlyMap<number, number>): number {
  let [best, top] = [0, 0];
  for (const [size, speed] of [...speeds].toSorted(([a], [b]) => a - b))
    if (speed > top * WORTH) [best, top] = [size, speed];
  return best;
}
