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
  /**
   * Pictures to start from, as ids of the ImageStore, one for each picture in turn, and how far to leave them: 0 keeps
   * them and only resizes, 1 forgets them.
   */
  init?: { images: string[]; strength: number };
  /** The recipe in the pictures' files leaves the prompts out: of the file's bytes, not of the pixels. */
  promptless?: true;
  /** Its person was forgotten, and a message of it could not be taken away. */
  forgotten?: true;
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
  /** The platform's server or workspace it was asked in; none in direct messages. */
  server?: string;
  /** The platform's channel in which the answer belongs. */
  channel: string;
  /** The channel that this one, a thread, hangs in: what is used here counts there. */
  parentChannel?: string;
  params: JobParams;
  /** What made this job out of another: its id and how. */
  parent?: { jobId: string; how: Descent };
  /** For the person who asked alone. */
  private?: boolean;
  /** Over budget: drawn only while nobody else waits, and not counted. */
  relaxed?: boolean;
  /** The person's share of the server's device time beside the others'; 1 where absent. */
  weight?: number;
  /** Device-seconds that it is expected to take: what the ledger reserves. */
  predictedSeconds?: number;
  /** What becomes of a picture that the model's safety checker flags; shown where absent. */
  flaggedAs?: 'spoiler' | 'withheld';
}

export type Descent = 'rerun' | 'variation' | 'upscale' | 'remix';

export interface Job extends NewJob {
  /** UUID v7: sorts by time of creation. */
  id: string;
  status: JobStatus;
  /** How often a worker has started it. */
  attempt: number;
  /** One id per finished picture, to be read from the ImageStore. Empty until done, and when they were removed. */
  images: string[];
  /** Which of its pictures the model's safety checker flagged, from 0. A failed job that has some was withheld. */
  flagged?: number[];
  /** Seconds it had of a device, when it is over. */
  deviceSeconds?: number;
  /** The sentence people read when it failed. */
  error?: string;
  createdAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
}

export type JobChange = Partial<
  Pick<Job, 'images' | 'flagged' | 'deviceSeconds' | 'error' | 'params' | 'startedAt' | 'finishedAt'>
> & {
  status: JobStatus;
  /** Add one to `attempt`. */
  begin?: true;
  /** Take one from `attempt`: what was begun ended through no fault of its own. */
  spare?: true;
};

/** Rows that decide. Each method is one atomic statement. */
export interface JobStore {
  /** The new row, or the row already made for this key. */
  insert(job: NewJob, now: Date): Promise<Job>;
  get(id: string): Promise<Job | undefined>;
  /** The changed row, or undefined when its status was none of `from` any more. */
  move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined>;
  /** Pictures that queued and running jobs start from. */
  sources(): Promise<string[]>;
  /** All queued jobs, the oldest first. */
  queued(): Promise<Job[]>;
  /** After a crash: every running row is queued again. Returns how many. */
  requeueRunning(): Promise<number>;
  /** Jobs of a person, the newest first, of these statuses or of all. */
  history(
    requester: Pick<Requester, 'platform' | 'id'>,
    limit: number,
    statuses?: readonly JobStatus[],
  ): Promise<Job[]>;
  /** All jobs of a person, the newest first, in pages: those older than the job `before`. */
  pageOf(requester: Pick<Requester, 'platform' | 'id'>, limit: number, before?: string): Promise<Job[]>;
  /** Finished jobs of a server from before then that have pictures still, the oldest first. */
  shownBefore(server: { platform: string; id: string }, before: Date, limit: number): Promise<Job[]>;
  /** Rows that are over go for good, with the links of their messages. */
  erase(ids: readonly string[]): Promise<void>;
  /** The row already made for this key. */
  withKey(key: string): Promise<Job | undefined>;
  /** Jobs that were drawn to their end, the newest first: what is known of how long drawing takes. */
  lastDone(limit: number): Promise<Job[]>;
  /** A private job is for everyone from now on. */
  publish(id: string): Promise<Job | undefined>;
  /** Those of these jobs that are over and have no pictures, because they were canceled or failed. */
  withoutPictures(ids: readonly string[]): Promise<string[]>;
}

/** The id of picture `index` of a job. */
export const pictureId = (jobId: string, index: number): string => `${jobId}-${index}`;

/** The id of the job that a picture belongs to; a picture that somebody gave us belongs to none. */
export const jobOfPicture = (id: string): string => id.replace(/-\d+$/, '');

/** The disk has no room for a picture. The message is a sentence for people. */
export class StorageFull extends Error {
  override name = 'StorageFull';
}

/** Another program holds the database. The message is a sentence for people. */
export class StorageBusy extends Error {
  override name = 'StorageBusy';
}

/** Finished pictures. A picture is either there whole or not there. */
export interface ImageStore {
  /** Written, synced and renamed before it resolves. Writing the same id again replaces it. */
  put(id: string, png: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | undefined>;
  remove(id: string): Promise<void>;
  list(): Promise<{ id: string; bytes: number; writtenAt: Date }[]>;
}
