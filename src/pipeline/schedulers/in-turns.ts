/**
 * Two processes of one plan, one after the other, for two networks that share the timesteps: the second begins as one
 * that starts from an image, and remembers nothing of what the first network said.
 */
import type { Scheduler } from './scheduler.ts';

/** `second` takes over at index `at`. Both must have been planned alike. */
export function inTurns(first: Scheduler, second: Scheduler, at: number): Scheduler {
  return {
    timesteps: first.timesteps,
    initNoiseSigma: first.initNoiseSigma,
    ...(first.callsPerStep !== undefined && { callsPerStep: first.callsPerStep }),
    scaleModelInput: (x, i) => first.scaleModelInput(x, i),
    step: (output, i, x, noise) => (i < at ? first : second).step(output, i, x, noise),
    addNoise: (clean, noise, i) => first.addNoise(clean, noise, i),
  };
}
