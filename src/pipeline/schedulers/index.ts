/**
 * The one door to the schedulers: from a model folder's configuration to a planned reverse process.
 */
import { readSettings, type SchedulerConfig, type Settings } from './config.ts';
import { planDdim } from './ddim.ts';
import { planDdpm } from './ddpm.ts';
import { planDpmSolverMultistep } from './dpm-solver-multistep.ts';
import { planEuler } from './euler.ts';
import {
  classNames,
  presets,
  relatedClasses,
  schedulerNames,
  type ClassName,
  type SchedulerName,
} from './presets.ts';
import { UnsupportedScheduler, type Scheduler } from './scheduler.ts';

export { parseSchedulerConfig, type SchedulerConfig } from './config.ts';
export { schedulerNames, type SchedulerName } from './presets.ts';
export { UnsupportedScheduler, type PredictionType, type Scheduler, type Step } from './scheduler.ts';

/** What a caller may change of the folder's plan. */
export interface SchedulerOverride {
  /** Another scheduler over the same noise schedule; by default the one that the folder names. */
  readonly className?: SchedulerName;
  /** How many samples lie end to end in each array (1). Read only for thresholding and learned variances. */
  readonly batchSize?: number;
  /** Share of fresh noise in DDIM, from 0 (the default: none) to 1. Other schedulers do not read it. */
  readonly eta?: number;
}

/**
 * Plans a reverse process of `steps` steps.
 * Throws UnsupportedScheduler for a class, field value or combination that is not built in, and RangeError where
 * steps, batchSize or eta are out of range; both say what is allowed.
 */
export function createScheduler(
  config: SchedulerConfig,
  steps: number,
  override: SchedulerOverride = {},
): Scheduler {
  const { className, settings } = resolve(config, override.className);
  const batchSize = override.batchSize ?? 1;
  const eta = override.eta ?? 0;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number from 1 up; got ${batchSize}.`);
  }
  if (!(eta >= 0 && eta <= 1)) throw new RangeError(`eta must be from 0 to 1; got ${eta}.`);
  switch (className) {
    case 'DDPMScheduler':
      return planDdpm(settings, steps, batchSize);
    case 'DDIMScheduler':
      return planDdim(settings, steps, batchSize, eta);
    case 'EulerDiscreteScheduler':
      return planEuler(settings, steps, batchSize);
    case 'DPMSolverMultistepScheduler':
      return planDpmSolverMultistep(settings, steps, batchSize);
  }
}

function resolve(config: SchedulerConfig, name: SchedulerName | undefined) {
  const own = config['_class_name'];
  const preset = name === undefined ? undefined : presets[name];
  const className = preset?.className ?? own;
  const known = preset === undefined ? isBuiltIn(own) : own === undefined || isRelated(own);
  if (!known || !isBuiltIn(className)) {
    const instead = isRelated(own)
      ? ` A model made for it can be run with ${schedulerNames.join(', ')}.`
      : '';
    throw new UnsupportedScheduler(
      `The scheduler ${JSON.stringify(own) ?? '(no _class_name)'} is not supported; ` +
        `supported are ${classNames.join(', ')}.${instead}`,
    );
  }
  const settings = readSettings(config, classDefaults(className, own ?? className));
  const fixed: Partial<Settings> = preset?.fixed ?? {};
  return { className, settings: { ...settings, ...fixed } };
}

/**
 * The spacing's default is that of the class that runs. Clipping's is that of the class the folder was made for: a
 * latent model whose own scheduler never clips must not start to.
 */
function classDefaults(className: ClassName, madeFor: unknown): Partial<Settings> {
  const leading = className === 'DDPMScheduler' || className === 'DDIMScheduler';
  return {
    timestep_spacing: leading ? 'leading' : 'linspace',
    clip_sample: madeFor === 'DDPMScheduler' || madeFor === 'DDIMScheduler',
  };
}

function isBuiltIn(name: unknown): name is ClassName {
  return (classNames as readonly unknown[]).includes(name);
}

function isRelated(name: unknown): boolean {
  return (relatedClasses as readonly unknown[]).includes(name);
}
