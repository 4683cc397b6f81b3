/**
 * Euler's method on the probability flow, with samples kept as clean + sigma * noise.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), algorithm 2
 * without churn. Numbers as diffusers' EulerDiscreteScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, weightedSum } from './float32.ts';
import { finiteSigmaSchedule, trainingSigmas } from './noise-schedule.ts';
import { refuseFlow, splitOutput } from './prediction.ts';
import type { PredictionType, Scheduler } from './scheduler.ts';
import {
  checkCurve,
  exponentialSigmas,
  interpolate,
  karrasSigmas,
  sigmaRange,
  sigmaToTimestep,
} from './sigmas.ts';
import { linspace, roundHalfEven, spacedTimesteps } from './timesteps.ts';

export function planEuler(settings: Settings, steps: number, batchSize: number): Scheduler {
  refuseFlow(settings);
  checkCurve(settings);
  const { timesteps, sigmas } = planLevels(settings, steps);
  const highest = sigmas.reduce((a, b) => Math.max(a, b));

  return {
    timesteps,
    initNoiseSigma: settings.timestep_spacing === 'leading' ? norm(highest) : highest,
    scaleModelInput: (x, i) => divide(x, norm(at(sigmas, i))),
    step(output, i, x) {
      const sigma = at(sigmas, i);
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
      const derivative = divide(weightedSum([1, x], [-1, predictedClean]), sigma);
      const change = f32(at(sigmas, i + 1) - sigma);
      return { prev: weightedSum([1, x], [change, derivative]), predictedClean };
    },
    addNoise: (clean, noise, i) => weightedSum([1, clean], [at(sigmas, i), noise]),
  };
}

interface Levels {
  readonly timesteps: number[];
  /** One more than there are timesteps: the last is where the process ends. */
  readonly sigmas: Float32Array;
}

function planLevels(settings: Settings, steps: number): Levels {
  const trained = trainingSigmas(finiteSigmaSchedule(settings));
  const logSigmas = trained.map(Math.log);
  const spaced = spacedTimesteps(settings, steps).map((t) =>
    settings.timestep_spacing === 'linspace' ? f32(t) : roundHalfEven(t),
  );
  const base =
    settings.interpolation_type === 'linear'
      ? spaced.map((t) => interpolate(trained, t))
      : linspace(at(logSigmas, logSigmas.length - 1), at(logSigmas, 0), steps + 1).map(Math.exp);
  const range = sigmaRange(settings, { max: base[0]!, min: base.at(-1)! });
  const curve = settings.use_karras_sigmas
    ? karrasSigmas(range, steps)
    : settings.use_exponential_sigmas
      ? exponentialSigmas(range, steps)
      : undefined;
  const final = settings.final_sigmas_type === 'zero' ? 0 : at(trained, 0);
  const sigmas = Float32Array.from([...(curve ?? base), final]);
  if (settings.timestep_type === 'continuous' && settings.prediction_type === 'v_prediction') {
    return {
      timesteps: Array.from(sigmas.slice(0, steps), (sigma) => f32(0.25 * f32(Math.log(sigma)))),
      sigmas,
    };
  }
  return { timesteps: curve?.map((sigma) => f32(sigmaToTimestep(sigma, logSigmas))) ?? spaced, sigmas };
}

/** sqrt(sigma^2 + 1): the standard deviation of a sample of unit variance with that noise. */
function norm(sigma: number): number {
  return f32(Math.sqrt(f32(f32(sigma * sigma) + 1)));
}

function cleanAt(type: PredictionType, output: Float32Array, x: Float32Array, sigma: number): Float32Array {
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
