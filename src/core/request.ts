// What a person asked for, made complete: every parameter from the model's card where they said nothing, and a
// UserError that says what is allowed where they asked too much.

import { schedulerNames } from '../pipeline/schedulers/index.ts';
import { SEEDS } from '../queue/seed.ts';
import type { JobParams } from '../queue/job.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import type { SchedulerName } from '../pipeline/schedulers/index.ts';
import type { ImagineOptions } from './prompt-line.ts';
import { UserError } from './user-error.ts';

export const MAX_PROMPT = 2000; // characters
export const MAX_COUNT = 4;
export const MAX_GUIDANCE = 30;

/** Control characters, halves of characters, and what turns the direction of the text around it become spaces. */
const INVISIBLE = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

export function cleanText(text: string): string {
  return text.normalize('NFC').replace(INVISIBLE, ' ').replace(/\s+/gu, ' ').trim();
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
  const found = schedulerNames.find((s) => s === name);
  if (!found)
    throw new UserError(`There is no scheduler "${name}". You can use: ${schedulerNames.join(', ')}.`);
  return found;
}

/** Pixels: as asked, or the card's area in the asked aspect ratio. */
function size(options: ImagineOptions, card: ModelCard): { width: number; height: number } {
  const { defaults, multipleOf, minSize, maxSize } = card;
  let { width = defaults.width, height = defaults.height } = options;
  if (options.aspect && options.width === undefined) {
    const [w, h] = options.aspect;
    const side = Math.sqrt(defaults.width * defaults.height);
    const rounded = (pixels: number): number => Math.round(pixels / multipleOf) * multipleOf;
    width = rounded(side * Math.sqrt(w / h));
    height = rounded(side * Math.sqrt(h / w));
  }
  for (const [name, value] of [
    ['Width', width],
    ['Height', height],
  ] as const) {
    if (minSize === maxSize && value !== minSize)
      throw new UserError(
        `${card.name} draws ${minSize} x ${minSize} pixels only, not ${width} x ${height}.`,
      );
    if (value < minSize || value > maxSize || value % multipleOf)
      throw new UserError(
        `${name} must be a multiple of ${multipleOf} from ${minSize} to ${maxSize} pixels, not ${value}.`,
      );
  }
  return { width, height };
}

/** Throws a UserError with one sentence for the first thing that is not allowed. */
export function completeRequest(
  options: ImagineOptions,
  cards: readonly ModelCard[],
  defaults: { model: string; randomSeed: () => number },
): JobParams {
  const prompt = checkPrompt(options.prompt, 'A prompt');
  if (!prompt) throw new UserError('Say what to draw: /imagine a red heart');
  const card = modelNamed(options.model, cards, defaults.model);
  const negative = checkPrompt(options.negativePrompt ?? card.defaults.negativePrompt, 'A negative prompt');
  return {
    model: card.name,
    prompt,
    negativePrompt: negative,
    ...size(options, card),
    steps: within('Steps', options.steps ?? card.defaults.steps, 1, card.maxSteps),
    guidanceScale: within(
      'Guidance',
      options.guidanceScale ?? card.defaults.guidanceScale,
      0,
      MAX_GUIDANCE,
      false,
    ),
    scheduler: scheduler(options.scheduler, card),
    seed: within('The seed', options.seed ?? defaults.randomSeed(), 0, SEEDS - 1),
    count: within('The number of pictures', options.count ?? MAX_COUNT, 1, MAX_COUNT),
  };
}
