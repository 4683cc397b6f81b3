// What the queue needs of the workers, and what it hears from them.

import type { Batch, BatchParams, Timing } from '../pipeline/picture.ts';
import type { BatchResult, Progress } from '../workers/protocol.ts';

export interface Painters {
  /** How many batches could start now. */
  readonly idle: number;
  /** Why nothing can be started, while that is so. */
  readonly broken: string | undefined;
  /** How many pictures a batch of this kind should have at the most, on the device that would draw it now. */
  mostPictures(params: BatchParams): number;
  /** One result for each group of the batch, which is a job. */
  runGroups(batch: Batch, groups: readonly GroupWatch[]): Promise<BatchResult>[];
}

export interface GroupWatch {
  /** Cancels it. */
  signal: AbortSignal;
  /** Ends it early with the pictures as they are. */
  finish: AbortSignal;
  /** Resolves when only one of its pictures is wanted any more: with its index. */
  picked: Promise<number>;
  onProgress: (p: Progress) => void;
}

/** A batch that has come back from a device. */
export interface DrawnBatch extends Timing {
  model: string;
  device: string;
  pictures: number;
}

/** Undefined where nothing was drawn. */
export function drawnBatch(
  model: string,
  ends: readonly PromiseSettledResult<BatchResult>[],
): DrawnBatch | undefined {
  const drawn = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  const last = drawn.toSorted((a, b) => b.totalMs - a.totalMs)[0];
  if (!last) return undefined;
  const { device, totalMs, runtimeMs } = last;
  const pictures = drawn.reduce((sum, result) => sum + result.pictures.length, 0);
  return { model, device, pictures, totalMs, runtimeMs };
}
