// SDXL, base and refiner: hidden states of two text encoders side by side, a pooled text and the sizes it was trained to be
// told. The refiner has the second encoder only and is told how fine a picture should be.
// Source: Podell et al., "SDXL: Improving Latent Diffusion Models for High-Resolution Image Synthesis" (2023).

import type { Network } from '../onnx.ts';
import type { JoinedWords } from '../prompt/emphasis.ts';
import type { TextEncoder } from '../text-encoder.ts';
import type { Condition, Family } from './family.ts';
import { predictWith } from './unet.ts';
import { sideBySide } from './words.ts';

interface SdxlOptions {
  /** An empty negative prompt is told as zeros, not as the encoding of no words. */
  zeroNegative: boolean;
  /** Told an aesthetic score in place of the target size, where the network itself does not say which it takes. */
  aesthetic: boolean;
}

/** What diffusers tells the refiner. */
const FINE = 6;
const COARSE = 2.5;
/** Numbers that a network is told which takes a score: two sizes, two offsets and the score. */
const SCORED = 5;

export function sdxl(unet: Network, encoders: readonly TextEncoder[], options: SdxlOptions): Family {
  const taken = unet.inputs.get('time_ids')?.shape[1];
  const scored = typeof taken === 'number' ? taken === SCORED : options.aesthetic;
  return {
    guided: !unet.inputs.has('timestep_cond'),
    async encode({ prompts, negatives }, { width, height }) {
      const texts = [...prompts, ...negatives];
      const count = Math.max(...encoders.map((encoder) => encoder.chunks(texts)));
      const words: Map<string, JoinedWords>[] = [];
      for (const encoder of encoders) words.push(await encoder.encode(texts, count));
      const sizes = [height, width, 0, 0];
      const told = (text: string, score: number): Condition => ({
        ...sideBySide(words.map((each) => each.get(text)!)),
        sizes: scored ? [...sizes, score] : [...sizes, height, width],
      });
      const negative = (text: string): Condition =>
        text === '' && options.zeroNegative ? zeros(told(text, COARSE)) : told(text, COARSE);
      return {
        prompts: new Map(prompts.map((text) => [text, told(text, FINE)])),
        negatives: new Map(negatives.map((text) => [text, negative(text)])),
      };
    },
    predict: predictWith(unet),
  };
}

function zeros({ words, pooled, ...rest }: Condition): Condition {
  return {
    ...rest,
    words: new Float32Array(words.length),
    ...(pooled && { pooled: new Float32Array(pooled.length) }),
  };
}
