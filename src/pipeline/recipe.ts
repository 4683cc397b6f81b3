// How a picture was made, in words that can be typed again and in the text chunks that other programs read.

import type { BatchParams, PictureTask } from './picture.ts';

export type Recipe = BatchParams & Omit<PictureTask, 'init'> & { count?: number; strength?: number };

/** The value as it must be typed: quoted when it holds a space or a quote. */
const typed = (text: string): string =>
  /^[^\s"“”]+$/.test(text) && !text.startsWith('-') ? text : `"${text.replaceAll('"', "'")}"`;

/** "/imagine a red heart --seed 7 …": typed again on the same model folder it gives the same picture. */
export function recipeLine(recipe: Recipe): string {
  const { prompt, negativePrompt, width, height, steps, guidanceScale, scheduler, seed, count, model } =
    recipe;
  return [
    `/imagine ${prompt}`,
    ...(negativePrompt ? [`--no ${typed(negativePrompt)}`] : []),
    `--seed ${seed}`,
    `--steps ${steps}`,
    `--guidance ${guidanceScale}`,
    `--scheduler ${scheduler}`,
    `--size ${width}x${height}`,
    ...(count === undefined ? [] : [`--n ${count}`]),
    `--model ${typed(model)}`,
  ].join(' ');
}

/** PNG text chunks: `parameters` in the form AUTOMATIC1111 made common, and `darkroom` as JSON. */
export function recipeTexts(recipe: Recipe, by: { version: string; modelHash: string; device: string }) {
  const { prompt, negativePrompt, width, height, steps, guidanceScale, scheduler, seed, model } = recipe;
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
    ...(recipe.strength === undefined ? [] : [`Denoising strength: ${recipe.strength}`]),
  ].join(', ');
  const lines = [prompt, ...(negativePrompt ? [`Negative prompt: ${negativePrompt}`] : []), facts];
  return { parameters: lines.join('\n'), darkroom: JSON.stringify({ ...recipe, ...by }) };
}
