// Stable Diffusion 1 and 2, their turbo and inpainting kinds, and latent consistency models: one text encoder, a U-Net.
// Source: Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models" (2022).

import type { Network } from '../onnx.ts';
import type { TextEncoder } from '../text-encoder.ts';
import type { Family } from './family.ts';
import { predictWith } from './unet.ts';
import { sideBySide } from './words.ts';

export function stableDiffusion(unet: Network, encoder: TextEncoder): Family {
  return {
    // A network that takes the scale as an input has learned to guide itself.
    guided: !unet.inputs.has('timestep_cond'),
    async encode({ prompts, negatives }) {
      const texts = [...prompts, ...negatives];
      const words = await encoder.encode(texts, encoder.chunks(texts));
      const conditions = new Map([...words].map(([text, joined]) => [text, sideBySide([joined])]));
      return { prompts: conditions, negatives: conditions };
    },
    predict: predictWith(unet),
  };
}
