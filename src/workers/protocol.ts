// What the main process and a worker host say to each other, and nothing else. Sent over a forked process's channel
// with structured clone, so bytes travel as bytes.

import type { Batch, Picture, Timing } from '../pipeline/picture.ts';

export interface HostConfig {
  /** 'cpu', 'cuda:0', 'webgpu'. */
  device: string;
  modelsDir: string;
  /** Pipeline threads in the host's pool. */
  threads: number;
  /** Threads the runtime may use inside one pipeline thread. */
  intraOpThreads: number;
  /** What one thread's open models may weigh together, in megabytes of their files; absent: by the device's memory. */
  modelMemoryMb?: number;
}

/** One frame while a group runs: every picture's preview in one small image, two in a row. */
export interface PreviewImage {
  bytes: Uint8Array;
  type: 'image/jpeg' | 'image/png' | 'image/webp';
}

/** Steps never go back. A preview may come on its own, a little after its step, under the newest step's number. */
export interface Progress {
  step: number;
  of: number;
  preview?: PreviewImage;
}

/** What came of one group of a batch. The time is the batch's until then. */
export interface BatchResult extends Timing {
  pictures: Picture[];
  /** The device that really ran it, for the receipt. */
  device: string;
  /** It was asked to finish early, and ended after this many steps. */
  stoppedAfter?: number;
}

export type ToHost =
  | { type: 'run'; id: string; batch: Batch }
  | { type: 'cancel'; id: string; group: number }
  /** End after the step that runs, with the pictures as they are foreseen by then. */
  | { type: 'finish'; id: string; group: number }
  /** Go on with this one picture of the group alone. */
  | { type: 'pick'; id: string; group: number; index: number }
  /** Open this model in every thread that is free; nobody waits for it. */
  | { type: 'load'; model: string };

/** What became of one group. */
export type GroupEnd =
  { type: 'done'; group: number; result: BatchResult } | { type: 'canceled'; group: number };

/** The one answer to a `run`. */
export type BatchAnswer =
  /** The thread is free. `ends` are those of the groups that were not over before the others. */
  | { type: 'over'; id: string; ends: GroupEnd[] }
  /** `explained`: the message is a sentence for people; otherwise it is for the log. */
  | { type: 'failed'; id: string; message: string; explained: boolean };

/** The device that is used, and why it is not the one that was asked for when that is so. */
export interface FoundDevice {
  device: string;
  /** A sentence or two for the owner. */
  advice?: string;
}

export type FromHost =
  | ({ type: 'ready' } & FoundDevice)
  /** Every second; its absence means the process hangs. */
  | { type: 'beat' }
  | { type: 'loaded'; model: string }
  /** A model was closed to make room for another. */
  | { type: 'closed'; model: string }
  /** Replace this process when it is idle: why, to follow the words "the worker". */
  | { type: 'retire'; reason: string }
  /** The batch's model is open in its thread: steps follow. */
  | { type: 'opened'; id: string }
  /** It goes on, although there is no step to tell of. */
  | { type: 'pulse'; id: string }
  | { type: 'progress'; id: string; group: number; progress: Progress }
  /** A group is over while others go on. */
  | { type: 'ended'; id: string; end: GroupEnd }
  | BatchAnswer;
