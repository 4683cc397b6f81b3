/**
 * A model folder's `scheduler_config.json`, checked once and completed with its class's defaults. Field names are
 * those of the file. Unknown fields are ignored: old folders carry leftovers of other classes.
 * Source of the defaults: diffusers' scheduler constructors.
 */
import { z } from 'zod';
import { UnsupportedScheduler } from './scheduler.ts';

/** A parsed `scheduler_config.json`, not yet trusted. */
export type SchedulerConfig = Readonly<Record<string, unknown>>;

const fields = z.object({
  num_train_timesteps: z.int().min(1),
  beta_start: z.number(),
  beta_end: z.number(),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid']),
  trained_betas: z.array(z.number()).min(1).nullable(),
  rescale_betas_zero_snr: z.boolean(),
  prediction_type: z.enum(['epsilon', 'v_prediction', 'sample', 'flow_prediction']),
  timestep_spacing: z.enum(['leading', 'trailing', 'linspace']),
  steps_offset: z.int().min(0),
  clip_sample: z.boolean(),
  clip_sample_range: z.number().positive(),
  thresholding: z.boolean(),
  dynamic_thresholding_ratio: z.number().min(0).max(1),
  sample_max_value: z.number().positive(),
  set_alpha_to_one: z.boolean(),
  variance_type: z.enum([
    'fixed_small',
    'fixed_small_log',
    'fixed_large',
    'fixed_large_log',
    'learned',
    'learned_range',
  ]),
  interpolation_type: z.enum(['linear', 'log_linear']),
  timestep_type: z.enum(['discrete', 'continuous']),
  final_sigmas_type: z.enum(['zero', 'sigma_min']),
  sigma_min: z.number().positive().nullable(),
  sigma_max: z.number().positive().nullable(),
  use_karras_sigmas: z.boolean(),
  use_exponential_sigmas: z.boolean(),
  use_beta_sigmas: z.boolean(),
  use_lu_lambdas: z.boolean(),
  use_flow_sigmas: z.boolean(),
  flow_shift: z.number().positive(),
  solver_order: z.int().min(1).max(3),
  // Names of other classes' solvers stand for this one's nearest.
  algorithm_type: z.preprocess(
    (value) => (value === 'deis' ? 'dpmsolver++' : value),
    z.enum(['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver']),
  ),
  // Each solver knows two of these; the others stand for its usual one.
  solver_type: z.enum(['midpoint', 'heun', 'logrho', 'bh1', 'bh2']),
  lower_order_final: z.boolean(),
  euler_at_final: z.boolean(),
  // JSON has no infinities; folders write the bare word or the string.
  lambda_min_clipped: z.preprocess(
    (value) => (value === '-Infinity' ? Number.NEGATIVE_INFINITY : value),
    z.number().or(z.literal(Number.NEGATIVE_INFINITY)),
  ),
  skip_prk_steps: z.boolean(),
  predict_x0: z.boolean(),
  disable_corrector: z.array(z.int().min(0)),
  original_inference_steps: z.int().min(1),
  timestep_scaling: z.number().positive(),
  shift: z.number().positive(),
  use_dynamic_shifting: z.boolean(),
  base_shift: z.number(),
  max_shift: z.number(),
  base_image_seq_len: z.int().min(1),
  max_image_seq_len: z.int().min(1),
  shift_terminal: z.number().min(0).lt(1).nullable(),
  time_shift_type: z.enum(['exponential', 'linear']),
  invert_sigmas: z.boolean(),
  stochastic_sampling: z.boolean(),
  noise_sampler_seed: z.int().min(0).nullable(),
});

/** Every field that some scheduler reads, with a value. */
export type Settings = Readonly<z.infer<typeof fields>>;

const defaults: Settings = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
  trained_betas: null,
  rescale_betas_zero_snr: false,
  prediction_type: 'epsilon',
  timestep_spacing: 'linspace',
  steps_offset: 0,
  clip_sample: false,
  clip_sample_range: 1,
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1,
  set_alpha_to_one: true,
  variance_type: 'fixed_small',
  interpolation_type: 'linear',
  timestep_type: 'discrete',
  final_sigmas_type: 'zero',
  sigma_min: null,
  sigma_max: null,
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  use_lu_lambdas: false,
  use_flow_sigmas: false,
  flow_shift: 1,
  solver_order: 2,
  algorithm_type: 'dpmsolver++',
  solver_type: 'midpoint',
  lower_order_final: true,
  euler_at_final: false,
  lambda_min_clipped: Number.NEGATIVE_INFINITY,
  skip_prk_steps: false,
  predict_x0: true,
  disable_corrector: [],
  original_inference_steps: 50,
  timestep_scaling: 10,
  shift: 1,
  use_dynamic_shifting: false,
  base_shift: 0.5,
  max_shift: 1.15,
  base_image_seq_len: 256,
  max_image_seq_len: 4096,
  shift_terminal: null,
  time_shift_type: 'exponential',
  invert_sigmas: false,
  stochastic_sampling: false,
  noise_sampler_seed: null,
};

/**
 * The settings in a config. What it leaves out or sets to null takes the value in `classDefaults`, then the
 * common one. Throws UnsupportedScheduler, naming each field with a value that is not allowed.
 */
export function readSettings(config: SchedulerConfig, classDefaults: Partial<Settings>): Settings {
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  const parsed = fields.partial().safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new UnsupportedScheduler(`The scheduler's configuration cannot be used. ${faults.join('; ')}.`, {
      cause: parsed.error,
    });
  }
  return { ...defaults, ...classDefaults, ...(parsed.data as Partial<Settings>) };
}

/** Reads the text of a `scheduler_config.json`. Python writes infinities there as bare words, which JSON forbids. */
export function parseSchedulerConfig(json: string): SchedulerConfig {
  const config: unknown = JSON.parse(json.replaceAll(/(:\s*)(-?Infinity|NaN)\b/g, '$1"$2"'));
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new TypeError('A scheduler configuration must be a JSON object.');
  }
  return config as SchedulerConfig;
}
