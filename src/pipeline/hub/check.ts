// Tries a model folder out: opens every network, draws one step at the smallest size, and says in plain lines what the
// folder can do.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ModelCard } from '../model-card.ts';
import { drawsInside } from '../model-files.ts';
import { readModelFolder, type ModelFolder } from '../model-folder.ts';
import { openNetwork, type Network, type NetworkOptions } from '../onnx.ts';
import { openPipeline } from '../pipeline.ts';
import { ModelProblem } from '../problems.ts';
import { schedulerNames } from '../schedulers/index.ts';

/** The lines, as they come. Throws a ModelProblem that says what is wrong. */
export async function* checkModel(folder: string, options: NetworkOptions): AsyncGenerator<string> {
  const model = readModelFolder(folder);
  const { card, family, extraChannels, refiner, parts } = model;
  const used = new Set([...usedBy(model), ...(refiner ? usedBy(refiner) : [])]);
  const kind = [family, ...(extraChannels > 0 ? ['inpainting'] : []), ...(refiner ? ['with refiner'] : [])];
  yield `${card.name}: ${card.title} (${kind.join(', ')})`;
  for (const file of networksIn(folder)) {
    yield `  ${path.relative(folder, file)}  ${await describeFile(file, used.has(file), options)}`;
  }
  if (parts.vaeEncoder && drawsInside(parts.vaeEncoder))
    yield '  its vae_encoder draws noise of its own: pictures that start from an image differ a little each time, whatever their seed';
  yield* describeCard(card);
  yield `  ${await oneStep(folder, card, options)}`;
}

const usedBy = ({ parts }: ModelFolder): string[] =>
  [
    parts.denoiser,
    ...parts.texts.map((text) => text?.network),
    parts.vaeDecoder,
    parts.vaeEncoder,
    parts.safetyChecker?.network,
  ].filter((file) => file !== undefined);

/** One beside those that are used, such as another precision, may be broken. */
async function describeFile(file: string, isUsed: boolean, options: NetworkOptions): Promise<string> {
  const mark = isUsed ? '' : 'not used; ';
  try {
    const network = await openNetwork(file, options);
    const described = describeNetwork(network);
    await network.release();
    return `${mark}${described}`;
  } catch (error) {
    if (isUsed || !(error instanceof ModelProblem)) throw error;
    return `${mark}${error.message}`;
  }
}

/** Absolute paths of the networks. */
function networksIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name.endsWith('.onnx'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

/** Like "float16: sample [batch, 4, 64, 64], timestep [], encoder_hidden_states […]". */
function describeNetwork({ inputs }: Network): string {
  const types = [...inputs.values()].map(({ type }) => type);
  const precision = types.find((type) => type.startsWith('float')) ?? types[0] ?? 'no inputs';
  const named = [...inputs].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  return `${precision}: ${named.join(', ')}`;
}

function describeCard(card: ModelCard): string[] {
  const { minSize, maxSize, multipleOf, maxSteps, imageToImage, upscale, schedulers, defaults } = card;
  const modes = ['words', ...(imageToImage ? ['words and an image, with or without a mask'] : [])];
  const sizes =
    minSize === maxSize
      ? `${minSize} x ${minSize} pixels only`
      : `${minSize} to ${maxSize} pixels a side, in steps of ${multipleOf}`;
  return [
    `  draws from: ${modes.join('; ')}${upscale ? `; draws its pictures ${upscale.factor} times as large` : ''}`,
    `  sizes: ${sizes}; usually ${defaults.width} x ${defaults.height}`,
    `  usually: ${defaults.steps} steps of at most ${maxSteps}, guidance ${defaults.guidanceScale}, scheduler ${defaults.scheduler}`,
    `  schedulers: ${(schedulers ?? schedulerNames).join(', ')}`,
  ];
}

/** One step from noise at the smallest size, decoded. */
async function oneStep(folder: string, card: ModelCard, options: NetworkOptions): Promise<string> {
  const begun = performance.now();
  const pipeline = await openPipeline(folder, options);
  const opened = performance.now();
  const side = card.minSize;
  const { steps, guidanceScale, scheduler } = card.defaults;
  const task = { prompt: 'a red heart', negativePrompt: '', seed: 1 };
  const size = { width: side, height: side };
  await pipeline.generate({
    model: card.name,
    ...size,
    steps,
    guidanceScale,
    scheduler,
    stop: 1,
    tasks: [task],
  });
  const drawn = performance.now();
  await pipeline.close();
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return `works: opened in ${seconds(opened - begun)}, one step at ${side} x ${side} in ${seconds(drawn - opened)} on ${options.device}`;
}
