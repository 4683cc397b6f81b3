/**
 * Which training timesteps a plan of few steps visits. Numbers follow numpy's, to which the schedulers' published
 * results owe their timesteps: halves round to even and ranges are made in double precision.
 *
 * Source: the three spacings of Lin et al. (2023), table 2, as diffusers computes them.
 */
import type { Settings } from './config.ts';

type SpacingSettings = Pick<Settings, 'num_train_timesteps' | 'timestep_spacing' | 'steps_offset'>;

/** Throws a RangeError, saying what is allowed, unless steps is a whole number from 1 to `most`. */
export function checkSteps(steps: number, most: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > most) {
    throw new RangeError(`Steps must be a whole number from 1 to ${most}; got ${steps}.`);
  }
}

/** `steps` timesteps from noisy to clean, not yet rounded where the spacing is linspace. */
export function spacedTimesteps(settings: SpacingSettings, steps: number): number[] {
  const count = settings.num_train_timesteps;
  checkSteps(steps, count);
  switch (settings.timestep_spacing) {
    case 'linspace':
      return linspace(0, count - 1, steps).toReversed();
    case 'leading':
      return leading(Math.floor(count / steps), steps, settings.steps_offset, count);
    case 'trailing':
      return trailing(count, count / steps, steps);
  }
}

/**
 * The timesteps of the DPM solvers, which plan one step more and leave the cleanest out, and may skip the noisiest
 * (`last` is the first timestep that is out of range).
 */
export function solverTimesteps(settings: SpacingSettings, steps: number, last: number): number[] {
  const count = settings.num_train_timesteps;
  checkSteps(steps, settings.timestep_spacing === 'leading' ? Math.max(1, last - 1) : count);
  switch (settings.timestep_spacing) {
    case 'linspace':
      return linspace(0, last - 1, steps + 1)
        .map(roundHalfEven)
        .slice(1)
        .toReversed();
    case 'leading': {
      const ratio = Math.floor(last / (steps + 1));
      return leading(ratio, steps, settings.steps_offset + ratio, count);
    }
    case 'trailing':
      return trailing(last, count / steps, steps);
  }
}

/** numpy.linspace in double precision. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  const values = Array.from({ length: count }, (_, i) => i * step + start);
  if (count > 1) values[count - 1] = end;
  return values;
}

/** numpy.round: to the nearest whole number, halves to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function leading(ratio: number, steps: number, offset: number, count: number): number[] {
  const first = (steps - 1) * ratio + offset;
  if (first >= count) {
    throw new RangeError(
      `${steps} steps with this model's steps_offset would start at timestep ${first}; ` +
        `the highest allowed is ${count - 1}: take fewer steps.`,
    );
  }
  return Array.from({ length: steps }, (_, i) => first - i * ratio);
}

function trailing(from: number, ratio: number, steps: number): number[] {
  const stride = from - ratio - from;
  return Array.from({ length: steps }, (_, i) => Math.max(0, roundHalfEven(from + i * stride) - 1));
}
