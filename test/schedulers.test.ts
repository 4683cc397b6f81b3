/**
 * The behaviour of the schedulers that the rest of the engine relies on. Their numbers are compared with published
 * ones in schedulers.trace.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../src/pipeline/random.ts';
import {
  createScheduler,
  parseSchedulerConfig,
  schedulerNames,
  schedulersFor,
  UnsupportedScheduler,
  type Scheduler,
  type SchedulerConfig,
} from '../src/pipeline/schedulers/index.ts';
import { BrownianPath } from '../src/pipeline/schedulers/brownian-path.ts';
import { forwardJump, forwardStep, noiseSchedule } from '../src/pipeline/schedulers/noise-schedule.ts';
import { seedsFor } from '../src/pipeline/schedulers/seed-sequence.ts';

const SIZE = 768;
const BATCH = 4;

/** Element (b, c, h, w) of a [4,3,8,8] array is `value((c*8+h)*8+w)*4+b)`. */
function dummy(value: (index: number) => number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, j) => value((j % 192) * BATCH + Math.floor(j / 192)));
}
const SAMPLE = dummy((index) => index / SIZE);
const NOISE = dummy((index) => (SIZE - 1 - index) / SIZE);

function dummyModel(x: Float32Array, timestep: number): Float32Array {
  const t = Math.fround(timestep);
  const next = Math.fround(t + 1);
  return x.map((value) => Math.fround(value * t) / next);
}

describe('the forward process', () => {
  const settings = {
    num_train_timesteps: 1000,
    beta_start: 0.0001,
    beta_end: 0.02,
    beta_schedule: 'linear',
    trained_betas: null,
    rescale_betas_zero_snr: false,
  } as const;
  const { betas, alphasCumprod } = noiseSchedule(settings);
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: Float32Array) => {
    const center = mean(values);
    return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length;
  };

  it.each([0, 99, 499, 999])('has mean sqrt(a)x and variance 1-a at timestep %i', (t) => {
    const alpha = alphasCumprod[t]!;
    const clean = new Float32Array(200_000).fill(0.75);
    const noisy = forwardJump(clean, new TorchGenerator(t).randn(clean.length), alpha);
    const deviation = Math.sqrt(1 - alpha);
    expect(Math.abs(mean(noisy) - Math.sqrt(alpha) * 0.75)).toBeLessThan(0.01 * deviation);
    expect(Math.abs(variance(noisy) / (1 - alpha) - 1)).toBeLessThan(0.015);
  });

  it('in one jump has the mean and variance of all the single steps multiplied out', () => {
    let signal = 1;
    let noiseVariance = 0;
    for (const [t, beta] of betas.entries()) {
      const one = new Float32Array([1]);
      const none = new Float32Array([0]);
      const kept = forwardStep(one, none, beta)[0]!;
      const added = forwardStep(none, one, beta)[0]!;
      signal *= kept;
      noiseVariance = noiseVariance * kept ** 2 + added ** 2;
      const jump = [
        forwardJump(one, none, alphasCumprod[t]!)[0]!,
        forwardJump(none, one, alphasCumprod[t]!)[0]!,
      ];
      expect(Math.abs(jump[0]! - signal)).toBeLessThan(1e-5);
      expect(Math.abs(jump[1]! ** 2 - noiseVariance)).toBeLessThan(1e-5);
    }
  });

  it('walked step by step with fresh noise arrives at the distribution of the jump', () => {
    const generator = new TorchGenerator(1);
    let x: Float32Array = new Float32Array(20_000).fill(2);
    for (const beta of betas.subarray(0, 300)) x = forwardStep(x, generator.randn(x.length), beta);
    const alpha = alphasCumprod[299]!;
    expect(Math.abs(mean(x) - 2 * Math.sqrt(alpha))).toBeLessThan(0.02);
    expect(Math.abs(variance(x) - (1 - alpha))).toBeLessThan(0.02);
  });

  it('can end in pure noise: a rescaled schedule has no signal left at its last timestep', () => {
    const rescaled = noiseSchedule({ ...settings, rescale_betas_zero_snr: true });
    expect(rescaled.alphasCumprod.at(-1)).toBe(0);
    expect(rescaled.alphasCumprod[0]).toBeCloseTo(alphasCumprod[0]!, 6);
  });
});

const stableDiffusion: SchedulerConfig = {
  _class_name: 'PNDMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  clip_sample: false,
  skip_prk_steps: true,
  set_alpha_to_one: false,
  steps_offset: 1,
};

describe('every scheduler', () => {
  const clean = new TorchGenerator(1).randn(SIZE).map((value) => value / 4);
  const noise = new TorchGenerator(2).randn(SIZE);
  const largestGap = (a: Float32Array, b: Float32Array) =>
    a.reduce((gap, value, j) => Math.max(gap, Math.abs(value - b[j]!)), 0);

  /** What a network that knows the clean sample would say of `x`. */
  function perfectNoise(scheduler: Scheduler, x: Float32Array, i: number): Float32Array {
    const signal = scheduler.addNoise(new Float32Array(1).fill(1), new Float32Array(1), i)[0]!;
    const spread = scheduler.addNoise(new Float32Array(1), new Float32Array(1).fill(1), i)[0]!;
    return x.map((value, j) => (value - signal * clean[j]!) / spread);
  }

  /**
   * Some stop at the first training timestep here (set_alpha_to_one is false, or they always do): a trace of noise
   * is left. LMS weighs its first steps as the reference does, which from midway on is not exact.
   */
  const stopsShort = (name: string, start: number) =>
    ['default', 'ddim', 'pndm', 'deis'].includes(name) || (name === 'lms' && start > 0);

  describe.each(schedulerNames)('%s', (className) => {
    it.each([0, 5, 19])('foresees the clean sample where the noise is predicted perfectly (step %i)', (i) => {
      const scheduler = createScheduler(stableDiffusion, 20, { className });
      const x = scheduler.addNoise(clean, noise, i);
      const { predictedClean } = scheduler.step(noise, i, x, () => noise);
      expect(largestGap(predictedClean, clean)).toBeLessThan(1e-5);
    });

    it.each([0, 12])('comes back to the clean sample from step %i on perfect predictions', (start) => {
      const scheduler = createScheduler(stableDiffusion, 20, { className });
      const generator = new TorchGenerator(3);
      let x = scheduler.addNoise(clean, noise, start);
      for (let i = start; i < scheduler.timesteps.length; i++) {
        x = scheduler.step(perfectNoise(scheduler, x, i), i, x, () => generator.randn(SIZE)).prev;
      }
      expect(largestGap(x, clean)).toBeLessThan(stopsShort(className, start) ? 0.15 : 1e-4);
    });

    it('changes none of the arrays that it is given', () => {
      const scheduler = createScheduler(stableDiffusion, 20, { className });
      const x = scheduler.addNoise(clean, noise, 0);
      const before = [x.slice(), noise.slice(), clean.slice()];
      scheduler.scaleModelInput(x, 0);
      scheduler.step(noise, 0, x, () => noise);
      expect([x, noise, clean]).toEqual(before);
    });

    it('begins anew when a second process starts', () => {
      const scheduler = createScheduler(stableDiffusion, 6, { className });
      const process = () => {
        const generator = new TorchGenerator(9);
        let x = scheduler.addNoise(clean, noise, 2);
        for (let i = 2; i < 6; i++)
          x = scheduler.step(dummyModel(x, 100), i, x, () => generator.randn(SIZE)).prev;
        return x;
      };
      const first = process();
      expect(process()).toEqual(first);
    });

    it('treats the samples of a batch as if each were alone', () => {
      const generator = new TorchGenerator(4);
      const x = generator.randn(SIZE);
      const output = generator.randn(SIZE);
      const fresh = generator.randn(SIZE);
      const options = { className, batchSize: BATCH };
      const config = { ...stableDiffusion, thresholding: true, sample_max_value: 1.5 };
      const together = createScheduler(config, 10, options).step(output, 3, x, () => fresh).prev;
      // One Brownian motion spans a batch, and only its beginning is that of a single sample.
      const comparable = className.startsWith('dpm++sde') ? 1 : BATCH;
      for (let b = 0; b < comparable; b++) {
        const part = (values: Float32Array) => values.slice(b * 192, (b + 1) * 192);
        const alone = createScheduler(config, 10, { className });
        expect(alone.step(part(output), 3, part(x), () => part(fresh)).prev).toEqual(part(together));
      }
    });

    it.each([0, -1, 2.5, 1001, Number.NaN])('refuses %d steps and says how many are allowed', (steps) => {
      const plan = () => createScheduler(stableDiffusion, steps, { className });
      expect(plan).toThrow(RangeError);
      expect(plan).toThrow(/from 1 to (1000|999)/);
    });

    it('refuses a step outside its plan', () => {
      const scheduler = createScheduler(stableDiffusion, 4, { className });
      const end = scheduler.timesteps.length;
      expect(() => scheduler.step(noise, end, clean, () => noise)).toThrow(RangeError);
    });

    it('plans one step, and goes straight to the prediction', () => {
      const trailing = { ...stableDiffusion, timestep_spacing: 'trailing', set_alpha_to_one: true };
      const scheduler = createScheduler(trailing, 1, { className });
      expect(scheduler.timesteps).toHaveLength(1);
      const { prev, predictedClean } = scheduler.step(noise, 0, noise, () => noise);
      // DEIS never goes below the lowest trained level.
      expect(largestGap(prev, predictedClean)).toBeLessThan(className === 'deis' ? 0.15 : 1e-3);
    });
  });
});

describe('createScheduler', () => {
  it('says that it is the strength that leaves a few-step model too few steps', () => {
    for (const _class_name of ['LCMScheduler', 'TCDScheduler'])
      expect(() => createScheduler({ _class_name }, 4, { strength: 0.05 })).toThrow(
        'A strength of 0.05 leaves this model at most 2 of 50 steps; got 4. Use a higher strength, or fewer steps.',
      );
  });

  const linear = { _class_name: 'DDIMScheduler' };
  const draws = (config: SchedulerConfig, className?: 'ddim' | 'dpm++2m' | 'ddpm', eta = 0) => {
    const scheduler = createScheduler(config, 10, className ? { className, eta } : { eta });
    let count = 0;
    scheduler.step(SAMPLE, 2, SAMPLE, () => {
      count++;
      return NOISE;
    });
    return count;
  };

  it('takes the scheduler that the folder names', () => {
    expect(createScheduler(linear, 5).initNoiseSigma).toBe(1);
    expect(createScheduler({ _class_name: 'EulerDiscreteScheduler' }, 5).initNoiseSigma).toBeGreaterThan(100);
  });

  it('spaces timesteps by the offset and spacing in the folder', () => {
    expect(createScheduler({ ...linear, steps_offset: 1 }, 5).timesteps).toEqual([801, 601, 401, 201, 1]);
    const trailing = createScheduler({ ...linear, timestep_spacing: 'trailing' }, 5);
    expect(trailing.timesteps).toEqual([999, 799, 599, 399, 199]);
  });

  it('names what it supports when the class is unknown', () => {
    const plan = () => createScheduler({ _class_name: 'SASolverScheduler' }, 5);
    expect(plan).toThrow(UnsupportedScheduler);
    expect(plan).toThrow(/DDPMScheduler, DDIMScheduler, EulerDiscreteScheduler, DPMSolverMultistepScheduler/);
    expect(() => createScheduler({}, 5)).toThrow(UnsupportedScheduler);
  });

  it('runs a model made for a related class with a scheduler of ours', () => {
    const related = { ...stableDiffusion, _class_name: 'SASolverScheduler' };
    expect(() => createScheduler(related, 5)).toThrow(/can be run with ddpm, ddim, euler/);
    expect(createScheduler(related, 5, { className: 'euler' }).timesteps).toHaveLength(5);
  });

  it.each([
    'LCMScheduler',
    'TCDScheduler',
    'UnCLIPScheduler',
    'FlowMatchEulerDiscreteScheduler',
    'DPMSolverSDEScheduler',
  ])("runs a folder's own %s under the name default, and says that it fits", (_class_name) => {
    const config = { _class_name };
    const planned = createScheduler(config, 4, { className: 'default' });
    expect(planned.timesteps).toEqual(createScheduler(config, 4).timesteps);
    expect(schedulersFor(config)[0]).toBe('default');
  });

  it('names only what fits the folder, and can plan each of it', () => {
    const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };
    expect(schedulersFor(stableDiffusion)).toEqual(schedulerNames);
    expect(schedulersFor(flow)).toEqual(['default', 'euler', 'dpm++2m', 'dpm++2m-sde', 'unipc']);
    expect(schedulersFor({ ...flow, use_dynamic_shifting: true })).toEqual(['default', 'euler']);
    expect(schedulersFor({ _class_name: 'UnCLIPScheduler' })).toEqual(['default']);
    expect(schedulersFor({ _class_name: 'SASolverScheduler' })).not.toContain('default');
    expect(schedulersFor({ _class_name: 'VQDiffusionScheduler' })).toEqual([]);
    for (const config of [stableDiffusion, flow, { _class_name: 'LCMScheduler' }])
      for (const className of schedulersFor(config))
        expect(createScheduler(config, 6, { className }).timesteps.length).toBeGreaterThan(5);
  });

  it('refuses a name that does not fit and says which do', () => {
    const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler' };
    expect(() => createScheduler(flow, 5, { className: 'euler-a' })).toThrow(
      /euler-a cannot run this model.*choose default, euler, dpm\+\+2m/,
    );
    const unClip = { _class_name: 'UnCLIPScheduler' };
    expect(() => createScheduler(unClip, 5, { className: 'euler' })).toThrow(/choose default\./);
  });

  it('samples a flow with the solvers that know flows, by the shift of the folder', () => {
    const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };
    const clean = new TorchGenerator(1).randn(SIZE);
    const noise = new TorchGenerator(2).randn(SIZE);
    const towards = noise.map((value, j) => value - clean[j]!);
    // The stochastic solver leaves the straight path on which the flow is known here.
    for (const className of schedulersFor(flow).filter((name) => name !== 'dpm++2m-sde')) {
      const scheduler = createScheduler(flow, 10, { className });
      let x = noise;
      for (let i = 0; i < 10; i++) x = scheduler.step(towards, i, x, () => noise).prev;
      expect(Math.max(...x.map((value, j) => Math.abs(value - clean[j]!)))).toBeLessThan(0.01);
      // Unshifted, the fifth of ten timesteps is near 500.
      expect(scheduler.timesteps[5]).toBeGreaterThan(700);
    }
  });

  it('draws dpm++sde by the seed it is given, and by the one in the folder where none is', () => {
    const config = { ...stableDiffusion, noise_sampler_seed: 7 };
    const first = (noiseSeed?: number) =>
      createScheduler(config, 5, {
        className: 'dpm++sde',
        ...(noiseSeed !== undefined && { noiseSeed }),
      }).step(NOISE, 0, SAMPLE, () => NOISE).prev;
    expect(first(7)).toEqual(first());
    expect(first(8)).not.toEqual(first());
    expect(() => first(-1)).toThrow(/whole number from 0 up/);
  });

  it('ignores unknown fields and takes null for a missing one', () => {
    const config = { ...linear, _diffusers_version: '0.6.0', skip_prk_steps: true, trained_betas: null };
    expect(createScheduler(config, 5).timesteps).toEqual(createScheduler(linear, 5).timesteps);
  });

  it('says which field has a value that is not allowed', () => {
    const plan = () => createScheduler({ ...linear, beta_schedule: 'zigzag' }, 5);
    expect(plan).toThrow(UnsupportedScheduler);
    expect(plan).toThrow(/beta_schedule.*scaled_linear/);
  });

  it('does not begin to clip a model whose own scheduler never clipped', () => {
    const config = { _class_name: 'EulerDiscreteScheduler' };
    const wide = new Float32Array(16).fill(9);
    const foreseen = (from: SchedulerConfig) =>
      createScheduler(from, 10, { className: 'ddim' }).step(new Float32Array(16), 9, wide, () => wide)
        .predictedClean[0]!;
    expect(foreseen(config)).toBeGreaterThan(8);
    expect(foreseen(linear)).toBe(1);
  });

  it('draws noise once in each stochastic step and never in a deterministic one', () => {
    expect(draws(linear)).toBe(0);
    expect(draws(linear, 'ddim', 1)).toBe(1);
    expect(draws(linear, 'ddpm')).toBe(1);
    expect(draws(linear, 'dpm++2m')).toBe(0);
  });

  it('refuses solver combinations that cannot be computed', () => {
    const dpm = { _class_name: 'DPMSolverMultistepScheduler' };
    expect(() => createScheduler({ ...dpm, algorithm_type: 'dpmsolver' }, 5)).toThrow(/sigma_min/);
    const uniPc = { _class_name: 'UniPCMultistepScheduler', predict_x0: false };
    expect(() => createScheduler(uniPc, 5)).toThrow(/sigma_min/);
    const single = { _class_name: 'DPMSolverSinglestepScheduler', algorithm_type: 'sde-dpmsolver' };
    expect(() => createScheduler(single, 5)).toThrow(/sde-dpmsolver\+\+/);
    const unClip = { _class_name: 'UnCLIPScheduler', variance_type: 'fixed_large' };
    expect(() => createScheduler(unClip, 5)).toThrow(/fixed_small_log or learned_range/);
    const two = { ...dpm, use_karras_sigmas: true, use_exponential_sigmas: true };
    expect(() => createScheduler(two, 5)).toThrow(/Only one/);
    expect(() => createScheduler({ ...linear, prediction_type: 'flow_prediction' }, 5)).toThrow(/epsilon/);
  });

  it('lists every call of the network where a step takes two', () => {
    const heun = createScheduler({ _class_name: 'HeunDiscreteScheduler' }, 3);
    expect(heun.timesteps).toEqual([999, 499.5, 499.5, 0, 0]);
    expect(createScheduler({ _class_name: 'KDPM2DiscreteScheduler' }, 3).timesteps).toHaveLength(5);
    const prk = createScheduler({ _class_name: 'PNDMScheduler', steps_offset: 1 }, 10);
    expect(prk.timesteps).toEqual([
      901, 851, 851, 801, 801, 751, 751, 701, 701, 651, 651, 601, 601, 501, 401, 301, 201, 101, 1,
    ]);
  });

  it('takes the noise schedule that the class of the folder means where fields are left out', () => {
    const start = (config: SchedulerConfig) =>
      createScheduler(config, 5, { className: 'euler' }).initNoiseSigma;
    expect(start({ _class_name: 'HeunDiscreteScheduler' })).toBeCloseTo(
      start({ _class_name: 'EulerDiscreteScheduler', beta_start: 0.00085, beta_end: 0.012 }),
      4,
    );
  });

  it('shifts a flow by the size of the picture where the folder asks for it', () => {
    const config = { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true };
    expect(() => createScheduler(config, 4)).toThrow(/use_dynamic_shifting to false/);
    const second = (imageTokens: number) => createScheduler(config, 4, { imageTokens }).timesteps[1]!;
    expect(second(4096)).toBeGreaterThan(second(256));
    // exp(0.5) shifts two thirds of the way.
    const plain = 1 - (1 - 1 / 1000) / 3;
    const shift = Math.exp(0.5);
    expect(second(256)).toBeCloseTo((1000 * shift * plain) / (1 + (shift - 1) * plain), 2);
  });

  it('refuses fewer steps than a Runge-Kutta start or a spanning plan needs', () => {
    expect(() => createScheduler({ _class_name: 'PNDMScheduler' }, 3)).toThrow(/at least 4 steps/);
    expect(() => createScheduler({ _class_name: 'UnCLIPScheduler' }, 1)).toThrow(/from 2 to 1000/);
    expect(() => createScheduler({ _class_name: 'LCMScheduler' }, 51)).toThrow(/from 1 to 50/);
  });

  it('refuses a network output of the wrong length', () => {
    const scheduler = createScheduler(linear, 5);
    expect(() => scheduler.step(SAMPLE.subarray(1), 0, SAMPLE, () => NOISE)).toThrow(/768 numbers, or 1536/);
  });

  it('refuses a plan that would start beyond the training timesteps', () => {
    const config = { ...linear, steps_offset: 1 };
    expect(() => createScheduler(config, 1000)).toThrow(/highest allowed is 999/);
    expect(createScheduler(config, 999).timesteps[0]).toBe(999);
  });
});

describe('parseSchedulerConfig', () => {
  it('reads the infinity that Python writes', () => {
    const config = parseSchedulerConfig(
      '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity}',
    );
    expect(createScheduler(config, 5).timesteps).toEqual([999, 799, 599, 400, 200]);
  });

  it('refuses what is not an object', () => {
    expect(() => parseSchedulerConfig('[1]')).toThrow(TypeError);
  });
});

describe('published single values', () => {
  /** The variance of one step's noise: what is left where sample and output are zero and the noise is one. */
  function addedVariance(className: string, steps: number, t: number): number {
    const zero = new Float32Array(1);
    const scheduler = createScheduler({ _class_name: className }, steps, { eta: 1 });
    const i = scheduler.timesteps.indexOf(t);
    return scheduler.step(zero, i, zero, () => new Float32Array([1])).prev[0]! ** 2;
  }

  it.each([
    ['DDIMScheduler', 50, 420, 0.14771],
    ['DDIMScheduler', 50, 980, 0.3246],
    ['DDIMScheduler', 1000, 487, 0.00979],
    ['DDIMScheduler', 1000, 999, 0.02],
    ['DDPMScheduler', 1000, 0, 0],
    ['DDPMScheduler', 1000, 487, 0.00979],
    ['DDPMScheduler', 1000, 999, 0.02],
  ])('%s in %i steps adds at timestep %i the variance %f', (className, steps, t, variance) => {
    expect(Math.abs(addedVariance(className, steps, t) - variance)).toBeLessThan(1e-5);
  });
});

describe('a Brownian motion', () => {
  const path = () => new BrownianPath(0.03, 14.6, 64, 5);

  it('gains over two times together what it gains over both, whatever is asked for first', () => {
    const whole = path().increment(0.5, 9);
    const [second, first] = [4, 0.5].map((start) => {
      const later = path();
      later.increment(2, 3);
      return later.increment(start, start === 4 ? 9 : 4);
    });
    for (const [j, value] of whole.entries()) expect(first![j]! + second![j]!).toBeCloseTo(value, 4);
  });

  it('answers the same when it has forgotten what it drew before', () => {
    const long = path();
    const before = long.increment(1.2345, 1.3);
    for (let time = 2; time < 14; time += 0.5) long.increment(time, time + 0.123456);
    expect(long.increment(1.2345, 1.3)).toEqual(before);
  });

  it('is normal with the variance of the time that has passed', () => {
    const wide = new BrownianPath(0, 10, 20_000, 1).increment(2.5, 4.5);
    const variance = wide.reduce((sum, value) => sum + value ** 2, 0) / wide.length;
    expect(variance).toBeGreaterThan(1.9);
    expect(variance).toBeLessThan(2.1);
  });

  it('stands still outside of its interval and over no time', () => {
    expect(path().increment(-5, 20)).toEqual(path().increment(0.03, 14.6));
    expect(path().increment(3, 3)).toEqual(new Float32Array(64));
  });
});

describe('seedsFor', () => {
  // Computed with numpy.random.SeedSequence.
  it.each([
    [0, [], 24, [4025752534, 2687548107, 2326983537]],
    [4294967295, [5, 3], 24, [648340268, 1452704993, 4287593032, 3590813513]],
    [2 ** 40 + 7, [2 ** 33 + 5, 34], 24, [1192617053, 308811620, 4227716668, 943929854]],
    [1, [], 4, [1835504127, 1731038949, 1320224556, 2330041505, 321059914, 1226144109]],
  ])('grows from entropy %d at place %j in a pool of %d the seeds %j', (entropy, key, size, seeds) => {
    expect(seedsFor(entropy, key, size, seeds.length)).toEqual(seeds);
  });
});
