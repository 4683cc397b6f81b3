// How a picture was made, in words that can be typed again and in the text chunks that other programs read.

import type { BatchParams, PictureTask } from './picture.ts';
import type { Provenance } from './provenance.ts';

export type Recipe = BatchParams &
  Omit<PictureTask, 'init'> & {
    count?: number;
    /** Of an image that it started from. */
    strength?: number;
    /** Only a part of that image was drawn anew. */
    masked?: boolean;
  };

/** A flag's value as it must be typed: quoted where it would not be read as one word. */
export const typed = (text: string): string =>
  /^[^\s"“”]+$/.test(text) && !/^[-—–]/.test(text) ? text : `"${text.replaceAll('"', "'")}"`;

/**
 * "/imagine a red heart --seed 7 …": typed again on the same model folder it gives the same picture, where it started
 * from noise alone. It has no words for an image to start from, a variation, or rescaled guidance: those are in the
 * file's own recipe.
 */
export function recipeLine(recipe: Recipe): string {
  const { prompt, negativePrompt, width, height, steps, guidanceScale, scheduler, seed, count, model, stop } =
    recipe;
  return [
    `/imagine ${prompt}`,
    ...(negativePrompt ? [`--no ${typed(negativePrompt)}`] : []),
    `--seed ${seed}`,
    `--steps ${steps}`,
    ...(stop === undefined ? [] : [`--stop ${stop}`]),
    `--guidance ${guidanceScale}`,
    `--scheduler ${scheduler}`,
    `--size ${width}x${height}`,
    ...(count === undefined ? [] : [`--n ${count}`]),
    `--model ${typed(model)}`,
  ].join(' ');
}

/**
 * PNG text chunks: `parameters` in the form AUTOMATIC1111 made common, and `darkroom` as JSON. Where the prompts are left
 * out, the facts stand alone, as that form has it for an empty prompt, and both say so.
 */
export function recipeTexts(recipe: Recipe, by: Provenance) {
  const { prompt, negativePrompt, ...rest } = recipe;
  const { width, height, steps, guidanceScale, scheduler, seed, model, promptless } = rest;
  const quoted = (value: string): string => (/[,:\n"]/.test(value) ? JSON.stringify(value) : value);
  const facts = [
    `Steps: ${steps}`,
    `Sampler: ${scheduler}`,
    `CFG scale: ${guidanceScale}`,
    `Seed: ${seed}`,
    `Size: ${width}x${height}`,
    `Model hash: ${by.modelHash.slice(0, 10)}`,
    `Model: ${quoted(model)}`,
    `Version: Darkroom ${by.version}`,
    ...(recipe.stop === undefined ? [] : [`Stop: ${recipe.stop}`]),
    ...(recipe.guidanceRescale ? [`CFG Rescale: ${recipe.guidanceRescale}`] : []),
    ...(recipe.variation
      ? [`Variation seed: ${recipe.variation.seed}`, `Variation seed strength: ${recipe.variation.strength}`]
      : []),
    ...(recipe.strength === undefined ? [] : [`Denoising strength: ${recipe.strength}`]),
    ...(promptless ? ['Prompt: left out'] : []),
  ].join(', ');
  if (promptless) return { parameters: facts, darkroom: JSON.stringify({ ...rest, ...by }) };
  const lines = [prompt, ...(negativePrompt ? [`Negative prompt: ${negativePrompt}`] : []), facts];
  return { parameters: lines.join('\n'), darkroom: JSON.stringify({ ...recipe, ...by }) };
}
