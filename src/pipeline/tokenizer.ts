// Words to token ids, by the tokenizer that the model was trained with. Source of the format: the Hugging Face
// `tokenizer.json`. Knows no network.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { ModelProblem } from './problems.ts';

const Config = z.looseObject({
  model_max_length: z.number().int().positive().max(4096),
  pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
});

export interface PromptTokenizer {
  /** Exactly `length` ids: cut where the prompt is longer (the last id stays the end token), padded where shorter. */
  encode(prompt: string): { ids: number[]; cut: boolean };
  readonly length: number;
}

export function openTokenizer(folder: string): PromptTokenizer {
  const read = (name: string): unknown => {
    try {
      return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
    } catch (error) {
      throw new ModelProblem(`${path.join(folder, name)} is missing or is not JSON: get the model again.`, {
        cause: error,
      });
    }
  };
  const json = read('tokenizer.json') as object;
  const parsed = Config.safeParse(read('tokenizer_config.json'));
  if (!parsed.success)
    throw new ModelProblem(`${folder}/tokenizer_config.json: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const tokenizer = new Tokenizer(json, config);
  const length = config.model_max_length;
  const padToken = typeof config.pad_token === 'string' ? config.pad_token : config.pad_token?.content;
  const pad = tokenizer.token_to_id(padToken ?? '<|endoftext|>') ?? 0;
  const special = [...tokenizer.get_added_tokens_decoder().values()]
    .filter((t) => t.special)
    .map((t) => t.content);
  return {
    length,
    encode(prompt) {
      // A special token in a person's text is text: without this "[SEP]" or "<|endoftext|>" would end the prompt.
      let text = prompt;
      for (const token of special) text = text.replaceAll(token, ' ');
      const ids = [...tokenizer.encode(text).ids];
      const cut = ids.length > length;
      if (cut) ids.splice(length - 1, ids.length - length);
      while (ids.length < length) ids.push(pad);
      return { ids, cut };
    },
  };
}
