/**
 * Which timesteps the few-step schedulers visit: evenly chosen among those that a model was distilled at.
 * Source: Luo et al., "Latent Consistency Models" (2023), section 4.3, skipping steps.
 */
import type { Settings } from './config.ts';
import { UnsupportedScheduler } from './scheduler.ts';
import { checkSteps } from './timesteps.ts';

/** All of them are below the share `strength` of the way, for a process that starts from an image. */
export function distilledTimesteps(settings: Settings, steps: number, strength: number): number[] {
  const { num_train_timesteps: count, original_inference_steps: original } = settings;
  if (original > count) {
    throw new UnsupportedScheduler(
      `original_inference_steps must be at most num_train_timesteps, ${count}; got ${original}.`,
    );
  }
  const reached = Math.floor(original * strength);
  if (strength < 1 && steps > reached) {
    throw new RangeError(
      `A strength of ${strength} leaves this model at most ${reached} of ${original} steps; got ${steps}. Use a higher strength, or fewer steps.`,
    );
  }
  checkSteps(steps, reached);
  const stride = Math.floor(count / original);
  return Array.from({ length: steps }, (_, i) => {
    const skipped = Math.floor(i * (reached / steps));
    return (reached - skipped) * stride - 1;
  });
}
