/**
 * The one door to the schedulers: from a model folder's configuration to a planned reverse process.
 */
import { classDefaults } from './class-defaults.ts';
import { readSettings, type SchedulerConfig, type Settings } from './config.ts';
import { planDdim } from './ddim.ts';
import { planDdpm } from './ddpm.ts';
import { planDeis } from './deis.ts';
import { planDpmSolverSde } from './dpm-solver-sde.ts';
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
  builtInClass,
  classNames,
  presetFor,
  schedulersFor,
  type ClassName,
  type SchedulerName,
} from './presets.ts';
import { UnsupportedScheduler, type Scheduler } from './scheduler.ts';
import { planTcd } from './tcd.ts';
import { planUnClip } from './unclip.ts';
import { planUniPc } from './unipc.ts';

export { inTurns } from './in-turns.ts';
export { parseSchedulerConfig, type SchedulerConfig } from './config.ts';
export { schedulerNames, schedulersFor, type SchedulerName } from './presets.ts';
export { UnsupportedScheduler, type PredictionType, type Scheduler, type Step } from './scheduler.ts';

/** What TCD's authors recommend. */
const TCD_GAMMA = 0.3;

/** What a caller may change of the folder's plan. */
export interface SchedulerOverride {
  /** Another scheduler over the same noise schedule; `default` and nothing are the one that the folder names. */
  readonly className?: SchedulerName;
  /** How many samples lie end to end in each array (1). Read only for thresholding and learned variances. */
  readonly batchSize?: number;
  /** Share of fresh noise from 0 to 1, in DDIM (by default none) and TCD (0.3). Other schedulers do not read it. */
  readonly eta?: number;
  /** Positions that a flow's network attends to in one picture. Read only where the folder shifts by size. */
  readonly imageTokens?: number;
  /** Flow levels go evenly from 1 to 1 / steps before any shift, instead of over the trained range. */
  readonly evenSigmas?: boolean;
  /**
   * Above 0 up to 1 (1): LCM and TCD spend all their steps below this share of the way, for a process that starts from
   * an image at step 0.
   */
  readonly strength?: number;
  /**
   * Of the Brownian motion that `dpm++sde` draws on, from 0 to 2^53: the picture's own seed. By default the one in
   * the folder, or 0. Other schedulers draw on the `noise` of their steps.
   */
  readonly noiseSeed?: number;
}

/**
 * Plans a reverse process of `steps` steps.
 * Throws UnsupportedScheduler for a class, field value or combination that is not built in, and RangeError where
 * steps, batchSize, eta or noiseSeed are out of range; both say what is allowed.
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
  const noiseSeed = override.noiseSeed ?? settings.noise_sampler_seed ?? 0;
  if (!Number.isSafeInteger(noiseSeed) || noiseSeed < 0) {
    throw new RangeError(`noiseSeed must be a whole number from 0 up; got ${noiseSeed}.`);
  }
  return plans[className](settings, steps, batchSize, {
    eta,
    noiseSeed,
    imageTokens: override.imageTokens,
    evenSigmas: override.evenSigmas ?? false,
    strength: override.strength ?? 1,
  });
}

/** What only some processes read. */
interface Extras {
  readonly eta: number;
  readonly imageTokens: number | undefined;
  readonly evenSigmas: boolean;
  readonly strength: number;
  readonly noiseSeed: number;
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
  DPMSolverSDEScheduler: (settings, steps, batchSize, { noiseSeed }) =>
    planDpmSolverSde(settings, steps, batchSize, noiseSeed),
  LMSDiscreteScheduler: planLms,
  PNDMScheduler: planPndm,
  DPMSolverMultistepScheduler: planDpmSolverMultistep,
  DPMSolverSinglestepScheduler: planDpmSolverSinglestep,
  UniPCMultistepScheduler: planUniPc,
  DEISMultistepScheduler: planDeis,
  LCMScheduler: (settings, steps, batchSize, { strength }) => planLcm(settings, steps, batchSize, strength),
  TCDScheduler: (settings, steps, batchSize, { eta, strength }) =>
    planTcd(settings, steps, batchSize, eta, strength),
  UnCLIPScheduler: planUnClip,
  FlowMatchEulerDiscreteScheduler: (settings, steps, batchSize, { imageTokens, evenSigmas }) =>
    planFlowMatchEuler(settings, steps, batchSize, imageTokens, evenSigmas),
};

function resolve(config: SchedulerConfig, name: SchedulerName | undefined) {
  const own = config['_class_name'];
  const preset = name === undefined || name === 'default' ? undefined : presetFor(config, name);
  const className = name === undefined || name === 'default' ? builtInClass(own) : preset?.className;
  if (className === undefined) throw new UnsupportedScheduler(refusal(config, name));
  const madeFor = typeof own === 'string' ? (builtInClass(own) ?? own) : className;
  const fixed: Partial<Settings> = preset?.fixed ?? {};
  return { className, settings: { ...readSettings(config, classDefaults(className, madeFor)), ...fixed } };
}

function refusal(config: SchedulerConfig, name: SchedulerName | undefined): string {
  const own = JSON.stringify(config['_class_name']) ?? '(no _class_name)';
  const fitting = schedulersFor(config);
  if (builtInClass(config['_class_name']))
    return `The scheduler ${name} cannot run this model, which was made for ${own}: choose ${fitting.join(', ')}.`;
  const instead = fitting.length > 0 ? ` A model made for it can be run with ${fitting.join(', ')}.` : '';
  return `The scheduler ${own} is not supported; supported are ${classNames.join(', ')}.${instead}`;
}
