/**
 * The schedulers that people can choose, by the names they know, and the model folders' class names.
 */
import type { Settings } from './config.ts';

/** The classes that are built in. */
export const classNames = [
  'DDPMScheduler',
  'DDIMScheduler',
  'EulerDiscreteScheduler',
  'DPMSolverMultistepScheduler',
] as const;
export type ClassName = (typeof classNames)[number];

/** Classes whose folders describe the same noise schedule in the same fields, so that ours can take over. */
export const relatedClasses: readonly string[] = [
  ...classNames,
  'PNDMScheduler',
  'LMSDiscreteScheduler',
  'EulerAncestralDiscreteScheduler',
  'HeunDiscreteScheduler',
  'KDPM2DiscreteScheduler',
  'KDPM2AncestralDiscreteScheduler',
  'DPMSolverSinglestepScheduler',
  'DPMSolverSDEScheduler',
  'DEISMultistepScheduler',
  'UniPCMultistepScheduler',
  'LCMScheduler',
  'TCDScheduler',
];

export const schedulerNames = [
  'ddpm',
  'ddim',
  'euler',
  'euler-karras',
  'dpm++2m',
  'dpm++2m-karras',
  'dpm++2m-sde',
  'dpm++2m-sde-karras',
] as const;
export type SchedulerName = (typeof schedulerNames)[number];

/** A class, and the settings that the name fixes whatever the folder says. */
export interface Preset {
  readonly className: ClassName;
  readonly fixed: Partial<Settings>;
}

const evenSteps = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  use_lu_lambdas: false,
} as const;
const karras = { ...evenSteps, use_karras_sigmas: true } as const;
const secondOrder = { solver_order: 2, solver_type: 'midpoint', final_sigmas_type: 'zero' } as const;
const ode = { ...secondOrder, algorithm_type: 'dpmsolver++' } as const;
const sde = { ...secondOrder, algorithm_type: 'sde-dpmsolver++' } as const;

export const presets: Readonly<Record<SchedulerName, Preset>> = {
  ddpm: { className: 'DDPMScheduler', fixed: {} },
  ddim: { className: 'DDIMScheduler', fixed: {} },
  euler: { className: 'EulerDiscreteScheduler', fixed: evenSteps },
  'euler-karras': { className: 'EulerDiscreteScheduler', fixed: karras },
  'dpm++2m': { className: 'DPMSolverMultistepScheduler', fixed: { ...ode, ...evenSteps } },
  'dpm++2m-karras': { className: 'DPMSolverMultistepScheduler', fixed: { ...ode, ...karras } },
  'dpm++2m-sde': { className: 'DPMSolverMultistepScheduler', fixed: { ...sde, ...evenSteps } },
  'dpm++2m-sde-karras': { className: 'DPMSolverMultistepScheduler', fixed: { ...sde, ...karras } },
};
