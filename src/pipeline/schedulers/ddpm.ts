/**
 * Ancestral sampling of the diffusion Markov chain: fresh noise in every step.
 * Source: Ho et al., "Denoising Diffusion Probabilistic Models" (2020), algorithm 2 and equation 7; variances of
 * Nichol and Dhariwal (2021). Numbers as diffusers' DDPMScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, f32, weightedSum } from './float32.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, limitClean, mixOf, refuseFlow, splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { roundHalfEven, spacedTimesteps } from './timesteps.ts';

const SMALLEST_VARIANCE = 1e-20;

export function planDdpm(settings: Settings, steps: number, batchSize: number): Scheduler {
  refuseFlow(settings);
  const { alphasCumprod } = noiseSchedule(settings);
  const timesteps = spacedTimesteps(settings, steps).map(roundHalfEven);
  const alphaAt = (i: number) => at(alphasCumprod, at(timesteps, i));

  const step = (output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step => {
    const alpha = alphaAt(i);
    const posterior = posteriorOf(alpha, i + 1 < timesteps.length ? alphaAt(i + 1) : 1);
    const { prediction, variance } = splitOutput(output, x, batchSize);
    const foreseen = cleanFrom(settings.prediction_type, prediction, x, mixOf(alpha));
    const predictedClean = limitClean(foreseen, settings, batchSize);
    const mean = weightedSum([posterior.clean, predictedClean], [posterior.current, x]);
    if (timesteps[i] === 0) return { prev: mean, predictedClean };
    const fresh = noise();
    const deviation = deviations(settings.variance_type, posterior, variance);
    if (typeof deviation === 'number') {
      return { prev: weightedSum([1, mean], [deviation, fresh]), predictedClean };
    }
    const spread = deviation.map((value, j) => value * fresh[j]!);
    return { prev: weightedSum([1, mean], [1, spread]), predictedClean };
  };

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step,
    addNoise: (clean, noise, i) => forwardJump(clean, noise, alphaAt(i)),
  };
}

/** q(x_prev | x_t, x_0): weights of the clean and the current sample in its mean, and bounds of its variance. */
export interface Posterior {
  readonly clean: number;
  readonly current: number;
  readonly smallVariance: number;
  readonly largeVariance: number;
}

function posteriorOf(alpha: number, alphaPrev: number): Posterior {
  const noiseShare = f32(1 - alpha);
  const noiseSharePrev = f32(1 - alphaPrev);
  const stepAlpha = f32(alpha / alphaPrev);
  const stepBeta = f32(1 - stepAlpha);
  const variance = f32(f32(noiseSharePrev / noiseShare) * stepBeta);
  return {
    clean: f32(f32(f32(Math.sqrt(alphaPrev)) * stepBeta) / noiseShare),
    current: f32(f32(f32(Math.sqrt(stepAlpha)) * noiseSharePrev) / noiseShare),
    smallVariance: Math.max(variance, f32(SMALLEST_VARIANCE)),
    largeVariance: stepBeta,
  };
}

/** Standard deviation of a step's noise: one number, or one for each element where the network learned it. */
export function deviations(
  type: Settings['variance_type'],
  { smallVariance, largeVariance }: Posterior,
  learned: Float32Array | undefined,
): number | Float32Array {
  switch (type) {
    case 'fixed_small':
      return Math.sqrt(smallVariance);
    case 'fixed_small_log':
      return Math.exp(f32(0.5 * f32(Math.log(smallVariance))));
    case 'fixed_large':
    case 'fixed_large_log':
      return Math.sqrt(largeVariance);
    case 'learned':
      return required(learned).map(Math.sqrt);
    case 'learned_range': {
      const low = f32(Math.log(smallVariance));
      const high = f32(Math.log(largeVariance));
      return required(learned).map((value) => {
        const share = f32(f32(value + 1) / 2);
        const logVariance = f32(f32(share * high) + f32(f32(1 - share) * low));
        return Math.exp(0.5 * logVariance);
      });
    }
  }
}

function required(learned: Float32Array | undefined): Float32Array {
  if (learned !== undefined) return learned;
  throw new RangeError(
    'A learned variance_type needs a network whose output has twice the channels of its input.',
  );
}
