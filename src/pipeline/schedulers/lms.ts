/**
 * Linear multistep: the slopes of up to four steps, joined by a polynomial that is integrated over the next step.
 * Source: Liu et al., "Pseudo Numerical Methods for Diffusion Models" (2022), section 3, for uneven steps. Numbers
 * as diffusers' LMSDiscreteScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, divide, weightedSum, type Term } from './float32.ts';
import { History } from './history.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler } from './scheduler.ts';
import { cleanAt, derivativeAt, initialSigma, norm, sigmaLevels } from './sigma-levels.ts';

const ORDER = 4;

export function planLms(settings: Settings, steps: number, batchSize: number): Scheduler {
  const { timesteps, sigmas } = sigmaLevels(settings, steps);
  const slopes = new History(ORDER);
  return {
    timesteps,
    initNoiseSigma: initialSigma(settings, sigmas),
    scaleModelInput: (x, i) => divide(x, norm(at(sigmas, i))),
    step(output, i, x) {
      const sigma = at(sigmas, i);
      at(timesteps, i);
      slopes.continues(i);
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
      const known = slopes.add(derivativeAt(x, predictedClean, sigma));
      // A process that starts midway has fewer slopes than the order counts on; as in the reference, the missing
      // ones are left out of the sum.
      const order = Math.min(i + 1, ORDER);
      const [first, ...rest] = known.map((values, j): Term => [coefficient(sigmas, i, order, j), values]);
      return { prev: weightedSum([1, x], [1, weightedSum(first!, ...rest)]), predictedClean };
    },
    addNoise: (clean, noise, i) => weightedSum([1, clean], [at(sigmas, i), noise]),
  };
}

/** The integral over the step from level `i` of the polynomial that is 1 at level i - j and 0 at the others. */
function coefficient(sigmas: Float32Array, i: number, order: number, j: number): number {
  const own = at(sigmas, i - j);
  const others = Array.from({ length: order }, (_, k) => at(sigmas, i - k)).filter((_, k) => k !== j);
  const polynomial = (tau: number) =>
    others.reduce((product, level) => (product * (tau - level)) / (own - level), 1);
  // Gauss and Legendre's two points are exact for cubics.
  const half = (at(sigmas, i + 1) - at(sigmas, i)) / 2;
  const middle = at(sigmas, i) + half;
  const offset = half / Math.sqrt(3);
  return half * (polynomial(middle - offset) + polynomial(middle + offset));
}
