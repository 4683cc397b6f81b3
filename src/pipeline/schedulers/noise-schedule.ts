/**
 * How much noise each training timestep holds: the betas and what follows from them, as float32 numbers equal to
 * torch's; and the forward process they define.
 *
 * Sources: Ho et al., "Denoising Diffusion Probabilistic Models" (2020), linear; Rombach et al., "Latent
 * Diffusion" (2022), scaled linear; Nichol and Dhariwal, "Improved DDPM" (2021), squared cosine; Lin et al.,
 * "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2023), zero terminal SNR.
 */
import type { Settings } from './config.ts';
import { f32, weightedSum } from './float32.ts';

/** The part of a scheduler's settings that fixes the noise schedule. */
export type NoiseSettings = Pick<
  Settings,
  | 'num_train_timesteps'
  | 'beta_start'
  | 'beta_end'
  | 'beta_schedule'
  | 'trained_betas'
  | 'rescale_betas_zero_snr'
>;

/** Indexed by training timestep, 0 the cleanest. */
export interface NoiseSchedule {
  /** Variance that each single step adds. */
  readonly betas: Float32Array;
  /** Share of the clean sample's variance that is left: the product of all 1 - beta so far. */
  readonly alphasCumprod: Float32Array;
}

export function noiseSchedule(settings: NoiseSettings): NoiseSchedule {
  const betas = settings.rescale_betas_zero_snr
    ? withZeroTerminalSnr(trainedBetas(settings))
    : trainedBetas(settings);
  return { betas, alphasCumprod: cumulativeAlphas(betas) };
}

/**
 * The schedule for samplers that divide by alpha: where the terminal SNR is zero, its last alpha is raised to
 * 2^-24 so that the highest sigma (4096) stays finite.
 */
export function finiteSigmaSchedule(settings: NoiseSettings): NoiseSchedule {
  const schedule = noiseSchedule(settings);
  if (settings.rescale_betas_zero_snr) schedule.alphasCumprod[schedule.alphasCumprod.length - 1] = 2 ** -24;
  return schedule;
}

/** Noise over signal at each training timestep: sqrt((1 - alphaCumprod) / alphaCumprod). */
export function trainingSigmas({ alphasCumprod }: NoiseSchedule): Float32Array {
  return alphasCumprod.map((alpha) => Math.sqrt(f32(f32(1 - alpha) / alpha)));
}

/** q(x_t | x_0): the sample noised in one jump to the level of a cumulative alpha. */
export function forwardJump(clean: Float32Array, noise: Float32Array, alphaCumprod: number): Float32Array {
  return weightedSum([Math.sqrt(alphaCumprod), clean], [Math.sqrt(f32(1 - alphaCumprod)), noise]);
}

/** q(x_t | x_{t-1}): one step of the Markov chain. Fresh noise in every step leads to `forwardJump`'s distribution. */
export function forwardStep(previous: Float32Array, noise: Float32Array, beta: number): Float32Array {
  return weightedSum([Math.sqrt(f32(1 - beta)), previous], [Math.sqrt(beta), noise]);
}

function trainedBetas(settings: NoiseSettings): Float32Array {
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = settings;
  if (settings.trained_betas !== null) return Float32Array.from(settings.trained_betas);
  switch (settings.beta_schedule) {
    case 'linear':
      return linspaceF32(start, end, count);
    case 'scaled_linear':
      return linspaceF32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case 'squaredcos_cap_v2':
      return squaredCosineBetas(count);
    case 'sigmoid':
      return linspaceF32(-6, 6, count).map(
        (x) => f32(f32(1 / (1 + Math.exp(-x))) * f32(end - start)) + f32(start),
      );
  }
}

function squaredCosineBetas(count: number): Float32Array {
  const alphaBar = (t: number) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  const MAX_BETA = 0.999;
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), MAX_BETA),
  );
}

/** Shifts and scales sqrt(alphaCumprod) so that the last timestep is pure noise and the first is unchanged. */
function withZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeAlphas(betas).map(Math.sqrt);
  const first = roots[0] ?? 1;
  const last = roots.at(-1) ?? 0;
  const stretch = f32(first / f32(first - last));
  const alphasCumprod = roots.map((root) => f32(f32(root - last) * stretch) ** 2);
  return alphasCumprod.map((alpha, t) => 1 - (t === 0 ? alpha : f32(alpha / alphasCumprod[t - 1]!)));
}

/** The running product is kept in double precision and rounded for each entry, as torch does. */
function cumulativeAlphas(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => (product *= f32(1 - beta)));
}

/** torch.linspace: filled from both ends, each element one fused multiply-add. */
function linspaceF32(start: number, end: number, count: number): Float32Array {
  const first = f32(start);
  const last = f32(end);
  const step = count > 1 ? f32(f32(last - first) / (count - 1)) : 0;
  return Float32Array.from({ length: count }, (_, i) =>
    i < Math.floor(count / 2) || count === 1 ? first + step * i : last - step * (count - 1 - i),
  );
}
