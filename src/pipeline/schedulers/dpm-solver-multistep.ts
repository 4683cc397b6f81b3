/**
 * The multistep DPM solvers: exponential integrators of order 1 to 3 that reuse the predictions of earlier steps.
 * Sources: Lu et al., "DPM-Solver" (2022) and "DPM-Solver++" (2022, algorithm 2 and its stochastic variant).
 * Numbers as diffusers' DPMSolverMultistepScheduler gives them.
 */
import type { Settings } from './config.ts';
import { integrate } from './dpm-solver-update.ts';
import { History } from './history.ts';
import { convertOutput, refuseFlow } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler, type Step } from './scheduler.ts';
import { checkCurve } from './sigmas.ts';
import { levelOf, noisedTo, planSolver, type Level } from './solver-levels.ts';

/** Below this many steps the last ones fall back to lower orders, which is steadier. */
const FEW_STEPS = 15;

export function planDpmSolverMultistep(settings: Settings, steps: number, batchSize: number): Scheduler {
  checkCombination(settings);
  const { timesteps, sigmas, lowest } = planSolver(
    settings,
    steps,
    settings.beta_schedule !== 'squaredcos_cap_v2',
  );
  const final = settings.final_sigmas_type === 'zero' ? 0 : lowest;
  return new DpmSolverMultistep(settings, timesteps, Float32Array.from([...sigmas, final]), batchSize);
}

class DpmSolverMultistep implements Scheduler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #settings: Settings;
  readonly #levels: readonly Level[];
  readonly #batchSize: number;
  readonly #predictions: History;

  constructor(settings: Settings, timesteps: readonly number[], sigmas: Float32Array, batchSize: number) {
    this.timesteps = timesteps;
    this.#settings = settings;
    this.#levels = Array.from(sigmas, (sigma) => levelOf(sigma, settings.use_flow_sigmas));
    this.#batchSize = batchSize;
    this.#predictions = new History(settings.solver_order);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step {
    const level = this.#level(i);
    const { algorithm_type: algorithm } = this.#settings;
    const { prediction, predictedClean } = convertOutput(
      this.#settings,
      output,
      x,
      level,
      this.#batchSize,
      algorithm === 'dpmsolver' || algorithm === 'sde-dpmsolver',
    );
    this.#predictions.continues(i);
    const known = this.#predictions.add(prediction);
    const order = Math.min(known.length, this.#highestOrder(i));
    const past = Array.from({ length: order }, (_, back) => this.#level(i - back));
    const prev = integrate(this.#settings, this.#level(i + 1), past, known, x, noise);
    return { prev, predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array {
    return noisedTo(this.#level(i), clean, noise);
  }

  #highestOrder(i: number): number {
    const { solver_order, euler_at_final, lower_order_final, final_sigmas_type } = this.#settings;
    const left = this.timesteps.length - i;
    const easeOut = lower_order_final && this.timesteps.length < FEW_STEPS;
    if (left === 1 && (euler_at_final || easeOut || final_sigmas_type === 'zero')) return 1;
    return left === 2 && easeOut ? Math.min(2, solver_order) : solver_order;
  }

  #level(i: number): Level {
    const level = this.#levels[i];
    if (level === undefined) throw new RangeError(`Step ${i} is outside 0..${this.timesteps.length - 1}.`);
    return level;
  }
}

function checkCombination(settings: Settings): void {
  checkCurve(settings);
  const integratesNoise =
    settings.algorithm_type === 'dpmsolver' || settings.algorithm_type === 'sde-dpmsolver';
  if (integratesNoise && settings.final_sigmas_type === 'zero') {
    throw new UnsupportedScheduler(
      `algorithm_type ${settings.algorithm_type} cannot end at sigma zero: final_sigmas_type must be sigma_min.`,
    );
  }
  if (integratesNoise) refuseFlow(settings);
  if (settings.algorithm_type === 'sde-dpmsolver' && settings.solver_order === 3) {
    throw new UnsupportedScheduler(
      'algorithm_type sde-dpmsolver has no third order: solver_order must be 1 or 2.',
    );
  }
}
