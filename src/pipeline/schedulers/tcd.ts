/**
 * Sampling of a trajectory consistency model: each call jumps below the next timestep by the share gamma, and noise
 * brings the sample back up to it.
 * Source: Zheng et al., "Trajectory Consistency Distillation" (2024), algorithm 4. Numbers as diffusers'
 * TCDScheduler gives them.
 */
import type { Settings } from './config.ts';
import { distilledTimesteps } from './distilled.ts';
import { at, f32, weightedSum } from './float32.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, mixOf, noiseFrom, refuseFlow, splitOutput } from './prediction.ts';
import type { Scheduler } from './scheduler.ts';

export function planTcd(
  settings: Settings,
  steps: number,
  batchSize: number,
  gamma: number,
  strength: number,
): Scheduler {
  refuseFlow(settings);
  const { alphasCumprod } = noiseSchedule(settings);
  const timesteps = distilledTimesteps(settings, steps, strength);
  const alphaAt = (i: number) => at(alphasCumprod, at(timesteps, i));
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step(output, i, x, noise) {
      const mix = mixOf(alphaAt(i));
      const next = timesteps[i + 1] ?? 0;
      const lower = at(alphasCumprod, Math.floor(f32(f32(1 - gamma) * next)));
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = cleanFrom(settings.prediction_type, prediction, x, mix);
      const direction = noiseFrom(settings.prediction_type, prediction, x, mix);
      const below = forwardJump(predictedClean, direction, lower);
      if (gamma === 0 || i === timesteps.length - 1) return { prev: below, predictedClean };
      const kept = f32(at(alphasCumprod, next) / lower);
      const prev = weightedSum([Math.sqrt(kept), below], [Math.sqrt(f32(1 - kept)), noise()]);
      return { prev, predictedClean };
    },
    addNoise: (clean, noise, i) => forwardJump(clean, noise, alphaAt(i)),
  };
}
