// Stable Diffusion 3: two CLIP encoders side by side, filled up to the width of T5's words, which follow them; pooled texts
// of both CLIPs; a transformer that predicts the flow from picture to noise.
// Source: Esser et al., "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis" (2024).

import type { Network } from '../onnx.ts';
import type { JoinedWords } from '../prompt/emphasis.ts';
import type { TextEncoder } from '../text-encoder.ts';
import type { Condition, Family } from './family.ts';
import { concat, remembering, rowsOf, timestepFeed } from './rows.ts';
import { sideBySide } from './words.ts';

/** T5's words, as many as diffusers takes. */
export const SD3_T5_TOKENS = 256;

/** Numbers of one token, where the file does not say how many it reads. */
const WORD_WIDTH = 4096;

/**
 * Without a T5, which is the largest part, its words are zeros. `patch`: latent places a side that the transformer sees
 * as one.
 */
export function sd3(
  transformer: Network,
  clips: readonly TextEncoder[],
  t5: TextEncoder | undefined,
  patch: number,
): Family {
  const declared = transformer.inputs.get('encoder_hidden_states')?.shape[2];
  const width = typeof declared === 'number' ? declared : WORD_WIDTH;
  const joined = remembering();
  return {
    guided: true,
    flow: {
      imageTokens: (shape) => Math.floor(shape.height / patch) * Math.floor(shape.width / patch),
      evenSigmas: false,
    },
    async encode({ prompts, negatives }) {
      const texts = [...prompts, ...negatives];
      const count = Math.max(...clips.map((clip) => clip.chunks(texts)));
      const words: Map<string, JoinedWords>[] = [];
      for (const clip of clips) words.push(await clip.encode(texts, count));
      const long = await t5?.encode(texts, 1);
      const told = (text: string): Condition => {
        const both = words.map((each) => each.get(text)!);
        const short = widened(sideBySide(both), width);
        const after = long?.get(text) ?? {
          data: new Float32Array(SD3_T5_TOKENS * width),
          tokens: SD3_T5_TOKENS,
        };
        return {
          words: concat([short, after.data]),
          tokens: short.length / width + after.tokens,
          width,
          pooled: concat(both.map((each) => each.pooled!)),
        };
      };
      const conditions = new Map(texts.map((text) => [text, told(text)]));
      return { prompts: conditions, negatives: conditions };
    },
    async predict(rows, { timestep, shape }) {
      const { tokens, pooled } = rows[0]!.condition;
      const conditions = rows.map((row) => row.condition);
      const out = await transformer.run({
        hidden_states: {
          data: concat(rows.map((row) => row.latents)),
          dims: [rows.length, shape.channels, shape.height, shape.width],
        },
        timestep: timestepFeed(transformer, timestep, rows.length),
        encoder_hidden_states: {
          data: joined(conditions.map((c) => c.words)),
          dims: [rows.length, tokens, width],
        },
        pooled_projections: {
          data: concat(conditions.map((c) => c.pooled!)),
          dims: [rows.length, pooled!.length],
        },
      });
      return rowsOf(transformer, Object.values(out)[0]!.data, rows);
    },
  };
}

/** Every token with zeros behind it, up to `width` numbers. */
function widened({ words, tokens, width: narrow }: Condition, width: number): Float32Array {
  const out = new Float32Array(tokens * width);
  for (let t = 0; t < tokens; t++) out.set(words.subarray(t * narrow, (t + 1) * narrow), t * width);
  return out;
}
