/**
 * The midpoint method on the probability flow: an Euler step to the geometric middle of two levels, and from there
 * the slope for the whole step; the ancestral variant goes further down and adds fresh noise.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), appendix, and
 * Lu et al., "DPM-Solver" (2022), DPM-Solver-2. Numbers as diffusers' KDPM2DiscreteScheduler and
 * KDPM2AncestralDiscreteScheduler give them.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { ancestralLevels, cleanAt, derivativeAt, initialSigma, norm, sigmaLevels } from './sigma-levels.ts';
import { LEAST_SIGMA, logSigmaToTimestep } from './sigmas.ts';
import { roundHalfEven } from './timesteps.ts';

/** A step from one level to the next by way of their middle. */
interface Leap {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  /** Standard deviation of the noise that is added at the end. */
  readonly up: number;
}

export function planDpm2(
  settings: Settings,
  steps: number,
  batchSize: number,
  ancestral: boolean,
): Scheduler {
  const { timesteps: even, sigmas, logSigmas } = sigmaLevels(settings, steps);
  const leaps = even.map((_, k) => leap(at(sigmas, k), at(sigmas, k + 1), ancestral));
  // Index 2k is the call at level k and index 2k + 1 the one in the middle of the step; the last has no middle.
  const levelOf = (i: number) => {
    at(timesteps, i);
    const { from, middle } = leaps[Math.floor(i / 2)]!;
    return i % 2 === 0 ? from : middle;
  };
  const round = settings.use_karras_sigmas ? roundHalfEven : (t: number) => t;
  // The reference finds these in single precision, unlike the others.
  const middleTimestep = (sigma: number) =>
    f32(logSigmaToTimestep(f32(Math.log(Math.max(sigma, LEAST_SIGMA))), logSigmas));
  const timesteps = even.flatMap((t, k) =>
    k === steps - 1 ? [round(t)] : [round(t), middleTimestep(leaps[k]!.middle)],
  );
  let half: { readonly i: number; readonly x: Float32Array } | undefined;

  const step = (output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step => {
    const sigma = levelOf(i);
    const { from, middle, to, up } = leaps[Math.floor(i / 2)]!;
    const { prediction } = splitOutput(output, x, batchSize);
    const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
    const slope = derivativeAt(x, predictedClean, sigma);
    if (i % 2 === 0) {
      half = { i, x };
      return { prev: weightedSum([1, x], [f32(middle - from), slope]), predictedClean };
    }
    // A process that starts here goes on from the middle by an Euler step.
    const start = half?.i === i - 1 ? { x: half.x, sigma: from } : { x, sigma };
    half = undefined;
    const lower = weightedSum([1, start.x], [f32(to - start.sigma), slope]);
    return { prev: ancestral ? weightedSum([1, lower], [up, noise()]) : lower, predictedClean };
  };

  return {
    timesteps,
    callsPerStep: 2,
    initNoiseSigma: initialSigma(settings, sigmas),
    scaleModelInput: (x, i) => divide(x, norm(levelOf(i))),
    step,
    addNoise: (clean, noise, i) => weightedSum([1, clean], [levelOf(i), noise]),
  };
}

function leap(from: number, next: number, ancestral: boolean): Leap {
  const { down, up } = ancestral ? ancestralLevels(from, next) : { down: next, up: 0 };
  return {
    from,
    middle: next === 0 ? 0 : ancestral ? middleOf(from, down) : middleOf(down, from),
    to: down,
    up,
  };
}

/** The geometric mean. */
function middleOf(a: number, b: number): number {
  const [logA, logB] = [f32(Math.log(a)), f32(Math.log(b))];
  return f32(Math.exp(f32(logB - f32(0.5 * f32(logB - logA)))));
}
