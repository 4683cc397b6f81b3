// Words to token ids, by the tokenizer that the model was trained with. Source of the format: the Hugging Face
// `tokenizer.json`. Knows no network, no weights and no chunks.

import { Tokenizer } from '@huggingface/tokenizers';
import { ModelProblem } from './problems.ts';
import { readTokenizerFiles, type TokenizerFiles } from './prompt/tokenizer-files.ts';

const MODELS = ['BPE', 'Unigram', 'WordPiece'];
const CLIP_LENGTH = 77;
/** Begin, one word, end. */
const MIN_LENGTH = 3;
const MAX_LENGTH = 4096;

export interface PromptTokenizer {
  /** The ids that one run of the text encoder takes, begin and end among them: 77 for CLIP; 77, 256 or 512 for T5. */
  readonly length: number;
  /** Whether a long prompt becomes more chunks of `length` (CLIP) or is cut (T5, BERT). */
  readonly chunked: boolean;
  /** What stands around the words: CLIP has one id on each side, T5 none before and one after. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** Fills up to `length`: the end token for Stable Diffusion 1, 0 for OpenCLIP and T5. */
  readonly pad: number;
  /** The comma, where chunks like to end. */
  readonly comma?: number;
  /** The ids of the words alone, as many as they are. */
  tokens(text: string): number[];
}

export interface TokenizerOptions {
  /** Instead of the folder's `model_max_length`: the same T5 reads 77, 256 or 512 ids, as its pipeline wants. */
  length?: number;
}

/**
 * Opens a model's `tokenizer` folder, with a tokenizer.json or the files that older tokenizers had (vocab.json and
 * merges.txt, spiece.model). Throws a ModelProblem that says what is wrong with it.
 */
export function openTokenizer(folder: string, options: TokenizerOptions = {}): PromptTokenizer {
  const files = readTokenizerFiles(folder);
  const { config, clip } = files;
  const tokenizer = build(folder, files);
  const id = (token: string): number => {
    const found = tokenizer.token_to_id(token);
    if (found === undefined)
      throw new ModelProblem(`${folder} names the token ${token}, but its vocabulary lacks it.`);
    return found;
  };
  const { before, after } = surroundings(tokenizer, files);
  const [begin, end] = [before.map(id), after.map(id)];
  const length = options.length ?? lengthOf(folder, files);
  const pad = config.pad_token ? id(config.pad_token) : 0;
  const comma = tokenizer.token_to_id(',</w>');
  return {
    length,
    chunked: clip,
    begin,
    end,
    pad,
    ...(comma !== undefined && { comma }),
    tokens: wordsOnly(tokenizer, files, new Set([...begin, ...end])),
  };
}

function build(folder: string, { json, config }: TokenizerFiles): Tokenizer {
  const { type } = json.model;
  try {
    // The library takes any other vocabulary for one of whole words. Old files name no type.
    if (type && !MODELS.includes(type)) throw new RangeError(`No known tokenizer model: ${type}`);
    return new Tokenizer(json, config);
  } catch (error) {
    throw new ModelProblem(
      `${folder} has a ${type ?? config.tokenizer_class ?? 'tokenizer'} that can not be read: CLIP's BPE, T5's Unigram and BERT's WordPiece can.`,
      { cause: error },
    );
  }
}

function lengthOf(folder: string, { config, clip }: TokenizerFiles): number {
  const length = config.model_max_length;
  // Tokenizers saved without a length have a number with thirty digits there.
  const usable = length && Number.isInteger(length) && length >= MIN_LENGTH && length <= MAX_LENGTH;
  if (usable) return length;
  if (clip) return CLIP_LENGTH;
  throw new ModelProblem(
    `${folder}/tokenizer_config.json must say model_max_length, a whole number from ${MIN_LENGTH} to ${MAX_LENGTH}.`,
  );
}

/** The tokens that the model expects before and after the words, read off the post-processor. */
function surroundings(
  tokenizer: Tokenizer,
  { config, clip }: TokenizerFiles,
): { before: string[]; after: string[] } {
  const words = '\0';
  const around = tokenizer.post_processor?.post_process([words], null, true).tokens ?? [words];
  if (around.length === 1) {
    const { bos_token: bos, eos_token: eos } = config;
    return { before: clip && bos ? [bos] : [], after: eos ? [eos] : [] };
  }
  const at = around.indexOf(words);
  return { before: around.slice(0, at), after: around.slice(at + 1) };
}

/**
 * Text as ids without those that steer the model: a person who types "[SEP]" or "<|endoftext|>" must not end the prompt.
 * The unknown token stays, and so does OpenCLIP's padding "!", which people do type.
 */
function wordsOnly(
  tokenizer: Tokenizer,
  { json }: TokenizerFiles,
  around: ReadonlySet<number>,
): PromptTokenizer['tokens'] {
  const special = json.added_tokens.filter(({ special: s, content }) => s && /\p{L}/u.test(content));
  const unknown: number | undefined = tokenizer.model?.unk_token_id;
  const steering = special.map((token) => token.id).filter((id) => id !== unknown);
  const reserved = new Set([...around, ...steering]);
  return (text) => {
    let plain = text;
    for (const { content } of special) plain = plain.replaceAll(content, ' ');
    // Once more by id: a tokenizer that folds letters finds special tokens in text that was not spelt like one.
    return tokenizer
      .encode(plain, { add_special_tokens: false })
      .ids.filter((id: number) => !reserved.has(id));
  };
}
