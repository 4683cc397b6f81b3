/**
 * Exponential integration of the noise with polynomials in log rho, where rho is noise over signal.
 * Source: Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential Integrator" (2023), log-rho variant.
 * Numbers as diffusers' DEISMultistepScheduler gives them; its process ends at the lowest trained level.
 */
import type { Settings } from './config.ts';
import { at, divide, f32, scale, weightedSum, type Term } from './float32.ts';
import { History } from './history.ts';
import { cleanFrom, noiseBetween, splitOutput, threshold } from './prediction.ts';
import type { Scheduler, Step } from './scheduler.ts';
import { checkCurve } from './sigmas.ts';
import { levelOf, noisedTo, planSolver, type Level } from './solver-levels.ts';

/** Below this many steps the last ones fall back to lower orders, which is steadier. */
const FEW_STEPS = 15;

export function planDeis(settings: Settings, steps: number, batchSize: number): Scheduler {
  const plain = { ...settings, use_lu_lambdas: false };
  checkCurve(plain);
  const { timesteps, sigmas, lowest, curved } = planSolver(plain, steps);
  const final = curved ? sigmas.at(-1)! : lowest;
  const levels = [...sigmas, final].map((sigma) => levelOf(f32(sigma), settings.use_flow_sigmas));
  const history = new History(settings.solver_order);

  const step = (output: Float32Array, i: number, x: Float32Array): Step => {
    at(timesteps, i);
    history.continues(i);
    const level = levels[i]!;
    const { prediction } = splitOutput(output, x, batchSize);
    const clean = cleanFrom(settings.prediction_type, prediction, x, level);
    const predictedClean = settings.thresholding ? threshold(clean, settings, batchSize) : clean;
    const known = history.add(noiseBetween(x, predictedClean, level));
    const order = Math.min(known.length, highestOrder(settings, steps - i, steps));
    const past = Array.from({ length: order }, (_, back) => levels[i - back]!);
    return { prev: integrate(levels[i + 1]!, past, known, x), predictedClean };
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

function highestOrder({ lower_order_final, solver_order }: Settings, left: number, steps: number): number {
  return lower_order_final && steps < FEW_STEPS ? Math.min(left, solver_order) : solver_order;
}

/** The sample at level `to`; levels and noises are newest first, as many levels as the order. */
function integrate(
  to: Level,
  past: readonly Level[],
  noises: readonly Float32Array[],
  x: Float32Array,
): Float32Array {
  const from = past[0]!;
  if (past.length === 1) {
    const growth = f32(f32(Math.exp(f32(to.logSnr - from.logSnr))) - 1);
    return weightedSum([f32(to.signal / from.signal), x], [-f32(to.noise * growth), noises[0]!]);
  }
  const rho = (level: Level) => f32(level.noise / level.signal);
  const weigh = past.length === 2 ? linearIntegral : quadraticIntegral;
  const knots = past.map(rho);
  const terms = knots.map((own, j): Term => {
    const others = [...knots.slice(j + 1), ...knots.slice(0, j)];
    return [f32(weigh(rho(to), own, others) - weigh(rho(from), own, others)), noises[j]!];
  });
  return scale(to.signal, weightedSum([1, divide(x, from.signal)], ...terms));
}

/** An antiderivative of the line over log rho that is 1 at `own` and 0 at the other knot. */
function linearIntegral(t: number, own: number, [other]: readonly number[]): number {
  const [logOwn, logOther] = [log(own), log(other!)];
  return f32(f32(t * f32(f32(log(t) - logOther) - 1)) / f32(logOwn - logOther));
}

/** An antiderivative of the parabola over log rho that is 1 at `own` and 0 at the other knots. */
function quadraticIntegral(t: number, own: number, [second, third]: readonly number[]): number {
  const [a, b, c, s] = [log(own), log(second!), log(third!), log(t)];
  const mixed = f32(f32(b * f32(f32(c - s) + 1)) - f32(c * s));
  const rest = f32(f32(f32(f32(mixed + c) + f32(s * s)) - f32(2 * s)) + 2);
  return f32(f32(t * rest) / f32(f32(a - b) * f32(a - c)));
}

function log(value: number): number {
  return f32(Math.log(value));
}
