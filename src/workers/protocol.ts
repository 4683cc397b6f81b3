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
}

/** One frame while a batch runs: every picture's preview in one small image, two in a row. */
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

export interface BatchResult extends Timing {
  pictures: Picture[];
  /** The device that really ran it, for the receipt. */
  device: string;
}

export type ToHost =
  | { type: 'run'; id: string; batch: Batch }
  | { type: 'cancel'; id: string }
  /** Open this model in every thread that is free; nobody waits for it. */
  | { type: 'load'; model: string };

/** The one answer to a `run`. */
export type BatchAnswer =
  | { type: 'done'; id: string; result: BatchResult }
  | { type: 'canceled'; id: string }
  /** `explained`: the message is a sentence for people; otherwise it is for the log. */
  | { type: 'failed'; id: string; message: string; explained: boolean };

export type FromHost =
  | { type: 'ready' }
  /** Every second; its absence means the process hangs. */
  | { type: 'beat' }
  | { type: 'loaded'; model: string }
  /** The batch's model is open in its thread: steps follow. */
  | { type: 'opened'; id: string }
  | { type: 'progress'; id: string; progress: Progress }
  | BatchAnswer;
