// `AND` in a prompt: parts that are guided apart and whose guidance is added up, each with its own weight (composable
// diffusion, Liu et al. 2022; written as in the AUTOMATIC1111 web UI). Knows no steps, no brackets and no tokens.

import { ModelProblem } from '../problems.ts';
import { limitedWeight } from './weights.ts';

export interface Part {
  text: string;
  /** Its share of the guidance; 1 where the prompt says nothing, and it may be negative. From -100 to 100. */
  weight: number;
}

/** Each part is a run of the network more at every step. */
const MAX_PARTS = 8;

const AND = /(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/u;
const WEIGHT = /^[-+]?(\d+\.?\d*|\.\d+)$/;

/**
 * `a cat AND a dog:0.5` as parts with weights; at least one. `AND` is the word in capitals, wherever it stands.
 * A prompt without it is one part as it was written: "a clock at 12:30" has no weight. A ModelProblem when there are
 * more than `MAX_PARTS`.
 */
export function composedParts(prompt: string): Part[] {
  const texts = prompt.split(AND);
  if (texts.length > MAX_PARTS)
    throw new ModelProblem(
      `A prompt may have ${MAX_PARTS} parts joined by AND; this one has ${texts.length}.`,
    );
  return texts.length === 1 ? [{ text: prompt, weight: 1 }] : texts.map(weighted);
}

function weighted(part: string): Part {
  const colon = part.lastIndexOf(':');
  const number = part.slice(colon + 1).trim();
  if (colon < 0 || !WEIGHT.test(number)) return { text: part.trim(), weight: 1 };
  return { text: part.slice(0, colon).trim(), weight: limitedWeight(Number(number)) };
}
