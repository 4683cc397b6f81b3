/**
 * The schedulers that people can choose, by the names they know, and the model folders' class names.
 */
import type { SchedulerConfig, Settings } from './config.ts';
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
  'DPMSolverSDEScheduler',
  'UniPCMultistepScheduler',
  'DEISMultistepScheduler',
  'LCMScheduler',
  'TCDScheduler',
  'UnCLIPScheduler',
  'FlowMatchEulerDiscreteScheduler',
] as const;
export type ClassName = (typeof classNames)[number];

/** Classes that compute what another does, only arranged otherwise. */
const sameAs: Readonly<Record<string, ClassName>> = {
  DDPMParallelScheduler: 'DDPMScheduler',
  DDIMParallelScheduler: 'DDIMScheduler',
};

/** The built-in class of that name, when there is one. */
export function builtInClass(name: unknown): ClassName | undefined {
  const own = typeof name === 'string' ? (sameAs[name] ?? name) : name;
  return classNames.find((known) => known === own);
}

/** Classes whose folders describe the same noise schedule in the same fields, so that ours can take over. */
const relatedClasses: readonly unknown[] = [
  ...classNames.filter((name) => name !== 'UnCLIPScheduler' && name !== 'FlowMatchEulerDiscreteScheduler'),
  'SASolverScheduler',
  'DPMSolverMultistepInverseScheduler',
  'DDIMInverseScheduler',
];

/** What people may type. `default` is the scheduler that the folder names, as its authors set it. */
export const schedulerNames = [
  'default',
  'ddpm',
  'ddim',
  'euler',
  'euler-karras',
  'dpm++2m',
  'dpm++2m-karras',
  'dpm++2m-sde',
  'dpm++2m-sde-karras',
  'dpm++2s',
  'dpm++sde',
  'dpm++sde-karras',
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
export type PresetName = Exclude<SchedulerName, 'default'>;

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

export const presets: Readonly<Record<PresetName, Preset>> = {
  ddpm: { className: 'DDPMScheduler', fixed: {} },
  ddim: { className: 'DDIMScheduler', fixed: {} },
  euler: { className: 'EulerDiscreteScheduler', fixed: evenSteps },
  'euler-karras': { className: 'EulerDiscreteScheduler', fixed: karras },
  'dpm++2m': { className: 'DPMSolverMultistepScheduler', fixed: { ...ode, ...evenSteps } },
  'dpm++2m-karras': { className: 'DPMSolverMultistepScheduler', fixed: { ...ode, ...karras } },
  'dpm++2m-sde': { className: 'DPMSolverMultistepScheduler', fixed: { ...sde, ...evenSteps } },
  'dpm++2m-sde-karras': { className: 'DPMSolverMultistepScheduler', fixed: { ...sde, ...karras } },
  'dpm++2s': { className: 'DPMSolverSinglestepScheduler', fixed: { ...ode, ...evenSteps } },
  'dpm++sde': { className: 'DPMSolverSDEScheduler', fixed: evenSteps },
  'dpm++sde-karras': { className: 'DPMSolverSDEScheduler', fixed: karras },
  dpm2: { className: 'KDPM2DiscreteScheduler', fixed: evenSteps },
  'dpm2-a': { className: 'KDPM2AncestralDiscreteScheduler', fixed: evenSteps },
  'euler-a': { className: 'EulerAncestralDiscreteScheduler', fixed: evenSteps },
  heun: { className: 'HeunDiscreteScheduler', fixed: { ...evenSteps, clip_sample: false } },
  lms: { className: 'LMSDiscreteScheduler', fixed: evenSteps },
  pndm: { className: 'PNDMScheduler', fixed: { skip_prk_steps: true } },
  unipc: { className: 'UniPCMultistepScheduler', fixed: { ...predictorCorrector, ...evenSteps } },
  deis: { className: 'DEISMultistepScheduler', fixed: { solver_order: 2, ...evenSteps } },
};

/**
 * The names that fit a folder whose configuration this is, `default` first: none where its scheduler is of another
 * kind than any that is built in. A flow is sampled by its own scheduler and the solvers that know flows.
 */
export function schedulersFor(config: SchedulerConfig): readonly SchedulerName[] {
  const own = builtInClass(config['_class_name']);
  const rest = (): readonly PresetName[] => {
    if (isFlow(config)) return flowNames(config);
    return isRelated(config) ? presetNames : [];
  };
  return own === undefined ? rest() : ['default', ...rest()];
}

const presetNames = schedulerNames.filter((name) => name !== 'default');

/** Whether a model made with this configuration can be run by another scheduler of the same noise schedule. */
function isRelated(config: SchedulerConfig): boolean {
  const own = config['_class_name'];
  return relatedClasses.includes(builtInClass(own) ?? own);
}

function isFlow(config: SchedulerConfig): boolean {
  return (
    config['_class_name'] === 'FlowMatchEulerDiscreteScheduler' ||
    config['prediction_type'] === 'flow_prediction'
  );
}

/** Only Euler's method knows shifts that grow with the picture. */
function flowNames(config: SchedulerConfig): readonly PresetName[] {
  return config['use_dynamic_shifting'] === true ? ['euler'] : ['euler', 'dpm++2m', 'dpm++2m-sde', 'unipc'];
}

/** What runs under a name on this folder: undefined where the name does not fit it. */
export function presetFor(config: SchedulerConfig, name: PresetName): Preset | undefined {
  const own = config['_class_name'];
  if (own === undefined) return presets[name];
  if (!schedulersFor(config).includes(name)) return undefined;
  const preset = presets[name];
  if (!isFlow(config)) return preset;
  const shift = config['flow_shift'] ?? config['shift'];
  return name === 'euler'
    ? { className: 'FlowMatchEulerDiscreteScheduler', fixed: flowShift('shift', shift) }
    : {
        className: preset.className,
        fixed: {
          ...preset.fixed,
          ...flowShift('flow_shift', shift),
          prediction_type: 'flow_prediction',
          use_flow_sigmas: true,
        },
      };
}

function flowShift(field: 'shift' | 'flow_shift', value: unknown): Partial<Settings> {
  return typeof value === 'number' && value > 0 ? { [field]: value } : {};
}
