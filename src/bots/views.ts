// A ticket as a message shows it, in the same words on every platform.

import { writeFlags, type ImagineFields } from '../core/prompt-line.ts';
import type { Ticket } from '../core/watch.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { recipeLine } from '../pipeline/recipe.ts';
import { isOver, type Job, type JobParams } from '../queue/job.ts';
import type { Standing } from '../queue/line.ts';
import type { Control, Draft, View } from './chat.ts';
import { duration } from './duration.ts';
import { starts } from './waiting.ts';

const again: Control = { action: 'rerun', emoji: '🔁', label: 'Again' };
const remix: Control = { action: 'remix', emoji: '✏️', label: 'Remix' };
const cancel: Control = { action: 'cancel', emoji: '❌', label: 'Cancel' };
const keep: Control = { action: 'keep', emoji: '⏹️', label: 'Stop & keep' };
const share: Control = { action: 'share', emoji: '📢', label: 'Share' };
const report: Control = { action: 'report', emoji: '⚠️', label: 'Report' };
const remove: Control = { action: 'remove', emoji: '🗑️', label: 'Delete' };

function each(job: Job, action: 'upscale' | 'vary', emoji: string, name: string): Control[] {
  const only = job.images.length === 1;
  return job.images.map((_, index) => ({
    action,
    index,
    emoji,
    label: only ? name : `${name} ${index + 1}`,
  }));
}

function picks({ params: { count } }: Job): Control[] {
  if (count === 1) return [];
  return Array.from({ length: count }, (_, index) => ({
    action: 'pick' as const,
    index,
    emoji: '👉',
    label: `Only ${index + 1}`,
  }));
}

function controls({ job, progress }: Ticket, imageToImage: boolean): Control[] {
  if (!isOver(job.status)) return progress ? [...picks(job), keep, cancel] : [cancel];
  return [
    ...each(job, 'upscale', '⬆️', 'Upscale'),
    ...(imageToImage ? each(job, 'vary', '🎨', 'Vary') : []),
    again,
    remix,
    // Asked for in a direct message there is nobody to share it with.
    ...(job.private && job.server !== undefined && job.status === 'done' ? [share] : []),
    // Where nobody else sees it there is nobody to report it.
    ...(job.images.length > 0 && job.server !== undefined && !job.private ? [report] : []),
    remove,
  ];
}

function headline({ job, standing, progress }: Ticket): string {
  switch (job.status) {
    case 'queued':
      return standing ? waiting(standing) : job.relaxed ? 'In line for an idle device' : 'In line';
    case 'running':
      return progress ? `Developing, step ${progress.step} of ${progress.of}` : 'Developing';
    case 'done':
      return [`Done in ${took(job)}`, ...notes(job)].join(', ');
    case 'failed':
      return job.error ?? 'Something went wrong.';
    case 'canceled':
      return 'Canceled';
  }
}

function waiting({ ahead, startsIn, startsWithin, takes, stalled }: Standing): string {
  const place = ahead === 0 ? 'Next in line' : `In line, ${ahead} ahead of you`;
  if (stalled !== undefined) return `${place}, but nothing can be drawn now. ${stalled}`;
  if (startsIn === undefined || takes === undefined) return place;
  return `${place}: ${starts(startsIn, startsWithin)}, takes about ${duration(takes)}`;
}

/** What a person would wonder about. */
function notes({ id, images, params, parent, flagged }: Job): string[] {
  const { init, stop, model } = params;
  return [
    ...(images.length === 0 ? [`and removed since then: /show ${id} draws it again`] : []),
    ...(stop === undefined ? [] : [`stopped after step ${stop}`]),
    ...(flagged?.length ? ["flagged by the model's safety checker"] : []),
    ...(parent?.how === 'upscale'
      ? [
          init?.strength
            ? 'drawn again at a higher resolution'
            : `enlarged without drawing: ${model} can not draw at this size`,
        ]
      : []),
  ];
}

function took({ startedAt, finishedAt }: Job): string {
  return startedAt && finishedAt ? duration((finishedAt.getTime() - startedAt.getTime()) / 1000) : 'time';
}

/** The picture it started from, in the words of a request. */
function sourceOf({ init }: JobParams): ImagineFields {
  return init ? { image: { from: 'store', ids: init.images }, strength: init.strength } : {};
}

/** "/imagine …" with every parameter. A model that avoids something by itself has to be told when nothing was avoided. */
export function recipeOf({ params }: Job, card?: ModelCard): string {
  const { negativePrompt } = params;
  const none = !negativePrompt && card?.defaults.negativePrompt ? { negativePrompt } : {};
  return [recipeLine(params), writeFlags({ ...none, ...sourceOf(params) })].filter(Boolean).join(' ');
}

/** What a form over a job with these parameters begins with. */
export function draftOf(params: JobParams, card?: ModelCard): Draft {
  const { prompt, negativePrompt, seed: _, stop: __, init: ___, ...rest } = params;
  const none = !negativePrompt && !card?.defaults.negativePrompt;
  const flags = writeFlags({ ...(!none && { negativePrompt }), ...rest, ...sourceOf(params) });
  return { prompt, flags };
}

/** Alt text: what the picture should show and what it is. */
function alt({ prompt, count, model }: JobParams, index: number): string {
  const which = count > 1 ? `, picture ${index + 1} of ${count}` : '';
  return `${prompt}: drawn by the model ${model}${which}`;
}

/** `card`: of the model that draws it, where it is still there. */
export function viewOf(ticket: Ticket, card: ModelCard | undefined): View {
  const { job, progress } = ticket;
  const { prompt } = job.params;
  return {
    jobId: job.id,
    status: job.status,
    by: job.requester,
    prompt,
    headline: headline(ticket),
    recipe: recipeOf(job, card),
    ...(progress && { progress: { step: progress.step, of: progress.of } }),
    ...(progress?.preview && {
      preview: {
        ...progress.preview,
        alt: `${prompt}: a preview at step ${progress.step} of ${progress.of}`,
      },
    }),
    pictures: job.images.map((id, i) => ({
      id,
      alt: alt(job.params, i),
      ...(job.flaggedAs === 'spoiler' && job.flagged?.includes(i) && { spoiler: true as const }),
    })),
    controls: controls(ticket, card?.imageToImage ?? false),
    ...(job.private && { private: true as const }),
  };
}
