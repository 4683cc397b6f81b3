/**
 * Heun's method on the probability flow: an Euler step, and a second call of the network at its end to average the
 * slopes. All levels but the first and the last are visited twice.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), algorithm 1.
 * Numbers as diffusers' HeunDiscreteScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, clamp, divide, f32, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { cleanAt, derivativeAt, initialSigma, norm, sigmaLevels } from './sigma-levels.ts';

/** An Euler step that waits for its second half. */
interface FirstHalf {
  readonly i: number;
  readonly x: Float32Array;
  readonly derivative: Float32Array;
}

export function planHeun(settings: Settings, steps: number, batchSize: number): Scheduler {
  const levels = sigmaLevels(settings, steps);
  // Index 2k is the call at level k, and index 2k + 1 the one at level k + 1 that completes the step.
  const levelOf = (i: number) => at(levels.sigmas, Math.ceil(i / 2));
  const timesteps = levels.timesteps.flatMap((t, k) => (k === 0 ? [t] : [t, t]));
  let half: FirstHalf | undefined;

  const step = (output: Float32Array, i: number, x: Float32Array): Step => {
    at(timesteps, i);
    const sigma = levelOf(i);
    const { prediction } = splitOutput(output, x, batchSize);
    const foreseen = cleanAt(settings.prediction_type, prediction, x, sigma);
    const predictedClean = settings.clip_sample ? clamp(foreseen, settings.clip_sample_range) : foreseen;
    const derivative = derivativeAt(x, predictedClean, sigma);
    if (i % 2 === 0) {
      half = { i, x, derivative };
      return { prev: weightedSum([1, x], [f32(levelOf(i + 1) - sigma), derivative]), predictedClean };
    }
    // A process that starts here has no step to complete, and is at the next call's level already.
    if (half?.i !== i - 1) return { prev: x.slice(), predictedClean };
    const slope = divide(weightedSum([1, half.derivative], [1, derivative]), 2);
    const prev = weightedSum([1, half.x], [f32(sigma - levelOf(i - 1)), slope]);
    half = undefined;
    return { prev, predictedClean };
  };

  return {
    timesteps,
    callsPerStep: 2,
    initNoiseSigma: initialSigma(settings, levels.sigmas),
    scaleModelInput: (x, i) => divide(x, norm(levelOf(i))),
    step,
    addNoise: (clean, noise, i) => weightedSum([1, clean], [levelOf(i), noise]),
  };
}
