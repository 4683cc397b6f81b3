// A view as Block Kit. Everything that people wrote is escaped or stands in rich text, and nothing is parsed, so a prompt
// can neither ping nor link. Knows the limits of blocks, not how they are sent.

import type { types } from '@slack/bolt';
import { isOver, type Requester } from '../../queue/job.ts';
import type { Line, View, Words } from '../chat.ts';
import { PLATFORM } from './address.ts';
import { rowsOf } from './controls.ts';
import { clipped, context, escaped, section, short } from './mrkdwn.ts';
import { wordsBlocks } from './words.ts';

const BAR = 10;
const MAX_ALT = 1900;
const MAX_PROMPT = 1000;
const MAX_RECIPE = 2000;

export interface Message {
  /** What notifications and screen readers say. */
  text: string;
  blocks: types.KnownBlock[];
}

/** A picture among Slack's files. */
export interface Shown {
  file: string;
  alt: string;
  /** What is to be said of it beneath. */
  caption?: string;
}

export function messageOf(view: View, more: { picture?: Shown; note?: Words } = {}): Message {
  const { by, headline, prompt } = view;
  const said = typeof more.note === 'string' ? more.note : (more.note?.[0]?.text ?? '');
  const blocks: types.KnownBlock[] = [
    section(escaped(short(prompt, MAX_PROMPT))),
    context(`${escaped(headline)}${bar(view)} · ${nameOf(by)}`),
    ...(more.picture ? [imageOf(more.picture)] : []),
    ...(more.picture?.caption ? [context(escaped(more.picture.caption))] : []),
    ...(more.note ? wordsBlocks(more.note) : []),
    ...(isOver(view.status) ? wordsBlocks([recipeOf(view)]) : []),
    ...rowsOf(view.controls, view.pictures.length),
  ];
  return { text: clipped(escaped(`${short(prompt, MAX_PROMPT)}: ${headline} ${said}`.trim())), blocks };
}

export function imageOf({ file, alt }: Shown): types.ImageBlock {
  return { type: 'image', slack_file: { id: file }, alt_text: short(alt, MAX_ALT) || ' ' };
}

/** One picture's words, or what a grid of several shows. */
export function gridAlt(view: View, shown: number): string {
  const first = view.pictures[0]?.alt ?? view.prompt;
  return shown === 1 ? first : `${shown} pictures in a grid, two in a row: ${view.prompt}`;
}

/** The recipe whole, for what is cut would draw something else; or what brings the message back. */
function recipeOf({ recipe, jobId }: View): Line {
  return recipe.length > MAX_RECIPE
    ? {
        text: 'The recipe is too long to stand here. "Show recipe" in the menu of this message gives it whole; this brings the message back:',
        code: `/show ${jobId}`,
      }
    : { text: 'Recipe:', code: recipe };
}

/** Who asked elsewhere has no name that Slack could point to. */
function nameOf({ platform, id, name }: Requester): string {
  return platform === PLATFORM ? `<@${escaped(id)}>` : escaped(short(name, 80));
}

function bar({ progress }: View): string {
  if (!progress) return '';
  const part = Math.min(1, progress.step / progress.of);
  const full = Math.round(part * BAR);
  return ` · ${'▰'.repeat(full)}${'▱'.repeat(BAR - full)} ${Math.round(part * 100)} %`;
}
