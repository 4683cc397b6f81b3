/**
 * The single-step DPM solvers: blocks of up to three calls, each of which begins again at the block's first sample.
 * Sources: Lu et al., "DPM-Solver" (2022), algorithms 1 and 2, and "DPM-Solver++" (2022), algorithm 1. Numbers as
 * diffusers' DPMSolverSinglestepScheduler gives them.
 */
import type { Settings } from './config.ts';
import { weightsOf } from './dpm-solver-update.ts';
import { at, f32, weightedSum, type Term } from './float32.ts';
import { History } from './history.ts';
import { convertOutput, refuseFlow } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler, type Step } from './scheduler.ts';
import { checkCurve } from './sigmas.ts';
import { levelOf, noisedTo, planSolver, type Level } from './solver-levels.ts';

export function planDpmSolverSinglestep(settings: Settings, steps: number, batchSize: number): Scheduler {
  checkCombination(settings);
  const plan = planSolver({ ...settings, timestep_spacing: 'linspace', use_lu_lambdas: false }, steps);
  const { timesteps } = plan;
  const final = settings.final_sigmas_type === 'zero' ? 0 : plan.lowest;
  const sigmas = Float32Array.from([...plan.sigmas, final]);
  const levels = Array.from(sigmas, (sigma) => levelOf(sigma, settings.use_flow_sigmas));
  const orders = ordersOf(settings, steps);
  const predictions = new History(settings.solver_order);
  const integratesNoise = settings.algorithm_type === 'dpmsolver';
  let blockStart: Float32Array | undefined;

  const step = (output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step => {
    at(timesteps, i);
    predictions.continues(i);
    const converted = convertOutput(settings, output, x, levels[i]!, batchSize, integratesNoise);
    const known = predictions.add(converted.prediction);
    const order = Math.min(at(orders, i), known.length);
    if (order === 1 || blockStart === undefined) blockStart = x;
    const block = Array.from({ length: order }, (_, back) => levels[i - back]!);
    const prev = leap(settings, levels[i + 1]!, block, known, blockStart, noise);
    return { prev, predictedClean: converted.predictedClean };
  };

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (x) => x,
    step,
    addNoise(clean, noise, i) {
      at(timesteps, i);
      return noisedTo(levels[i]!, clean, noise);
    },
  };
}

/** From the oldest level of a block, with the sample there, to level `to`; levels and predictions newest first. */
function leap(
  settings: Settings,
  to: Level,
  block: readonly Level[],
  predictions: readonly Float32Array[],
  x: Float32Array,
  noise: () => Float32Array,
): Float32Array {
  const start = block.at(-1)!;
  const base = predictions[block.length - 1]!;
  const h = f32(to.logSnr - start.logSnr);
  const useHeun = settings.solver_type === 'heun' || block.length === 3;
  const weights = weightsOf(settings.algorithm_type, to, start, h, useHeun);
  const ratio = (level: Level) => f32(f32(level.logSnr - start.logSnr) / h);
  const slope = (j: number) =>
    weightedSum([1 / ratio(block[j]!), weightedSum([1, predictions[j]!], [-1, base])]);
  const terms: Term[] = [[weights.differences[0], base]];
  if (block.length === 2) terms.push([weights.differences[1], slope(0)]);
  if (block.length === 3 && settings.solver_type !== 'heun') terms.push([weights.differences[1], slope(0)]);
  if (block.length === 3 && settings.solver_type === 'heun') {
    const [r0, r1] = [ratio(block[0]!), ratio(block[1]!)];
    const span = f32(r0 - r1);
    const [far, near] = [slope(0), slope(1)];
    const first = weightedSum([r0 / span, near], [-r1 / span, far]);
    const second = weightedSum([2 / span, far], [-2 / span, near]);
    terms.push([weights.differences[1], first], [weights.differences[2], second]);
  }
  if (weights.noise !== undefined) terms.push([weights.noise, noise()]);
  return weightedSum([weights.sample, x], ...terms);
}

/** Which order each call completes: blocks rise from 1 to the solver's order, and the last ones are lower. */
function ordersOf(settings: Settings, steps: number): number[] {
  const order = settings.solver_order;
  const zeroEnd = settings.final_sigmas_type === 'zero';
  const easeOut = settings.lower_order_final || zeroEnd || steps % order !== 0;
  const orders = Array.from({ length: steps }, (_, i) => (i % order) + 1);
  if (!easeOut) return orders;
  if (order > 1 && steps % order === 0) {
    // The last full block gives its highest call up for a block of its own: 1, 2, 1 for order three.
    orders[steps - 1] = 1;
  }
  if (zeroEnd) orders[steps - 1] = 1;
  return orders;
}

function checkCombination(settings: Settings): void {
  checkCurve({ ...settings, use_lu_lambdas: false });
  if (settings.algorithm_type === 'sde-dpmsolver') {
    throw new UnsupportedScheduler(
      'algorithm_type must be dpmsolver++, sde-dpmsolver++ or dpmsolver for DPMSolverSinglestepScheduler.',
    );
  }
  if (settings.algorithm_type !== 'dpmsolver') return;
  refuseFlow(settings);
  if (settings.final_sigmas_type === 'zero') {
    throw new UnsupportedScheduler(
      'algorithm_type dpmsolver cannot end at sigma zero: final_sigmas_type must be sigma_min.',
    );
  }
}
