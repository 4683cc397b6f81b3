// Reads a model folder in the Hugging Face diffusers / optimum ONNX layout: which parts it has, their configuration,
// and the card of what may be asked of it. Opens no network, so the main process may use it.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ModelCard } from './model-card.ts';
import { ModelProblem } from './problems.ts';
import { parseSchedulerConfig, schedulerNames, type SchedulerConfig } from './schedulers/index.ts';

const parts = ['text_encoder', 'unet', 'vae_decoder'] as const;

const Index = z.looseObject({ _class_name: z.string() });
const UNetConfig = z.looseObject({ sample_size: z.number().optional(), in_channels: z.number().default(4) });
const VaeConfig = z.looseObject({
  scaling_factor: z.number().default(0.18215),
  shift_factor: z.number().nullish(),
  block_out_channels: z.array(z.number()).optional(),
});
const Preview = z.object({
  /** One row a latent channel, 3 * patch * patch columns: [row][column][red, green, blue] of its square. */
  factors: z.array(z.array(z.number())),
  bias: z.array(z.number()),
  patch: z.number().int().positive(),
});
const Darkroom = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  multipleOf: z.number().int().positive().optional(),
  minSize: z.number().int().positive().optional(),
  maxSize: z.number().int().positive().optional(),
  maxSteps: z.number().int().positive().optional(),
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

export type PreviewProjection = z.infer<typeof Preview>;

export interface ModelFolder {
  folder: string;
  card: ModelCard;
  /** Absolute paths of the .onnx files; vae_encoder only where there is one. */
  files: { textEncoder: string; unet: string; vaeDecoder: string; vaeEncoder?: string };
  tokenizerDir: string;
  scheduler: SchedulerConfig;
  latentChannels: number;
  /** Pixels a side per latent. */
  factor: number;
  scalingFactor: number;
  shiftFactor: number;
  /** How latents become a small picture without the decoder, when the folder says. */
  preview?: PreviewProjection;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ModelProblem(`The model folder lacks ${file}: download or export the model again.`, {
      cause: error,
    });
  }
}

function readScheduler(file: string): SchedulerConfig {
  const text = readText(file);
  try {
    return parseSchedulerConfig(text);
  } catch (error) {
    throw new ModelProblem(`${file} is not a scheduler's configuration.`, { cause: error });
  }
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  const text = readText(file);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new ModelProblem(
      `${file} is not what a model folder needs there: ${error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON'}.`,
      { cause: error },
    );
  }
}

const optionalJson = <T>(file: string, schema: z.ZodType<T>): T | undefined =>
  existsSync(file) ? readJson(file, schema) : undefined;

function network(folder: string, part: string): string {
  const file = path.join(folder, part, 'model.onnx');
  if (!existsSync(file))
    throw new ModelProblem(
      `The model folder ${folder} has no ${part}/model.onnx: download or export the model again.`,
    );
  if (statSync(file).size === 0)
    throw new ModelProblem(`${file} is empty: download or export the model again.`);
  return file;
}

function cardOf(
  name: string,
  factor: number,
  sampleSize: number,
  imageToImage: boolean,
  own: z.infer<typeof Darkroom>,
): ModelCard {
  const size = sampleSize * factor;
  return {
    name,
    title: own.title ?? name,
    description: own.description ?? '',
    multipleOf: own.multipleOf ?? factor,
    minSize: own.minSize ?? factor * 8,
    maxSize: own.maxSize ?? size * 2,
    maxSteps: own.maxSteps ?? 150,
    imageToImage,
    defaults: {
      width: size,
      height: size,
      steps: own.defaults?.steps ?? 25,
      guidanceScale: own.defaults?.guidanceScale ?? 7.5,
      scheduler: (own.defaults?.scheduler as ModelCard['defaults']['scheduler'] | undefined) ?? 'dpm++2m',
      negativePrompt: own.defaults?.negativePrompt ?? '',
    },
  };
}

/** Throws a ModelProblem that names the missing or wrong file. */
export function readModelFolder(folder: string): ModelFolder {
  const index = readJson(path.join(folder, 'model_index.json'), Index);
  if (!['StableDiffusionPipeline', 'OnnxStableDiffusionPipeline'].includes(index._class_name))
    throw new ModelProblem(
      `${folder} is a ${index._class_name}, which is not supported yet: StableDiffusionPipeline is.`,
    );
  const [textEncoder, unet, vaeDecoder] = parts.map((part) => network(folder, part)) as [
    string,
    string,
    string,
  ];
  const hasEncoder = existsSync(path.join(folder, 'vae_encoder', 'model.onnx'));
  const unetConfig = readJson(path.join(folder, 'unet', 'config.json'), UNetConfig);
  const vae = readJson(path.join(folder, 'vae_decoder', 'config.json'), VaeConfig);
  const factor = vae.block_out_channels ? 2 ** (vae.block_out_channels.length - 1) : 8;
  const preview = optionalJson(path.join(folder, 'vae_decoder', 'preview.json'), Preview);
  const own = optionalJson(path.join(folder, 'darkroom.json'), Darkroom) ?? {};
  return {
    folder,
    card: cardOf(path.basename(folder), factor, unetConfig.sample_size ?? 64, hasEncoder, own),
    files: {
      textEncoder,
      unet,
      vaeDecoder,
      ...(hasEncoder && { vaeEncoder: network(folder, 'vae_encoder') }),
    },
    tokenizerDir: path.join(folder, 'tokenizer'),
    scheduler: readScheduler(path.join(folder, 'scheduler', 'scheduler_config.json')),
    latentChannels: unetConfig.in_channels,
    factor,
    scalingFactor: vae.scaling_factor,
    shiftFactor: vae.shift_factor ?? 0,
    ...(preview && { preview }),
  };
}

/** Every folder under `modelsDir` that has a model_index.json; those that can not be read come with the reason. */
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
