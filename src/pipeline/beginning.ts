// Everything about a picture before its first step: its words over all steps, its noise, an image to start from, and what
// of that image is kept.

import type { Condition, Encoded, LatentShape } from './families/family.ts';
import { concat } from './families/rows.ts';
import { decodeImage } from './image-files.ts';
import { latentMask, maskOf, withoutMasked } from './mask.ts';
import { startingNoise } from './noise.ts';
import type { OpenModel } from './open-model.ts';
import type { Batch, InitImage, PictureTask } from './picture.ts';
import { toPlanes } from './planes.ts';
import { ModelProblem } from './problems.ts';
import { differentTexts, planNegative, planPrompt, type PlannedPart } from './prompt/plan.ts';
import { TorchGenerator } from './random.ts';
import { createScheduler, inTurns, UnsupportedScheduler, type Scheduler } from './schedulers/index.ts';
import type { Grid } from './tiles.ts';

/** A picture on its way. Each has its own generator and scheduler, so neighbours in the batch can not touch it. */
export interface Developing {
  task: PictureTask;
  generator: TorchGenerator;
  scheduler: Scheduler;
  /** The first step it takes part in: 0, or later when it starts from an image. */
  start: number;
  /** The step before which it ends: after the last one, or earlier where it is stopped. */
  end: number;
  latents: Float32Array;
  /** The clean latents foreseen so far. */
  clean: Float32Array;
  /** Channels that an inpainting network takes beside the latents. */
  extra?: Float32Array;
  /** What is put back after every step, where the network itself does not know of the mask. */
  kept?: Kept;
  words: Words;
}

/** The part of the image that is not drawn anew. */
export interface Kept {
  /** 1 where the picture is drawn anew; one value per latent place. */
  mask: Float32Array;
  original: Float32Array;
  noise: Float32Array;
}

/** Which condition is active when; index 0 is the picture's first step. */
export interface Words {
  at(step: number): { parts: { weight: number; condition: Condition }[]; free?: Condition };
}

/** What the pictures of one batch have in common. */
export interface Shared {
  shape: LatentShape;
  /** What was encoded so far, by the texts: pictures with the same words share their conditions. */
  known: Map<string, Encoded>;
}

/** Throws a ModelProblem where the model can not do what is asked. */
export async function begin(
  model: OpenModel,
  batch: Batch,
  task: PictureTask,
  { shape, known }: Shared,
): Promise<Developing> {
  const { strengthInPlan } = model.folder;
  const generator = new TorchGenerator(task.seed);
  const strength = task.init?.strength ?? 1;
  const scheduler = plan(model, batch, task, shape, strengthInPlan ? strength : 1);
  const of = scheduler.timesteps.length;
  const start = strengthInPlan ? 0 : firstStep(model, batch.steps, strength) * (scheduler.callsPerStep ?? 1);
  const words = await wordsOf(model, batch, task, { steps: of - start, known });
  const from = await startingPoint(model, batch, task, { shape, generator, scheduler, start });
  const end = Math.min(of, start + (batch.stop ?? Infinity));
  return { task, generator, scheduler, start, end, clean: from.latents, words, ...from };
}

function plan(
  { folder, family }: OpenModel,
  { steps, scheduler }: Batch,
  task: PictureTask,
  shape: LatentShape,
  strength: number,
): Scheduler {
  const { flow, startsAnewBelow: below } = family;
  const create = (): Scheduler =>
    createScheduler(folder.scheduler, steps, {
      className: scheduler,
      noiseSeed: task.seed,
      strength,
      ...(flow && { imageTokens: flow.imageTokens(shape), evenSigmas: flow.evenSigmas }),
    });
  try {
    const first = create();
    const anew = below === undefined ? -1 : first.timesteps.findIndex((timestep) => timestep < below);
    // A step of several calls is not cut in two, and such solvers remember nothing from step to step.
    return anew > 0 && first.callsPerStep === undefined ? inTurns(first, create(), anew) : first;
  } catch (error) {
    if (error instanceof UnsupportedScheduler || error instanceof RangeError)
      throw new ModelProblem(error.message, { cause: error });
    throw error;
  }
}

/** Steps left out because the image stands for them; at least one is done. Rounded as diffusers' families round. */
function firstStep({ family }: OpenModel, steps: number, strength: number): number {
  const left = family.flow ? Math.floor(steps - steps * strength) : steps - Math.floor(steps * strength);
  return Math.min(steps - 1, Math.max(0, left));
}

async function wordsOf(
  model: OpenModel,
  batch: Batch,
  task: PictureTask,
  { steps, known }: { steps: number; known: Shared['known'] },
): Promise<Words> {
  const { family } = model;
  // Without a second run there is nothing that parts could be composed against: AND is a word then.
  const parts = family.guided ? planPrompt(task.prompt, steps) : [planNegative(task.prompt, steps)];
  const guided = family.guided && (batch.guidanceScale > 1 || parts.length > 1);
  const negative: PlannedPart | undefined = guided ? planNegative(task.negativePrompt, steps) : undefined;
  const asked = { prompts: differentTexts(parts), negatives: negative ? differentTexts([negative]) : [] };
  const key = JSON.stringify(asked);
  const encoded = known.get(key) ?? (await family.encode(asked, batch));
  known.set(key, encoded);
  return {
    at: (step) => ({
      parts: parts.map(({ weight, texts }) => ({ weight, condition: encoded.prompts.get(texts[step]!)! })),
      ...(negative && { free: encoded.negatives.get(negative.texts[step]!)! }),
    }),
  };
}

interface Begun {
  shape: LatentShape;
  generator: TorchGenerator;
  scheduler: Scheduler;
  start: number;
}

/** Noise, or a noised image. Numbers are drawn from the generator in the order of diffusers' pipelines. */
async function startingPoint(
  model: OpenModel,
  batch: Batch,
  task: PictureTask,
  begun: Begun,
): Promise<Pick<Developing, 'latents' | 'extra' | 'kept'>> {
  const { shape, generator, scheduler, start } = begun;
  const { folder, autoencoder } = model;
  const size = shape.channels * shape.height * shape.width;
  const fromNoise = (noise: Float32Array): Float32Array => noise.map((v) => v * scheduler.initNoiseSigma);
  if (!task.init) {
    const latents = fromNoise(startingNoise(task, generator, size));
    if (folder.extraChannels === 0) return { latents };
    const { width, height } = batch;
    const planes = { channels: 3, height, width, data: new Float32Array(3 * width * height) };
    return { latents, extra: await maskedPicture(model, planes, everything(batch), begun) };
  }
  const { planes, mask } = await readInit(task.init, batch);
  const inpaints = folder.extraChannels > 0;
  const whole = task.init.strength === 1;
  // Inpainting at full strength begins with pure noise; the image only gives what is kept.
  const needsOriginal = !(inpaints && whole);
  const original = needsOriginal ? await autoencoder.encode(planes, generator) : new Float32Array(size);
  const noise = startingNoise(task, generator, size);
  const pure = whole && (mask !== undefined || inpaints);
  const latents = pure ? fromNoise(noise) : scheduler.addNoise(original, noise, start);
  if (inpaints)
    return {
      latents,
      extra: await maskedPicture(model, planes, mask ?? everything(batch), begun),
    };
  if (!mask) return { latents };
  autoencoder.skipEncoding(generator, size);
  return { latents, kept: { mask: latentMask(mask, batch.width, shape, folder.factor), original, noise } };
}

const everything = ({ width, height }: Batch): Uint8Array => new Uint8Array(width * height).fill(1);

async function readInit(
  { bytes, mask }: InitImage,
  { width, height }: Batch,
): Promise<{ planes: Grid; mask?: Uint8Array }> {
  const planes = toPlanes(await decodeImage(bytes, width, height));
  return { planes, ...(mask && { mask: maskOf(await decodeImage(mask, width, height)) }) };
}

/** The mask and the latents of the picture without what it covers: what an inpainting network sees of the image. */
async function maskedPicture(
  { autoencoder, folder }: OpenModel,
  planes: Grid,
  mask: Uint8Array,
  { shape, generator }: Begun,
): Promise<Float32Array> {
  const seen = { ...planes, data: withoutMasked(planes.data, mask) };
  const latents = await autoencoder.encode(seen, generator);
  return concat([latentMask(mask, planes.width, shape, folder.factor), latents]);
}
