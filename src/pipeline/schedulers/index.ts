/**
 * The one door to the schedulers: from a model folder's configuration to a planned reverse process.
 */
import { classDefaults } from './class-defaults.ts';
import { readSettings, type SchedulerConfig, type Settings } from './config.ts';
import { planDdim } from './ddim.ts';
import { planDdpm } from './ddpm.ts';
import { planDeis } from './deis.ts';
import { planDpmSolverMultistep } from './dpm-solver-multistep.ts';
import { planDpmSolverSinglestep } from './dpm-solver-singlestep.ts';
import { planDpm2 } from './dpm2.ts';
import { planEulerAncestral } from './euler-ancestral.ts';
import { planEuler } from './euler.ts';
import { planFlowMatchEuler } from './flow-match-euler.ts';
import { planHeun } from './heun.ts';
import { planLcm } from './lcm.ts';
import { planLms } from './lms.ts';
import { planPndm } from './pndm.ts';
import {
  classNames,
  presets,
  relatedClasses,
  schedulerNames,
  type ClassName,
  type SchedulerName,
} from './presets.ts';
import { UnsupportedScheduler, type Scheduler } from './scheduler.ts';
import { planTcd } from './tcd.ts';
import { planUnClip } from './unclip.ts';
import { planUniPc } from './unipc.ts';

export { parseSchedulerConfig, type SchedulerConfig } from './config.ts';
export { schedulerNames, type SchedulerName } from './presets.ts';
export { UnsupportedScheduler, type PredictionType, type Scheduler, type Step } from './scheduler.ts';

/** What TCD's authors recommend. */
const TCD_GAMMA = 0.3;

/** What a caller may change of the folder's plan. */
export interface SchedulerOverride {
  /** Another scheduler over the same noise schedule; by default the one that the folder names. */
  readonly className?: SchedulerName;
  /** How many samples lie end to end in each array (1). Read only for thresholding and learned variances. */
  readonly batchSize?: number;
  /** Share of fresh noise from 0 to 1, in DDIM (by default none) and TCD (0.3). Other schedulers do not read it. */
  readonly eta?: number;
  /** Positions that a flow's network attends to in one picture. Read only where the folder shifts by size. */
  readonly imageTokens?: number;
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
  const eta = override.eta ?? (className === 'TCDScheduler' ? TCD_GAMMA : 0);
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number from 1 up; got ${batchSize}.`);
  }
  if (!(eta >= 0 && eta <= 1)) throw new RangeError(`eta must be from 0 to 1; got ${eta}.`);
  return plans[className](settings, steps, batchSize, { eta, imageTokens: override.imageTokens });
}

/** What only some processes read. */
interface Extras {
  readonly eta: number;
  readonly imageTokens: number | undefined;
}

const plans: Readonly<
  Record<ClassName, (settings: Settings, steps: number, batchSize: number, extras: Extras) => Scheduler>
> = {
  DDPMScheduler: planDdpm,
  DDIMScheduler: (settings, steps, batchSize, { eta }) => planDdim(settings, steps, batchSize, eta),
  EulerDiscreteScheduler: planEuler,
  EulerAncestralDiscreteScheduler: planEulerAncestral,
  HeunDiscreteScheduler: planHeun,
  KDPM2DiscreteScheduler: (settings, steps, batchSize) => planDpm2(settings, steps, batchSize, false),
  KDPM2AncestralDiscreteScheduler: (settings, steps, batchSize) => planDpm2(settings, steps, batchSize, true),
  LMSDiscreteScheduler: planLms,
  PNDMScheduler: planPndm,
  DPMSolverMultistepScheduler: planDpmSolverMultistep,
  DPMSolverSinglestepScheduler: planDpmSolverSinglestep,
  UniPCMultistepScheduler: planUniPc,
  DEISMultistepScheduler: planDeis,
  LCMScheduler: planLcm,
  TCDScheduler: (settings, steps, batchSize, { eta }) => planTcd(settings, steps, batchSize, eta),
  UnCLIPScheduler: planUnClip,
  FlowMatchEulerDiscreteScheduler: (settings, steps, batchSize, { imageTokens }) =>
    planFlowMatchEuler(settings, steps, batchSize, imageTokens),
};

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
  const settings = readSettings(
    config,
    classDefaults(className, isRelated(own) || isBuiltIn(own) ? own : className),
  );
  const fixed: Partial<Settings> = preset?.fixed ?? {};
  return { className, settings: { ...settings, ...fixed } };
}

function isBuiltIn(name: unknown): name is ClassName {
  return (classNames as readonly unknown[]).includes(name);
}

function isRelated(name: unknown): name is string {
  return (relatedClasses as readonly unknown[]).includes(name);
}
