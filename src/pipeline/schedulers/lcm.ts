/**
 * Sampling of a latent consistency model: each call foresees the clean sample, which is noised again to the next
 * level.
 * Source: Luo et al., "Latent Consistency Models" (2023), algorithm 3. Numbers as diffusers' LCMScheduler gives
 * them.
 */
import type { Settings } from './config.ts';
import { distilledTimesteps } from './distilled.ts';
import { at, f32, weightedSum } from './float32.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, limitClean, mixOf, refuseFlow, splitOutput } from './prediction.ts';
import type { Scheduler } from './scheduler.ts';

/** Standard deviation of the data that the boundary condition supposes. */
const SIGMA_DATA = 0.5;

export function planLcm(settings: Settings, steps: number, batchSize: number, strength: number): Scheduler {
  refuseFlow(settings);
  const { alphasCumprod } = noiseSchedule(settings);
  const timesteps = distilledTimesteps(settings, steps, strength);
  const alphaAt = (i: number) => at(alphasCumprod, at(timesteps, i));
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step(output, i, x, noise) {
      const { prediction } = splitOutput(output, x, batchSize);
      const foreseen = cleanFrom(settings.prediction_type, prediction, x, mixOf(alphaAt(i)));
      const limited = limitClean(foreseen, settings, batchSize);
      const { skip, out } = boundary(f32(at(timesteps, i) * settings.timestep_scaling));
      const predictedClean = weightedSum([out, limited], [skip, x]);
      if (i === timesteps.length - 1) return { prev: predictedClean.slice(), predictedClean };
      return { prev: forwardJump(predictedClean, noise(), alphaAt(i + 1)), predictedClean };
    },
    addNoise: (clean, noise, i) => forwardJump(clean, noise, alphaAt(i)),
  };
}

/** Shares of the sample itself and of the network's word, which make the function the identity at timestep zero. */
function boundary(scaled: number): { readonly skip: number; readonly out: number } {
  const spread = f32(f32(scaled * scaled) + SIGMA_DATA ** 2);
  return { skip: f32(SIGMA_DATA ** 2 / spread), out: f32(scaled / f32(Math.sqrt(spread))) };
}
