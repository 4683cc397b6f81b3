// A ticket as a message shows it, in the same words on every platform.

import type { Ticket } from '../core/studio.ts';
import { recipeLine } from '../pipeline/recipe.ts';
import { isOver, type Job } from '../queue/job.ts';
import type { Control, View } from './chat.ts';

const again: Control = { action: 'rerun', emoji: '🔁', label: 'Again' };
const cancel: Control = { action: 'cancel', emoji: '❌', label: 'Cancel' };
const remove: Control = { action: 'remove', emoji: '🗑️', label: 'Delete' };

function vary(job: Job, index: number): Control {
  return {
    action: 'vary',
    index,
    emoji: '🎨',
    label: job.images.length === 1 ? 'Vary' : `Vary ${index + 1}`,
  };
}

function controls(job: Job, imageToImage: boolean): Control[] {
  if (!isOver(job.status)) return [cancel];
  const variations = imageToImage ? job.images.map((_, i) => vary(job, i)) : [];
  return [...variations, again, remove];
}

function headline({ job, ahead = 0, progress }: Ticket): string {
  switch (job.status) {
    case 'queued':
      return ahead === 0 ? 'Next in line' : `In line, ${ahead} ahead of you`;
    case 'running':
      return progress ? `Developing, step ${progress.step} of ${progress.of}` : 'Developing';
    case 'done':
      return `Done in ${seconds(job)}`;
    case 'failed':
      return job.error ?? 'Something went wrong.';
    case 'canceled':
      return 'Canceled';
  }
}

function seconds({ startedAt, finishedAt }: Job): string {
  if (!startedAt || !finishedAt) return 'time';
  const s = (finishedAt.getTime() - startedAt.getTime()) / 1000;
  return s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
}

function recipe({ params, parent }: Job): string {
  const line = recipeLine(params);
  return params.init && parent ? `${line} (varied from picture ${params.init.index + 1})` : line;
}

/** Alt text: what the picture should show and what it is. */
function alt(job: Job, index: number): string {
  const { prompt, count, model } = job.params;
  const which = count > 1 ? `, picture ${index + 1} of ${count}` : '';
  return `${prompt}: drawn by the model ${model}${which}`;
}

export function viewOf(ticket: Ticket, abilities: { imageToImage: boolean }): View {
  const { job, progress } = ticket;
  const { prompt } = job.params;
  return {
    jobId: job.id,
    status: job.status,
    by: job.requester,
    prompt,
    headline: headline(ticket),
    recipe: recipe(job),
    ...(progress && { progress: { step: progress.step, of: progress.of } }),
    ...(progress?.preview && {
      preview: {
        ...progress.preview,
        alt: `${prompt}: a preview at step ${progress.step} of ${progress.of}`,
      },
    }),
    pictures: job.images.map((id, i) => ({ id, alt: alt(job, i) })),
    controls: controls(job, abilities.imageToImage),
  };
}
