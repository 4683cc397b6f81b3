// What somebody typed on Slack, as a typed line: with or without its slash, and an admin's command with or without
// "darkroom" in front. Knows how Slack writes down people and channels, not how a command is carried out.

import { adminCommands } from '../../core/admin/table.ts';
import type { Mentions } from '../../core/admin/mention.ts';
import { adminWords, commands, readLine, type TypedLine } from '../typed-line.ts';
import { withMentions, written } from './mrkdwn.ts';

const names = new Set(commands.map(({ name }) => name));
const PREFIX = /^\/?darkroom(?:\s+|$)/i;

/** A text in which nothing is marked: a command of ours, or something else. */
export function lineIn(words: string): TypedLine {
  return readLine(names.has(wordAt(words, 0)) ? `/${words}` : words);
}

/** A text in which Slack has marked its links, people and channels. */
export function lineFrom(text: string): TypedLine {
  const words = written(text).trim();
  const rest = words.replace(PREFIX, '').replace(/^\//, '');
  const own = names.has(wordAt(rest, 0)) && !saysAdmin(rest);
  if (PREFIX.test(words)) return own || rest === '' ? lineIn(rest || 'help') : adminLine(text);
  return saysAdmin(rest) ? adminLine(text) : lineIn(words);
}

/** "settings" and "help" are everybody's, but for "settings time-zone" and its like. */
function saysAdmin(words: string): boolean {
  const [first, second] = [wordAt(words, 0), wordAt(words, 1)];
  const whole = adminCommands.some(({ name }) => name === `${first} ${second}`);
  return whole || (adminWords.has(first) && !names.has(first));
}

function adminLine(text: string): TypedLine {
  const words = withMentions(text).trim().replace(PREFIX, '').replace(/^\//, '');
  let stranger: string | undefined;
  const mentions: Mentions = (sign, name) => {
    const known = idIn(sign, name);
    if (!known) stranger ??= `${sign}${name}`;
    return known;
  };
  const line = readLine(`/darkroom ${words}`, mentions);
  return line.kind === 'unknown' && stranger !== undefined
    ? {
        kind: 'unknown',
        reply: `Slack did not tell me who or what ${stranger} is. Pick it from the list that Slack shows while you type, or write its id behind ${stranger[0]}.`,
      }
    : line;
}

/** A name says nothing to us; an id does, which people copy from Slack's own menus. */
function idIn(sign: '@' | '#', name: string): ReturnType<Mentions> {
  if (sign === '@' && /^S[A-Z0-9]{6,}$/.test(name)) return { kind: 'role', id: name };
  if (sign === '@') return /^[UW][A-Z0-9]{2,}$/.test(name) ? { kind: 'person', id: name } : undefined;
  return /^[CG][A-Z0-9]{2,}$/.test(name) ? { kind: 'channel', id: name } : undefined;
}

function wordAt(words: string, index: number): string {
  return words.split(/\s+/)[index]?.toLowerCase() ?? '';
}
