// The network as one function: noisy latents and words in, the guided prediction out. Classifier-free guidance
// (Ho & Salimans 2022) lives here and nowhere else, so schedulers never learn of prompts.

import { ModelProblem } from './problems.ts';
import type { Network, Values } from './onnx.ts';

/** Hidden states of one prompt: `tokens` vectors of `width` numbers. */
export interface Words {
  data: Float32Array;
  tokens: number;
  width: number;
}

/** One picture's place in a run: its noisy latents and what should, and should not, be in it. */
export interface Noisy {
  latents: Float32Array;
  prompt: Words;
  negative: Words;
}

export interface LatentShape {
  channels: number;
  height: number;
  width: number;
}

function concat(arrays: Float32Array[]): Float32Array {
  const out = new Float32Array(arrays.reduce((n, a) => n + a.length, 0));
  let at = 0;
  for (const a of arrays) {
    out.set(a, at);
    at += a.length;
  }
  return out;
}

/**
 * The prediction for every picture at one timestep. With guidance each picture takes two places in the run, without
 * it (scale 1 or less) one: then the negative prompt has no say.
 */
export async function denoise(
  unet: Network,
  pictures: Noisy[],
  timestep: number,
  guidanceScale: number,
  shape: LatentShape,
): Promise<Float32Array[]> {
  const guided = guidanceScale > 1;
  const n = pictures.length;
  const runs = guided ? 2 * n : n;
  const latents = pictures.map((p) => p.latents);
  const words = [...(guided ? pictures.map((p) => p.negative) : []), ...pictures.map((p) => p.prompt)];
  const { tokens, width } = words[0]!;
  const out = await unet.run({
    sample: {
      data: concat(guided ? [...latents, ...latents] : latents),
      dims: [runs, shape.channels, shape.height, shape.width],
    },
    timestep: timestepFeed(unet, timestep, runs),
    encoder_hidden_states: { data: concat(words.map((w) => w.data)), dims: [runs, tokens, width] },
  });
  const data = (out['out_sample'] ?? Object.values(out)[0])!.data;
  const each = latents[0]!.length;
  if (data.length !== runs * each)
    throw new ModelProblem(
      `The unet gave ${data.length} numbers for ${runs} latents of ${each}: it is not one of the supported kinds.`,
    );
  return pictures.map((_, i) => {
    const text = data.subarray((guided ? n + i : i) * each, (guided ? n + i + 1 : i + 1) * each);
    if (!Number.isFinite(sum(text)))
      throw new ModelProblem(
        'The model gave numbers that are not finite, so there is no picture: check the model folder, or its precision.',
      );
    if (!guided) return text.slice();
    const free = data.subarray(i * each, (i + 1) * each);
    const guidance = new Float32Array(each);
    for (let k = 0; k < each; k++) guidance[k] = free[k]! + guidanceScale * (text[k]! - free[k]!);
    return guidance;
  });
}

/** Not finite when one of the values is not. */
function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** A scalar, a batch of one, or one number per run: as the file declares it. */
function timestepFeed(unet: Network, timestep: number, runs: number): Values {
  const [batch] = unet.inputs.get('timestep')?.shape ?? [];
  const count = batch === undefined || batch === 1 ? 1 : runs;
  return { data: Array<number>(count).fill(timestep), dims: [count] };
}
