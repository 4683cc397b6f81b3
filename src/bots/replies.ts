// Answers in words for one person: lists, settings, what is here. Pure; knows no platform.

import { writeFlags, type ImagineFields } from '../core/prompt-line.ts';
import type { Style } from '../core/styles.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import type { Job } from '../queue/job.ts';
import { seedOf } from '../queue/seed.ts';
import type { Entry, Line, Overview } from './chat.ts';
import { short } from './short.ts';
import { recipeOf } from './views.ts';

function lineOf({ prompt, headline, jobId, href }: Entry): Line {
  return { text: `${short(prompt, 80)}: ${headline}`, code: jobId, ...(href && { href }) };
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export function queueWords({
  waiting,
  running,
  own,
  budget,
}: Pick<Overview, 'waiting' | 'running' | 'own' | 'budget'>): Line[] {
  const all = `${plural(running, 'request is', 'requests are')} being drawn, ${waiting} waiting.`;
  return [
    { text: waiting + running === 0 ? 'Nobody is waiting: yours would begin at once.' : all },
    ...own.map(lineOf),
    ...(budget ? [{ text: budget }] : []),
  ];
}

export function favoritesWords(favorites: readonly Entry[]): Line[] {
  return favorites.length === 0
    ? [{ text: 'You have marked nothing yet: put a ⭐ on a message of mine.' }]
    : [
        { text: 'Your favorites, the latest first. /show and an id brings one back.' },
        ...favorites.map(lineOf),
      ];
}

export function historyWords(recent: readonly Entry[]): Line[] {
  return recent.length === 0
    ? [{ text: 'You have not drawn anything yet: /imagine a red heart' }]
    : [{ text: 'Your pictures, the latest first. /show and an id brings one back.' }, ...recent.map(lineOf)];
}

export function settingsWords(defaults: ImagineFields): Line[] {
  const flags = writeFlags(defaults);
  return flags
    ? [
        { text: 'Your requests take this where they say nothing:', code: flags },
        { text: 'Change it with /settings and flags; /settings reset takes it away.' },
      ]
    : [
        {
          text: 'You have set nothing. /settings takes what a request takes, for example:',
          code: '--n 2 --steps 30',
        },
      ];
}

/** What is here to draw with. */
export function infoWords({
  cards,
  styles,
  version,
}: {
  cards: readonly ModelCard[];
  styles: readonly Style[];
  version: string;
}): Line[] {
  return [
    { text: `Darkroom ${version}` },
    ...cards.map((card) => ({ text: modelWords(card), code: `--model ${card.name}` })),
    ...styles.map(({ name, description }) => ({ text: description || name, code: `--style ${name}` })),
  ];
}

function modelWords({ title, description, defaults, minSize, maxSize, imageToImage }: ModelCard): string {
  const sizes =
    minSize === maxSize
      ? ''
      : ` ${defaults.width} x ${defaults.height} pixels unless told, ${minSize} to ${maxSize} a side.`;
  return `${title}: ${description}${sizes}${imageToImage ? '' : ' It can not start from a picture.'}`;
}

export function recipeWords(job: Job, card?: ModelCard): Line[] {
  return [
    { text: 'Typed again, this gives the same pictures on the same model:', code: recipeOf(job, card) },
    { text: 'Their id, for /show:', code: job.id },
  ];
}

/** What comes with pictures that are sent to somebody: what they may want to type later. */
export function sentWords(job: Job, card?: ModelCard): Line[] {
  const { seed, count, prompt } = job.params;
  const seeds = Array.from({ length: count }, (_, i) => seedOf(seed, i)).join(', ');
  return [{ text: prompt }, { text: count === 1 ? 'Seed' : 'Seeds', code: seeds }, ...recipeWords(job, card)];
}
