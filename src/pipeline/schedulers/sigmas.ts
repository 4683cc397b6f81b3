/**
 * Noise levels spaced by a curve instead of by timesteps, and the way back from a level to a timestep.
 *
 * Sources: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), equation 5;
 * Lu et al., "DPM-Solver" (2022), uniform log-SNR; Lee et al., "Beta Sampling is All You Need" (2024), beta; as
 * diffusers computes them, in double precision.
 */
import { betaQuantile } from './beta-distribution.ts';
import type { Settings } from './config.ts';
import { f32 } from './float32.ts';
import { UnsupportedScheduler } from './scheduler.ts';
import { linspace } from './timesteps.ts';

const KARRAS_RHO = 7;
const BETA_SHAPE = 0.6;
/** Stands for zero, which has no logarithm. */
export const LEAST_SIGMA = 1e-10;

/** The highest and lowest level that a curve joins. */
export interface SigmaRange {
  readonly max: number;
  readonly min: number;
}

/** The range in the settings, or else the given one. */
export function sigmaRange(settings: Pick<Settings, 'sigma_min' | 'sigma_max'>, own: SigmaRange): SigmaRange {
  return { max: settings.sigma_max ?? own.max, min: settings.sigma_min ?? own.min };
}

/** Even in the seventh root of sigma: more steps where there is little noise. */
export function karrasSigmas({ max, min }: SigmaRange, steps: number): number[] {
  const from = max ** (1 / KARRAS_RHO);
  const to = min ** (1 / KARRAS_RHO);
  return linspace(0, 1, steps).map((ramp) => (from + ramp * (to - from)) ** KARRAS_RHO);
}

/** Even in the logarithm of sigma. */
function exponentialSigmas({ max, min }: SigmaRange, steps: number): number[] {
  return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
}

/** As many steps near both ends as the quantiles of a beta distribution lie there. */
function betaSigmas({ max, min }: SigmaRange, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => min + betaQuantile(1 - ramp, BETA_SHAPE) * (max - min));
}

type CurveSettings = Pick<Settings, 'use_karras_sigmas' | 'use_exponential_sigmas' | 'use_beta_sigmas'>;

/** The levels of the curve that the settings ask for; undefined where they ask for none. */
export function curvedSigmas(
  settings: CurveSettings,
  range: SigmaRange,
  steps: number,
): number[] | undefined {
  if (settings.use_karras_sigmas) return karrasSigmas(range, steps);
  if (settings.use_exponential_sigmas) return exponentialSigmas(range, steps);
  return settings.use_beta_sigmas ? betaSigmas(range, steps) : undefined;
}

/** Settings under which levels follow from timesteps. */
export const noCurve = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  use_lu_lambdas: false,
} as const;

/** Refuses more than one curve at a time. */
export function checkCurve(settings: Settings): void {
  const curves = [
    'use_karras_sigmas',
    'use_exponential_sigmas',
    'use_beta_sigmas',
    'use_lu_lambdas',
    'use_flow_sigmas',
  ] as const;
  const asked = curves.filter((curve) => settings[curve]);
  if (asked.length > 1) {
    throw new UnsupportedScheduler(`Only one of ${curves.join(', ')} may be set; got ${asked.join(', ')}.`);
  }
}

/** The value at a fractional index. */
export function interpolate(values: Float32Array, position: number): number {
  const index = Math.min(Math.floor(position), values.length - 1);
  const low = values[index]!;
  const high = values[index + 1] ?? low;
  return (high - low) * (position - index) + low;
}

/** The fractional timestep of a level: linear in log sigma between the two training timesteps around it. */
export function sigmaToTimestep(sigma: number, logSigmas: Float32Array): number {
  return logSigmaToTimestep(Math.log(Math.max(sigma, LEAST_SIGMA)), logSigmas);
}

/** As `sigmaToTimestep`, from a logarithm that its caller has rounded as it needs. */
export function logSigmaToTimestep(logSigma: number, logSigmas: Float32Array): number {
  const reached = logSigmas.findLastIndex((level) => logSigma >= level);
  const index = Math.min(Math.max(reached, 0), logSigmas.length - 2);
  const low = logSigmas[index]!;
  const high = logSigmas[index + 1]!;
  const weight = Math.min(Math.max((low - logSigma) / f32(low - high), 0), 1);
  return (1 - weight) * index + weight * (index + 1);
}
