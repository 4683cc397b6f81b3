// Hidden states times the weights of their tokens: emphasis as in the AUTOMATIC1111 web UI. Knows no text and no network.

import type { Chunk } from './chunks.ts';

/**
 * What follows the multiplication. `original`: the mean of the chunk's numbers is brought back to what it was.
 * `no norm`: nothing, which suits the larger encoders of SDXL.
 */
export type EmphasisMode = 'original' | 'no norm';

/** What the text encoder gave for one chunk. */
export interface EncodedChunk {
  /** As many vectors of `width` numbers as the chunk has ids. */
  hidden: Float32Array;
  /** The vector for the whole text, of encoders that give one. */
  pooled?: Float32Array;
}

/** The words as the network takes them: `tokens` vectors of `width` numbers. */
export interface JoinedWords {
  data: Float32Array;
  tokens: number;
  width: number;
  /** The first chunk's; weights do not touch it. */
  pooled?: Float32Array;
}

/** One or more chunks, weighted and joined along the tokens. With plain weights the numbers are the encoder's, bit for bit. */
export function joinChunks(
  chunks: readonly Chunk[],
  encoded: readonly EncodedChunk[],
  width: number,
  mode: EmphasisMode,
): JoinedWords {
  const tokens = chunks.reduce((sum, { ids }) => sum + ids.length, 0);
  const data = new Float32Array(tokens * width);
  let at = 0;
  for (const [i, { weights }] of chunks.entries()) {
    data.set(emphasize(encoded[i]!.hidden, weights, width, mode), at);
    at += weights.length * width;
  }
  const pooled = encoded[0]?.pooled;
  return { data, tokens, width, ...(pooled && { pooled }) };
}

/** One chunk's hidden states with its weights, one for every vector of `width` numbers; a new array. */
export function emphasize(
  hidden: Float32Array,
  weights: readonly number[],
  width: number,
  mode: EmphasisMode,
): Float32Array {
  if (weights.every((weight) => weight === 1)) return hidden.slice();
  const weighted = hidden.map((value, i) => value * weights[Math.floor(i / width)]!);
  if (mode === 'no norm') return weighted;
  const ratio = mean(hidden) / mean(weighted);
  // Weights can make the mean zero: then there is nothing to bring back.
  return Number.isFinite(ratio) ? weighted.map((value) => value * ratio) : weighted;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
