// Tokenizers of every kind that models come with, in the files that they come in.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelProblem } from '../src/pipeline/problems.ts';
import { promptChunks } from '../src/pipeline/prompt/chunks.ts';
import { openTokenizer, type PromptTokenizer } from '../src/pipeline/tokenizer.ts';
import { writeClipTokenizer } from './support/clip-tokenizer.ts';

const root = mkdtempSync(path.join(tmpdir(), 'darkroom-tokenizer-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const newFolder = (): string => path.join(root, `tokenizer${made++}`);

/** A folder with these files: text as it is, all else as JSON. */
function folderOf(files: Record<string, unknown>): string {
  const folder = newFolder();
  mkdirSync(folder);
  for (const [name, value] of Object.entries(files)) {
    const raw = typeof value === 'string' || value instanceof Uint8Array;
    writeFileSync(path.join(folder, name), raw ? value : JSON.stringify(value));
  }
  return folder;
}

const whole = (tokenizer: PromptTokenizer, text: string): number[] => [
  ...tokenizer.begin,
  ...tokenizer.tokens(text),
  ...tokenizer.end,
];

const clipConfig = { tokenizer_class: 'CLIPTokenizer', model_max_length: 77, pad_token: '<|endoftext|>' };

describe("CLIP's tokenizer from vocab.json and merges.txt", () => {
  let sd1: PromptTokenizer;
  let openClip: PromptTokenizer;
  beforeAll(() => {
    sd1 = openTokenizer(writeClipTokenizer(newFolder(), { 'tokenizer_config.json': clipConfig }));
    const files = {
      'tokenizer_config.json': clipConfig,
      'special_tokens_map.json': { pad_token: { content: '!' } },
    };
    openClip = openTokenizer(writeClipTokenizer(newFolder(), files));
  });

  // What transformers 5.23 gives for the same vocabulary.
  it.each([
    ['a photo of a cat', [320, 1125, 539, 320, 2368]],
    ["a cat!!! wow! it's", [320, 2368, 995, 2781, 256, 585, 568]],
    ['Ünïcödé  NAÏVE\tcafé', [6522, 77, 35689, 66, 7255, 67, 4166, 1097, 35689, 563, 15304]],
    ['日本の桜 🌸🐱', [39121, 44353, 21575, 162, 94, 506, 16314, 22979]],
    ["it's we've they'll 1234", [585, 568, 649, 1200, 889, 1342, 272, 273, 274, 275]],
    ["don't 'S", [847, 713, 568]],
    ['a_b-c++ (x) [y] \\ : |', [320, 318, 321, 268, 322, 19056, 263, 343, 264, 314, 344, 316, 315, 281, 347]],
    ['e\u0301 ﬁ Ⅷ ½ \u00a0x', [4166, 171, 105, 479, 158, 227, 371, 33613, 343]],
    ['👨‍👩‍👧‍👦 a\u200db', [25023, 26304, 48938, 4244, 964, 355, 320, 728, 491, 321]],
    ['   ', []],
  ])('reads %j as transformers does', (text, ids) => {
    expect(whole(sd1, text)).toEqual([49406, ...ids, 49407]);
  });

  it('pads with the end token for Stable Diffusion 1 and with 0 for OpenCLIP, whose "!" is that token', () => {
    const ids = (tokenizer: PromptTokenizer): number[] => promptChunks('a cat!', tokenizer).chunks[0]!.ids;
    expect(ids(sd1)).toEqual([49406, 320, 2368, 256, ...Array<number>(73).fill(49407)]);
    expect(ids(openClip)).toEqual([49406, 320, 2368, 0, 49407, ...Array<number>(72).fill(0)]);
  });

  it('takes special tokens that people type for nothing', () => {
    for (const text of [
      'a<|endoftext|>b',
      'a <|startoftext|> b',
      'a <|ENDOFTEXT|> b',
      'a <|endof<|endoftext|>text|> b',
    ])
      for (const tokenizer of [sd1, openClip]) {
        const ids = tokenizer.tokens(text);
        expect(ids.filter((id) => id >= 49406)).toEqual([]);
        expect([ids[0], ids.at(-1)]).toEqual([320, 321]);
      }
  });

  it('breaks long prompts at commas and gives every word its weight', () => {
    expect(sd1).toMatchObject({ length: 77, chunked: true, comma: 267 });
    const { chunks } = promptChunks(`${'cat '.repeat(60)}, ${'(dog:1.5) '.repeat(20)}`, sd1);
    expect(chunks.map(({ ids }) => ids.filter((id) => id < 49406).length)).toEqual([61, 20]);
    expect(chunks[1]!.weights.slice(0, 22)).toEqual([1, ...Array<number>(20).fill(1.5), 1]);
  });

  it('needs no configuration, or one without a sensible length', () => {
    for (const files of [{}, { 'tokenizer_config.json': { model_max_length: 1e30, bos_token: null } }]) {
      const { length, pad, begin, end } = openTokenizer(writeClipTokenizer(newFolder(), files));
      expect({ length, pad, begin, end }).toEqual({ length: 77, pad: 49407, begin: [49406], end: [49407] });
    }
  });

  it('believes the configuration over the map of special tokens where it lists added tokens', () => {
    const listed = {
      ...clipConfig,
      pad_token: '!',
      added_tokens_decoder: { 0: { content: '!', special: true } },
    };
    const map = { pad_token: '<|endoftext|>' };
    const files = { 'tokenizer_config.json': listed, 'special_tokens_map.json': map };
    expect(openTokenizer(writeClipTokenizer(newFolder(), files)).pad).toBe(0);
  });
});

// The scores are made up; the ids are what the tokenizers library gives for them.
const pieces: [string, number][] = [
  ['<pad>', 0],
  ['</s>', 0],
  ['<unk>', 0],
  ...Object.entries({ '▁': -2, '▁a': -3, '▁c': -4, at: -4, '▁cat': -5, s: -4.5, t: -5, '▁photo': -6 }),
  ...Object.entries({ '▁of': -4, '<': -9, '>': -9, '/': -9, a: -5, c: -6, '▁the': -3.5, ',': -3 }),
];
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const t5Json = {
  version: '1.0',
  added_tokens: pieces.slice(0, 3).map(([content], id) => ({
    id,
    content,
    special: true,
    normalized: false,
    lstrip: false,
    rstrip: false,
  })),
  normalizer: { type: 'NFKC' },
  pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  decoder: metaspace,
  model: { type: 'Unigram', unk_id: 2, vocab: pieces, byte_fallback: false },
};
const t5Config = {
  tokenizer_class: 'T5Tokenizer',
  model_max_length: 512,
  pad_token: '<pad>',
  eos_token: '</s>',
};

/** A field of a protocol buffer; lengths here are below 128. */
const field = (number: number, wire: number, content: number[]): number[] => [number * 8 + wire, ...content];
const message = (number: number, content: number[]): number[] =>
  field(number, 2, [content.length, ...content]);

function spiece(modelType: number): Uint8Array {
  const types = [3, 3, 2];
  const all = pieces.flatMap(([text, score], id) =>
    message(1, [
      ...message(1, [...Buffer.from(text)]),
      ...field(2, 5, [...new Uint8Array(Float32Array.of(score).buffer)]),
      ...field(3, 0, [types[id] ?? 1]),
    ]),
  );
  return Uint8Array.from([
    ...all,
    ...message(2, field(3, 0, [modelType])),
    ...message(3, message(2, [1, 2, 3])),
  ]);
}

describe("T5's tokenizer", () => {
  const forms = {
    'tokenizer.json': { 'tokenizer.json': t5Json, 'tokenizer_config.json': t5Config },
    'spiece.model': { 'spiece.model': spiece(1), 'tokenizer_config.json': t5Config },
  };

  describe.each(Object.entries(forms))('from %s', (_name, files) => {
    const open = (length?: number): PromptTokenizer =>
      openTokenizer(folderOf(files), length ? { length } : {});

    it.each([
      ['a photo of a cat', [4, 10, 11, 4, 7]],
      ['the cats, a zebra', [17, 7, 8, 18, 4, 3, 2, 15]],
      ['  a   cat ', [4, 7]],
      ['a < cat / s >', [4, 3, 12, 7, 3, 14, 3, 8, 3, 13]],
      ['', []],
    ])('reads %j', (text, ids) => {
      expect(whole(open(), text)).toEqual([...ids, 1]);
    });

    it('gives one sequence of the length asked for, with an end and no beginning', () => {
      expect(open(77).length).toBe(77);
      expect(open()).toMatchObject({ length: 512, chunked: false, begin: [], end: [1], pad: 0 });
      expect(promptChunks('(a:2) BREAK cat', open(6))).toEqual({
        chunks: [{ ids: [4, 7, 1, 0, 0, 0], weights: [2, 1, 1, 1, 1, 1], mask: [1, 1, 1, 0, 0, 0] }],
        cut: false,
      });
      expect(promptChunks('a a a a a', open(4)).chunks[0]!.ids).toEqual([4, 4, 4, 1]);
    });

    it('takes special tokens that people type for nothing, also when letters are folded', () => {
      for (const text of ['a</s>cat', 'a <pad> cat', 'a ＜/s＞cat', 'a <unk></s> cat'])
        expect(
          open()
            .tokens(text)
            .filter((id) => id < 2),
        ).toEqual([]);
      expect(open().tokens('a</s>cat')).toEqual([4, 7]);
    });
  });
});

describe("the shipped model's tokenizer", () => {
  const folder = fileURLToPath(new URL('../models/emoji/tokenizer', import.meta.url));

  it('gives the ids that the model was trained with, and cuts what is too long', () => {
    const emoji = openTokenizer(folder);
    expect(emoji).toMatchObject({ length: 32, chunked: false, begin: [101], end: [102], pad: 0 });
    const ids = [101, 1037, 2417, 2540, 102, ...Array<number>(27).fill(0)];
    const read = (text: string): number[] => promptChunks(text, emoji).chunks[0]!.ids;
    expect(read('a red heart')).toEqual(ids);
    const long = promptChunks('red '.repeat(40), emoji);
    expect(long.cut).toBe(true);
    expect(long.chunks.map((chunk) => chunk.ids)).toEqual([[101, ...Array<number>(30).fill(2417), 102]]);
  });

  it('takes special tokens that people type for nothing, and letters it does not know for unknown ones', () => {
    const emoji = openTokenizer(folder);
    expect(emoji.tokens('A [SEP]red[CLS] [PAD]heart[UNK]')).toEqual([1037, 2417, 2540]);
    expect(emoji.tokens('🐱')).toEqual([100]);
  });
});

describe('a folder that is no tokenizer is refused with a sentence', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'with no files',
      {},
      /has no files, but a tokenizer needs tokenizer\.json, CLIP's vocab\.json and merges\.txt, or T5's spiece\.model/,
    ],
    [
      'with a vocabulary of another kind',
      { 'vocab.txt': '[PAD]', 'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' } },
      /has tokenizer_config\.json, vocab\.txt of a BertTokenizer, but a tokenizer needs/,
    ],
    [
      "with GPT-2's vocabulary",
      { 'vocab.json': {}, 'merges.txt': '', 'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer' } },
      /of a GPT2Tokenizer, but/,
    ],
    [
      'without the start token',
      { 'vocab.json': { a: 0 }, 'merges.txt': '' },
      /vocab\.json lacks the token <\|startoftext\|>/,
    ],
    [
      'with half a file',
      { 'tokenizer.json': '{"model":' },
      /tokenizer\.json is not a tokenizer's file \(it is not JSON\)/,
    ],
    [
      'with another kind of JSON',
      { 'tokenizer.json': { a: 1 } },
      /tokenizer\.json is not a tokenizer's file \(model: /,
    ],
    [
      'with a model that is not known',
      {
        'tokenizer.json': { ...t5Json, model: { type: 'Runes', vocab: { a: 0 } } },
        'tokenizer_config.json': t5Config,
      },
      /has a Runes that can not be read: CLIP's BPE, T5's Unigram and BERT's WordPiece can/,
    ],
    [
      'that says no length',
      { 'tokenizer.json': t5Json },
      /must say model_max_length, a whole number from 3 to 4096/,
    ],
    [
      'whose padding is not in its vocabulary',
      { 'tokenizer.json': t5Json, 'tokenizer_config.json': { ...t5Config, pad_token: '[PAD]' } },
      /names the token \[PAD\], but its vocabulary lacks it/,
    ],
    [
      'with another SentencePiece model',
      { 'spiece.model': spiece(2) },
      /spiece\.model is not a Unigram model/,
    ],
    [
      'with a cut SentencePiece model',
      { 'spiece.model': spiece(1).slice(0, 40) },
      /spiece\.model is not a Unigram model/,
    ],
  ])('%s', (_name, files, sentence) => {
    const refused = (): PromptTokenizer => openTokenizer(folderOf(files));
    expect(refused).toThrow(ModelProblem);
    expect(refused).toThrow(sentence);
  });

  it('that is not there', () => {
    expect(() => openTokenizer(path.join(root, 'nothing'))).toThrow(/nothing has no files, but/);
  });
});
