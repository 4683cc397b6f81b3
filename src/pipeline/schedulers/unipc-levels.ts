/**
 * Where UniPC calls the network and where its process ends. Only its flow levels and its ends differ from those of
 * the other solvers.
 */
import type { Settings } from './config.ts';
import { checkCurve, karrasSigmas } from './sigmas.ts';
import { planSolver, shiftFlow } from './solver-levels.ts';
import { UnsupportedScheduler } from './scheduler.ts';
import { checkSteps, linspace } from './timesteps.ts';

/** A flow never starts in noise alone, which has no log-SNR. */
const LEAST_SIGNAL = 1e-6;

export interface Plan {
  readonly timesteps: number[];
  /** One more than there are timesteps. */
  readonly sigmas: number[];
}

export function planUniPcLevels(settings: Settings, steps: number): Plan {
  if (settings.use_flow_sigmas) return flowLevels(settings, steps);
  const plain = { ...settings, use_lu_lambdas: false };
  checkCurve(plain);
  const { timesteps, sigmas, lowest, curved } = planSolver(plain, steps);
  const last = curved ? sigmas.at(-1)! : lowest;
  return { timesteps, sigmas: [...sigmas, settings.final_sigmas_type === 'zero' ? 0 : last] };
}

function flowLevels(settings: Settings, steps: number): Plan {
  checkSteps(steps, settings.num_train_timesteps);
  const sigmas = flowSigmas(settings, steps);
  const final = settings.final_sigmas_type === 'zero' ? 0 : sigmas.at(-1)!;
  return {
    timesteps: sigmas.map((sigma) => Math.trunc(sigma * settings.num_train_timesteps)),
    sigmas: [...sigmas, final],
  };
}

function flowSigmas(settings: Settings, steps: number): number[] {
  if (settings.use_exponential_sigmas || settings.use_beta_sigmas || settings.use_lu_lambdas) {
    throw new UnsupportedScheduler('use_flow_sigmas can be set alone or with use_karras_sigmas only.');
  }
  if (settings.use_karras_sigmas) {
    const { sigma_max: max, sigma_min: min } = settings;
    if (max === null || min === null) {
      throw new UnsupportedScheduler(
        'use_flow_sigmas with use_karras_sigmas needs the range: set sigma_min and sigma_max.',
      );
    }
    return karrasSigmas({ max, min }, steps).map((sigma) => sigma / (sigma + 1));
  }
  const even = linspace(1, 1 / settings.num_train_timesteps, steps + 1).slice(0, steps);
  const shifted = even.map((sigma) => shiftFlow(sigma, settings.flow_shift));
  return shifted.map((sigma) => (Math.abs(sigma - 1) < LEAST_SIGNAL ? sigma - LEAST_SIGNAL : sigma));
}
