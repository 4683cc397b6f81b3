// The words after /imagine: a prompt and --flags among it, the same on every platform. The recipe under a picture is
// in this grammar, so it can be pasted back. Knows the flags' shapes, not what a model allows.

import { UserError } from './user-error.ts';

/** What a person asked for, as far as they said. The model's card fills in the rest. */
export interface ImagineOptions {
  prompt: string;
  negativePrompt?: string;
  seed?: number;
  steps?: number;
  guidanceScale?: number;
  scheduler?: string;
  width?: number;
  height?: number;
  /** Width by height, as a ratio. */
  aspect?: [number, number];
  count?: number;
  model?: string;
}

/** The same without the prompt: what a form's fields can say. */
export type ImagineFields = Partial<Omit<ImagineOptions, 'prompt'>>;

export interface Flag {
  name: string;
  aliases: readonly string[];
  /** What stands behind it. */
  value: string;
  description: string;
}

const number = (flag: string, value: string): number => {
  const n = Number(value);
  if (value === '' || !Number.isFinite(n)) throw new UserError(`--${flag} needs a number, not "${value}".`);
  return n;
};

const whole = (flag: string, value: string): number => {
  const n = number(flag, value);
  if (!Number.isInteger(n)) throw new UserError(`--${flag} needs a whole number, not "${value}".`);
  return n;
};

const pair = (flag: string, value: string, example: string): [number, number] => {
  const match = /^(\d+)\s*[x×:]\s*(\d+)$/i.exec(value);
  if (!match || !Number(match[1]) || !Number(match[2]))
    throw new UserError(`--${flag} needs two numbers, like ${example}, not "${value}".`);
  return [Number(match[1]), Number(match[2])];
};

type Read = (value: string, into: ImagineOptions) => void;

const grammar: (Flag & { read: Read })[] = [
  {
    name: 'no',
    aliases: ['negative'],
    value: 'words',
    description: 'What should not be in the picture',
    read: (v, o) => (o.negativePrompt = o.negativePrompt ? `${o.negativePrompt}, ${v}` : v),
  },
  {
    name: 'seed',
    aliases: [],
    value: 'number',
    description: 'The noise to start from: the same seed and settings give the same picture',
    read: (v, o) => (o.seed = whole('seed', v)),
  },
  {
    name: 'steps',
    aliases: [],
    value: 'number',
    description: 'Steps from noise to picture: more is slower and a little finer',
    read: (v, o) => (o.steps = whole('steps', v)),
  },
  {
    name: 'guidance',
    aliases: ['cfg', 'scale'],
    value: 'number',
    description: 'How closely to follow the words, 1 to 30',
    read: (v, o) => (o.guidanceScale = number('guidance', v)),
  },
  {
    name: 'scheduler',
    aliases: ['sampler'],
    value: 'name',
    description: 'The way from noise to picture',
    read: (v, o) => (o.scheduler = v.toLowerCase()),
  },
  {
    name: 'size',
    aliases: [],
    value: 'width x height',
    description: 'Pixels, like 128x128',
    read: (v, o) => ([o.width, o.height] = pair('size', v, '512x512')),
  },
  {
    name: 'ar',
    aliases: ['aspect'],
    value: 'ratio',
    description: 'Width to height, like 3:2',
    read: (v, o) => (o.aspect = pair('ar', v, '3:2')),
  },
  {
    name: 'n',
    aliases: ['count'],
    value: '1 to 4',
    description: 'How many pictures',
    read: (v, o) => (o.count = whole('n', v)),
  },
  {
    name: 'model',
    aliases: ['m'],
    value: 'name',
    description: 'Which model draws',
    read: (v, o) => (o.model = v),
  },
];

/** For autocomplete and help. */
export const flags: readonly Flag[] = grammar;

const byName = new Map(grammar.flatMap((f) => [f.name, ...f.aliases].map((n) => [n, f] as const)));

/** A flag begins a word: two hyphens, or the dash that a phone makes of them. */
const FLAG = /(?:^|\s)(?:--|—|–)([a-z]+)(?=\s|=|$)/giu;

function unquote(text: string): string {
  const match = /^["“”](.*)["“”]$/su.exec(text);
  return match ? match[1]! : text;
}

/**
 * "a red heart --seed 7 --no text" to options. Everything that is not a flag or its value is the prompt; a flag's
 * value is one word, or quoted words, and for --no everything up to the next flag.
 */
export function parsePromptLine(line: string): ImagineOptions {
  const text = line.replace(/^\s*\/imagine\b/i, '');
  const marks = [...text.matchAll(FLAG)];
  const first = marks[0]?.index ?? text.length;
  const options: ImagineOptions = { prompt: '' };
  const prompt = [text.slice(0, first)];
  marks.forEach((mark, i) => {
    const flag = byName.get(mark[1]!.toLowerCase());
    if (!flag)
      throw new UserError(
        `There is no --${mark[1]}. You can use ${grammar.map((f) => `--${f.name}`).join(', ')}.`,
      );
    const rest = text.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? text.length);
    const value = rest.replace(/^\s*=?\s*/, '').trimEnd();
    const [word, after] = flag.name === 'no' ? [value, ''] : firstWord(value);
    if (!word) throw new UserError(`--${flag.name} needs a value: ${flag.value}.`);
    flag.read(unquote(word.trim()), options);
    prompt.push(after);
  });
  options.prompt = prompt.join(' ');
  return options;
}

/** The first word, or quoted words, and what follows. */
function firstWord(text: string): [string, string] {
  const match = /^(["“][^"“”]*["”]|\S+)(.*)$/su.exec(text);
  return match ? [match[1]!, match[2]!] : ['', ''];
}
