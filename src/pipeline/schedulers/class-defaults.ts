/**
 * Where a class's defaults differ from the common ones. What a folder leaves out means what the class that it was
 * made for understood by it; how the steps are planned is up to the class that runs.
 * Source of the defaults: diffusers' scheduler constructors.
 */
import type { Settings } from './config.ts';
import type { ClassName } from './presets.ts';

export function classDefaults(className: ClassName, madeFor: string): Partial<Settings> {
  return { ...trainedBy(madeFor), ...planned[className] };
}

/** The noise schedule, and clipping: a latent model whose own scheduler never clips must not start to. */
function trainedBy(madeFor: string): Partial<Settings> {
  const narrow = { beta_start: 0.00085, beta_end: 0.012 };
  switch (madeFor) {
    case 'DDPMScheduler':
    case 'DDIMScheduler':
      return { clip_sample: true };
    case 'HeunDiscreteScheduler':
    case 'KDPM2DiscreteScheduler':
    case 'KDPM2AncestralDiscreteScheduler':
    case 'DPMSolverSDEScheduler':
      return narrow;
    case 'LCMScheduler':
    case 'TCDScheduler':
      return { ...narrow, beta_schedule: 'scaled_linear' };
    case 'UnCLIPScheduler':
      return { beta_schedule: 'squaredcos_cap_v2', clip_sample: true };
    default:
      return {};
  }
}

const planned: Partial<Record<ClassName, Partial<Settings>>> = {
  DDPMScheduler: { timestep_spacing: 'leading' },
  DDIMScheduler: { timestep_spacing: 'leading' },
  PNDMScheduler: { timestep_spacing: 'leading', set_alpha_to_one: false },
  DPMSolverSinglestepScheduler: { lower_order_final: false },
  UniPCMultistepScheduler: { solver_type: 'bh2' },
  UnCLIPScheduler: { variance_type: 'fixed_small_log' },
};
