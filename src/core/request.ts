// What a person asked for, made complete: every parameter from the model's card where they said nothing, and a
// UserError that says what is allowed where they asked too much.

import { schedulerNames } from '../pipeline/schedulers/index.ts';
import { SEEDS } from '../queue/seed.ts';
import type { JobParams } from '../queue/job.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import type { SchedulerName } from '../pipeline/schedulers/index.ts';
import type { ImagineOptions } from './prompt-line.ts';
import type { Source } from './sources.ts';
import { UserError } from './user-error.ts';

export const MAX_PROMPT = 2000; // characters
export const MAX_COUNT = 4;
const MAX_GUIDANCE = 30;
/** Denoising strength of a variation: enough to change the drawing, not enough to lose the subject. */
export const VARIATION_STRENGTH = 0.7;
/** Pixels a side of a picture that is only enlarged. */
export const MAX_SIDE = 4096;

/** Control characters and halves of characters become spaces. */
const CONTROLS = /[\p{Cc}\p{Cs}]/gu;
/** What turns the direction of the text around it goes, and splits no word. */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

export function cleanText(text: string): string {
  return text.normalize('NFC').replace(DIRECTIONS, '').replace(CONTROLS, ' ').replace(/\s+/gu, ' ').trim();
}

function checkPrompt(prompt: string, what: string): string {
  const text = cleanText(prompt);
  const { length } = Array.from(text);
  if (length > MAX_PROMPT)
    throw new UserError(
      `${what} may have ${MAX_PROMPT} characters; this one has ${length}. Please shorten it.`,
    );
  return text;
}

function within(name: string, value: number, min: number, max: number, whole = true): number {
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value)) || value < min || value > max)
    throw new UserError(
      `${name} must be ${whole ? 'a whole number ' : ''}from ${min} to ${max}, not ${value}.`,
    );
  return value;
}

function modelNamed(name: string | undefined, cards: readonly ModelCard[], fallback: string): ModelCard {
  const wanted = name ?? fallback;
  const card = cards.find((c) => c.name.toLowerCase() === wanted.toLowerCase());
  if (card) return card;
  const names = cards.map((c) => c.name).join(', ');
  throw new UserError(
    names
      ? `There is no model "${wanted}". You can use: ${names}.`
      : 'There is no model yet: put one in models/.',
  );
}

function scheduler(name: string | undefined, card: ModelCard): SchedulerName {
  if (name === undefined) return card.defaults.scheduler;
  const fitting = card.schedulers ?? schedulerNames;
  const found = fitting.find((s) => s === name);
  if (found) return found;
  const known = schedulerNames.some((s) => s === name);
  const why = known
    ? `${card.name} can not use the scheduler "${name}".`
    : `There is no scheduler "${name}".`;
  throw new UserError(`${why} You can use: ${fitting.join(', ')}.`);
}

/** Pixels: as asked, or the card's area in the asked aspect ratio. */
function size(options: ImagineOptions, card: ModelCard, start?: Start): { width: number; height: number } {
  const { defaults, multipleOf } = card;
  let { width = defaults.width, height = defaults.height } = options;
  const aspect = options.aspect ?? start?.size;
  if (aspect && options.width === undefined) {
    const [w, h] = aspect;
    const side = Math.sqrt(defaults.width * defaults.height);
    const rounded = (pixels: number): number => Math.round(pixels / multipleOf) * multipleOf;
    width = rounded(side * Math.sqrt(w / h));
    height = rounded(side * Math.sqrt(h / w));
    // A shape that was asked for is refused when it can not be had; the shape of a picture is a wish.
    if (!options.aspect) {
      width = Math.max(card.minSize, Math.min(card.maxSize, width));
      height = Math.max(card.minSize, Math.min(card.maxSize, height));
    }
  }
  checkSide('Width', width, card, start);
  checkSide('Height', height, card, start);
  return { width, height };
}

/** A picture that is only enlarged may have any size; one that is drawn over may be as large as an upscale. */
function checkSide(name: string, value: number, card: ModelCard, start?: Start): void {
  if (start?.strength === 0) return void within(name, value, 1, MAX_SIDE);
  const { multipleOf, minSize, upscale } = card;
  const maxSize = card.maxSize * (start ? (upscale?.factor ?? 1) : 1);
  if (minSize === maxSize && value !== minSize)
    throw new UserError(`${card.name} draws ${minSize} x ${minSize} pixels only, not ${value}.`);
  if (value < minSize || value > maxSize || value % multipleOf)
    throw new UserError(
      `${name} must be a multiple of ${multipleOf} from ${minSize} to ${maxSize} pixels, not ${value}.`,
    );
}

/** What a request starts from instead of pure noise. */
export interface Start extends Source {
  strength: number;
}

function checkStart({ strength }: Start, card: ModelCard): void {
  within('Strength', strength, 0, 1, false);
  if (strength > 0 && !card.imageToImage)
    throw new UserError(`${card.name} can not start from a picture: it has no encoder for one.`);
}

/** Throws a UserError with one sentence for the first thing that is not allowed. */
export function completeRequest(
  options: ImagineOptions,
  cards: readonly ModelCard[],
  given: { model: string; randomSeed: () => number; start?: Start },
): JobParams {
  const prompt = checkPrompt(options.prompt, 'A prompt');
  if (!prompt) throw new UserError('Say what to draw: /imagine a red heart');
  const card = modelNamed(options.model, cards, given.model);
  const negative = checkPrompt(options.negativePrompt ?? card.defaults.negativePrompt, 'A negative prompt');
  const { start } = given;
  if (start) checkStart(start, card);
  const steps = within('Steps', options.steps ?? card.defaults.steps, 1, card.maxSteps);
  return {
    model: card.name,
    prompt,
    negativePrompt: negative,
    ...size(options, card, start),
    steps,
    ...(options.stop !== undefined && { stop: within('--stop', options.stop, 1, steps) }),
    ...(start && { init: { images: start.ids, strength: start.strength } }),
    guidanceScale: within(
      'Guidance',
      options.guidanceScale ?? card.defaults.guidanceScale,
      0,
      MAX_GUIDANCE,
      false,
    ),
    scheduler: scheduler(options.scheduler, card),
    seed: within('The seed', options.seed ?? given.randomSeed(), 0, SEEDS - 1),
    count: within('The number of pictures', options.count ?? MAX_COUNT, 1, MAX_COUNT),
  };
}
