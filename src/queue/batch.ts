// From jobs' rows to the batch that a worker draws, and whether what came back is that. Knows no order and no fairness.

import { BatchFailed } from '../workers/failures.ts';
import type { Batch, PictureTask } from '../pipeline/picture.ts';
import type { BatchResult } from '../workers/protocol.ts';
import type { ImageStore, Job, JobParams } from './job.ts';
import { seedOf } from './seed.ts';

/** What jobs must share to go through the network together, and how far they leave the picture they start from. */
function sharedOf(params: JobParams) {
  const {
    prompt: _,
    negativePrompt: __,
    seed: ___,
    count: ____,
    promptless: _____,
    init,
    ...shared
  } = params;
  return { shared, strength: init?.strength };
}

/** Equal for jobs that can be drawn in one batch. */
export function batchKind(params: JobParams): string {
  const { shared, strength } = sharedOf(params);
  const sorted = Object.entries(shared).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted, strength]);
}

/** Rejects with a BatchFailed when a picture to start from is gone. */
export async function tasksOf({ params }: Job, images: Pick<ImageStore, 'get'>): Promise<PictureTask[]> {
  const { prompt, negativePrompt, init, promptless } = params;
  const sources = await Promise.all((init?.images ?? []).map((id) => images.get(id)));
  return seedsOf(params).map((seed, i) => {
    const task = { prompt, negativePrompt, seed, ...(promptless && { promptless }) };
    if (!init) return task;
    const bytes = sources[i % sources.length];
    if (!bytes) throw new BatchFailed('The picture it was to start from is gone.', true);
    return { ...task, init: { bytes, strength: init.strength } };
  });
}

const seedsOf = ({ seed, count }: JobParams): number[] =>
  Array.from({ length: count }, (_, i) => seedOf(seed, i));

/** One group for each job. All are of the same kind. */
export function batchOf(jobs: readonly { params: JobParams; tasks: readonly PictureTask[] }[]): Batch {
  const { shared } = sharedOf(jobs[0]!.params);
  const tasks = jobs.flatMap((job) => job.tasks);
  return { ...shared, tasks, ...(jobs.length > 1 && { groups: jobs.map((job) => job.tasks.length) }) };
}

/** A job that goes on with one of its pictures alone: its recipe gives that picture. */
export function picked(params: JobParams, index: number): JobParams {
  const { seed, init } = params;
  const images = init && [init.images[index % init.images.length]!];
  return {
    ...params,
    count: 1,
    seed: seedOf(seed, index),
    ...(init && { init: { ...init, images: images! } }),
  };
}

/**
 * The pictures that the job asks for. A worker is another process: it may answer with fewer than that or with empty
 * ones, and with more when one was picked just then.
 */
export function checked(result: BatchResult, params: JobParams): BatchResult {
  const seeds = seedsOf(params);
  const pictures = result.pictures.filter(({ png, seed }) => png.length > 0 && seeds.includes(seed));
  if (pictures.length === seeds.length) return { ...result, pictures };
  throw new BatchFailed(`The worker gave ${pictures.length} of ${seeds.length} pictures.`, false);
}
