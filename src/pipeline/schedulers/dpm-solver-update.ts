/**
 * One update of a multistep DPM solver: the weights of the sample, of its predictions' differences and of fresh
 * noise, for each algorithm and order.
 * Sources: Lu et al., "DPM-Solver" (2022), equations 3.7 and B.4; "DPM-Solver++" (2022), equations 9 and 12 and
 * appendix A for the stochastic variants. Order of operations as in diffusers.
 */
import type { Settings } from './config.ts';
import { f32, weightedSum, type Term } from './float32.ts';
import type { Level } from './solver-levels.ts';

type SolverSettings = Pick<Settings, 'algorithm_type' | 'solver_type'>;

interface Weights {
  readonly sample: number;
  /** Of the newest prediction and its first and second divided differences. */
  readonly differences: readonly [number, number, number];
  /** Of fresh noise; absent where the algorithm is deterministic. */
  readonly noise?: number;
}

/**
 * The sample at level `to`. `past` are the levels at which the newest predictions were made, newest first, as many
 * as the order of the update; `predictions` run in the same order.
 */
export function integrate(
  settings: SolverSettings,
  to: Level,
  past: readonly Level[],
  predictions: readonly Float32Array[],
  x: Float32Array,
  noise: () => Float32Array,
): Float32Array {
  const h = f32(to.logSnr - past[0]!.logSnr);
  const useHeun = settings.solver_type === 'heun' || past.length === 3;
  const weights = weightsOf(settings.algorithm_type, to, past[0]!, h, useHeun);
  const terms = differences(past, predictions, h).map((values, order): Term => [
    weights.differences[order]!,
    values,
  ]);
  if (weights.noise !== undefined) terms.push([weights.noise, noise()]);
  return weightedSum([weights.sample, x], ...terms);
}

/** The newest prediction and its divided differences over log-SNR, as many as there are levels. */
function differences(
  past: readonly Level[],
  predictions: readonly Float32Array[],
  h: number,
): Float32Array[] {
  const [level0, level1, level2] = past;
  const [newest, second, third] = predictions;
  if (level1 === undefined) return [newest!];
  const r0 = f32(f32(level0!.logSnr - level1.logSnr) / h);
  const first = slope(newest!, second!, r0);
  if (level2 === undefined) return [newest!, first];
  const r1 = f32(f32(level1.logSnr - level2.logSnr) / h);
  const change = weightedSum([1, first], [-1, slope(second!, third!, r1)]);
  const span = f32(r0 + r1);
  return [newest!, weightedSum([1, first], [r0 / span, change]), weightedSum([1 / span, change])];
}

function slope(newer: Float32Array, older: Float32Array, ratio: number): Float32Array {
  return weightedSum([1 / ratio, weightedSum([1, newer], [-1, older])]);
}

/** The weights of a step of log-SNR h; useHeun tells apart the two ways to weigh the first difference. */
export function weightsOf(
  algorithm: Settings['algorithm_type'],
  to: Level,
  from: Level,
  h: number,
  useHeun: boolean,
): Weights {
  const signalRatio = f32(to.signal / from.signal);
  const noiseRatio = f32(to.noise / from.noise);
  const times = (scale: number, factor: number) => f32(scale * f32(factor));
  switch (algorithm) {
    case 'dpmsolver++': {
      const decay = f32(exp(-h) - 1);
      const base = times(to.signal, decay);
      const first = useHeun ? times(to.signal, f32(decay / h) + 1) : -0.5 * base;
      const second = -times(to.signal, f32(f32(decay + h) / f32(h * h)) - 0.5);
      return { sample: noiseRatio, differences: [-base, first, second] };
    }
    case 'dpmsolver': {
      const growth = f32(exp(h) - 1);
      const base = times(to.noise, growth);
      const first = useHeun ? -times(to.noise, f32(growth / h) - 1) : -0.5 * base;
      const second = -times(to.noise, f32(f32(growth - h) / f32(h * h)) - 0.5);
      return { sample: signalRatio, differences: [-base, first, second] };
    }
    case 'sde-dpmsolver++': {
      const decay = f32(1 - exp(-2 * h));
      const base = times(to.signal, decay);
      const first = useHeun ? times(to.signal, f32(decay / f32(-2 * h)) + 1) : 0.5 * base;
      const second = times(to.signal, f32(f32(decay - 2 * h) / f32(f32(2 * h) * f32(2 * h))) - 0.5);
      const noise = times(to.noise, Math.sqrt(f32(1 - exp(-2 * h))));
      return { sample: times(noiseRatio, exp(-h)), differences: [base, first, second], noise };
    }
    case 'sde-dpmsolver': {
      const growth = f32(exp(h) - 1);
      const base = times(to.noise, growth);
      const first = useHeun ? -2 * times(to.noise, f32(growth / h) - 1) : -base;
      const noise = times(to.noise, Math.sqrt(f32(exp(2 * h) - 1)));
      return { sample: signalRatio, differences: [-2 * base, first, 0], noise };
    }
  }
}

function exp(value: number): number {
  return f32(Math.exp(value));
}
