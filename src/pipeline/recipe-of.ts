// A picture's recipe read back from its PNG, and the batch that draws it again. The file is somebody else's word, so it
// is checked here.

import sharp from 'sharp';
import { z } from 'zod';
import type { Batch } from './picture.ts';
import { ModelProblem } from './problems.ts';
import type { Provenance } from './provenance.ts';
import { schedulerNames, type SchedulerName } from './schedulers/index.ts';

const whole = z.number().int().positive();
const share = z.number().min(0).max(1);
const anySeed = z.number().int().min(0).max(0xffffffff);
const Stored = z.looseObject({
  model: z.string(),
  width: whole,
  height: whole,
  steps: whole,
  scheduler: z.enum(schedulerNames as readonly [SchedulerName, ...SchedulerName[]]),
  guidanceScale: z.number(),
  guidanceRescale: share.optional(),
  stop: whole.optional(),
  /** Absent where they were left out. */
  prompt: z.string().optional(),
  negativePrompt: z.string().optional(),
  seed: anySeed,
  variation: z.object({ seed: anySeed, strength: share }).optional(),
  strength: share.optional(),
  masked: z.boolean().optional(),
});
const Made = z.object({
  version: z.string().optional(),
  runtime: z.string().optional(),
  platform: z.string().optional(),
  device: z.string().optional(),
  modelHash: z.string().optional(),
  unseeded: z.literal(true).optional(),
});

export interface StoredRecipe {
  recipe: z.infer<typeof Stored>;
  /** What is known of how it was drawn; older versions wrote less. */
  made: Partial<Provenance>;
}

/** Of the `darkroom` text in a PNG that Darkroom wrote. Throws a ModelProblem where there is none. */
export async function recipeOf(png: Uint8Array): Promise<StoredRecipe> {
  try {
    const { comments = [] } = await sharp(png).metadata();
    const stored: unknown = JSON.parse(comments.find(({ keyword }) => keyword === 'darkroom')?.text ?? '');
    const made = Object.entries(Made.parse(stored)).filter(([, value]) => value !== undefined);
    return { recipe: Stored.parse(stored), made: Object.fromEntries(made) };
  } catch (error) {
    throw new ModelProblem(
      'There is no recipe in it: only the PNG files that Darkroom wrote have one, and programs that write a picture anew often drop it.',
      { cause: error },
    );
  }
}

/**
 * What draws the picture again; `start` is the image that it started from. Throws a ModelProblem where the recipe alone
 * is not enough.
 */
export function batchOf({ recipe }: StoredRecipe, start?: Uint8Array): Batch {
  const { prompt, negativePrompt, seed, variation, strength, masked } = recipe;
  const { model, width, height, steps, scheduler, guidanceScale, guidanceRescale, stop } = recipe;
  if (prompt === undefined || negativePrompt === undefined)
    throw new ModelProblem(
      'Its recipe leaves the prompt out, so it can not be drawn again from the file alone.',
    );
  if (masked)
    throw new ModelProblem('It was drawn into a part of another picture, and the mask is not in the file.');
  if (strength !== undefined && !start)
    throw new ModelProblem('It was drawn from another picture: give that one with --image.');
  const task = {
    prompt,
    negativePrompt,
    seed,
    ...(variation && { variation }),
    ...(strength !== undefined && start && { init: { bytes: start, strength } }),
  };
  return {
    model,
    width,
    height,
    steps,
    scheduler,
    guidanceScale,
    ...(guidanceRescale !== undefined && { guidanceRescale }),
    ...(stop !== undefined && { stop }),
    tasks: [task],
  };
}
