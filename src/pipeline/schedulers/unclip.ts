/**
 * Ancestral sampling as unCLIP's models do it: DDPM over a cosine schedule whose timesteps always span the whole of
 * it.
 * Source: Ramesh et al., "Hierarchical Text-Conditional Image Generation with CLIP Latents" (2022); Ho et al.
 * (2020), equation 7. Numbers as diffusers' UnCLIPScheduler gives them.
 */
import type { Settings } from './config.ts';
import { deviations, type Posterior } from './ddpm.ts';
import { at, clamp, f32, weightedSum } from './float32.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, mixOf, refuseFlow, splitOutput } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler, type Step } from './scheduler.ts';
import { linspace, roundHalfEven } from './timesteps.ts';

export function planUnClip(settings: Settings, steps: number, batchSize: number): Scheduler {
  refuseFlow(settings);
  checkVariance(settings);
  const { betas, alphasCumprod } = noiseSchedule(settings);
  const timesteps = spanning(settings.num_train_timesteps, steps);
  const alphaAt = (i: number) => at(alphasCumprod, at(timesteps, i));

  const posteriorAt = (i: number): Posterior => {
    const t = at(timesteps, i);
    const prev = timesteps[i + 1] ?? t - 1;
    const alpha = at(alphasCumprod, t);
    const alphaPrev = prev >= 0 ? at(alphasCumprod, prev) : 1;
    const beta = prev === t - 1 ? at(betas, t) : f32(1 - f32(alpha / alphaPrev));
    const noiseShare = f32(1 - alpha);
    const noiseSharePrev = f32(1 - alphaPrev);
    return {
      clean: f32(f32(f32(Math.sqrt(alphaPrev)) * beta) / noiseShare),
      current: f32(f32(f32(Math.sqrt(f32(1 - beta))) * noiseSharePrev) / noiseShare),
      smallVariance: Math.max(f32(f32(noiseSharePrev / noiseShare) * beta), f32(1e-20)),
      largeVariance: beta,
    };
  };

  const step = (output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step => {
    const posterior = posteriorAt(i);
    const { prediction, variance } = splitOutput(output, x, batchSize);
    const foreseen = cleanFrom(settings.prediction_type, prediction, x, mixOf(alphaAt(i)));
    const predictedClean = settings.clip_sample ? clamp(foreseen, settings.clip_sample_range) : foreseen;
    const mean = weightedSum([posterior.clean, predictedClean], [posterior.current, x]);
    if (timesteps[i] === 0) return { prev: mean, predictedClean };
    const fresh = noise();
    const deviation = deviations(settings.variance_type, posterior, variance);
    const prev =
      typeof deviation === 'number'
        ? weightedSum([1, mean], [deviation, fresh])
        : weightedSum([1, mean], [1, deviation.map((value, j) => value * fresh[j]!)]);
    return { prev, predictedClean };
  };

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step,
    addNoise: (clean, noise, i) => forwardJump(clean, noise, alphaAt(i)),
  };
}

/** From the last training timestep to the first. */
function spanning(count: number, steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 2 || steps > count) {
    throw new RangeError(`Steps must be a whole number from 2 to ${count}; got ${steps}.`);
  }
  const ratio = (count - 1) / (steps - 1);
  return linspace(steps - 1, 0, steps).map((k) => roundHalfEven(k * ratio));
}

function checkVariance({ variance_type: type }: Settings): void {
  if (type === 'fixed_small_log' || type === 'learned_range') return;
  throw new UnsupportedScheduler(
    `variance_type must be fixed_small_log or learned_range for UnCLIPScheduler; got ${type}.`,
  );
}
