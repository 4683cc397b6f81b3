// Text in Slack's own markup. Everything that people wrote is escaped and marked as verbatim, so it can neither ping nor
// link. Knows no views.

import type { types } from '@slack/bolt';

const MAX_TEXT = 2900;

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What Slack escaped in a text that it sends. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What a person wrote, of a text in which Slack has marked its links, people and channels. */
export function written(text: string): string {
  const said = text.replaceAll(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, target: string, label?: string) => {
    if (/^https?:/i.test(target)) return target;
    const sign = /^[@#]/.exec(target)?.[0] ?? '';
    if (sign) return label ? `${sign}${label.replace(/^[@#]/, '')}` : target;
    return label ?? target.replace(/^!/, '@');
  });
  return unescaped(said);
}

/** The same, but people, groups and channels stay marked, by their ids alone: labels may hold spaces. */
export function withMentions(text: string): string {
  const marks = text.split(/(<(?:@|#|!subteam\^)[^<>|]+(?:\|[^<>]*)?>)/);
  return marks.map((part, i) => (i % 2 ? part.replace(/\|[^<>]*>$/, '>') : written(part))).join('');
}

/** At most so many units of UTF-16, as Slack counts; never half a letter. */
export function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : text;
}

/** The same, with a sign that something is missing. */
export function short(text: string, most: number): string {
  return text.length > most ? `${cut(text, most - 1)}…` : text;
}

/** Escaped text within Slack's limit, never cut within an entity or a channel's mark. */
export function clipped(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).replace(/(?:&[a-z]*|<[^>]*)$/, '')}…` : text;
}

/** Escaped text as an element. */
export function verbatim(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text: clipped(text) || ' ', verbatim: true };
}

export function section(text: string): types.SectionBlock {
  return { type: 'section', text: verbatim(text) };
}

export function context(text: string): types.ContextBlock {
  return { type: 'context', elements: [verbatim(text)] };
}

export function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: true };
}
