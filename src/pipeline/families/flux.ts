// FLUX.1: T5's words, CLIP's pooled text, and latents packed two by two into the tokens of a flow transformer. Guidance is
// an input of the network where it was distilled with it, and there is no negative prompt.
// Source: Black Forest Labs, FLUX.1 (2024), as diffusers runs it.

import type { Network, Values } from '../onnx.ts';
import type { TextEncoder } from '../text-encoder.ts';
import type { Condition, Family, LatentShape } from './family.ts';
import { concat, remembering, rowsOf } from './rows.ts';

export const FLUX_T5_TOKENS = 512;
/** Training timesteps; the network is told their share. */
const TIMESTEPS = 1000;

export function flux(transformer: Network, clip: TextEncoder, t5: TextEncoder): Family {
  const joined = remembering();
  return {
    guided: false,
    flow: { imageTokens: (shape) => (shape.height / 2) * (shape.width / 2), evenSigmas: true },
    async encode({ prompts }) {
      const pooled = await clip.encode(prompts, 1);
      const words = await t5.encode(prompts, 1);
      const told = (text: string): Condition => {
        const { data, tokens, width } = words.get(text)!;
        return { words: data, tokens, width, pooled: pooled.get(text)!.pooled! };
      };
      return { prompts: new Map(prompts.map((text) => [text, told(text)])), negatives: new Map() };
    },
    async predict(rows, { timestep, guidanceScale, shape }) {
      const n = rows.length;
      const { tokens, width, pooled } = rows[0]!.condition;
      const places = (shape.height / 2) * (shape.width / 2);
      const every = (value: number): Values => ({ data: new Float32Array(n).fill(value), dims: [n] });
      const ids = (name: string, data: Float32Array): Values => {
        const rank = transformer.inputs.get(name)?.shape.length;
        // Older exports want them once per row.
        return rank === 3
          ? { data: concat(Array(n).fill(data)), dims: [n, data.length / 3, 3] }
          : { data, dims: [data.length / 3, 3] };
      };
      const out = await transformer.run({
        hidden_states: {
          data: concat(rows.map((row) => pack(row.latents, shape))),
          dims: [n, places, shape.channels * 4],
        },
        timestep: every(Math.fround(timestep) / TIMESTEPS),
        guidance: every(guidanceScale),
        encoder_hidden_states: {
          data: joined(rows.map((row) => row.condition.words)),
          dims: [n, tokens, width],
        },
        pooled_projections: {
          data: concat(rows.map((row) => row.condition.pooled!)),
          dims: [n, pooled!.length],
        },
        txt_ids: ids('txt_ids', new Float32Array(tokens * 3)),
        img_ids: ids('img_ids', positions(shape)),
      });
      return rowsOf(transformer, Object.values(out)[0]!.data, rows).map((packed) => unpack(packed, shape));
    },
  };
}

/** Where the number of one channel and place stands when squares of 2 x 2 places are tokens. */
function packedIndex({ channels, width }: LatentShape, c: number, y: number, x: number): number {
  const token = (y >> 1) * (width / 2) + (x >> 1);
  return (token * channels + c) * 4 + (y & 1) * 2 + (x & 1);
}

function eachPlace(shape: LatentShape, visit: (plain: number, packed: number) => void): void {
  let plain = 0;
  for (let c = 0; c < shape.channels; c++)
    for (let y = 0; y < shape.height; y++)
      for (let x = 0; x < shape.width; x++) visit(plain++, packedIndex(shape, c, y, x));
}

function pack(latents: Float32Array, shape: LatentShape): Float32Array {
  const out = new Float32Array(latents.length);
  eachPlace(shape, (plain, packed) => (out[packed] = latents[plain]!));
  return out;
}

function unpack(tokens: Float32Array, shape: LatentShape): Float32Array {
  const out = new Float32Array(tokens.length);
  eachPlace(shape, (plain, packed) => (out[plain] = tokens[packed]!));
  return out;
}

/** Of every token: zero, its row, its column. */
function positions({ height, width }: LatentShape): Float32Array {
  const [rows, columns] = [height / 2, width / 2];
  return Float32Array.from({ length: rows * columns * 3 }, (_, i) => {
    const token = Math.floor(i / 3);
    return i % 3 === 0 ? 0 : i % 3 === 1 ? Math.floor(token / columns) : token % columns;
  });
}
