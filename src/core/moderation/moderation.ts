// Whether a prompt may be drawn, by its words: a server's rules and the list that comes with Darkroom. Asked before
// device time is spent. Pure but for the compiled rules that it keeps; knows no people and no pictures.

import type { Rules } from '../rules.ts';
import { UserError } from '../user-error.ts';
import { readingsOf, type Readings } from './normalize.ts';
import { finalClasses, standardClasses, type WordClass } from './standard-words.ts';
import { compileRules, MAX_PARTS, matchesOf, partsOf, type Match, type WordRules } from './word-rules.ts';

/** Why the words of a prompt may not be drawn. */
export interface WordRefusal {
  /** For the person: names the rule and the words, and says what to do. */
  message: string;
  /** As the admin wrote it; of the standard list the name of a class ("sexual violence"). */
  rule: string;
  /** In plain spelling, whatever was done to hide them. */
  words: string;
  from: 'standard' | 'server';
  /** Nobody may allow it. */
  final?: true;
}

const MAX_RULE = 80; // characters
/** Servers' rules that are kept compiled. */
const MAX_KEPT = 200;

const kept = new Map<string, WordRules>();
/** All classes of the list at once: each place of a prompt is looked at once. */
const listed = compileRules(
  [...finalClasses, ...standardClasses].flatMap(({ all, except }) => [...all.flat(), ...except]),
);
const setOf = new Map<readonly string[], ReadonlySet<string>>();

/**
 * Undefined where it may be drawn. Sexual pictures of minors are refused whatever a server's rules say; after them the
 * server's own rules come before the standard list.
 */
export function checkPrompt(
  prompt: string,
  { standardWords, words }: Pick<Rules, 'standardWords' | 'words'>,
): WordRefusal | undefined {
  const readings = readingsOf(prompt);
  const matches = matchesOf(listed, readings);
  return (
    refusalOf(finalClasses, matches) ??
    serverRefusal(words, readings) ??
    (standardWords ? refusalOf(standardClasses, matches) : undefined)
  );
}

function serverRefusal(words: readonly string[], readings: Readings): WordRefusal | undefined {
  if (words.length === 0) return undefined;
  const [match] = matchesOf(rulesFor(words), readings);
  if (!match) return undefined;
  const message = `“${match.words}” may not be drawn here (the rule “${match.rule}”). Ask for it in other words.`;
  return { message, rule: match.rule, words: match.words, from: 'server' };
}

function rulesFor(words: readonly string[]): WordRules {
  const key = words.join('\n');
  const rules = kept.get(key) ?? compileRules(words);
  kept.delete(key); // the one used last is the last to go
  kept.set(key, rules);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
  return rules;
}

function isListed(list: readonly string[], rule: string): boolean {
  const set = setOf.get(list) ?? new Set(list);
  setOf.set(list, set);
  return set.has(rule);
}

function refusalOf(classes: readonly WordClass[], matches: readonly Match[]): WordRefusal | undefined {
  for (const { name, all, except, final, advice } of classes) {
    const found = foundIn(all, except, matches);
    if (!found) continue;
    const words = found.map((match) => match.words).join('” and “');
    const then = final ? 'Nobody may allow it.' : 'Ask for something else, or in other words.';
    const what = final ? 'are never drawn' : 'may not be drawn here';
    const message = `${name[0]!.toUpperCase()}${name.slice(1)} ${what} (“${words}”). ${then}${advice ? ` ${advice}` : ''}`;
    return {
      message,
      rule: name,
      words: words.replaceAll('” and “', ', '),
      from: 'standard',
      ...(final && { final }),
    };
  }
  return undefined;
}

/** A match of each list, outside of the exceptions. */
function foundIn(
  all: WordClass['all'],
  except: readonly string[],
  matches: readonly Match[],
): Match[] | undefined {
  const innocent = matches.filter(({ rule }) => isListed(except, rule));
  const meant = matches.filter((match) => !innocent.some((phrase) => isWithin(match, phrase)));
  const found = all.map((list) => meant.find(({ rule }) => isListed(list, rule)));
  return found.every((match) => match !== undefined) ? found : undefined;
}

const isWithin = (match: Match, phrase: Match): boolean =>
  phrase.from <= match.from && match.next <= phrase.next;

/**
 * A rule as an admin writes it, with single spaces.
 *
 * @throws UserError when it can not be a rule; it says what is allowed.
 */
export function checkedRule(text: string): string {
  const rule = text.normalize('NFC').replace(/\s+/gu, ' ').replace(/\*+/g, '*').trim();
  const parts = partsOf(rule);
  const allowed =
    'A rule is a word or a phrase; * stands for any letters, as in gore*, or alone for any word.';
  if (!parts.some((part) => part !== '*')) throw new UserError(`${allowed} It needs a letter or a digit.`);
  if (Array.from(rule).length > MAX_RULE || parts.length > MAX_PARTS)
    throw new UserError(`A rule may have up to ${MAX_PARTS} words and ${MAX_RULE} characters.`);
  if (parts.some((part) => part.includes('*') && part !== '*' && part.replaceAll('*', '').length < 2))
    throw new UserError(`${allowed} Beside * a word needs two letters: “${rule}” would forbid too much.`);
  return rule;
}
