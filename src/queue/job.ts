// The job row: one accepted request, from the moment it is owed until it is over. It holds every input, the seed
// included, so it can be drawn again without looking anything up. Every change of status is one conditional update.

import type { BatchParams } from '../pipeline/picture.ts';

export const statuses = ['queued', 'running', 'done', 'failed', 'canceled'] as const;
export type JobStatus = (typeof statuses)[number];
export const overStatuses = ['done', 'failed', 'canceled'] as const satisfies JobStatus[];

export const isOver = (status: JobStatus): boolean => overStatuses.some((over) => over === status);

/** Everything that decides the pixels. Picture i of the job has seed `seed + i` (modulo 2^32). */
export interface JobParams extends BatchParams {
  prompt: string;
  negativePrompt: string;
  seed: number;
  /** Pictures, 1 to 4. */
  count: number;
  /** Draw over a picture of another job: its id and index, and how far from it (0 to 1). */
  init?: { jobId: string; index: number; strength: number };
}

export interface Requester {
  /** 'console', 'discord', 'slack'. */
  platform: string;
  /** The platform's id of the person. */
  id: string;
  name: string;
}

export interface NewJob {
  /** The platform event's id: a redelivered event finds the row already made for it. */
  key: string;
  requester: Requester;
  /** The platform's channel in which the answer belongs. */
  channel: string;
  params: JobParams;
  /** What made this job out of another: its id and how. */
  parent?: { jobId: string; how: 'rerun' | 'variation' };
}

export interface Job extends NewJob {
  /** UUID v7: sorts by time of creation. */
  id: string;
  status: JobStatus;
  /** How often a worker has started it. */
  attempt: number;
  /** One id per finished picture, to be read from the ImageStore. Empty until done. */
  images: string[];
  /** The sentence people read when it failed. */
  error?: string;
  createdAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
}

export type JobChange = Partial<Pick<Job, 'images' | 'error' | 'startedAt' | 'finishedAt'>> & {
  status: JobStatus;
  /** Add one to `attempt`. */
  begin?: true;
};

/** Rows that decide. Each method is one atomic statement. */
export interface JobStore {
  /** The new row, or the row already made for this key. */
  insert(job: NewJob, now: Date): Promise<Job>;
  get(id: string): Promise<Job | undefined>;
  /** The changed row, or undefined when its status was none of `from` any more. */
  move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined>;
  /** Queued jobs, the oldest first. */
  queued(limit: number): Promise<Job[]>;
  countQueued(): Promise<number>;
  /** How many queued jobs are older than this one. */
  ahead(job: Job): Promise<number>;
  /** After a crash: every running row is queued again. Returns how many. */
  requeueRunning(): Promise<number>;
  /** Jobs of a person, the newest first. */
  history(requester: Pick<Requester, 'platform' | 'id'>, limit: number): Promise<Job[]>;
}

/** The disk has no room for a picture. The message is a sentence for people. */
export class StorageFull extends Error {
  override name = 'StorageFull';
}

/** Finished pictures. A picture is either there whole or not there. */
export interface ImageStore {
  /** Written, synced and renamed before it resolves. Writing the same id again replaces it. */
  put(id: string, png: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | undefined>;
  remove(id: string): Promise<void>;
}
