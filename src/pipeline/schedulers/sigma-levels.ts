/**
 * The noise levels of the solvers that keep samples as clean + sigma * noise, and what the network's output means
 * there. It plans no steps between the levels: that is each solver's own.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), section 2.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, weightedSum } from './float32.ts';
import { finiteSigmaSchedule, trainingSigmas } from './noise-schedule.ts';
import { refuseFlow } from './prediction.ts';
import type { PredictionType } from './scheduler.ts';
import { checkCurve, curvedSigmas, interpolate, sigmaRange, sigmaToTimestep } from './sigmas.ts';
import { linspace, roundHalfEven, spacedTimesteps } from './timesteps.ts';

export interface SigmaLevels {
  readonly timesteps: number[];
  /** One more than there are timesteps: the last is where the process ends. */
  readonly sigmas: Float32Array;
  /** Logarithm of the level of each training timestep. */
  readonly logSigmas: Float32Array;
}

/**
 * Levels down to zero, spaced by timesteps or by one of the curves. Fractional timesteps are rounded to float32 unless
 * `exact` is set: the reference solvers do it differently.
 */
export function sigmaLevels(settings: Settings, steps: number, exact = false): SigmaLevels {
  return eulerLevels(
    {
      ...settings,
      interpolation_type: 'linear',
      timestep_type: 'discrete',
      final_sigmas_type: 'zero',
      sigma_min: null,
      sigma_max: null,
    },
    steps,
    exact,
  );
}

/** As `sigmaLevels`, with the further choices that only Euler's method has. */
export function eulerLevels(settings: Settings, steps: number, exact = false): SigmaLevels {
  refuseFlow(settings);
  checkCurve(settings);
  const trained = trainingSigmas(finiteSigmaSchedule(settings));
  const logSigmas = trained.map(Math.log);
  const keep = exact ? (t: number) => t : f32;
  const spaced = spacedTimesteps(settings, steps).map(
    settings.timestep_spacing === 'linspace' ? keep : roundHalfEven,
  );
  const base =
    settings.interpolation_type === 'linear'
      ? spaced.map((t) => interpolate(trained, t))
      : linspace(at(logSigmas, logSigmas.length - 1), at(logSigmas, 0), steps + 1).map(Math.exp);
  const curve = curvedSigmas(settings, sigmaRange(settings, { max: base[0]!, min: base.at(-1)! }), steps);
  const final = settings.final_sigmas_type === 'zero' ? 0 : at(trained, 0);
  const sigmas = Float32Array.from([...(curve ?? base), final]);
  if (settings.timestep_type === 'continuous' && settings.prediction_type === 'v_prediction') {
    const timesteps = Array.from(sigmas.slice(0, steps), (sigma) => f32(0.25 * f32(Math.log(sigma))));
    return { timesteps, sigmas, logSigmas };
  }
  const timesteps = curve?.map((sigma) => f32(sigmaToTimestep(sigma, logSigmas))) ?? spaced;
  return { timesteps, sigmas, logSigmas };
}

/** The standard deviation to start from: the highest level, or that of a noised sample of unit variance. */
export function initialSigma(settings: Settings, sigmas: Float32Array): number {
  const highest = sigmas.reduce((a, b) => Math.max(a, b));
  return settings.timestep_spacing === 'leading' ? norm(highest) : highest;
}

/** sqrt(sigma^2 + 1): the standard deviation of a sample of unit variance with that noise. */
export function norm(sigma: number): number {
  return f32(Math.sqrt(f32(f32(sigma * sigma) + 1)));
}

/** The clean sample that the output foresees in `x` at a level. */
export function cleanAt(
  type: PredictionType,
  output: Float32Array,
  x: Float32Array,
  sigma: number,
): Float32Array {
  switch (type) {
    case 'epsilon':
    case 'flow_prediction':
      return weightedSum([1, x], [-sigma, output]);
    case 'v_prediction': {
      const signal = divide(x, f32(f32(sigma * sigma) + 1));
      return weightedSum([-sigma / norm(sigma), output], [1, signal]);
    }
    case 'sample':
      return output.slice();
  }
}

/** How the sample changes with sigma: the direction from the clean sample to `x`. */
export function derivativeAt(x: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  return divide(weightedSum([1, x], [-1, clean]), sigma);
}

/** A step of an ancestral solver goes down to one level, and noise brings it up again to the next. */
export function ancestralLevels(from: number, to: number): { readonly down: number; readonly up: number } {
  const [from2, to2] = [f32(from * from), f32(to * to)];
  const up = f32(Math.sqrt(f32(f32(to2 * f32(from2 - to2)) / from2)));
  return { down: f32(Math.sqrt(f32(to2 - f32(up * up)))), up };
}
