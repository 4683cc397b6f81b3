// The words after /imagine: a prompt and --flags among it, the same on every platform. The recipe under a picture is
// in this grammar, so it can be pasted back. Knows the flags' shapes, not what a model allows.

import { typed } from '../pipeline/recipe.ts';
import type { PostRef } from './posts.ts';
import { UserError } from './user-error.ts';

/** A picture to start from: anywhere on the web, kept by us, or shown on a message of ours. */
export type ImageSource =
  /** `authorization` is the header that the platform's own files need. */
  | { from: 'web'; url: string; authorization?: string }
  /** Ids of the image store, one for each picture to draw, in turn. */
  | { from: 'store'; ids: string[] }
  | { from: 'post'; post: PostRef; index: number };

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
  /** The name of a style, which adds its words to the prompt. */
  style?: string;
  image?: ImageSource;
  /** Denoising strength over `image`, 0 to 1: how far the drawing may leave it. */
  strength?: number;
  /** End after so many steps, with the picture as it is then. */
  stop?: number;
  /** For the person who asks alone. */
  private?: boolean;
}

/** The same without the prompt: what a form's fields can say. */
export type ImagineFields = Partial<Omit<ImagineOptions, 'prompt'>>;

export interface Flag {
  name: string;
  aliases: readonly string[];
  /** What stands behind it; nothing for a switch. */
  value?: string;
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

/** What --image takes: an address, or ids as a recipe names them. */
const imageSource = (text: string): ImageSource => {
  const value = text.replace(/^<(.*)>$/, '$1'); // as addresses are typed where they shall not unfold
  if (/^https?:\/\//i.test(value)) return { from: 'web', url: value };
  const ids = value.split(',');
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id)))
    throw new UserError('--image needs the address of a picture, beginning with https://, or an id of mine.');
  return { from: 'store', ids };
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
    description: 'How closely to follow the words, 0 to 30',
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
  {
    name: 'style',
    aliases: [],
    value: 'name',
    description: 'Words that a style adds to yours',
    read: (v, o) => (o.style = v),
  },
  {
    name: 'image',
    aliases: [],
    value: 'address or id',
    description: 'A picture to start from',
    read: (v, o) => (o.image = imageSource(v)),
  },
  {
    name: 'strength',
    aliases: [],
    value: '0 to 1',
    description: 'How far the drawing may leave the picture it starts from',
    read: (v, o) => (o.strength = number('strength', v)),
  },
  {
    name: 'stop',
    aliases: [],
    value: 'number',
    description: 'End after so many steps, with the picture as it is then',
    read: (v, o) => (o.stop = whole('stop', v)),
  },
  {
    name: 'private',
    aliases: [],
    description: 'Only you see it, until you share it',
    read: (_, o) => (o.private = true),
  },
  {
    name: 'public',
    aliases: [],
    description: 'Everyone in the channel sees it',
    read: (_, o) => (o.private = false),
  },
];

/** For autocomplete and help. */
export const flags: readonly Flag[] = grammar;

const byName = new Map(grammar.flatMap((f) => [f.name, ...f.aliases].map((n) => [n, f] as const)));

/** A flag begins a word: two hyphens, or the dash that a phone makes of them. */
const FLAG = /(?:^|\s)(?:--|—|–)([a-z]+)(?=\s|=|$)/giu;

/** Words in quotes, in which two hyphens are no flag. */
const QUOTED = /(?<=^|\s|=)["“][^"“”]*["”]/gu;

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
  const quotes = [...text.matchAll(QUOTED)].map(({ index, 0: quoted }) => [index, index + quoted.length]);
  const marks = [...text.matchAll(FLAG)].filter(
    ({ index }) => !quotes.some(([from, to]) => from! <= index && index < to!),
  );
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
    if (flag.value === undefined) {
      flag.read('', options);
      prompt.push(rest);
      return;
    }
    const value = rest.replace(/^\s*=?\s*/, '').trimEnd();
    const [word, after] = flag.name === 'no' ? [value, ''] : firstWord(value);
    if (!word) throw new UserError(`--${flag.name} needs a value: ${flag.value}.`);
    flag.read(unquote(word.trim()), options);
    prompt.push(after);
  });
  options.prompt = prompt.join(' ');
  return options;
}

/** What is said above wins; a size above silences a ratio below, and the other way round. */
export function over(above: ImagineFields, below: ImagineFields): ImagineFields {
  const { width, height, aspect, ...rest } = below;
  const shaped = above.aspect ?? above.width;
  const shape = {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(aspect && { aspect }),
  };
  return { ...rest, ...(shaped === undefined && shape), ...above };
}

/** The flags that say the same as these fields: what `parsePromptLine` reads, written. */
export function writeFlags(fields: ImagineFields): string {
  const { width, height, aspect, image } = fields;
  const size = width !== undefined && height !== undefined ? `${width}x${height}` : undefined;
  const said: [string, string | number | undefined][] = [
    ['no', fields.negativePrompt],
    ['seed', fields.seed],
    ['steps', fields.steps],
    ['guidance', fields.guidanceScale],
    ['scheduler', fields.scheduler],
    ['size', size],
    ['ar', size ? undefined : aspect?.join(':')],
    ['n', fields.count],
    ['model', fields.model],
    ['style', fields.style],
    ['image', image?.from === 'store' ? image.ids.join(',') : image?.from === 'web' ? image.url : undefined],
    ['strength', fields.strength],
    ['stop', fields.stop],
  ];
  const written = said.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${typed(String(value))}`],
  );
  if (fields.private !== undefined) written.push(fields.private ? '--private' : '--public');
  return written.join(' ');
}

/** The first word, or quoted words, and what follows. */
function firstWord(text: string): [string, string] {
  const match = /^(["“][^"“”]*["”]|\S+)(.*)$/su.exec(text);
  return match ? [match[1]!, match[2]!] : ['', ''];
}
