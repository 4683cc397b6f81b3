// What people may ask of a model, read from its folder without opening the networks.
// The folder is in the Hugging Face diffusers layout; an optional darkroom.json in it states defaults and limits.
// Knows no network runtime, so the main process may use it.

import type { SchedulerName } from './schedulers/index.ts';

export interface ModelCard {
  /** The folder's name, as people type it. */
  name: string;
  title: string;
  /** One sentence. */
  description: string;
  /** Width and height must be multiples of this many pixels. */
  multipleOf: number;
  minSize: number;
  maxSize: number;
  maxSteps: number;
  /** Whether it can start from an image (the folder has a vae_encoder). */
  imageToImage: boolean;
  /** It never reads a negative prompt: its guidance is learned. */
  negativePrompt?: false;
  /** The schedulers that can run it, `default` first. Absent: every one. */
  schedulers?: readonly SchedulerName[];
  /**
   * How it draws its own pictures larger: `factor` times the size, started from the enlarged picture with this
   * denoising strength. Absent where it can not; then strength 0 enlarges without the model.
   */
  upscale?: { factor: number; strength: number };
  defaults: {
    width: number;
    height: number;
    steps: number;
    guidanceScale: number;
    scheduler: SchedulerName;
    negativePrompt: string;
  };
}
