/**
 * A stochastic DPM solver with two calls of the network a step: to the geometric middle of two levels, and from the
 * start again with what was seen there. Its noise is one Brownian motion over sigma, so the same seed leads to nearly
 * the same picture whatever the number of steps.
 * Source: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), appendix; Lu et
 * al., "DPM-Solver++" (2022). Numbers as diffusers' DPMSolverSDEScheduler gives them.
 */
import { BrownianPath } from './brownian-path.ts';
import type { Settings } from './config.ts';
import { at, divide, f32, scale, weightedSum } from './float32.ts';
import { splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { ancestralLevels, cleanAt, derivativeAt, initialSigma, norm, sigmaLevels } from './sigma-levels.ts';
import { sigmaToTimestep } from './sigmas.ts';

/** `seed`, from 0 to 2^53, is that of the Brownian motion; one motion spans all samples of a batch. */
export function planDpmSolverSde(
  settings: Settings,
  steps: number,
  batchSize: number,
  seed: number,
): Scheduler {
  const { timesteps: even, sigmas, logSigmas } = sigmaLevels(settings, steps, true);
  const middles = even.map((_, k) => middleOf(at(sigmas, k), at(sigmas, k + 1)));
  // Index 2k is the call at level k and index 2k + 1 the one in the middle of the step; the last has no middle.
  const timesteps = even.flatMap((t, k) =>
    k === steps - 1 ? [t] : [t, sigmaToTimestep(Math.sqrt(at(sigmas, k) * at(sigmas, k + 1)), logSigmas)],
  );
  const levelOf = (i: number): number => {
    at(timesteps, i);
    return i % 2 === 0 ? at(sigmas, i / 2) : middles[(i - 1) / 2]!;
  };
  let path: BrownianPath | undefined;
  let half: { readonly i: number; readonly x: Float32Array } | undefined;

  /** From `from` further down than `to`, and by noise up to it again. */
  const leap = (x: Float32Array, clean: Float32Array, from: number, to: number): Float32Array => {
    path ??= new BrownianPath(at(sigmas, steps - 1), at(sigmas, 0), x.length, seed);
    const { down, up } = ancestralLevels(from, to);
    const [start, end] = [minusLog(from), minusLog(down)];
    const kept = f32(exp(-end) / exp(-start));
    const lower = weightedSum([kept, x], [-f32(Math.expm1(f32(start - end))), clean]);
    const noise = divide(scale(-1, path.increment(to, from)), f32(Math.sqrt(f32(from - to))));
    return weightedSum([1, lower], [up, noise]);
  };

  const step = (output: Float32Array, i: number, x: Float32Array): Step => {
    const sigma = levelOf(i);
    const [from, to] = [at(sigmas, Math.floor(i / 2)), at(sigmas, Math.floor(i / 2) + 1)];
    const { prediction } = splitOutput(output, x, batchSize);
    const predictedClean = cleanAt(settings.prediction_type, prediction, x, sigma);
    if (to === 0) {
      const slope = derivativeAt(x, predictedClean, sigma);
      return { prev: weightedSum([1, x], [-sigma, slope]), predictedClean };
    }
    if (i % 2 === 0) {
      half = { i, x };
      return { prev: leap(x, predictedClean, again(from), middleOf(from, to)), predictedClean };
    }
    // A process that starts here goes on from the middle.
    const start = half?.i === i - 1 ? { x: half.x, sigma: again(from) } : { x, sigma };
    half = undefined;
    return { prev: leap(start.x, predictedClean, start.sigma, again(to)), predictedClean };
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

/** The geometric mean; zero where the step ends there. */
function middleOf(from: number, to: number): number {
  if (to === 0) return 0;
  const [start, end] = [minusLog(from), minusLog(to)];
  return exp(-f32(start + f32(f32(end - start) * 0.5)));
}

/** The reference goes by way of the logarithm, which may cost the last bit. */
function again(sigma: number): number {
  return exp(-minusLog(sigma));
}

function minusLog(sigma: number): number {
  return -f32(Math.log(sigma));
}

function exp(value: number): number {
  return f32(Math.exp(value));
}
