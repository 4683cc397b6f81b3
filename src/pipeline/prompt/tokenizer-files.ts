// Reads a tokenizer's folder, in whichever of the usual forms it comes, and says in one sentence what is wrong with one
// that can not be read. Knows no prompts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ModelProblem } from '../problems.ts';
import { clipTokenizer, type ClipTokens } from './clip-tokenizer.ts';
import { sentencePieceTokenizer } from './sentencepiece.ts';

const AddedToken = z.looseObject({ content: z.string(), special: z.boolean().default(false) });
const Name = z.union([z.string(), AddedToken.transform((token) => token.content)]).nullish();
const SpecialTokens = z.looseObject({ bos_token: Name, eos_token: Name, unk_token: Name, pad_token: Name });
const Config = SpecialTokens.extend({
  tokenizer_class: z.string().nullish(),
  model_max_length: z.number().positive().nullish(),
  added_tokens_decoder: z.record(z.string(), AddedToken).optional(),
});
const Vocabulary = z.record(z.string(), z.number().int().nonnegative());
const Json = z.looseObject({
  added_tokens: z.array(AddedToken.extend({ id: z.number() })).default([]),
  model: z.looseObject({
    type: z.string().optional(),
    end_of_word_suffix: z.string().nullish(),
    vocab: z.union([Vocabulary, z.array(z.tuple([z.string(), z.number()]))]),
  }),
});

export type TokenizerConfig = z.infer<typeof Config>;
/** What `tokenizer.json` says, as far as it is looked at here. */
export type TokenizerJson = z.infer<typeof Json>;

export interface TokenizerFiles {
  /** What the folder's tokenizer.json says, or would say. */
  json: TokenizerJson;
  config: TokenizerConfig;
  /** CLIP's byte-level BPE, of which every word ends in `</w>`. */
  clip: boolean;
}

/** Throws a ModelProblem that names what was found and what is needed. */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const stated = readConfig(folder);
  const kind = stated.tokenizer_class ?? '';
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  if (has('tokenizer.json')) {
    const json = read(folder, 'tokenizer.json', Json);
    // Not by the class's name: newer exports give every tokenizer the same.
    const clip = json.model.end_of_word_suffix === '</w>';
    return withAddedTokens(json, clip ? withClipNames(stated) : stated, clip);
  }
  const saysOrIsSilent = (name: string): boolean => kind === '' || kind.startsWith(name);
  if (has('vocab.json') && has('merges.txt') && saysOrIsSilent('CLIP')) {
    const config = withClipNames(stated);
    return withAddedTokens(fromVocabulary(folder, config), config, true);
  }
  if (has('spiece.model') && saysOrIsSilent('T5'))
    return withAddedTokens(fromSentencePiece(folder, stated), stated, false);
  throw new ModelProblem(unknownFiles(folder, kind));
}

/** The names of CLIP's own tokens, which old folders do not repeat. */
function withClipNames(config: TokenizerConfig): TokenizerConfig & ClipTokens {
  const eos_token = config.eos_token ?? '<|endoftext|>';
  return {
    ...config,
    bos_token: config.bos_token ?? '<|startoftext|>',
    eos_token,
    unk_token: config.unk_token ?? eos_token,
    pad_token: config.pad_token ?? eos_token,
  };
}

function fromVocabulary(folder: string, config: ClipTokens): TokenizerJson {
  const vocab = read(folder, 'vocab.json', Vocabulary);
  for (const token of [config.bos_token, config.eos_token])
    if (vocab[token] === undefined)
      throw new ModelProblem(
        `${path.join(folder, 'vocab.json')} lacks the token ${token}: get the model again.`,
      );
  return clipTokenizer(vocab, readText(folder, 'merges.txt'), config);
}

function fromSentencePiece(folder: string, config: TokenizerConfig): TokenizerJson {
  const bytes = readBytes(folder, 'spiece.model');
  const json = sentencePieceTokenizer(bytes, config.eos_token ?? '</s>');
  if (json) return json;
  throw new ModelProblem(
    `${path.join(folder, 'spiece.model')} is not a Unigram model with an end token, as T5 has: get the model again.`,
  );
}

/** special_tokens_map.json has the last word, but not in newer folders, which list their added tokens beside the names. */
function readConfig(folder: string): TokenizerConfig {
  const optional = <T>(name: string, schema: z.ZodType<T>): Partial<T> =>
    existsSync(path.join(folder, name)) ? read(folder, name, schema) : {};
  const config = optional('tokenizer_config.json', Config);
  const map = optional('special_tokens_map.json', SpecialTokens);
  return config.added_tokens_decoder ? { ...map, ...config } : { ...config, ...map };
}

/**
 * Adds every token that is not cut to pieces: those of the configuration, and the named ones. So OpenCLIP's padding "!"
 * is one token wherever it stands, as in diffusers.
 */
function withAddedTokens(json: TokenizerJson, config: TokenizerConfig, clip: boolean): TokenizerFiles {
  const { vocab } = json.model;
  const added = new Map(json.added_tokens.map((token) => [token.content, token]));
  for (const [id, token] of Object.entries(config.added_tokens_decoder ?? {}))
    if (!added.has(token.content)) added.set(token.content, { ...token, id: Number(id) });
  for (const content of [config.bos_token, config.eos_token, config.unk_token, config.pad_token]) {
    if (!content || added.has(content)) continue;
    const id = Array.isArray(vocab)
      ? vocab.findIndex(([piece]) => piece === content)
      : (vocab[content] ?? -1);
    if (id >= 0) added.set(content, { id, content, special: true });
  }
  return { json: { ...json, added_tokens: [...added.values()] }, config, clip };
}

function unknownFiles(folder: string, kind: string): string {
  const found = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  return (
    `${folder} has ${found.join(', ') || 'no files'}${kind && ` of a ${kind}`}, but a tokenizer needs tokenizer.json, ` +
    "CLIP's vocab.json and merges.txt, or T5's spiece.model: save it again with transformers' AutoTokenizer, which writes tokenizer.json."
  );
}

function readBytes(folder: string, name: string): Buffer {
  const file = path.join(folder, name);
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ModelProblem(`${file} can not be read: get the model again.`, { cause: error });
  }
}

const readText = (folder: string, name: string): string => readBytes(folder, name).toString('utf8');

function read<T>(folder: string, name: string, schema: z.ZodType<T>): T {
  const text = readText(folder, name);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const file = path.join(folder, name);
    throw new ModelProblem(`${file} is not a tokenizer's file (${firstFault(error)}): get the model again.`, {
      cause: error,
    });
  }
}

/** One of them: a vocabulary can have fifty thousand. */
function firstFault(error: unknown): string {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not JSON';
}
