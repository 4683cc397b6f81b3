/**
 * The multistep DPM solvers: exponential integrators of order 1 to 3 that reuse the predictions of earlier steps.
 * Sources: Lu et al., "DPM-Solver" (2022) and "DPM-Solver++" (2022, algorithm 2 and its stochastic variant).
 * Numbers as diffusers' DPMSolverMultistepScheduler gives them.
 */
import type { Settings } from './config.ts';
import { integrate, type Level } from './dpm-solver-update.ts';
import { at, f32, weightedSum } from './float32.ts';
import { finiteSigmaSchedule, trainingSigmas, type NoiseSchedule } from './noise-schedule.ts';
import { cleanFrom, noiseBetween, noiseFrom, refuseFlow, splitOutput, threshold } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler, type Step } from './scheduler.ts';
import { checkCurve, exponentialSigmas, karrasSigmas, sigmaRange, sigmaToTimestep } from './sigmas.ts';
import { checkSteps, linspace, roundHalfEven, solverTimesteps } from './timesteps.ts';

/** Below this many steps the last ones fall back to lower orders, which is steadier. */
const FEW_STEPS = 15;

export function planDpmSolverMultistep(settings: Settings, steps: number, batchSize: number): Scheduler {
  checkCombination(settings);
  const { timesteps, sigmas } = planLevels(settings, steps);
  return new DpmSolverMultistep(settings, timesteps, sigmas, batchSize);
}

class DpmSolverMultistep implements Scheduler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #settings: Settings;
  readonly #levels: readonly Level[];
  readonly #batchSize: number;
  /** Predictions of the steps up to the last one taken, newest first. */
  #history: Float32Array[] = [];
  #expected = 0;

  constructor(settings: Settings, timesteps: readonly number[], sigmas: Float32Array, batchSize: number) {
    this.timesteps = timesteps;
    this.#settings = settings;
    this.#levels = Array.from(sigmas, (sigma) => levelOf(sigma, settings.use_flow_sigmas));
    this.#batchSize = batchSize;
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step {
    const level = this.#level(i);
    const { prediction, predictedClean } = this.#convert(output, x, level);
    // A step that does not follow the last one starts a new process.
    if (i !== this.#expected) this.#history = [];
    this.#history = [prediction, ...this.#history].slice(0, this.#settings.solver_order);
    this.#expected = i + 1;
    const order = Math.min(this.#history.length, this.#highestOrder(i));
    const past = Array.from({ length: order }, (_, back) => this.#level(i - back));
    const prev = integrate(this.#settings, this.#level(i + 1), past, this.#history, x, noise);
    return { prev, predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array {
    const level = this.#level(i);
    return weightedSum([level.signal, clean], [level.noise, noise]);
  }

  /** What the solver integrates: the clean sample in the ++ algorithms, the noise in the others. */
  #convert(output: Float32Array, x: Float32Array, level: Level) {
    const { prediction_type: type, algorithm_type: algorithm, thresholding } = this.#settings;
    const { prediction } = splitOutput(output, x, this.#batchSize);
    if (algorithm === 'dpmsolver++' || algorithm === 'sde-dpmsolver++') {
      const clean = this.#limit(cleanFrom(type, prediction, x, level));
      return { prediction: clean, predictedClean: clean };
    }
    const noise = noiseFrom(type, prediction, x, level);
    const predictedClean = this.#limit(cleanFrom('epsilon', noise, x, level));
    return { prediction: thresholding ? noiseBetween(x, predictedClean, level) : noise, predictedClean };
  }

  #limit(clean: Float32Array): Float32Array {
    return this.#settings.thresholding ? threshold(clean, this.#settings, this.#batchSize) : clean;
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

function levelOf(sigma: number, flow: boolean): Level {
  const signal = flow ? f32(1 - sigma) : f32(1 / f32(Math.sqrt(f32(f32(sigma * sigma) + 1))));
  const noise = flow ? sigma : f32(sigma * signal);
  return { signal, noise, logSnr: f32(f32(Math.log(signal)) - f32(Math.log(noise))) };
}

/** Timesteps, and sigmas: one more, the last being where the process ends. */
function planLevels(settings: Settings, steps: number): { timesteps: number[]; sigmas: Float32Array } {
  const schedule = finiteSigmaSchedule(settings);
  const trained = trainingSigmas(schedule);
  const final = settings.final_sigmas_type === 'zero' ? 0 : at(trained, 0);
  const levels = (timesteps: number[], sigmas: number[]) => ({
    timesteps,
    sigmas: Float32Array.from([...sigmas, final]),
  });
  if (settings.use_flow_sigmas) {
    const sigmas = flowSigmas(settings, steps);
    return levels(
      sigmas.map((sigma) => Math.trunc(sigma * settings.num_train_timesteps)),
      sigmas,
    );
  }
  const logSigmas = trained.map(Math.log);
  const curve = curveOf(settings, trained, logSigmas, steps);
  if (curve === undefined) {
    const timesteps = solverTimesteps(settings, steps, firstSkipped(settings, schedule));
    return levels(
      timesteps,
      timesteps.map((t) => at(trained, t)),
    );
  }
  const rounds = !settings.use_exponential_sigmas && settings.beta_schedule !== 'squaredcos_cap_v2';
  const timesteps = curve.map((sigma) => sigmaToTimestep(sigma, logSigmas));
  return levels(timesteps.map(rounds ? roundHalfEven : Math.trunc), curve);
}

function curveOf(settings: Settings, trained: Float32Array, logSigmas: Float32Array, steps: number) {
  checkSteps(steps, settings.num_train_timesteps);
  const last = trained.length - 1;
  const range = sigmaRange(settings, { max: at(trained, last), min: at(trained, 0) });
  if (settings.use_karras_sigmas) return karrasSigmas(range, steps);
  if (settings.use_exponential_sigmas) return exponentialSigmas(range, steps);
  if (!settings.use_lu_lambdas) return undefined;
  const from = at(logSigmas, last);
  const to = at(logSigmas, 0);
  return linspace(0, 1, steps).map((ramp) => Math.exp(from + ramp * (to - from)));
}

function flowSigmas(settings: Settings, steps: number): number[] {
  checkSteps(steps, settings.num_train_timesteps);
  const shift = settings.flow_shift;
  return linspace(1, 1 / settings.num_train_timesteps, steps + 1)
    .map((alpha) => 1 - alpha)
    .map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma))
    .toReversed()
    .slice(0, steps);
}

/** The noisiest timesteps are left out where their log-SNR is below the configured bound. */
function firstSkipped(settings: Settings, { alphasCumprod }: NoiseSchedule): number {
  const below = alphasCumprod.filter((alpha) => {
    const logSnr = f32(f32(Math.log(f32(Math.sqrt(alpha)))) - f32(Math.log(f32(Math.sqrt(f32(1 - alpha))))));
    return logSnr < settings.lambda_min_clipped;
  });
  return settings.num_train_timesteps - below.length;
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
