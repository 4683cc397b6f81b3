/**
 * Euler's method along the straight paths of a flow: x = (1 - sigma) * clean + sigma * noise.
 * Sources: Liu et al., "Flow Straight and Fast" (2023); Esser et al., "Scaling Rectified Flow Transformers" (2024),
 * section 5.3.2, shifts. Numbers as diffusers' FlowMatchEulerDiscreteScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, f32, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler } from './scheduler.ts';
import { checkCurve, curvedSigmas } from './sigmas.ts';
import { shiftFlow } from './solver-levels.ts';
import { checkSteps, linspace } from './timesteps.ts';

/**
 * `imageTokens` is how many positions the network attends to in one picture; only dynamic shifts read it. `evenSigmas`:
 * before any shift the levels go evenly from 1 to 1 / steps, and not down to the least level of the training.
 */
export function planFlowMatchEuler(
  settings: Settings,
  steps: number,
  batchSize: number,
  imageTokens: number | undefined,
  evenSigmas: boolean,
): Scheduler {
  const { timesteps, sigmas } = planLevels(settings, steps, imageTokens, evenSigmas);
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step(output, i, x, noise) {
      at(timesteps, i);
      const [sigma, next] = [at(sigmas, i), at(sigmas, i + 1)];
      const { prediction } = splitOutput(output, x, batchSize);
      const predictedClean = weightedSum([1, x], [-sigma, prediction]);
      const prev = settings.stochastic_sampling
        ? weightedSum([f32(1 - next), predictedClean], [next, noise()])
        : weightedSum([1, x], [f32(next - sigma), prediction]);
      return { prev, predictedClean };
    },
    addNoise: (clean, noise, i) => {
      const sigma = at(sigmas, i);
      return weightedSum([sigma, noise], [f32(1 - sigma), clean]);
    },
  };
}

function planLevels(settings: Settings, steps: number, imageTokens: number | undefined, evenSigmas: boolean) {
  const { num_train_timesteps: count, use_dynamic_shifting: dynamic } = settings;
  checkSteps(steps, count);
  checkCurve({ ...settings, use_lu_lambdas: false, use_flow_sigmas: false });
  // A fixed shift is part of the trained range already, and applies once more to the levels between.
  const trained = (t: number) => f32(dynamic ? t / count : shiftFlow(t / count, settings.shift));
  const even = evenSigmas
    ? linspace(1, 1 / steps, steps).map(f32)
    : linspace(trained(count) * count, trained(1) * count, steps).map((t) => t / count);
  const shift = dynamic ? dynamicShift(settings, imageTokens) : settings.shift;
  const shifted = stretch(
    even.map((sigma) => shiftFlow(sigma, shift)),
    settings.shift_terminal,
  );
  const range = { max: shifted[0]!, min: shifted.at(-1)! };
  const plain = curvedSigmas(settings, range, steps) ?? shifted;
  const levels = Float32Array.from(plain, (sigma) => (settings.invert_sigmas ? 1 - f32(sigma) : sigma));
  return {
    timesteps: Array.from(levels, (sigma) => f32(sigma * count)),
    sigmas: Float32Array.from([...levels, settings.invert_sigmas ? 1 : 0]),
  };
}

/** Larger pictures need more noise: the shift grows with their number of positions. */
function dynamicShift(settings: Settings, imageTokens: number | undefined): number {
  if (imageTokens === undefined) {
    throw new UnsupportedScheduler(
      'use_dynamic_shifting needs the size of the picture, which this kind of model does not tell; ' +
        'set use_dynamic_shifting to false and shift to a number.',
    );
  }
  const { base_image_seq_len: base, max_image_seq_len: max, base_shift, max_shift } = settings;
  const slope = (max_shift - base_shift) / (max - base);
  const mu = imageTokens * slope + base_shift - slope * base;
  return settings.time_shift_type === 'exponential' ? Math.exp(mu) : mu;
}

/** Moves the levels so that the last of them is `terminal`, where one is set. */
function stretch(sigmas: number[], terminal: number | null): number[] {
  if (terminal === null || terminal === 0) return sigmas;
  const factor = (1 - sigmas.at(-1)!) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / factor);
}
