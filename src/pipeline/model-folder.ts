// Reads a model folder in the Hugging Face diffusers / optimum ONNX layout: its family, the parts it has, their
// configuration, and the card of what may be asked of it. Opens no network, so the main process may use it.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { cardOf } from './card-of.ts';
import type { ModelCard } from './model-card.ts';
import {
  channelsOf,
  DenoiserConfig,
  Index,
  Preview,
  scaleOf,
  VaeConfig,
  type LatentScale,
} from './model-config.ts';
import { baseOf, familyOf, requiredTexts, usual, type FamilyName } from './model-family.ts';
import { findNetwork, readJson, readOptionalJson, readScheduler, requireNetwork } from './model-files.ts';
import type { PreviewProjection } from './preview.ts';
import { ModelProblem } from './problems.ts';
import type { SafetyFiles } from './safety.ts';
import { schedulersFor, type SchedulerConfig } from './schedulers/index.ts';

export interface TextPart {
  network: string;
  /** The folder of its tokenizer. */
  tokenizer: string;
}

export interface ModelFolder {
  folder: string;
  card: ModelCard;
  family: FamilyName;
  /** Absolute paths of .onnx files. `texts[0]` is text_encoder, `texts[1]` text_encoder_2, `texts[2]` text_encoder_3. */
  parts: {
    denoiser: string;
    texts: readonly (TextPart | undefined)[];
    vaeDecoder: string;
    vaeEncoder?: string;
    safetyChecker?: SafetyFiles;
  };
  scheduler: SchedulerConfig;
  /** SDXL's second model, which draws the last steps: a whole folder of its own named `refiner`. */
  refiner?: ModelFolder;
  latentChannels: number;
  /** Channels that the network takes beside the latents: 5 for an inpainting network (mask and masked picture). */
  extraChannels: number;
  /** Pixels a side per latent place. */
  factor: number;
  /** Latent places a side that the autoencoder was made for: the tiles of very large pictures. */
  tile: number;
  /** Of the encoder and of the decoder: a small decoder may stand beside a large encoder. */
  encoderScale: LatentScale;
  decoderScale: LatentScale;
  /** Latent places a side that a transformer sees as one. */
  patch: number;
  zeroNegative: boolean;
  aesthetic: boolean;
  /** Image to image spends all its steps below the strength, instead of leaving out those above it. */
  strengthInPlan: boolean;
  /** How latents become a small picture without the decoder, when the folder says. */
  preview?: PreviewProjection;
}

/** Throws a ModelProblem that names the missing or wrong file. */
export function readModelFolder(folder: string): ModelFolder {
  const index = readJson(path.join(folder, 'model_index.json'), Index);
  const family = familyOf(index._class_name, folder);
  const parts = partsOf(folder, family);
  const old = index._class_name.startsWith('Onnx');
  const configOf = <T>(part: string, schema: z.ZodType<T>): T => {
    const file = path.join(folder, part, 'config.json');
    // The first exporter wrote no configuration beside its networks.
    return (old ? readOptionalJson(file, schema) : readJson(file, schema)) ?? schema.parse({});
  };
  const denoiser = configOf(path.basename(path.dirname(parts.denoiser)), DenoiserConfig);
  // Those of the legacy class inpaint with an ordinary network.
  if (old && index._class_name.endsWith('InpaintPipeline')) denoiser.in_channels ??= INPAINTING_CHANNELS;
  const vae = configOf(path.basename(path.dirname(parts.vaeDecoder)), VaeConfig);
  const schedulerFile = path.join(folder, 'scheduler', 'scheduler_config.json');
  const scheduler = readScheduler(schedulerFile);
  if (schedulersFor(scheduler).length === 0)
    throw new ModelProblem(
      `${schedulerFile} names the scheduler ${String(scheduler['_class_name'])}, which is not supported: put the file of another one there that suits the model, as in the model's other releases.`,
    );
  const preview = readOptionalJson(path.join(folder, 'vae_decoder', 'preview.json'), Preview);
  const blocks = (vae.block_out_channels ?? vae.decoder_block_out_channels)?.length ?? 4;
  const factor = 2 ** (blocks - 1);
  const { latentChannels, extraChannels } = channelsOf(folder, family, denoiser, vae);
  const refiner = family === 'sdxl' ? refinerOf(folder) : undefined;
  const model = {
    folder,
    family,
    parts,
    scheduler,
    latentChannels,
    extraChannels,
    factor,
    tile: Math.floor((vae.sample_size ?? usual[family].places * factor) / factor),
    encoderScale: scaleOf(parts.vaeEncoder ? configOf('vae_encoder', VaeConfig) : vae, usual[family]),
    decoderScale: scaleOf(vae, usual[family]),
    patch: denoiser.patch_size ?? 2,
    zeroNegative: index.force_zeros_for_empty_prompt ?? family === 'sdxl',
    aesthetic: index.requires_aesthetics_score ?? false,
    strengthInPlan: baseOf(index._class_name) === 'LatentConsistencyModel',
    ...(preview && { preview }),
    ...(refiner && { refiner }),
  };
  return { ...model, card: cardOf(model, denoiser) };
}

function refinerOf(folder: string): ModelFolder | undefined {
  const inside = path.join(folder, 'refiner');
  return existsSync(path.join(inside, 'model_index.json')) ? readModelFolder(inside) : undefined;
}

/** What Stable Diffusion's inpainting network takes: latents, the picture without what is masked, the mask. */
const INPAINTING_CHANNELS = 9;

const TEXT_PARTS = ['text_encoder', 'text_encoder_2', 'text_encoder_3'] as const;

function partsOf(folder: string, family: FamilyName): ModelFolder['parts'] {
  const transformer = family === 'sd3' || family === 'flux';
  const denoiser = requireNetwork(folder, transformer ? 'transformer' : 'unet');
  const texts = TEXT_PARTS.map((part, i) => {
    const network = requiredTexts[family].includes(part)
      ? requireNetwork(folder, part)
      : findNetwork(folder, part);
    return network === undefined
      ? undefined
      : { network, tokenizer: path.join(folder, i === 0 ? 'tokenizer' : `tokenizer_${i + 1}`) };
  });
  const small = findNetwork(folder, 'taesd_decoder');
  const vaeDecoder = findNetwork(folder, 'vae_decoder') ?? small ?? requireNetwork(folder, 'vae_decoder');
  const vaeEncoder = findNetwork(folder, 'vae_encoder');
  const checker = findNetwork(folder, 'safety_checker');
  const preprocessor = path.join(folder, 'feature_extractor', 'preprocessor_config.json');
  return {
    denoiser,
    texts,
    vaeDecoder,
    ...(vaeEncoder && { vaeEncoder }),
    ...(checker && { safetyChecker: { network: checker, preprocessor } }),
  };
}

/**
 * Every folder directly under `modelsDir` that has a model_index.json, by name. Those that can not be used come as
 * sentences in `problems`; a missing `modelsDir` has no models. Throws only where a folder can not be listed.
 */
export function readModels(modelsDir: string): { folders: ModelFolder[]; problems: string[] } {
  const folders: ModelFolder[] = [];
  const problems: string[] = [];
  const names = existsSync(modelsDir) ? readdirSync(modelsDir).toSorted() : [];
  for (const name of names) {
    const folder = path.join(modelsDir, name);
    if (!existsSync(path.join(folder, 'model_index.json'))) continue;
    try {
      folders.push(readModelFolder(folder));
    } catch (error) {
      if (!(error instanceof ModelProblem)) throw error;
      problems.push(error.message);
    }
  }
  return { folders, problems };
}
