// A prompt as a reader takes it: words in one spelling, whatever was done to hide them. Each place in the text may be
// read in several ways ("b00bs" as it stands and as "boobs", "n.u.d.e" as four words and as one), and all are kept.
// Knows no rules.
//
// Letters of other scripts that look Latin are read as Latin only where they pretend to be: in a word that mixes
// scripts, or in a prompt with Latin words in which the other script's letters are look-alikes without exception. A
// text in Russian or Greek always has others, so it is left alone.

/** One way to read the words from here on. */
export interface Reading {
  text: string;
  /** The index of the word after it. */
  next: number;
}

/** By the index of a word: the ways to read what begins there; the first is the word as it stands. */
export type Readings = readonly (readonly Reading[])[];

const pairs = (from: string, to: string): [string, string][] => {
  const letters = Array.from(to);
  return Array.from(from).map((letter, i) => [letter, letters[i]!]);
};

/** Letters that stand for nothing but the Latin ones they are a variant of. */
const variants = new Map([
  ...pairs('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıɑɡøłđħŧɩ', 'abcdefghijklmnoprstuvwyziagoldhti'),
  ...negatives(0x1f150),
  ...negatives(0x1f170),
  ...negatives(0x1f1e6),
]);

/** 26 symbols in a row that have no decomposition: white letters on black, regional indicators. */
function negatives(first: number): [string, string][] {
  return Array.from({ length: 26 }, (_, i) => [
    String.fromCodePoint(first + i),
    String.fromCharCode(0x61 + i),
  ]);
}

interface Script {
  letters: RegExp;
  all: RegExp;
  /** As small letters look, and as capitals do. */
  alike: readonly ReadonlyMap<string, string>[];
}

const scripts: Script[] = [
  {
    letters: /\p{Script=Cyrillic}/u,
    all: /\p{Script=Cyrillic}/gu,
    alike: [new Map(pairs('авсеһнікмпорԛѕтухԝјԁӏгьɡ', 'abcehhikmnopqstyxwjdlrbg'))],
  },
  {
    letters: /\p{Script=Greek}/u,
    all: /\p{Script=Greek}/gu,
    alike: [
      new Map(pairs('αβγεηικνορσςτυχω', 'abyenikvopoctuxw')),
      new Map(pairs('αβεζηικμνορτυχ', 'abezhikmnoptyx')),
    ],
  },
  {
    letters: /\p{Script=Armenian}/u,
    all: /\p{Script=Armenian}/gu,
    alike: [new Map(pairs('աոսօհցզյ', 'wnuohgqj'))],
  },
];

/** Digits and signs read as the letters they are written for; 1 is both i and l. */
const leet = new Map(pairs('0134578@$!€', 'oieastbasie'));

/** "3d" and "4k" are what they say. */
const MIN_LEET = 3;
const LATIN = /\p{Script=Latin}/u;
/** Nothing to see: format characters, fillers, variation selectors. */
const UNSEEN =
  /[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;
/** Accents, strokes, enclosures; vowel points of Hebrew and Arabic, which are optional, and the Arabic stretcher. */
const MARKS =
  /[\u0300-\u036f]|[\u0488\u0489]|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\u20d0-\u20ff]|[\ufe20-\ufe2f]|[\u0591-\u05bd\u05bf-\u05c7]|[\u064b-\u065f]|[\u0640\u0670]/gu;

/** Lower case, compatible forms made plain, accents of Latin letters and all that is not seen taken away. */
export function plainText(text: string): string {
  if (!/[^\0-\u007f]/u.test(text)) return text.toLowerCase();
  const seen = text.normalize('NFKC').replace(UNSEEN, '').toLowerCase();
  const bare = seen.normalize('NFD').replace(/(\p{Script=Latin})[\u0300-\u036f]+/gu, '$1');
  // What does not compose with its letter (й does) is decoration.
  const composed = bare.normalize('NFC').replace(MARKS, '');
  return composed.replace(/[^\0-\u007f]/gu, (letter) => variants.get(letter) ?? letter);
}

interface Word {
  text: string;
  from: number;
  to: number;
}

/** Between the parts of one word, as in "nu.de". */
const JOINED = /^[.\-_*'’+~·•=^`@$!€]+$/u;
/** Between letters written apart, as in "n u d e"; a wider gap ends a word. */
const APART = /^[^\p{L}\p{N}]{1,2}$/u;
const APART_WIDE = /^\s{2,}$/u;
/** Letters apart are a word from so many on. */
const MIN_APART = 3;

export function readingsOf(prompt: string): Readings {
  const text = plainText(prompt);
  const words = [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(({ 0: word, index }): Word => ({
    text: word,
    from: index,
    to: index + word.length,
  }));
  const pretending = scripts.filter((script) => pretends(text, script));
  const found = words.map((word, at): Reading[] => [{ text: word.text, next: at + 1 }]);
  const add = (from: number, next: number, word: string): void => {
    if (word === words[from]!.text && /^[a-z]+$/.test(word)) return; // it is there, and reads in no other way
    for (const spelling of spellings(word, pretending))
      if (!found[from]!.some((known) => known.text === spelling && known.next === next))
        found[from]!.push({ text: spelling, next });
  };
  words.forEach((word, at) => add(at, at + 1, word.text));
  for (const [from, next] of runs(words, text, (gap) => JOINED.test(gap)))
    add(from, next, glued(words, text, from, next));
  for (const [from, next] of lettersApart(words, text))
    add(
      from,
      next,
      words
        .slice(from, next)
        .map((word) => word.text)
        .join(''),
    );
  return found;
}

/** Whether all letters of the script in a text with Latin words are look-alikes. */
function pretends(text: string, { all, alike }: Script): boolean {
  const own = text.match(all) ?? [];
  return (
    own.length > 0 && LATIN.test(text) && own.every((letter) => alike.some((looks) => looks.has(letter)))
  );
}

/** The ways to read one word. */
function spellings(word: string, pretending: readonly Script[]): Set<string> {
  const found = new Set([word]);
  for (const latin of asLatin(word, pretending)) {
    found.add(latin);
    if (!/[\d@$!€]/u.test(latin) || !/\p{L}/u.test(latin)) continue;
    const inner = latin.replace(/^[\d@$!€]+/u, '').replace(/[\d@$!€]{1,20}$/u, '');
    found.add(inner);
    if (latin.length < MIN_LEET) continue;
    for (const signs of [latin, inner])
      for (const one of ['i', 'l']) found.add(unleet(signs.replaceAll('1', one)));
  }
  return found;
}

/** The word with look-alikes read as Latin letters, where they pretend to be. */
function asLatin(word: string, pretending: readonly Script[]): string[] {
  if (!/[^\0-\u007f]/u.test(word)) return [word];
  const isMixed = LATIN.test(word);
  const used = scripts.filter(
    (script) => script.letters.test(word) && (isMixed || pretending.includes(script)),
  );
  if (used.length === 0) return [word];
  return [0, 1].map((look) => {
    const maps = used.map(({ alike }) => alike[look] ?? alike[0]!);
    return Array.from(word, (letter) => maps.find((map) => map.has(letter))?.get(letter) ?? letter).join('');
  });
}

const unleet = (word: string): string => Array.from(word, (sign) => leet.get(sign) ?? sign).join('');

/** The longest runs of at least two words with such gaps, as [first, after the last]; one word with a sign at it too. */
function* runs(words: readonly Word[], text: string, isInner: (gap: string) => boolean) {
  for (let from = 0; from < words.length;) {
    let next = from + 1;
    while (next < words.length && isInner(text.slice(words[next - 1]!.to, words[next]!.from))) next++;
    yield [from, next] as const;
    from = next;
  }
}

/** The parts of a word with the signs between and around them that stand for letters. */
function glued(words: readonly Word[], text: string, from: number, next: number): string {
  const start = words[from]!.from;
  const end = words[next - 1]!.to;
  const before = /[@$€]*$/u.exec(text.slice(Math.max(0, start - 3), start))![0];
  const after = /^[@$€]*/u.exec(text.slice(end, end + 3))![0];
  return (before + text.slice(start, end) + after).replace(/[.\-_*'’+~·•=^`]/gu, '');
}

/** Runs of single letters, with and without a word of one letter at their ends ("a n u d e"). */
function* lettersApart(words: readonly Word[], text: string) {
  const isOne = ({ text: word }: Word): boolean => word.length <= 2 && Array.from(word).length === 1;
  const gapOf = (at: number): string => text.slice(words[at - 1]!.to, words[at]!.from);
  for (let from = 0; from < words.length;) {
    let next = from + 1;
    if (isOne(words[from]!))
      while (next < words.length && isOne(words[next]!) && isApart(gapOf(next))) next++;
    if (next - from >= MIN_APART) {
      const starts = /[aio]/.test(words[from]!.text) ? [from, from + 1] : [from];
      const ends = /[aio]/.test(words[next - 1]!.text) ? [next, next - 1] : [next];
      for (const first of starts)
        for (const end of ends) if (end - first >= MIN_APART) yield [first, end] as const;
    }
    from = next;
  }
}

const isApart = (gap: string): boolean => APART.test(gap) && !APART_WIDE.test(gap);
