/**
 * One sampling loop of the published scheduler tests, step by step: a fixed sample, a fixed stand-in for the
 * network, and the seed of the noise. It reads a case in the form of the fixtures and knows no files.
 * Source: diffusers' tests/schedulers, which define the sample, the noise and the stand-in.
 */
import { z } from 'zod';
import { TorchGenerator } from '../random.ts';
import { createScheduler, type Scheduler } from './index.ts';

const caseFields = z.object({
  scheduler: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** Null where the loop runs over all training timesteps. */
  set_timesteps: z.object({ args: z.array(z.int()) }).nullish(),
  shape: z.array(z.int().min(1)).min(2),
  loop: z.object({
    init: z.enum(['S', 'S*init_noise_sigma']),
    scale_model_input: z.enum(['none', 'replace', 'separate']),
    generator_seed: z.int().nullish(),
    add_noise: z.object({ t_start: z.int().min(0) }).nullish(),
    t_kind: z.string().nullish(),
    eta: z.number().nullish(),
    learned: z.boolean().nullish(),
  }),
});
export type TraceCase = z.infer<typeof caseFields>;

/** The sample after one step. */
export interface TracedStep {
  readonly t: number;
  readonly prev: Float32Array;
}

/** What is printed of a loop. */
export interface Trace {
  readonly timesteps: readonly number[];
  readonly trace: readonly {
    readonly t: number;
    readonly abs_sum: number;
    readonly head: readonly number[];
  }[];
  readonly sum: number;
  readonly mean: number;
}

const HEAD = 4;

/** Throws an Error that names each field which does not fit. */
export function parseCase(value: unknown): TraceCase {
  const parsed = caseFields.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new TypeError(`This is not a scheduler case. ${faults.join('; ')}.`, { cause: parsed.error });
}

export function traceCase(test: TraceCase): Trace {
  const steps = runCase(test);
  const sum = absSum(steps.at(-1)?.prev ?? new Float32Array());
  return {
    timesteps: schedulerOf(test).timesteps,
    trace: steps.map(({ t, prev }) => ({ t, abs_sum: absSum(prev), head: [...prev.subarray(0, HEAD)] })),
    sum,
    mean: sum / sizeOf(test),
  };
}

export function schedulerOf(test: TraceCase): Scheduler {
  const trained = test.config['num_train_timesteps'];
  const steps = test.set_timesteps?.args[0] ?? (typeof trained === 'number' ? trained : 1000);
  const { eta } = test.loop;
  return createScheduler({ ...test.config, _class_name: test.scheduler }, steps, {
    batchSize: test.shape[0]!,
    ...(typeof eta === 'number' && { eta }),
  });
}

/** Runs the loop in the form that the case names. */
export function runCase(test: TraceCase): TracedStep[] {
  const { loop, shape } = test;
  const scheduler = schedulerOf(test);
  const generator = new TorchGenerator(loop.generator_seed ?? 0);
  const size = sizeOf(test);
  const noise = ramp(shape, (index) => size - 1 - index);
  const start = startOf(test);
  const sigma = loop.init === 'S' ? 1 : scheduler.initNoiseSigma;
  let x: Float32Array = ramp(shape, (index) => index).map((value) => value * sigma);
  if (loop.add_noise) x = scheduler.addNoise(x, noise, start);
  const traced: TracedStep[] = [];
  for (let i = start; i < scheduler.timesteps.length; i++) {
    const t = scheduler.timesteps[i]!;
    const scaled = loop.scale_model_input === 'none' ? x : scheduler.scaleModelInput(x, i);
    if (loop.scale_model_input === 'replace') x = scaled;
    const predicted = standIn(scaled, t);
    const output = loop.learned ? withVariance(predicted, learnedOf(test, noise), shape[0]!) : predicted;
    x = scheduler.step(output, i, x, () => generator.randn(size)).prev;
    traced.push({ t, prev: x });
  }
  return traced;
}

export function absSum(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}

/** The first index that the loop visits: solvers that call the network twice a step count both calls. */
function startOf({ scheduler, loop }: TraceCase): number {
  const calls = /^(Heun|KDPM2|DPMSolverSDE)/.test(scheduler) ? 2 : 1;
  const skipped = /timesteps\[(\d+):\]/.exec(loop.t_kind ?? '')?.[1];
  return loop.add_noise ? loop.add_noise.t_start * calls : Number(skipped ?? 0);
}

function sizeOf({ shape }: TraceCase): number {
  return shape.reduce((size, side) => size * side, 1);
}

/** Whole numbers counted with the batch as the fastest axis, over their number, in the layout of samples. */
function ramp(shape: readonly number[], value: (index: number) => number): Float32Array {
  const [batch] = shape as [number];
  const size = shape.reduce((product, side) => product * side, 1);
  const each = size / batch;
  return Float32Array.from(
    { length: size },
    (_, j) => value((j % each) * batch + Math.floor(j / each)) / size,
  );
}

/** x * t / (t + 1), from left to right. */
function standIn(x: Float32Array, timestep: number): Float32Array {
  const t = Math.fround(timestep);
  const next = Math.fround(t + 1);
  return x.map((value) => Math.fround(value * t) / next);
}

/** What stands for a learned variance: a number from 0 to 1 itself, or from -1 to 1 where it is a place in a range. */
function learnedOf({ config }: TraceCase, noise: Float32Array): Float32Array {
  return config['variance_type'] === 'learned' ? noise : noise.map((value) => 2 * value - 1);
}

/** The output with its learned variance after each sample. */
function withVariance(output: Float32Array, variance: Float32Array, batch: number): Float32Array {
  const each = output.length / batch;
  const joined = new Float32Array(2 * output.length);
  for (let b = 0; b < batch; b++) {
    const part = [b * each, (b + 1) * each] as const;
    joined.set(output.subarray(...part), 2 * b * each);
    joined.set(variance.subarray(...part), (2 * b + 1) * each);
  }
  return joined;
}
