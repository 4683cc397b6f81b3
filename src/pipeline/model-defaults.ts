// What people get when they say nothing: sizes, steps, guidance and scheduler that suit a kind of model. darkroom.json in
// the folder overrules it.

import type { ModelCard } from './model-card.ts';
import type { FamilyName } from './model-family.ts';
import { schedulersFor, type SchedulerConfig } from './schedulers/index.ts';

type Defaults = Pick<ModelCard['defaults'], 'steps' | 'guidanceScale' | 'scheduler'>;

export interface Kind {
  family: FamilyName;
  scheduler: SchedulerConfig;
  /** Its guidance is an input of the network, learned by distillation. */
  guidanceInput: boolean;
}

/** Numbers are those of the models' own cards and of diffusers' pipelines. */
export function defaultsFor(kind: Kind): Defaults {
  const { family, scheduler, guidanceInput } = kind;
  const own = { scheduler: 'default' } as const;
  switch (scheduler['_class_name']) {
    case 'LCMScheduler':
      return { ...own, steps: 4, guidanceScale: guidanceInput ? 8.5 : 1 };
    case 'TCDScheduler':
      return { ...own, steps: 4, guidanceScale: 0 };
  }
  if (isTurbo(scheduler)) return { ...own, steps: 4, guidanceScale: 0 };
  switch (family) {
    case 'sd3':
      return { ...own, steps: 28, guidanceScale: 7 };
    case 'flux':
      return guidanceInput
        ? { ...own, steps: 28, guidanceScale: 3.5 }
        : { ...own, steps: 4, guidanceScale: 0 };
    case 'stable-diffusion':
    case 'sdxl': {
      const usual = schedulersFor(scheduler).includes('dpm++2m') ? 'dpm++2m' : 'default';
      return { scheduler: usual, steps: 25, guidanceScale: family === 'sdxl' ? 5 : 7.5 };
    }
  }
}

/** Models distilled to few steps are published with Euler's method spaced from the end, which nobody else uses. */
function isTurbo(scheduler: SchedulerConfig): boolean {
  const euler = ['EulerDiscreteScheduler', 'EulerAncestralDiscreteScheduler'];
  return (
    euler.includes(String(scheduler['_class_name'])) &&
    scheduler['timestep_spacing'] === 'trailing' &&
    scheduler['prediction_type'] !== 'v_prediction' &&
    scheduler['rescale_betas_zero_snr'] !== true
  );
}
