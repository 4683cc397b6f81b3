/**
 * The schedulers that people can choose, by the names they know, and the model folders' class names.
 */
import type { Settings } from './config.ts';
import { noCurve } from './sigmas.ts';

/** The classes that are built in. */
export const classNames = [
  'DDPMScheduler',
  'DDIMScheduler',
  'EulerDiscreteScheduler',
  'DPMSolverMultistepScheduler',
  'DPMSolverSinglestepScheduler',
  'PNDMScheduler',
  'LMSDiscreteScheduler',
  'EulerAncestralDiscreteScheduler',
  'HeunDiscreteScheduler',
  'KDPM2DiscreteScheduler',
  'KDPM2AncestralDiscreteScheduler',
  'UniPCMultistepScheduler',
  'DEISMultistepScheduler',
  'LCMScheduler',
  'TCDScheduler',
  'UnCLIPScheduler',
  'FlowMatchEulerDiscreteScheduler',
] as const;
export type ClassName = (typeof classNames)[number];

/** Classes whose folders describe the same noise schedule in the same fields, so that ours can take over. */
export const relatedClasses: readonly string[] = [
  ...classNames.filter((name) => name !== 'UnCLIPScheduler' && name !== 'FlowMatchEulerDiscreteScheduler'),
  'DPMSolverSDEScheduler',
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
  'dpm++2s',
  'dpm2',
  'dpm2-a',
  'euler-a',
  'heun',
  'lms',
  'pndm',
  'unipc',
  'deis',
] as const;
export type SchedulerName = (typeof schedulerNames)[number];

/** A class, and the settings that the name fixes whatever the folder says. */
export interface Preset {
  readonly className: ClassName;
  readonly fixed: Partial<Settings>;
}

const evenSteps = noCurve;
const karras = { ...evenSteps, use_karras_sigmas: true } as const;
const secondOrder = { solver_order: 2, solver_type: 'midpoint', final_sigmas_type: 'zero' } as const;
const ode = { ...secondOrder, algorithm_type: 'dpmsolver++' } as const;
const predictorCorrector = {
  solver_order: 2,
  solver_type: 'bh2',
  predict_x0: true,
  final_sigmas_type: 'zero',
} as const;
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
  'dpm++2s': { className: 'DPMSolverSinglestepScheduler', fixed: { ...ode, ...evenSteps } },
  dpm2: { className: 'KDPM2DiscreteScheduler', fixed: evenSteps },
  'dpm2-a': { className: 'KDPM2AncestralDiscreteScheduler', fixed: evenSteps },
  'euler-a': { className: 'EulerAncestralDiscreteScheduler', fixed: evenSteps },
  heun: { className: 'HeunDiscreteScheduler', fixed: { ...evenSteps, clip_sample: false } },
  lms: { className: 'LMSDiscreteScheduler', fixed: evenSteps },
  pndm: { className: 'PNDMScheduler', fixed: { skip_prk_steps: true } },
  unipc: { className: 'UniPCMultistepScheduler', fixed: { ...predictorCorrector, ...evenSteps } },
  deis: { className: 'DEISMultistepScheduler', fixed: { solver_order: 2, ...evenSteps } },
};
