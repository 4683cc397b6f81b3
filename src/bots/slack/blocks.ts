// A view as Block Kit. Everything that people wrote is escaped and nothing is parsed, so a prompt can neither ping
// nor link. Knows the limits of blocks, not how they are sent.

import type { types } from '@slack/bolt';
import type { Action, Control, View } from '../chat.ts';

const BAR = 10;
const MAX_TEXT = 2900;
const MAX_ALT = 1900;
const MAX_LABEL = 75;

export interface Message {
  /** What notifications and screen readers say. */
  text: string;
  blocks: types.KnownBlock[];
}

/** The grid under a finished view. */
export interface Grid {
  file: string;
  alt: string;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What Slack escaped in a text that it sends. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function messageOf(view: View, more: { grid?: Grid; note?: string } = {}): Message {
  const over = view.status !== 'queued' && view.status !== 'running';
  const blocks: types.KnownBlock[] = [
    { type: 'section', text: words(escaped(short(view.prompt, 1000))) },
    context(`${escaped(view.headline)}${bar(view)} · <@${escaped(view.by.id)}>`),
  ];
  if (more.grid)
    blocks.push({
      type: 'image',
      slack_file: { id: more.grid.file },
      alt_text: short(more.grid.alt, MAX_ALT),
    });
  if (more.note) blocks.push({ type: 'section', text: words(escaped(short(more.note, 1000))) });
  if (over) blocks.push(context(escaped(view.recipe)));
  if (view.controls.length > 0) blocks.push({ type: 'actions', elements: view.controls.map(button) });
  const note = more.note ? ` ${more.note}` : '';
  return { text: clipped(escaped(`${short(view.prompt, 1000)}: ${view.headline}${note}`)), blocks };
}

/** One picture's words, or what a grid of several shows. */
export function gridAlt(view: View, shown: number): string {
  const first = view.pictures[0]?.alt ?? view.prompt;
  return shown === 1 ? first : `${shown} pictures in a grid, two in a row: ${view.prompt}`;
}

function bar({ progress }: View): string {
  if (!progress) return '';
  const part = Math.min(1, progress.step / progress.of);
  const full = Math.round(part * BAR);
  return ` · ${'▰'.repeat(full)}${'▱'.repeat(BAR - full)} ${Math.round(part * 100)} %`;
}

function words(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text: clipped(text) || ' ', verbatim: true };
}

function context(text: string): types.ContextBlock {
  return { type: 'context', elements: [words(text)] };
}

function button(control: Control): types.Button {
  const label = short(control.label, MAX_LABEL - 10);
  return {
    type: 'button',
    action_id: actionId(control),
    text: { type: 'plain_text', text: `${control.emoji} ${label}`, emoji: true },
    accessibility_label: label,
  };
}

function short(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most).join('')}…` : text;
}

/** Escaped text within Slack's limit, never cut within an entity. */
function clipped(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).replace(/&[a-z]*$/, '')}…` : text;
}

const PREFIX = 'darkroom';
export const ACTION_ID = /^darkroom:(rerun|vary|cancel|remove)(?::(\d+))?$/;

export function actionId({ action, index }: Pick<Control, 'action' | 'index'>): string {
  return index === undefined ? `${PREFIX}:${action}` : `${PREFIX}:${action}:${index}`;
}

export function readActionId(id: string): { action: Action; index: number } | undefined {
  const [, action, index] = ACTION_ID.exec(id) ?? [];
  return action ? { action: action as Action, index: Number(index ?? 0) } : undefined;
}
