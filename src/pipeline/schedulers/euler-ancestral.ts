/**
 * Euler's method with fresh noise in every step: it goes further down than the next level and is noised up to it.
 * Source: Song et al., "Score-Based Generative Modeling through SDEs" (2021), ancestral sampling. Numbers as
 * diffusers' EulerAncestralDiscreteScheduler gives them, which spaces its levels by timesteps only.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler } from './scheduler.ts';
import { ancestralLevels, cleanAt, derivativeAt, initialSigma, norm, sigmaLevels } from './sigma-levels.ts';
import { noCurve } from './sigmas.ts';

export function planEulerAncestral(settings: Settings, steps: number, batchSize: number): Scheduler {
  const { timesteps, sigmas } = sigmaLevels({ ...settings, ...noCurve }, steps);
  return {
    timesteps,
    initNoiseSigma: initialSigma(settings, sigmas),
    scaleModelInput: (x, i) => divide(x, norm(at(sigmas, i))),
    step(output, i, x, noise) {
      const sigma = at(sigmas, i);
      const { down, up } = ancestralLevels(sigma, at(sigmas, i + 1));
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
      const change = f32(down - sigma);
      const lower = weightedSum([1, x], [change, derivativeAt(x, predictedClean, sigma)]);
      return { prev: up === 0 ? lower : weightedSum([1, lower], [up, noise()]), predictedClean };
    },
    addNoise: (clean, noise, i) => weightedSum([1, clean], [at(sigmas, i), noise]),
  };
}
