/**
 * From what a network predicts to the clean sample and the noise it implies.
 *
 * Sources: Ho et al. (2020), noise; Salimans and Ho, "Progressive Distillation" (2022), velocity; Saharia et al.,
 * "Imagen" (2022), dynamic thresholding; Nichol and Dhariwal (2021), learned variance.
 */
import type { Settings } from './config.ts';
import { clamp, divide, f32, weightedSum } from './float32.ts';
import { UnsupportedScheduler, type PredictionType } from './scheduler.ts';

/** The mix of a noisy sample: x = signal * clean + noise * gaussian. */
export interface Mix {
  readonly signal: number;
  readonly noise: number;
}

/** The mix whose share of the clean sample's variance is `alphaCumprod`. */
export function mixOf(alphaCumprod: number): Mix {
  return { signal: f32(Math.sqrt(alphaCumprod)), noise: f32(Math.sqrt(f32(1 - alphaCumprod))) };
}

/** The clean sample that the output foresees in `x`. */
export function cleanFrom(
  type: PredictionType,
  output: Float32Array,
  x: Float32Array,
  mix: Mix,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return divide(weightedSum([1, x], [-mix.noise, output]), mix.signal);
    case 'v_prediction':
      return weightedSum([mix.signal, x], [-mix.noise, output]);
    case 'sample':
      return output.slice();
    case 'flow_prediction':
      return weightedSum([1, x], [-mix.noise, output]);
  }
}

/** The noise that the output sees in `x`. */
export function noiseFrom(
  type: PredictionType,
  output: Float32Array,
  x: Float32Array,
  mix: Mix,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return output;
    case 'v_prediction':
      return weightedSum([mix.signal, output], [mix.noise, x]);
    case 'sample':
      return noiseBetween(x, output, mix);
    case 'flow_prediction':
      return noiseBetween(x, cleanFrom(type, output, x, mix), mix);
  }
}

/** The noise that, mixed with `clean`, gives `x`. */
export function noiseBetween(x: Float32Array, clean: Float32Array, mix: Mix): Float32Array {
  return divide(weightedSum([1, x], [-mix.signal, clean]), mix.noise);
}

/** Refuses a flow model where the scheduler's process is not a flow. */
export function refuseFlow(settings: Pick<Settings, 'prediction_type'>): void {
  if (settings.prediction_type === 'flow_prediction') {
    throw new UnsupportedScheduler(
      'This scheduler cannot sample a flow model; prediction_type must be epsilon, v_prediction or sample. ' +
        'For flow_prediction take DPMSolverMultistepScheduler.',
    );
  }
}

/** Keeps a foreseen clean sample in the range of pictures, as the settings say. `batchSize` samples lie end to end. */
export function limitClean(clean: Float32Array, settings: Settings, batchSize: number): Float32Array {
  if (settings.thresholding) return threshold(clean, settings, batchSize);
  return settings.clip_sample ? clamp(clean, settings.clip_sample_range) : clean;
}

/** Dynamic thresholding: each sample is clipped at a quantile of its own magnitudes and scaled back by it. */
export function threshold(clean: Float32Array, settings: Settings, batchSize: number): Float32Array {
  const result = new Float32Array(clean.length);
  const size = clean.length / batchSize;
  for (let start = 0; start < clean.length; start += size) {
    const sample = clean.subarray(start, start + size);
    const extent = quantile(sample.map(Math.abs).toSorted(), settings.dynamic_thresholding_ratio);
    const bound = f32(Math.min(Math.max(extent, 1), settings.sample_max_value));
    result.set(divide(clamp(sample, bound), bound), start);
  }
  return result;
}

/** torch.quantile with linear interpolation, on sorted values. */
function quantile(sorted: Float32Array, ratio: number): number {
  const rank = f32(f32(ratio) * (sorted.length - 1));
  const index = Math.floor(rank);
  const low = sorted[index]!;
  const high = sorted[index + 1] ?? low;
  const weight = rank - index;
  const span = f32(high - low);
  return weight < 0.5 ? f32(low + weight * span) : f32(high - span * (1 - weight));
}

/** A network's output, taken apart where it predicts a variance too. */
export interface Output {
  readonly prediction: Float32Array;
  readonly variance?: Float32Array;
}

/** The second half of each sample's channels is its learned variance, where the output is twice as long as `x`. */
export function splitOutput(output: Float32Array, x: Float32Array, batchSize: number): Output {
  if (output.length === x.length) return { prediction: output };
  if (output.length !== 2 * x.length) {
    throw new RangeError(
      `The network's output must hold ${x.length} numbers, or ${2 * x.length} with a learned variance; ` +
        `got ${output.length}.`,
    );
  }
  const size = x.length / batchSize;
  const half = (which: number) => {
    const values = new Float32Array(x.length);
    for (let b = 0; b < batchSize; b++) {
      const start = (2 * b + which) * size;
      values.set(output.subarray(start, start + size), b * size);
    }
    return values;
  };
  return { prediction: half(0), variance: half(1) };
}

/** What a solver integrates of an output, and the clean sample that both foresee. */
export interface Converted {
  readonly prediction: Float32Array;
  readonly predictedClean: Float32Array;
}

/** Either the clean sample or, where the solver integrates noise, the noise in `x`; thresholded as the settings say. */
export function convertOutput(
  settings: Settings,
  output: Float32Array,
  x: Float32Array,
  mix: Mix,
  batchSize: number,
  integratesNoise: boolean,
): Converted {
  const { prediction_type: type, thresholding } = settings;
  const { prediction } = splitOutput(output, x, batchSize);
  const limit = (clean: Float32Array) => (thresholding ? threshold(clean, settings, batchSize) : clean);
  if (!integratesNoise) {
    const clean = limit(cleanFrom(type, prediction, x, mix));
    return { prediction: clean, predictedClean: clean };
  }
  const noise = noiseFrom(type, prediction, x, mix);
  const predictedClean = limit(cleanFrom('epsilon', noise, x, mix));
  return { prediction: thresholding ? noiseBetween(x, predictedClean, mix) : noise, predictedClean };
}
