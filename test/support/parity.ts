// The parity fixtures: tiny models with random weights and what diffusers draws with them. How they are made and what
// their files mean: training/parity/README.md.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelFolder } from '../../src/pipeline/model-folder.ts';
import { openModel, type OpenModel } from '../../src/pipeline/open-model.ts';
import { DiffusionPipeline } from '../../src/pipeline/pipeline.ts';
import type { Batch, PictureTask } from '../../src/pipeline/picture.ts';
import { parseSchedulerConfig } from '../../src/pipeline/schedulers/index.ts';

export interface Case {
  name: string;
  mode: 'text-to-image' | 'image-to-image' | 'inpaint';
  prompt: string;
  negativePrompt: string | null;
  width: number;
  height: number;
  steps: number;
  guidanceScale: number;
  guidanceRescale?: number;
  scheduler: Record<string, unknown>;
  seeds: number[];
  strength?: number;
  /** Decoded in tiles. */
  tiled?: boolean;
  init?: string;
  mask?: string;
  /** [n, 3, height, width] in [0, 1]. */
  expected: string;
  /** What diffusers gave its decoder: [n, channels, height, width] in the autoencoder's own scale. */
  decoderInput: string;
  tolerance: number;
}

const root = fileURLToPath(new URL('../fixtures/parity', import.meta.url));
export const folderOf = (family: string): string => path.join(root, family);

/** The names of the folders with cases. */
export const families = readdirSync(root).filter((name) =>
  existsSync(path.join(folderOf(name), 'cases.json')),
);

/** What a cases.json says. One with a `base` and a `refiner` names two other families' folders in place of its own. */
function readCases(family: string): { cases: Case[]; base?: string; refiner?: string } {
  // Schedulers' configurations in it may hold infinities, which plain JSON does not know.
  const file = parseSchedulerConfig(readFileSync(path.join(folderOf(family), 'cases.json'), 'utf8'));
  return file as unknown as ReturnType<typeof readCases>;
}

export const casesOf = (family: string): Case[] => readCases(family).cases;

export function openFamily(family: string, intraOpThreads = 1): Promise<OpenModel> {
  const { base = family, refiner } = readCases(family);
  const folder = readModelFolder(folderOf(base));
  const refined = refiner && { refiner: readModelFolder(folderOf(refiner)) };
  return openModel({ ...folder, ...refined }, { device: 'cpu', intraOpThreads });
}

/** The case as our pipeline is asked. */
export function batchOf(family: string, c: Case): Batch {
  const read = (file: string): Uint8Array => readFileSync(path.join(folderOf(family), file));
  const init = c.init && {
    init: { bytes: read(c.init), strength: c.strength ?? 1, ...(c.mask && { mask: read(c.mask) }) },
  };
  // An empty negative prompt is, for our people, none at all; a space has the tokens of the empty one.
  const negativePrompt = c.negativePrompt === '' ? ' ' : (c.negativePrompt ?? '');
  const { prompt, width, height, steps, guidanceScale, guidanceRescale = 0 } = c;
  const tasks = c.seeds.map((seed): PictureTask => ({ prompt, negativePrompt, seed, ...init }));
  return {
    model: family,
    width,
    height,
    steps,
    scheduler: 'default',
    guidanceScale,
    guidanceRescale,
    tasks,
  };
}

export interface Differences {
  /** The largest of any number of the pictures, before they are rounded, in parts of full brightness. */
  pictures: number;
  /** The largest of any number that the decoder is given, in parts of the largest of them. */
  latents: number;
}

export async function worstDifferences(model: OpenModel, family: string, c: Case): Promise<Differences> {
  const autoencoder = c.tiled ? model.autoencoder.tiledAbove(0) : model.autoencoder;
  const folder = { ...model.folder, scheduler: c.scheduler };
  const pipeline = new DiffusionPipeline({ ...model, folder, autoencoder });
  const batch = batchOf(family, c);
  const { drawn } = await pipeline.draw(batch);
  const planes = batch.tasks.flatMap((task) => [...drawn.get(task)!.data]);
  const inRange = (v: number): number => Math.min(1, Math.max(0, v / 2 + 0.5));
  const { scaling, shift } = model.folder.decoderScale;
  const latents = batch.tasks.flatMap((task) => [...drawn.get(task)!.latents]);
  const given = numbersIn(family, c.decoderInput);
  const largest = given.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return {
    pictures: apart(planes.map(inRange), numbersIn(family, c.expected)),
    latents:
      apart(
        latents.map((v) => v / scaling + shift),
        given,
      ) / largest,
  };
}

function numbersIn(family: string, file: string): Float32Array {
  const bytes = readFileSync(path.join(folderOf(family), file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function apart(ours: readonly number[], theirs: Float32Array): number {
  if (ours.length !== theirs.length) return Infinity;
  return ours.reduce((most, v, i) => Math.max(most, Math.abs(v - theirs[i]!)), 0);
}
