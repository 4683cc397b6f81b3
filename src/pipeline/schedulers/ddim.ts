/**
 * Deterministic sampling of the same model in few steps; eta 0..1 mixes fresh noise in, up to DDPM's amount.
 * Source: Song et al., "Denoising Diffusion Implicit Models" (2021), equations 12 and 16. Numbers as diffusers'
 * DDIMScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, f32, weightedSum } from './float32.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, limitClean, mixOf, noiseFrom, refuseFlow, splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { roundHalfEven, spacedTimesteps } from './timesteps.ts';

export function planDdim(settings: Settings, steps: number, batchSize: number, eta: number): Scheduler {
  refuseFlow(settings);
  const { alphasCumprod } = noiseSchedule(settings);
  const timesteps = spacedTimesteps(settings, steps).map(roundHalfEven);
  const stride = Math.floor(settings.num_train_timesteps / steps);
  const alphaAt = (i: number) => at(alphasCumprod, at(timesteps, i));
  const finalAlpha = settings.set_alpha_to_one ? 1 : at(alphasCumprod, 0);

  const step = (output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step => {
    const alpha = alphaAt(i);
    const target = at(timesteps, i) - stride;
    const alphaPrev = target >= 0 ? at(alphasCumprod, target) : finalAlpha;
    const mix = mixOf(alpha);
    const { prediction } = splitOutput(output, x, batchSize);
    const foreseen = cleanFrom(settings.prediction_type, prediction, x, mix);
    const direction = noiseFrom(settings.prediction_type, prediction, x, mix);
    const predictedClean = limitClean(foreseen, settings, batchSize);
    const deviation = f32(eta * f32(Math.sqrt(posteriorVariance(alpha, alphaPrev))));
    const rest = f32(f32(1 - alphaPrev) - f32(deviation * deviation));
    const prev = weightedSum(
      [Math.sqrt(alphaPrev), predictedClean],
      [Math.sqrt(Math.max(rest, 0)), direction],
    );
    if (eta === 0) return { prev, predictedClean };
    return { prev: weightedSum([1, prev], [deviation, noise()]), predictedClean };
  };

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step,
    addNoise: (clean, noise, i) => forwardJump(clean, noise, alphaAt(i)),
  };
}

/** The variance of q(x_prev | x_t, x_0). */
function posteriorVariance(alpha: number, alphaPrev: number): number {
  const shares = f32(f32(1 - alphaPrev) / f32(1 - alpha));
  return f32(shares * f32(1 - f32(alpha / alphaPrev)));
}
