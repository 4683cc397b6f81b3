// Runs the U-Nets of every Stable Diffusion before version 3. Which inputs there are besides latents, timestep and words
// is read from the file: timestep_cond (LCM), text_embeds and time_ids (SDXL).

import type { Network, Values } from '../onnx.ts';
import type { Family, Moment, Row } from './family.ts';
import { concat, remembering, rowsOf, timestepFeed } from './rows.ts';

export function predictWith(unet: Network): Family['predict'] {
  const words = remembering();
  return (rows, moment) => predict(unet, rows, moment, words(rows.map((row) => row.condition.words)));
}

async function predict(
  unet: Network,
  rows: readonly Row[],
  moment: Moment,
  words: Float32Array,
): Promise<Float32Array[]> {
  const { height, width } = moment.shape;
  const seen = concat(rows.flatMap(({ latents, extra }) => (extra ? [latents, extra] : [latents])));
  const { tokens, width: wordWidth, sizes, pooled } = rows[0]!.condition;
  const perRow = (data: Float32Array, ...dims: number[]): Values => ({ data, dims: [rows.length, ...dims] });
  const conditions = rows.map((row) => row.condition);
  const out = await unet.run({
    sample: perRow(seen, seen.length / rows.length / height / width, height, width),
    timestep: timestepFeed(unet, moment.timestep, rows.length),
    encoder_hidden_states: perRow(words, tokens, wordWidth),
    ...(pooled && { text_embeds: perRow(concat(conditions.map((c) => c.pooled!)), pooled.length) }),
    ...(sizes && { time_ids: perRow(Float32Array.from(conditions.flatMap((c) => c.sizes!)), sizes.length) }),
    ...guidanceFeed(unet, moment.guidanceScale, rows.length),
  });
  const { data } = out['out_sample'] ?? Object.values(out)[0]!;
  return rowsOf(unet, data, rows);
}

function guidanceFeed(unet: Network, scale: number, rows: number): Record<string, Values> {
  const asked = unet.inputs.get('timestep_cond');
  if (!asked) return {};
  const size = asked.shape[1];
  const one = guidanceEmbedding(scale - 1, typeof size === 'number' ? size : 256);
  return { timestep_cond: { data: concat(Array(rows).fill(one)), dims: [rows, one.length] } };
}

/** Sines and cosines of the scale, as for timesteps. Source: Luo et al., "Latent Consistency Models" (2023). */
function guidanceEmbedding(scale: number, size: number): Float32Array {
  const half = size / 2;
  const slowing = Math.fround(Math.log(10_000)) / (half - 1);
  const angles = Array.from({ length: half }, (_, i) =>
    Math.fround(Math.fround(scale * 1000) * Math.fround(Math.exp(Math.fround(i * Math.fround(-slowing))))),
  );
  return Float32Array.from([...angles.map(Math.sin), ...angles.map(Math.cos)]);
}
