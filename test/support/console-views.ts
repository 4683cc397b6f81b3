// What the console shows of one job, as the front desk makes it: a request to the card that the page is told of, in
// any state.

import type { View } from '../../src/bots/chat.ts';
import { viewOf } from '../../src/bots/views.ts';
import { completeRequest } from '../../src/core/request.ts';
import { parsePromptLine } from '../../src/core/prompt-line.ts';
import type { Job } from '../../src/queue/job.ts';
import type { Progress } from '../../src/workers/protocol.ts';
import { emojiCard } from './cards.ts';

const SECONDS = 4.2;

export const STEPS = emojiCard.defaults.steps;

/** A job that waits: `line` is what stands after /imagine. */
export function jobOf(line: string, id = 'job-1'): Job {
  const { private: isPrivate, ...options } = parsePromptLine(line);
  const { image } = options;
  const given = {
    model: emojiCard.name,
    randomSeed: () => 7,
    ...(image?.from === 'store' && {
      start: { ids: image.ids, size: [128, 128] as [number, number], strength: 0.6 },
    }),
  };
  return {
    id,
    key: `key of ${id}`,
    requester: { platform: 'console', id: 'local', name: 'You' },
    ...(isPrivate && { server: 'one-with-others' }),
    channel: 'main',
    params: completeRequest(options, [emojiCard], given),
    status: 'queued',
    attempt: 0,
    images: [],
    createdAt: new Date(),
    ...(isPrivate && { private: true }),
  };
}

export function queuedView(job: Job): View {
  return viewOf({ job, standing: { ahead: 0, startsIn: 0, takes: SECONDS } }, emojiCard);
}

export function runningView(job: Job, step: number, preview?: Uint8Array): View {
  const progress: Progress = {
    step,
    of: STEPS,
    ...(preview && { preview: { bytes: preview, type: 'image/png' } }),
  };
  return viewOf({ job: { ...job, status: 'running' }, progress }, emojiCard);
}

export function doneView(job: Job, images: string[]): View {
  const startedAt = new Date(0);
  const finishedAt = new Date(1000 * SECONDS);
  return viewOf({ job: { ...job, status: 'done', images, startedAt, finishedAt } }, emojiCard);
}

export function canceledView(job: Job): View {
  return viewOf({ job: { ...job, status: 'canceled' } }, emojiCard);
}

export function failedView(job: Job): View {
  const error = 'This could not be drawn: the device ran out of memory. Try fewer pictures with --n 1.';
  return viewOf({ job: { ...job, status: 'failed', error } }, emojiCard);
}
