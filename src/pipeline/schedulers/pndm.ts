/**
 * Pseudo numerical methods: multistep integration whose every step follows the diffusion's own manifold, begun with
 * Runge-Kutta steps (PRK) or, as latent models have it, with one corrected Euler step.
 * Source: Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds" (2022), equations 9 to 13.
 * Numbers as diffusers' PNDMScheduler gives them.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, scale, weightedSum } from './float32.ts';
import { History } from './history.ts';
import { forwardJump, noiseSchedule } from './noise-schedule.ts';
import { cleanFrom, mixOf, noiseFrom, refuseFlow, splitOutput } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { checkSteps, roundHalfEven, spacedTimesteps } from './timesteps.ts';

const ORDER = 4;
/** Network calls of the Runge-Kutta steps, which all but one of the first four timesteps take. */
const PRK_CALLS = 12;

export function planPndm(settings: Settings, steps: number, batchSize: number): Scheduler {
  refuseFlow(settings);
  return new Pndm(settings, steps, batchSize);
}

class Pndm implements Scheduler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #settings: Settings;
  readonly #batchSize: number;
  readonly #alphas: Float32Array;
  readonly #stride: number;
  readonly #outputs = new History(ORDER);
  /** Where the step that several calls make up began, and the sum of their outputs so far. */
  #start: { readonly i: number; readonly x: Float32Array } | undefined;
  /** Where this process began: 0, or later from an image. */
  #first = 0;
  #sum: Float32Array | undefined;

  constructor(settings: Settings, steps: number, batchSize: number) {
    this.#settings = settings;
    this.#batchSize = batchSize;
    this.#alphas = noiseSchedule(settings).alphasCumprod;
    this.#stride = Math.floor(settings.num_train_timesteps / steps);
    this.timesteps = settings.skip_prk_steps ? plmsOnly(settings, steps) : withPrk(settings, steps);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(output: Float32Array, i: number, x: Float32Array): Step {
    const t = at(this.timesteps, i);
    if (!this.#outputs.continues(i)) {
      this.#start = undefined;
      this.#first = i;
    }
    const { prediction } = splitOutput(output, x, this.#batchSize);
    const mix = mixOf(this.#alpha(t));
    const predictedClean = cleanFrom(this.#settings.prediction_type, prediction, x, mix);
    const prk = !this.#settings.skip_prk_steps && i < PRK_CALLS;
    return { prev: prk ? this.#prk(prediction, i, x) : this.#plms(prediction, i, x), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array {
    return forwardJump(clean, noise, this.#alpha(at(this.timesteps, i)));
  }

  /** One of the four calls of a Runge-Kutta step: at its start, twice halfway, and at its end. */
  #prk(output: Float32Array, i: number, x: Float32Array): Float32Array {
    const call = i % 4;
    const t = at(this.timesteps, i);
    if (call === 0) {
      this.#start = { i, x };
      this.#outputs.add(output);
    }
    // A process that starts amid such a step goes on to the next call's timestep by itself.
    if (this.#start === undefined) return this.#transfer(x, t, this.timesteps[i + 1] ?? -1, output);
    const from = at(this.timesteps, this.#start.i);
    const to = call % 2 === 0 ? t - Math.floor(this.#stride / 2) : t;
    const weight = call === 0 || call === 3 ? 1 / 6 : 1 / 3;
    const before = call === 0 ? undefined : this.#sum;
    const sum = before === undefined ? scale(weight, output) : weightedSum([1, before], [weight, output]);
    this.#sum = sum;
    return this.#transfer(this.#start.x, from, to, call === 3 ? sum : output);
  }

  #plms(output: Float32Array, i: number, x: Float32Array): Float32Array {
    const t = at(this.timesteps, i);
    if (this.#settings.skip_prk_steps && i === this.#first + 1) return this.#correctFirst(output, t, x);
    if (i === this.#first) this.#start = { i, x };
    return this.#transfer(x, t, t - this.#stride, extrapolate(this.#outputs.add(output)));
  }

  /**
   * The second call of a process without Runge-Kutta steps goes back and makes the first step again; a process that
   * starts later does so too, and so ends one step short, as in diffusers.
   */
  #correctFirst(output: Float32Array, t: number, x: Float32Array): Float32Array {
    const [first] = this.#outputs.values;
    if (this.#start === undefined || first === undefined) return x.slice();
    const mean = divide(weightedSum([1, output], [1, first]), 2);
    return this.#transfer(this.#start.x, t + this.#stride, t, mean);
  }

  /** Equation 11: from x at one timestep to another along the output's noise. */
  #transfer(x: Float32Array, from: number, to: number, output: Float32Array): Float32Array {
    const alpha = this.#alpha(from);
    const alphaTo = to >= 0 ? this.#alpha(to) : this.#finalAlpha();
    const noise = noiseFrom(this.#settings.prediction_type, output, x, mixOf(alpha));
    const spread = f32(alpha * f32(Math.sqrt(f32(1 - alphaTo))));
    const cross = f32(Math.sqrt(f32(f32(alpha * f32(1 - alpha)) * alphaTo)));
    const shift = divide(scale(f32(alphaTo - alpha), noise), f32(spread + cross));
    return weightedSum([Math.sqrt(f32(alphaTo / alpha)), x], [-1, shift]);
  }

  #alpha(t: number): number {
    return at(this.#alphas, t);
  }

  #finalAlpha(): number {
    return this.#settings.set_alpha_to_one ? 1 : this.#alpha(0);
  }
}

/** Adams and Bashforth's weights for as many outputs as are known, newest first. */
function extrapolate(outputs: readonly Float32Array[]): Float32Array {
  const [a, b, c, d] = outputs;
  if (b === undefined) return a!;
  if (c === undefined) return divide(weightedSum([3, a!], [-1, b]), 2);
  if (d === undefined) return divide(weightedSum([23, a!], [-16, b], [5, c]), 12);
  return scale(1 / 24, weightedSum([55, a!], [-59, b], [37, c], [-9, d]));
}

function plmsOnly(settings: Settings, steps: number): number[] {
  const spaced = spacedTimesteps(settings, steps).map(roundHalfEven);
  return steps === 1 ? spaced : [...spaced.slice(0, 2), ...spaced.slice(1)];
}

function withPrk(settings: Settings, steps: number): number[] {
  checkSteps(steps, settings.num_train_timesteps);
  if (steps < ORDER)
    throw new RangeError(`With skip_prk_steps false at least ${ORDER} steps are needed; got ${steps}.`);
  const spaced = spacedTimesteps(settings, steps).map(roundHalfEven);
  const half = Math.floor(Math.floor(settings.num_train_timesteps / steps) / 2);
  const pairs = spaced.slice(0, ORDER).flatMap((t) => [t + half, t]);
  const prk = pairs
    .slice(1)
    .flatMap((t) => [t, t])
    .slice(1, -1);
  return [...prk, ...spaced.slice(ORDER - 1)];
}
