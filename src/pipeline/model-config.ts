// What a model folder's JSON files must say, and what follows from it for the shapes and scales of latents.

import { z } from 'zod';
import { usual, type FamilyName } from './model-family.ts';
import { ModelProblem } from './problems.ts';
import { schedulerNames } from './schedulers/index.ts';

export const Index = z.looseObject({
  _class_name: z.string(),
  force_zeros_for_empty_prompt: z.boolean().nullish(),
  requires_aesthetics_score: z.boolean().nullish(),
});
export const DenoiserConfig = z.looseObject({
  sample_size: z.union([z.number(), z.array(z.number()).min(1)]).nullish(),
  in_channels: z.number().optional(),
  block_out_channels: z.array(z.number()).optional(),
  patch_size: z.number().nullish(),
  guidance_embeds: z.boolean().nullish(),
  time_cond_proj_dim: z.number().nullish(),
});
export const VaeConfig = z.looseObject({
  scaling_factor: z.number().optional(),
  shift_factor: z.number().nullish(),
  latents_mean: z.array(z.number()).nullish(),
  latents_std: z.array(z.number()).nullish(),
  latent_channels: z.number().optional(),
  sample_size: z.number().nullish(),
  block_out_channels: z.array(z.number()).optional(),
  decoder_block_out_channels: z.array(z.number()).optional(),
});
export const Preview = z.object({
  factors: z.array(z.array(z.number())),
  bias: z.array(z.number()),
  patch: z.number().int().positive(),
});
export const Darkroom = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  multipleOf: z.number().int().positive().optional(),
  minSize: z.number().int().positive().optional(),
  maxSize: z.number().int().positive().optional(),
  maxSteps: z.number().int().positive().optional(),
  upscale: z.object({ factor: z.number().min(1).max(4), strength: z.number().gt(0).max(1) }).optional(),
  defaults: z
    .object({
      steps: z.number().int().positive(),
      guidanceScale: z.number(),
      scheduler: z.enum(schedulerNames as readonly [string, ...string[]]),
      negativePrompt: z.string(),
    })
    .partial()
    .optional(),
});

export type DenoiserConfig = z.infer<typeof DenoiserConfig>;
export type VaeConfig = z.infer<typeof VaeConfig>;

/** From the autoencoder's numbers to the denoising network's: z -> (z - shift) * scaling. */
export interface LatentScale {
  scaling: number;
  shift: number;
  /** Per channel, in place of the shift, where the folder has them. */
  statistics?: { mean: readonly number[]; deviation: readonly number[] };
}

/** Channels of the latents, and what an inpainting network takes beside them. */
export function channelsOf(
  folder: string,
  family: FamilyName,
  denoiser: DenoiserConfig,
  vae: VaeConfig,
): { latentChannels: number; extraChannels: number } {
  const { in_channels: taken } = denoiser;
  if (family === 'flux') {
    const channels = vae.latent_channels ?? usual.flux.channels;
    // Squares of 2 x 2 places are packed into one. Editing models take more beside them.
    if ((taken ?? 4 * channels) === 4 * channels) return { latentChannels: channels, extraChannels: 0 };
    throw new ModelProblem(
      `The transformer of ${folder} takes ${taken} channels, which is not supported: ${4 * channels} for drawing are.`,
    );
  }
  const inpaints = taken === 2 * (vae.latent_channels ?? usual[family].channels) + 1;
  const latentChannels =
    vae.latent_channels ?? (inpaints ? (taken - 1) / 2 : taken) ?? usual[family].channels;
  const extraChannels = (taken ?? latentChannels) - latentChannels;
  if (extraChannels !== 0 && extraChannels !== latentChannels + 1)
    throw new ModelProblem(
      `The network of ${folder} takes ${taken} channels, which is not supported: ${latentChannels} for drawing and ${2 * latentChannels + 1} for inpainting are.`,
    );
  return { latentChannels, extraChannels };
}

export function scaleOf(vae: VaeConfig, { scaling, shift }: { scaling: number; shift: number }): LatentScale {
  const { latents_mean: mean, latents_std: deviation } = vae;
  return {
    scaling: vae.scaling_factor ?? scaling,
    // A file that states the one and not the other means none.
    shift: vae.shift_factor ?? (vae.scaling_factor === undefined ? shift : 0),
    ...(mean && deviation && { statistics: { mean, deviation } }),
  };
}
