// A view as a Discord message: text, buttons and what a picture is called for those who do not see it. Pure; knows no
// network and no files' bytes.

import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
} from 'discord.js';
import { isOver } from '../../queue/job.ts';
import type { Action, Control, View, ViewPicture } from '../chat.ts';

const MAX_CONTENT = 2000;
const MAX_ALT = 1024;
const MAX_RECIPE = 1300;
const MAX_LABEL = 80;
const ROWS = 5;
const IN_A_ROW = 5;
const BAR = 10;

/** Everything that Discord would format, ping, link or unfurl stands as it was typed. */
export function escapeText(text: string): string {
  return text.replace(/[\\`*_~|<>[\]()#@]/g, '\\$&').replace(/:(?=\/\/)/g, '\\:');
}

/** At most `most` characters, the last of them an ellipsis when something is left out. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const letter of text) {
    if (kept.length + letter.length >= most) break;
    kept += letter;
  }
  return `${kept}…`;
}

function codeSpan(text: string): string {
  const safe = text.replaceAll('``', '`\u200b`');
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``;
}

function bar({ step, of }: { step: number; of: number }): string {
  const share = of > 0 ? Math.min(1, step / of) : 0;
  const full = Math.round(share * BAR);
  return `${'▰'.repeat(full)}${'▱'.repeat(BAR - full)} ${Math.round(share * 100)} %`;
}

export function contentOf(view: View): string {
  const lines = [
    escapeText(shorten(view.headline, 300)),
    ...(view.progress && !isOver(view.status) ? [bar(view.progress)] : []),
    codeSpan(shorten(view.recipe, MAX_RECIPE)),
  ];
  const below = lines.join('\n');
  const who = ` · <@${view.by.id}>`;
  let room = MAX_CONTENT - below.length - who.length - '****\n'.length;
  let prompt = escapeText(shorten(view.prompt, room));
  // Escaping may double the length, so what is left out is found by trying.
  while (prompt.length > MAX_CONTENT - below.length - who.length - '****\n'.length) {
    room = Math.floor(room * 0.8);
    prompt = escapeText(shorten(view.prompt, room));
  }
  return `**${prompt}**${who}\n${below}`;
}

/** Names each picture of a grid, in the order of reading. */
export function altOf(pictures: readonly ViewPicture[]): string {
  const [only] = pictures;
  if (pictures.length === 1 && only) return shorten(only.alt, MAX_ALT);
  const head = `${pictures.length} pictures in rows of two.`;
  const each = Math.floor((MAX_ALT - head.length) / pictures.length) - ' 1: .'.length;
  return `${head}${pictures.map(({ alt }, i) => ` ${i + 1}: ${shorten(alt, each)}.`).join('')}`;
}

export const shortAlt = (alt: string): string => shorten(alt, MAX_ALT);

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

export function rowsOf(controls: readonly Control[]): Row[] {
  const buttons = controls.slice(0, ROWS * IN_A_ROW).map(button);
  const rows: Row[] = [];
  for (let i = 0; i < buttons.length; i += IN_A_ROW)
    rows.push({ type: ComponentType.ActionRow, components: buttons.slice(i, i + IN_A_ROW) });
  return rows;
}

function button({ action, index, emoji, label }: Control): APIButtonComponent {
  const ends = action === 'cancel' || action === 'remove';
  return {
    type: ComponentType.Button,
    style: ends ? ButtonStyle.Danger : ButtonStyle.Secondary,
    custom_id: `darkroom:${action}${index === undefined ? '' : `:${index}`}`,
    emoji: { name: emoji },
    label: shorten(label, MAX_LABEL),
  };
}

const actions: readonly Action[] = ['rerun', 'vary', 'cancel', 'remove'];

/** What a button of ours means; undefined for one that is not. */
export function pressedIn(customId: string): { action: Action; index: number } | undefined {
  const [, name, index = '0'] = /^darkroom:([a-z]+)(?::(\d{1,2}))?$/.exec(customId) ?? [];
  const action = actions.find((a) => a === name);
  return action && { action, index: Number(index) };
}
