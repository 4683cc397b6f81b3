/**
 * The unified predictor-corrector: each call of the network first corrects the step that led to it, then predicts
 * the next one, from the predictions of up to three steps.
 * Source: Zhao et al., "UniPC: A Unified Predictor-Corrector Framework" (2023), algorithms 1 and 2. Numbers as
 * diffusers' UniPCMultistepScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, f32 } from './float32.ts';
import { History } from './history.ts';
import { convertOutput, refuseFlow } from './prediction.ts';
import { UnsupportedScheduler, type Scheduler, type Step } from './scheduler.ts';
import { levelOf, noisedTo, type Level } from './solver-levels.ts';
import { planUniPcLevels } from './unipc-levels.ts';
import { correct, predict } from './unipc-update.ts';

export function planUniPc(settings: Settings, steps: number, batchSize: number): Scheduler {
  if (!settings.predict_x0) {
    refuseFlow(settings);
    if (settings.final_sigmas_type === 'zero') {
      throw new UnsupportedScheduler(
        'predict_x0 false cannot end at sigma zero: final_sigmas_type must be sigma_min.',
      );
    }
  }
  return new UniPc(settings, steps, batchSize);
}

class UniPc implements Scheduler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #settings: Settings;
  readonly #levels: readonly Level[];
  readonly #batchSize: number;
  readonly #predictions: History;
  /** The sample that the last step began at, and the order of its prediction. */
  #last: { readonly x: Float32Array; readonly order: number } | undefined;

  constructor(settings: Settings, steps: number, batchSize: number) {
    const { timesteps, sigmas } = planUniPcLevels(settings, steps);
    this.timesteps = timesteps;
    this.#settings = settings;
    this.#levels = Array.from(sigmas, (sigma) => levelOf(f32(sigma), settings.use_flow_sigmas));
    this.#batchSize = batchSize;
    this.#predictions = new History(settings.solver_order);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(output: Float32Array, i: number, x: Float32Array): Step {
    at(this.timesteps, i);
    if (!this.#predictions.continues(i)) this.#last = undefined;
    const level = this.#levels[i]!;
    const { prediction, predictedClean } = convertOutput(
      this.#settings,
      output,
      x,
      level,
      this.#batchSize,
      !this.#settings.predict_x0,
    );
    const corrected = this.#correct(prediction, i, x);
    const known = this.#predictions.add(prediction);
    const order = Math.min(known.length, this.#highestOrder(i));
    this.#last = { x: corrected, order };
    const past = this.#past(i, order);
    const prev = predict(this.#settings, this.#levels[i + 1]!, past, known, corrected);
    return { prev, predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array {
    at(this.timesteps, i);
    return noisedTo(this.#levels[i]!, clean, noise);
  }

  /** The sample at level `i` once more, now that the network has seen it. */
  #correct(prediction: Float32Array, i: number, x: Float32Array): Float32Array {
    if (this.#last === undefined || this.#settings.disable_corrector.includes(i - 1)) return x;
    const past = this.#past(i - 1, this.#last.order);
    return correct(
      this.#settings,
      this.#levels[i]!,
      past,
      this.#predictions.values,
      this.#last.x,
      prediction,
    );
  }

  #past(i: number, order: number): Level[] {
    return Array.from({ length: order }, (_, back) => this.#levels[i - back]!);
  }

  #highestOrder(i: number): number {
    const { solver_order, lower_order_final, final_sigmas_type } = this.#settings;
    const left = this.timesteps.length - i;
    // A last step to sigma zero has an infinite log-SNR to cross, which no difference quotient spans.
    if (left === 1 && final_sigmas_type === 'zero') return 1;
    return lower_order_final ? Math.min(solver_order, left) : solver_order;
  }
}
