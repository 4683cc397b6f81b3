// What a typed line means, the same in the console, in a Slack mention and after Slack's /darkroom. Knows which
// commands there are, and nothing of how they are carried out.

import type { AdminCommand } from '../core/admin/command.ts';
import { adminCommands } from '../core/admin/table.ts';
import type { Mentions } from '../core/admin/mention.ts';
import { UserError } from '../core/user-error.ts';
import { parseAdminLine } from './admin-line.ts';
import { short } from './short.ts';

/** Letters of what was typed that an answer repeats. */
const MOST = 60;

/** A line that becomes an intent as it is. */
export type Asked =
  /** What follows "/imagine", options and all. */
  | { kind: 'imagine'; text: string }
  | { kind: 'show'; jobId: string }
  | { kind: 'history'; favorites?: boolean }
  | { kind: 'settings'; text?: string }
  | { kind: 'again' }
  | { kind: 'queue' }
  | { kind: 'info' }
  | { kind: 'usage' }
  | { kind: 'mydata'; what: 'export' }
  | { kind: 'mydata'; what: 'forget'; sure: boolean }
  | { kind: 'admin'; command: AdminCommand };

export type TypedLine =
  | Asked
  | { kind: 'help' }
  /** Not something we can do; `reply` says what is. */
  | { kind: 'unknown'; reply: string };

/** For suggestions and help: every command, what may stand behind it, and what it does. */
export const commands: readonly { name: string; takes?: string; description: string }[] = [
  { name: 'imagine', takes: 'words', description: 'Draws pictures from words' },
  { name: 'again', description: 'Your last request once more, with a new seed' },
  { name: 'show', takes: 'id', description: 'A picture of before, by the id that your history names' },
  {
    name: 'history',
    takes: 'favorites',
    description: 'Your latest pictures, or those you marked with a star',
  },
  { name: 'queue', description: 'Who is waiting, and how long it takes' },
  {
    name: 'settings',
    takes: 'options or reset',
    description: 'What your requests take when they say nothing',
  },
  { name: 'usage', description: 'What you have used, and what you may still use' },
  {
    name: 'mydata',
    takes: 'export or forget',
    description: 'All that is kept about you: as files, or taken away for good',
  },
  {
    name: 'darkroom',
    takes: 'command',
    description: 'For admins: who may use how much of what; /darkroom help',
  },
  { name: 'info', description: 'The models and styles here' },
  { name: 'help', description: 'What can be asked here, and how' },
];

/** First words of admins' commands: understood without /darkroom in front where that is said already. */
export const adminWords: ReadonlySet<string> = new Set(adminCommands.map(({ name }) => name.split(' ')[0]!));

export function readLine(line: string, mentions?: Mentions): TypedLine {
  const [, command, words = ''] = /^\s*(?:\/(\S*))?\s*([^]*)$/.exec(line) ?? [];
  const rest = words.trim();
  switch (command?.toLowerCase()) {
    case 'imagine':
      return { kind: 'imagine', text: rest };
    case 'show':
      return rest
        ? { kind: 'show', jobId: rest }
        : { kind: 'unknown', reply: 'Which one? Type /show and an id; /history names them.' };
    case 'history':
      return { kind: 'history', ...(/^fav/i.test(rest) && { favorites: true }) };
    case 'settings':
      return { kind: 'settings', ...(rest && { text: rest }) };
    case 'darkroom':
      return adminLine(rest || 'help', mentions);
    case 'mydata':
      return dataLine(rest.toLowerCase());
    case 'again':
    case 'usage':
    case 'queue':
    case 'info':
    case 'help':
      return { kind: command.toLowerCase() as 'again' | 'usage' | 'queue' | 'info' | 'help' };
    case undefined:
      return { kind: 'unknown', reply: `To draw it, put /imagine in front: /imagine ${example(rest)}` };
    default:
      return {
        kind: 'unknown',
        reply: `There is no /${short(command ?? '', MOST)} here. Try /imagine a red heart, or /help.`,
      };
  }
}

function adminLine(text: string, mentions?: Mentions): TypedLine {
  try {
    return { kind: 'admin', command: parseAdminLine(text, mentions) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'unknown', reply: error.message };
    throw error;
  }
}

function dataLine(words: string): TypedLine {
  const [what, sure] = words.split(/\s+/);
  if (what === 'export') return { kind: 'mydata', what };
  if (what === 'forget') return { kind: 'mydata', what, sure: sure === 'yes' };
  return {
    kind: 'unknown',
    reply: '/mydata export sends you all that is kept about you; /mydata forget takes it away for good.',
  };
}

function example(words: string): string {
  return short(words, MOST) || 'a red heart';
}
