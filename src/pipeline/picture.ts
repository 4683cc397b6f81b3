// What goes into the pipeline and what comes out of it. Knows no people, no rows, no processes.

import type { SchedulerName } from './schedulers/index.ts';

/** An image to start from instead of pure noise (SDEdit, Meng et al. 2021). */
export interface InitImage {
  /** PNG, JPEG or WebP bytes; resized to the task's size. */
  bytes: Uint8Array;
  /** Denoising strength, above 0 up to 1: how much of the reverse process is run. 1 forgets the image. */
  strength: number;
}

/** What pictures of one batch must share to go through the network together. */
export interface BatchParams {
  /** The model folder's name. */
  model: string;
  /** Pixels; multiples of the model's `multipleOf`. */
  width: number;
  height: number;
  /** Steps of the reverse process. */
  steps: number;
  scheduler: SchedulerName;
  /** Classifier-free guidance (Ho & Salimans 2022); 1 switches it off. */
  guidanceScale: number;
}

/** One picture to make. Its pixels depend on nothing but this, the batch's parameters and the model. */
export interface PictureTask {
  prompt: string;
  negativePrompt: string;
  /** 0 to 4294967295, for torch's CPU generator. */
  seed: number;
  init?: InitImage;
}

export interface Batch extends BatchParams {
  tasks: PictureTask[];
}

/** 8-bit RGB, row by row, three bytes a pixel. */
export interface RawImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** One step of the reverse process is over. */
export interface Step {
  /** 1 to `of`. */
  index: number;
  of: number;
  /** The predicted clean images (x0) so far, one per task, small. Absent on steps where none was wanted. */
  previews?: RawImage[];
}

/** A finished picture. */
export interface Picture {
  /** PNG with its recipe in text chunks. */
  png: Uint8Array;
  seed: number;
}

export interface Timing {
  /** The whole batch, in milliseconds. */
  totalMs: number;
  /** The part of it spent inside the network runtime. */
  runtimeMs: number;
}
