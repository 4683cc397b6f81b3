// The card of a model folder: what its own darkroom.json says, and else what follows from its configuration.

import path from 'node:path';
import type { ModelCard } from './model-card.ts';
import { Darkroom, type DenoiserConfig } from './model-config.ts';
import { defaultsFor } from './model-defaults.ts';
import { usual } from './model-family.ts';
import { readOptionalJson } from './model-files.ts';
import type { ModelFolder } from './model-folder.ts';
import { schedulersFor } from './schedulers/index.ts';

export function cardOf(model: Omit<ModelFolder, 'card'>, denoiser: DenoiserConfig): ModelCard {
  const { folder, family, factor, parts, scheduler } = model;
  const name = path.basename(folder);
  const own = readOptionalJson(path.join(folder, 'darkroom.json'), Darkroom) ?? {};
  const { sample_size: places } = denoiser;
  const side = (Array.isArray(places) ? places[0] : places) ?? usual[family].places;
  const size = side * factor;
  // Every level of a U-Net halves the latents, and a transformer reads them in squares.
  const halvings = denoiser.block_out_channels ? 2 ** (denoiser.block_out_channels.length - 1) : 1;
  const transformer = family === 'sd3' || family === 'flux';
  const multipleOf = own.multipleOf ?? factor * (transformer ? 2 : halvings);
  const maxSize = own.maxSize ?? size * 2;
  const imageToImage = parts.vaeEncoder !== undefined;
  const larger = imageToImage && maxSize >= size * 2 ? { factor: 2, strength: 0.35 } : undefined;
  const upscale = own.upscale ?? larger;
  const guidanceInput = Boolean(denoiser.guidance_embeds ?? denoiser.time_cond_proj_dim);
  const usualDefaults = defaultsFor({ family, scheduler, guidanceInput });
  return {
    name,
    title: own.title ?? name,
    description: own.description ?? '',
    multipleOf,
    minSize: own.minSize ?? Math.max(multipleOf, factor * 8),
    maxSize,
    maxSteps: own.maxSteps ?? 150,
    imageToImage,
    ...((family === 'flux' || denoiser.time_cond_proj_dim) && { negativePrompt: false as const }),
    schedulers: schedulersFor(scheduler),
    ...(upscale && { upscale }),
    defaults: {
      width: size,
      height: size,
      steps: own.defaults?.steps ?? usualDefaults.steps,
      guidanceScale: own.defaults?.guidanceScale ?? usualDefaults.guidanceScale,
      scheduler:
        (own.defaults?.scheduler as ModelCard['defaults']['scheduler'] | undefined) ??
        usualDefaults.scheduler,
      negativePrompt: own.defaults?.negativePrompt ?? '',
    },
  };
}
