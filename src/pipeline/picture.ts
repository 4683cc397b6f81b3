// What goes into the pipeline and what comes out of it. Knows no people, no rows, no processes.

import type { SchedulerName } from './schedulers/index.ts';

/** An image to start from instead of pure noise (SDEdit, Meng et al. 2021). */
export interface InitImage {
  /** PNG, JPEG or WebP bytes; resized to the task's size. */
  bytes: Uint8Array;
  /**
   * Denoising strength, 0 to 1: how much of the reverse process is run. 1 forgets the image. 0 is the image itself at
   * the batch's size, by Lanczos' filter; no network runs, and the size may be any.
   */
  strength: number;
  /** Any picture file: only where it is white the image is drawn anew. */
  mask?: Uint8Array;
}

/** A way from one seed's picture towards another's: the noise is a mixture of both. */
export interface Variation {
  /** 0 to 4294967295. */
  seed: number;
  /** 0 to 1: 0 is the picture's own noise, 1 the other seed's; see slerp in noise.ts. */
  strength: number;
}

/** What pictures of one batch must share to go through the network together. */
export interface BatchParams {
  /** The model folder's name. */
  model: string;
  /** Pixels; multiples of the model's `multipleOf`. */
  width: number;
  height: number;
  /** Steps of the reverse process as planned, from 1; some schedulers ask the network twice in one. */
  steps: number;
  scheduler: SchedulerName;
  /**
   * Classifier-free guidance (Ho & Salimans 2022): up to 1 there is none, and the negative prompt has no say. Networks
   * that were distilled with guidance (FLUX.1 dev, LCM) read it as an input instead, at any value; others without
   * (FLUX.1 schnell) do not read it.
   */
  guidanceScale: number;
  /** 0 to 1 (0): brings contrast back to what it is without guidance (Lin et al. 2023). */
  guidanceRescale?: number;
  /**
   * The reverse process ends after so many calls of the network for a picture (`Step.index`), from 1, and the clean image
   * foreseen is decoded. More than there are change nothing.
   */
  stop?: number;
}

/** One picture to make. Its pixels depend on nothing but this, the batch's parameters and the model. */
export interface PictureTask {
  prompt: string;
  negativePrompt: string;
  /** 0 to 4294967295, for torch's CPU generator. */
  seed: number;
  init?: InitImage;
  variation?: Variation;
  /** The recipe in its file leaves the prompts out. */
  promptless?: true;
}

export interface Batch extends BatchParams {
  tasks: PictureTask[];
  /** How many of the tasks, in their order, belong together: sizes of groups. Absent: all of them do. */
  groups?: readonly number[];
}

/** 8-bit RGB, row by row, three bytes a pixel. */
export interface RawImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** One step of a group of tasks is over. */
export interface Step {
  /** 1 to `of`. */
  index: number;
  of: number;
  /** The predicted clean images (x0) so far, one per wanted task, small. Absent on steps where none was wanted. */
  previews?: RawImage[];
}

/** A finished picture. */
export interface Picture {
  /** PNG with its recipe in text chunks. */
  png: Uint8Array;
  seed: number;
  /** The folder's safety checker takes it for one that not everybody should see. The pixels are left as they are. */
  flagged?: true;
}

export interface Timing {
  /** The whole batch, in milliseconds. */
  totalMs: number;
  /** The part of it spent inside the network runtime. */
  runtimeMs: number;
}
