// Opens the networks of a model folder and puts its family together.

import path from 'node:path';
import { Autoencoder } from './autoencoder.ts';
import type { Family } from './families/family.ts';
import { flux, FLUX_T5_TOKENS } from './families/flux.ts';
import { refined } from './families/refined.ts';
import { sd3, SD3_T5_TOKENS } from './families/sd3.ts';
import { sdxl } from './families/sdxl.ts';
import { stableDiffusion } from './families/stable-diffusion.ts';
import type { ModelFolder } from './model-folder.ts';
import { modelHash } from './model-hash.ts';
import { openNetwork, type Network, type NetworkOptions } from './onnx.ts';
import { openSafetyChecker, type SafetyChecker } from './safety.ts';
import { TextEncoder, type TextEncoderOptions } from './text-encoder.ts';
import { openTokenizer } from './tokenizer.ts';

export interface OpenModel {
  folder: ModelFolder;
  family: Family;
  autoencoder: Autoencoder;
  safetyChecker?: SafetyChecker;
  /** Every network of it. */
  networks: readonly Network[];
  hash: string;
  device: string;
}

type Open = (file: string) => Promise<Network>;

/** Throws a ModelProblem that names the file and what to do; then nothing stays open. */
export async function openModel(folder: ModelFolder, options: NetworkOptions): Promise<OpenModel> {
  const networks: Network[] = [];
  const open: Open = async (file) => {
    const network = await openNetwork(file, options);
    networks.push(network);
    return network;
  };
  try {
    const parts = await openParts(folder, open);
    const hash = await modelHash(foldersOf(folder, networks), indexesOf(folder));
    return { folder, ...parts, networks, hash, device: options.device };
  } catch (error) {
    for (const network of networks) await network.release();
    throw error;
  }
}

async function openParts(
  folder: ModelFolder,
  open: Open,
): Promise<Pick<OpenModel, 'family' | 'autoencoder' | 'safetyChecker'>> {
  const { parts } = folder;
  const denoiser = await open(parts.denoiser);
  const family = await openFamily(folder, denoiser, open);
  const decoder = await open(parts.vaeDecoder);
  const encoder = parts.vaeEncoder && (await open(parts.vaeEncoder));
  const safetyChecker = parts.safetyChecker && (await openSafetyChecker(parts.safetyChecker, open));
  return {
    family,
    autoencoder: new Autoencoder({ ...folder, decoder, ...(encoder && { encoder }) }),
    ...(safetyChecker && { safetyChecker }),
  };
}

/** They say what an empty negative prompt is, and what the refiner is told. */
const indexesOf = ({ folder, refiner }: ModelFolder): string[] =>
  [folder, ...(refiner ? [refiner.folder] : [])].map((each) => path.join(each, 'model_index.json'));

/** Every folder whose files decide a picture. */
function foldersOf(model: ModelFolder, networks: readonly Network[]): string[] {
  const tokenizers = (of: ModelFolder): string[] => of.parts.texts.flatMap((text) => text?.tokenizer ?? []);
  const drawing = networks.filter(({ file }) => file !== model.parts.safetyChecker?.network);
  return [
    ...drawing.map(({ file }) => path.dirname(file)),
    ...tokenizers(model),
    ...(model.refiner ? tokenizers(model.refiner) : []),
    path.join(model.folder, 'scheduler'),
  ];
}

async function openFamily(folder: ModelFolder, denoiser: Network, open: Open): Promise<Family> {
  const { texts } = folder.parts;
  /** text_encoder is number 1. */
  const encoder = async (number: number, options: TextEncoderOptions & { length?: number } = {}) => {
    const { network, tokenizer } = texts[number - 1]!;
    const { length, ...rest } = options;
    const opened = openTokenizer(tokenizer, length === undefined ? {} : { length });
    return new TextEncoder(await open(network), opened, rest);
  };
  switch (folder.family) {
    case 'stable-diffusion':
      return stableDiffusion(denoiser, await encoder(1));
    case 'sdxl': {
      const inner = { layer: 'second to last', emphasis: 'no norm' } as const;
      const first = texts[0] ? [await encoder(1, inner)] : [];
      const base = sdxl(denoiser, [...first, await encoder(2, { ...inner, pooled: 'text_embeds' })], folder);
      const { refiner } = folder;
      if (!refiner) return base;
      return refined(base, await openFamily(refiner, await open(refiner.parts.denoiser), open));
    }
    case 'sd3': {
      const clip = { layer: 'second to last', pooled: 'text_embeds' } as const;
      const clips = [await encoder(1, clip), await encoder(2, clip)];
      const t5 = texts[2] && (await encoder(3, { length: SD3_T5_TOKENS }));
      return sd3(denoiser, clips, t5, folder.patch);
    }
    case 'flux': {
      const clip = await encoder(1, { pooled: 'pooler_output' });
      return flux(denoiser, clip, await encoder(2, { length: FLUX_T5_TOKENS }));
    }
  }
}
