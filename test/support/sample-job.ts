// A request as the studio would hand it to the queue.

import type { JobParams, NewJob } from '../../src/queue/job.ts';

let made = 0;

export const sampleParams: JobParams = {
  model: 'emoji',
  width: 64,
  height: 64,
  steps: 4,
  scheduler: 'ddim',
  guidanceScale: 4,
  prompt: 'a red heart',
  negativePrompt: '',
  seed: 7,
  count: 1,
};

/** A new request with a key of its own, changed as told. */
export function sampleJob(changes: Partial<NewJob> = {}): NewJob {
  made += 1;
  return {
    key: `event-${made}`,
    requester: { platform: 'console', id: 'ada', name: 'Ada' },
    channel: 'studio',
    params: sampleParams,
    ...changes,
  };
}
