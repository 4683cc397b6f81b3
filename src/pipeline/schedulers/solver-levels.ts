/**
 * The noise levels of the solvers that keep the sample's variance (the DPM solvers, UniPC and DEIS): at which
 * timesteps they call the network, and what a level is there. Each solver chooses where its process ends.
 */
import type { Settings } from './config.ts';
import { at, f32, weightedSum } from './float32.ts';
import { finiteSigmaSchedule, trainingSigmas, type NoiseSchedule } from './noise-schedule.ts';
import type { Mix } from './prediction.ts';
import { curvedSigmas, sigmaRange, sigmaToTimestep } from './sigmas.ts';
import { checkSteps, linspace, roundHalfEven, solverTimesteps } from './timesteps.ts';

/** A noise level: x = signal * clean + noise * gaussian, and log(signal / noise). */
export interface Level extends Mix {
  readonly logSnr: number;
}

export interface SolverPlan {
  readonly timesteps: number[];
  /** One for each timestep. */
  readonly sigmas: number[];
  /** The level of the cleanest training timestep. */
  readonly lowest: number;
  /** Whether the levels were not taken from the timesteps but the timesteps from the levels. */
  readonly curved: boolean;
}

/** From sigma, which is noise over signal, or the share of noise in a flow. */
export function levelOf(sigma: number, flow: boolean): Level {
  const signal = flow ? f32(1 - sigma) : f32(1 / f32(Math.sqrt(f32(f32(sigma * sigma) + 1))));
  const noise = flow ? sigma : f32(sigma * signal);
  return { signal, noise, logSnr: f32(f32(Math.log(signal)) - f32(Math.log(noise))) };
}

/** The forward process: the clean sample at this level. */
export function noisedTo(
  { signal, noise }: Level,
  clean: Float32Array,
  gaussian: Float32Array,
): Float32Array {
  return weightedSum([signal, clean], [noise, gaussian]);
}

/**
 * Levels for `steps` steps. Of timesteps that follow from Karras's or Lu's levels, all are rounded unless `rounds`
 * says otherwise: as in diffusers, the multistep DPM solver cuts those of cosine schedules off.
 */
export function planSolver(settings: Settings, steps: number, rounds = true): SolverPlan {
  const schedule = finiteSigmaSchedule(settings);
  const trained = trainingSigmas(schedule);
  const lowest = at(trained, 0);
  if (settings.use_flow_sigmas) {
    const sigmas = flowSigmas(settings, steps);
    const timesteps = sigmas.map((sigma) => Math.trunc(sigma * settings.num_train_timesteps));
    return { timesteps, sigmas, lowest, curved: true };
  }
  const logSigmas = trained.map(Math.log);
  const curve = curveOf(settings, trained, logSigmas, steps);
  if (curve === undefined) {
    const timesteps = solverTimesteps(settings, steps, firstSkipped(settings, schedule));
    return { timesteps, sigmas: timesteps.map((t) => at(trained, t)), lowest, curved: false };
  }
  const even = settings.use_karras_sigmas || settings.use_lu_lambdas;
  const round = even && rounds ? roundHalfEven : Math.trunc;
  return {
    timesteps: curve.map((sigma) => round(sigmaToTimestep(sigma, logSigmas))),
    sigmas: curve,
    lowest,
    curved: true,
  };
}

/** The noise share of a flow at even times, moved towards noise by flow_shift. */
function flowSigmas(settings: Settings, steps: number): number[] {
  checkSteps(steps, settings.num_train_timesteps);
  return linspace(1, 1 / settings.num_train_timesteps, steps + 1)
    .map((alpha) => shiftFlow(1 - alpha, settings.flow_shift))
    .toReversed()
    .slice(0, steps);
}

export function shiftFlow(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

function curveOf(settings: Settings, trained: Float32Array, logSigmas: Float32Array, steps: number) {
  checkSteps(steps, settings.num_train_timesteps);
  const last = trained.length - 1;
  if (settings.use_lu_lambdas) {
    return linspace(0, 1, steps).map((ramp) => {
      const [from, to] = [at(logSigmas, last), at(logSigmas, 0)];
      return Math.exp(from + ramp * (to - from));
    });
  }
  const range = sigmaRange(settings, { max: at(trained, last), min: at(trained, 0) });
  return curvedSigmas(settings, range, steps);
}

/** The noisiest timesteps are left out where their log-SNR is below the configured bound. */
function firstSkipped(settings: Settings, { alphasCumprod }: NoiseSchedule): number {
  const below = alphasCumprod.filter((alpha) => {
    const logSnr = f32(f32(Math.log(f32(Math.sqrt(alpha)))) - f32(Math.log(f32(Math.sqrt(f32(1 - alpha))))));
    return logSnr < settings.lambda_min_clipped;
  });
  return settings.num_train_timesteps - below.length;
}
