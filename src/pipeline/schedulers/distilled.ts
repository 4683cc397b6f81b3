/**
 * Which timesteps the few-step schedulers visit: evenly chosen among those that a model was distilled at.
 * Source: Luo et al., "Latent Consistency Models" (2023), section 4.3, skipping steps.
 */
import type { Settings } from './config.ts';
import { UnsupportedScheduler } from './scheduler.ts';
import { checkSteps } from './timesteps.ts';

export function distilledTimesteps(settings: Settings, steps: number): number[] {
  const { num_train_timesteps: count, original_inference_steps: original } = settings;
  if (original > count) {
    throw new UnsupportedScheduler(
      `original_inference_steps must be at most num_train_timesteps, ${count}; got ${original}.`,
    );
  }
  checkSteps(steps, original);
  const stride = Math.floor(count / original);
  return Array.from({ length: steps }, (_, i) => {
    const skipped = Math.floor(i * (original / steps));
    return (original - skipped) * stride - 1;
  });
}
