// Rules of words and phrases, and where they match a text. A rule is words with a space between; `*` in a word stands
// for any letters, `*` alone for any one word. Knows no server and no list.
//
// No regular expression is made of a rule. Whole words are looked up, words with `*` are found by their longest piece
// in a tree of all such pieces, so the time grows with the text and hardly with the number of rules.

import { plainText, type Reading, type Readings } from './normalize.ts';

/** Where a rule matches: from this word up to the one at `next`. */
export interface Match {
  rule: string;
  from: number;
  next: number;
  /** What matches, in plain spelling. */
  words: string;
}

/** A rule may have so many words; a longer one matches nothing. */
export const MAX_PARTS = 8;
/** Of a piece so many letters are in the tree: the walk from each letter is no longer. */
const MAX_DEPTH = 16;
/** `*` alone. */
const ANY = -1;

interface Phrase {
  rule: string;
  /** Patterns by their index. */
  parts: readonly number[];
  /** Any words before the first part. */
  lead: number;
}

interface Glob {
  id: number;
  /** What stands between the asterisks. */
  pieces: readonly string[];
}

interface Branch {
  on: Map<string, Branch>;
  globs: Glob[];
}

export interface WordRules {
  /** By the word with its doubled letters made single. */
  exact: Map<string, { id: number; text: string }[]>;
  globs: Branch;
  /** By the first part. */
  phrases: Phrase[][];
}

/** Scripts that put no space between words: a word there is looked for inside others. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The parts of a rule: its words in plain spelling, with their asterisks. */
export function partsOf(rule: string): string[] {
  const plain = plainText(rule).replace(/[^\p{L}\p{M}\p{N}*]+/gu, ' ');
  return plain.split(' ').flatMap((part) => (part === '' ? [] : [part.replace(/\*+/g, '*')]));
}

/** Rules without a letter match nothing. */
export function compileRules(rules: readonly string[]): WordRules {
  const compiled: WordRules = { exact: new Map(), globs: { on: new Map(), globs: [] }, phrases: [] };
  const ids = new Map<string, number>();
  for (const rule of new Set(rules)) {
    const parts = partsOf(rule);
    const lead = parts.findIndex((part) => part !== '*');
    if (lead < 0 || parts.length > MAX_PARTS) continue;
    const numbers = parts.slice(lead).map((part) => (part === '*' ? ANY : idOf(part, ids, compiled)));
    (compiled.phrases[numbers[0]!] ??= []).push({ rule, parts: numbers, lead });
  }
  return compiled;
}

function idOf(part: string, ids: Map<string, number>, compiled: WordRules): number {
  const known = ids.get(part);
  if (known !== undefined) return known;
  const id = ids.size;
  ids.set(part, id);
  const pattern = UNSPACED.test(part) ? `*${part}*`.replace(/\*+/g, '*') : part;
  if (pattern.includes('*')) plant(compiled.globs, { id, pieces: pattern.split('*') });
  else {
    const key = singled(pattern);
    compiled.exact.set(key, [...(compiled.exact.get(key) ?? []), { id, text: pattern }]);
  }
  return id;
}

function plant(root: Branch, glob: Glob): void {
  const longest = glob.pieces.reduce((a, b) => (b.length > a.length ? b : a));
  let at = root;
  for (const unit of longest.slice(0, MAX_DEPTH).split('')) {
    const branch = at.on.get(unit) ?? { on: new Map(), globs: [] };
    at.on.set(unit, branch);
    at = branch;
  }
  at.globs.push(glob);
}

/** All matches in a text. */
export function matchesOf(rules: WordRules, readings: Readings): Match[] {
  const known = new Map<string, Set<number>>();
  const patternsOf = (word: string): Set<number> => {
    const found = known.get(word) ?? patternsIn(rules, word);
    known.set(word, found);
    return found;
  };
  const isPart = (part: number, word: string): boolean => part === ANY || patternsOf(word).has(part);
  return readings.flatMap((here, from) =>
    here.flatMap((reading) =>
      [...patternsOf(reading.text)].flatMap((id) =>
        (rules.phrases[id] ?? []).flatMap((phrase) => {
          const end = phrase.lead <= from ? endOf(phrase, reading, readings, isPart) : undefined;
          return end ? [{ rule: phrase.rule, from: from - phrase.lead, ...end }] : [];
        }),
      ),
    ),
  );
}

/** Where a phrase that begins with this reading ends. By places, not by paths: many readings stay cheap. */
function endOf(
  { parts }: Phrase,
  first: Reading,
  readings: Readings,
  isPart: (part: number, word: string) => boolean,
): { next: number; words: string } | undefined {
  let ends = new Map([[first.next, first.text]]);
  for (const part of parts.slice(1)) {
    const further = new Map<number, string>();
    for (const [at, words] of ends)
      for (const { text, next } of readings[at] ?? [])
        if (!further.has(next) && isPart(part, text)) further.set(next, `${words} ${text}`);
    if (further.size === 0) return undefined;
    ends = further;
  }
  const [next, words] = [...ends][0]!;
  return { next, words };
}

function patternsIn(rules: WordRules, word: string): Set<number> {
  const found = new Set<number>();
  for (const { id, text } of rules.exact.get(singled(word)) ?? []) if (isSpelled(word, text)) found.add(id);
  if (rules.globs.on.size > 0)
    for (const spelling of squeezed(word)) collectGlobs(rules.globs, spelling, found);
  return found;
}

function collectGlobs(root: Branch, word: string, found: Set<number>): void {
  const tried = new Set<Glob>();
  for (let start = 0; start < word.length; start++) {
    let at: Branch | undefined = root;
    for (let i = start; at; i++) {
      for (const glob of at.globs)
        if (!tried.has(glob)) {
          tried.add(glob);
          if (fits(glob.pieces, word)) found.add(glob.id);
        }
      at = i < word.length ? at.on.get(word[i]!) : undefined;
    }
  }
}

/** Whether a word is these pieces with any letters between them. The leftmost place of each is the best. */
function fits(pieces: readonly string[], word: string): boolean {
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  if (word.length < first.length + last.length || !word.startsWith(first) || !word.endsWith(last))
    return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const place = word.indexOf(piece, at);
    if (place < 0) return false;
    at = place + piece.length;
  }
  return at <= word.length - last.length;
}

const DOUBLED = /(.)\1/su;
const singled = (word: string): string => (!DOUBLED.test(word) ? word : word.replace(/(.)\1+/gsu, '$1'));

/** The word, and what it may be when letters were doubled to hide it. */
function squeezed(word: string): string[] {
  if (!DOUBLED.test(word)) return [word];
  const runs = word.match(/(.)\1*/gsu) ?? [];
  const cut = (to: (run: string[]) => number): string =>
    runs
      .map((run) =>
        Array.from(run)
          .slice(0, to(Array.from(run)))
          .join(''),
      )
      .join('');
  const found = new Set([word]);
  if (runs.some((run) => Array.from(run).length > 2))
    for (const most of [1, 2]) found.add(cut((run) => (run.length > 2 ? most : run.length)));
  if (runs.every((run) => Array.from(run).length % 2 === 0)) found.add(cut((run) => run.length / 2));
  return [...found];
}

/**
 * English words that are another word with one letter doubled. A letter doubled once is a disguise ("nudde") but for
 * these; doubled twice, or tripled, always.
 */
const ordinary = new Set(
  (
    'assess asset assets ball balls barred barring bass batter battle beet been bell bells better bill billed billing ' +
    'bitter bloody bloom bottle boot boots brass bunny butter button buttons call cannon carrot cattle chess class ' +
    'coffee common cool cotton cross desserts dessert dinner dining doll dolls dolly dress feed feeds feel feet filled ' +
    'filling folly food fool foot free funny gallery glass gloom good goods goose grass green gripped gripping hell ' +
    'hill hobby holly hood hoods hoop hoops hopped hopping jolly keen keep kettle kill kitten latter letter litter ' +
    'little lobby loop loops loose looser mass matter meet meets mitten mood moon moose need needs noon parrot pass ' +
    'passes pattern patter peel pill pinning planned planning pool pools press queen rapped rapper rappers rapping ' +
    'reed reel rooms room root roots rotten screen seed seeds seek seen settle scarred scarring sheep sheet shoot ' +
    'shooter shooting shoots sitter sitting sleep slopping soon starred starring steel stool street stripped stripping ' +
    'sunny sweep sweet tapped tapping tarred tattoo teen three tool tooth tree trees troop troops week weep will ' +
    'winning wood woods wool yell'
  ).split(' '),
);
/** Shorter words are too like others. */
const MIN_DOUBLED = 4;

/** Whether a word is the other one, perhaps with letters doubled; both are alike with all letters single. */
function isSpelled(word: string, rule: string): boolean {
  if (word === rule) return true;
  const [long, short] = [word, rule].map((text) => (text.match(/(.)\1*/gsu) ?? []).map((run) => run.length));
  let doubled = 0;
  for (const [i, length] of long!.entries()) {
    const wanted = short![i]!;
    if (length < wanted) return false;
    if (length > wanted) doubled += length > 2 ? 2 : 1;
  }
  return doubled > 1 || (rule.length >= MIN_DOUBLED && !ordinary.has(word));
}
