/**
 * What every scheduler offers: one reverse diffusion process, planned for a number of steps.
 * The sampling loop is the caller's; a scheduler knows no network, no guidance and no seed.
 */

/** What the network predicts: the noise, the velocity, the clean sample, or the flow from clean to noise. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample' | 'flow_prediction';

/** The result of one step; both arrays are new and in the layout of the sample. */
export interface Step {
  /** The sample at the next, less noisy timestep. */
  readonly prev: Float32Array;
  /** The clean sample as foreseen at this step: what a preview shows. */
  readonly predictedClean: Float32Array;
}

/**
 * One reverse process over a batch of samples laid end to end. `i` is always an index into `timesteps`, so two
 * equal timesteps are never confused, and a process may start at any index (image to image). Arithmetic is that
 * of diffusers in float32. No method changes its arguments.
 */
export interface Scheduler {
  /** As fed to the network, noisy to clean. */
  readonly timesteps: readonly number[];
  /** Standard deviation of the noise to start from. */
  readonly initNoiseSigma: number;
  /** Calls of the network for one step, where they are more than one: a process starts at a whole step. */
  readonly callsPerStep?: number;
  /** What the network is given at step `i`: a new array, or `x` itself where nothing is scaled. */
  scaleModelInput(x: Float32Array, i: number): Float32Array;
  /**
   * From x_t and the network's output for it to x_{t-1}. `noise` is called only where the step is stochastic, and
   * then once: it gives fresh standard normal numbers, as many as `x` has. An output twice as long as `x` carries
   * a learned variance in the second half of each sample's channels.
   */
  step(output: Float32Array, i: number, x: Float32Array, noise: () => Float32Array): Step;
  /** The forward process: the clean sample noised to the level of `timesteps[i]`. */
  addNoise(clean: Float32Array, noise: Float32Array, i: number): Float32Array;
}

/** The model folder asks for a scheduler, or for a mode of one, that is not built in. */
export class UnsupportedScheduler extends Error {
  override readonly name = 'UnsupportedScheduler';
}
