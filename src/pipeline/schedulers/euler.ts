/**
 * Euler's method on the probability flow, with samples kept as clean + sigma * noise.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), algorithm 2
 * without churn. Numbers as diffusers' EulerDiscreteScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler } from './scheduler.ts';
import { cleanAt, derivativeAt, eulerLevels, initialSigma, norm } from './sigma-levels.ts';

export function planEuler(settings: Settings, steps: number, batchSize: number): Scheduler {
  const { timesteps, sigmas } = eulerLevels(settings, steps);
  return {
    timesteps,
    initNoiseSigma: initialSigma(settings, sigmas),
    scaleModelInput: (x, i) => divide(x, norm(at(sigmas, i))),
    step(output, i, x) {
      const sigma = at(sigmas, i);
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
      const change = f32(at(sigmas, i + 1) - sigma);
      const prev = weightedSum([1, x], [change, derivativeAt(x, predictedClean, sigma)]);
      return { prev, predictedClean };
    },
    addNoise: (clean, noise, i) => weightedSum([1, clean], [at(sigmas, i), noise]),
  };
}
