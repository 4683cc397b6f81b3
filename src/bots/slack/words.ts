// Answers in words as rich text, whose letters Slack takes as they are: a recipe with asterisks can be copied, and
// nothing in it pings. Commands are named as they are typed on Slack.

import type { types } from '@slack/bolt';
import type { Line, Words } from '../chat.ts';
import type { Message } from './blocks.ts';
import { partsOf } from './marks.ts';
import { clipped, escaped, short } from './mrkdwn.ts';

export const IMAGINE = '/imagine';
export const DARKROOM = '/darkroom';

const MOST_LINES = 60;
const LINES_A_BLOCK = 20;
const LONGEST_LINE = 1000;
/** A thousand letters, which are at most two thousand units of UTF-16. */
const PIECES = /.{1,1000}/gsu;
const OURS = 'show|again|queue|history|info|settings|usage|mydata|help';
const IN_TEXT = new RegExp(`(^|[\\s(])/(?=(?:${OURS})\\b)`, 'g');
const AT_START = new RegExp(`^/(?=(?:${OURS})\\b)`);

/** Slack has two commands of ours; the others stand behind the second. */
function named(line: Line): Line {
  return {
    ...line,
    text: line.text.replaceAll(IN_TEXT, `$1${DARKROOM} `),
    ...(line.code !== undefined && { code: line.code.replace(AT_START, `${DARKROOM} `) }),
  };
}

function linesOf(words: Words): Line[] {
  const lines = typeof words === 'string' ? [{ text: words }] : words;
  const left = lines.length - MOST_LINES;
  const shown = left > 0 ? [...lines.slice(0, MOST_LINES), { text: `… and ${left} more.` }] : lines;
  return shown.map(named);
}

export function wordsMessage(words: Words): Message {
  const lines = linesOf(words);
  const all = lines.map(({ text, code }) => [marked(text), escaped(code ?? '')].filter(Boolean).join(' '));
  return { text: clipped(all.join('\n')) || ' ', blocks: wordsBlocks(words) };
}

/** As mrkdwn, which nobody is pinged by. */
function marked(text: string): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? escaped(part) : `<#${part.channel}>`))
    .join('');
}

export function wordsBlocks(words: Words): types.RichTextBlock[] {
  const lines = linesOf(words);
  return Array.from({ length: Math.ceil(lines.length / LINES_A_BLOCK) }, (_, i) => ({
    type: 'rich_text' as const,
    elements: lines.slice(i * LINES_A_BLOCK, (i + 1) * LINES_A_BLOCK).map(lineSection),
  }));
}

/** One line: what it says, what can be copied, and where it leads. */
export function lineSection({ text, code, href }: Line): types.RichTextSection {
  const elements: types.RichTextSection['elements'] = [
    ...partsOf(short(text, LONGEST_LINE)).map((part) =>
      typeof part === 'string'
        ? { type: 'text' as const, text: part }
        : { type: 'channel' as const, channel_id: part.channel },
    ),
    ...(code === undefined && text !== '' ? [] : [{ type: 'text' as const, text: ' ' }]),
  ];
  // Never cut, for it is to be copied: pieces side by side are one line to people.
  for (const piece of code?.match(PIECES) ?? [])
    elements.push({ type: 'text', text: piece, style: { code: true } });
  if (href) elements.push({ type: 'text', text: ' ' }, { type: 'link', url: href, text: 'open' });
  elements.push({ type: 'text', text: '\n' });
  return { type: 'rich_text_section', elements };
}
