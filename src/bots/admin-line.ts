// Admins' commands as typed text, and written as such again. What a command may be stands in core/admin/table.ts.

import type { AdminCommand } from '../core/admin/command.ts';
import { mark, namesAreIds, readMention, type Mentions } from '../core/admin/mention.ts';
import { adminCommandOf, type OptionValue } from '../core/admin/read.ts';
import { readSpan, secondsIn, writeSpan } from '../core/admin/span.ts';
import {
  adminCommands,
  exampleOf,
  unitWords,
  type AdminForm,
  type AdminOption,
} from '../core/admin/table.ts';
import type { Who } from '../core/rules.ts';
import { UserError } from '../core/user-error.ts';

/** Words that may stand between others and say nothing. */
const FILLERS = new Set(['a', 'an', 'per', 'each', 'every', 'to', 'of', 'in', 'device', 'time']);

/** "quota set everyone 50 pictures per day" to a command, or a UserError that shows the right form. */
export function parseAdminLine(text: string, mentions: Mentions = namesAreIds): AdminCommand {
  const words = wordsOf(text.replace(/^\s*\/?darkroom\b/iu, ''));
  const found = formOf(words);
  if (!found) {
    if (words.length === 0) return { kind: 'help' };
    throw new UserError(
      `There is no /darkroom ${words.slice(0, 2).join(' ')}. /darkroom help names all commands.`,
    );
  }
  const { form, rest } = found;
  return adminCommandOf(form.name, optionsOf(form, rest, mentions), mentions);
}

/** By two words, by one, and by the first of a group, which shows it. */
function formOf(words: readonly string[]): { form: AdminForm; rest: string[] } | undefined {
  const named = (name: string, length: number) => {
    const form = adminCommands.find((each) => each.name === name.toLowerCase());
    return form && { form, rest: words.slice(length) };
  };
  const [first = ''] = words;
  return named(words.slice(0, 2).join(' '), 2) ?? named(first, 1) ?? named(`${first} show`, 1);
}

/** Words: a mention is one, and so is what stands in quotes. */
const wordsOf = (text: string): string[] => text.match(/["“][^"“”]*["”](?!\S)|<[^<>]*>|\S+/gu) ?? [];

const QUOTED = /^["“]([^"“”]*)["”]$/u;

/** One text of words; quotes around all of it say nothing. */
const textOf = (words: readonly string[]): string => words.join(' ').replace(QUOTED, '$1');

type Options = Record<string, OptionValue>;

function optionsOf(form: AdminForm, words: readonly string[], mentions: Mentions): Options {
  const options: Options = {};
  let left = [...words];
  const wrong = (): UserError => new UserError(`Write it like this: ${exampleOf(form)}`);
  const text = form.options.find(({ kind, after }) => kind === 'text' && !after);
  // What stands behind a word of its own is found wherever it is.
  for (const option of form.options.filter(({ after }) => after)) {
    const at = placeOf(option, left, text !== undefined);
    if (at < 0) continue;
    const taken = take(option, left.slice(at + 1), mentions);
    if (!taken) throw wrong();
    options[option.name] = taken.value;
    if (taken.unit !== undefined) options[UNIT_OF_BURST] = taken.unit;
    left = [...left.slice(0, at), ...taken.rest];
  }
  const plain = form.options.filter(({ after, kind }) => !after && kind !== 'text');
  for (const option of plain) {
    if (!option.orOff) while (left.length > 0 && FILLERS.has(left[0]!.toLowerCase())) left.shift();
    if (option.orOff && left[0]?.toLowerCase() === 'off') {
      left.shift();
      continue;
    }
    const taken = take(option, left, mentions);
    if (taken) {
      options[option.name] = taken.value;
      left = taken.rest;
    } else if (option.required || option.orOff) throw wrong();
  }
  if (text && left.length > 0) options[text.name] = textOf(left);
  else if (!left.every((word) => plain.some(({ name }) => saysAgain(word.toLowerCase(), name))))
    throw wrong();
  return inOneUnit(options, wrong);
}

/** "30 days" where days are meant anyway. */
const saysAgain = (word: string, name: string): boolean => word === name || `${word}s` === name;

/**
 * Where the word is that an option stands behind; -1: nowhere. Beside free text a time is one right behind the first
 * word, or at the end: "@ada for 7 days asking for more".
 */
function placeOf({ after = [], kind }: AdminOption, words: readonly string[], besideText: boolean): number {
  const places = words.flatMap((word, at) => (after.includes(word.toLowerCase()) ? [at] : []));
  if (kind !== 'duration' || !besideText) return places[0] ?? -1;
  const isTime = (at: number): boolean => {
    const span = takeSpan(words.slice(at + 1));
    return span !== undefined && (at === 1 || span.rest.length === 0);
  };
  return places.find(isTime) ?? -1;
}

const UNIT_OF_BURST = 'unit of burst';

/** A burst may be said in another unit of time than its limit. */
function inOneUnit({ [UNIT_OF_BURST]: other, ...options }: Options, wrong: () => UserError): Options {
  const { unit, amount, burst } = options;
  if (other === undefined || other === unit) return options;
  const [each, eachOfBurst] = [secondsIn(String(unit)), secondsIn(String(other))];
  if (each === undefined || eachOfBurst === undefined) throw wrong();
  return { ...options, unit: 'seconds', amount: Number(amount) * each, burst: Number(burst) * eachOfBurst };
}

interface Taken {
  value: OptionValue;
  /** What stands behind it. */
  rest: string[];
  /** Of a burst, where it is said. */
  unit?: string;
}

function take(option: AdminOption, words: readonly string[], mentions: Mentions): Taken | undefined {
  const [word, ...rest] = words;
  if (word === undefined) return undefined;
  switch (option.kind) {
    case 'number':
      return takeNumber(option, word, rest);
    case 'duration':
      return takeSpan(words);
    case 'choice': {
      const value = choiceOf(option.choices ?? [], word.toLowerCase());
      return value === undefined ? undefined : { value, rest };
    }
    case 'flag':
      return /^(on|yes|off|no)$/iu.test(word) ? { value: /^(on|yes)$/iu.test(word), rest } : undefined;
    case 'who':
      if (/^(everyone|server)$/iu.test(word)) return { value: word.toLowerCase(), rest };
      return readMention(word, mentions) && { value: word, rest };
    case 'person':
    case 'role':
    case 'channel':
      return readMention(word, mentions) && { value: word, rest };
    case 'text':
      return { value: textOf([word]), rest };
  }
}

/** A unit may stick to it: "2h". */
function takeNumber({ name }: AdminOption, word: string, rest: string[]): Taken | undefined {
  const [, number, glued] = /^(\d+(?:\.\d+)?)([a-z]+)?$/iu.exec(word) ?? [];
  if (number === undefined) return undefined;
  const behind = glued === undefined ? rest : [glued, ...rest];
  const unit = name === 'burst' ? choiceOf(unitWords, behind[0]?.toLowerCase() ?? '') : undefined;
  if (unit === undefined) return { value: Number(number), rest: behind };
  return { value: Number(number), rest: behind.slice(1), unit };
}

/** "7 days" or "7d". */
function takeSpan([word = '', next = '', ...rest]: readonly string[]): Taken | undefined {
  if (readSpan(word) !== undefined) return { value: word, rest: next === '' ? rest : [next, ...rest] };
  const span = `${word} ${next}`;
  return readSpan(span) === undefined ? undefined : { value: span, rest };
}

/** One of the choices, in whatever number and spelling a unit of time is typed. */
function choiceOf(choices: readonly string[], word: string): string | undefined {
  const exact = choices.find((choice) => choice === word);
  if (exact !== undefined) return exact;
  if (choices.includes('pictures')) {
    if (/^(pictures?|images?)$/u.test(word)) return 'pictures';
    const seconds = secondsIn(word);
    return seconds === 1 ? 'seconds' : seconds === 60 ? 'minutes' : seconds === 3600 ? 'hours' : undefined;
  }
  const plural = word.replace(/s$/u, '');
  return choices.find((choice) => choice === plural);
}

/** The command as it would be typed, for the audit log. */
export function commandText(command: AdminCommand): string {
  const form = adminCommands.find(({ name }) => name === command.kind);
  const said = new Map<string, unknown>(Object.entries(command));
  const words = (form?.options ?? []).map(({ name, orOff }) => {
    const value = said.get(name === 'for' ? 'seconds' : name);
    return value === undefined ? (orOff ? 'off' : '') : wordFor(name, value);
  });
  return [command.kind, ...words].filter(Boolean).join(' ');
}

function wordFor(name: string, value: unknown): string {
  switch (name) {
    case 'who':
      return whoText(value as Who);
    case 'person':
    case 'role':
    case 'channel':
      return mark(name, String(value));
    case 'for':
      return `for ${writeSpan(Number(value))}`;
    case 'on':
      return value ? 'on' : 'off';
    case 'burst':
    case 'by':
      return `${name} ${String(value)}`;
    case 'model':
      return `model ${wordsOf(String(value)).length === 1 ? String(value) : quoted(String(value))}`;
    case 'reason':
    case 'rule':
      return isPlain(String(value)) ? String(value) : quoted(String(value));
    case 'names':
      return (value as string[]).join(', ');
    default:
      return String(value);
  }
}

/** Typed as it is it is read again as it is. */
const isPlain = (text: string): boolean => textOf(wordsOf(text)) === text && !/(^|\s)for\s/iu.test(text);

const quoted = (text: string): string => (text.includes('"') ? text : `"${text}"`);

function whoText(who: Who): string {
  if (who === 'server' || who === 'everyone') return who;
  const at = who.indexOf(':');
  return mark(who.slice(0, at) as 'role' | 'person', who.slice(at + 1));
}
