// Folders of Stable Diffusion 1 and XL often have CLIP's vocabulary as vocab.json and merges.txt and nothing else. This
// makes the `tokenizer.json` that belongs to them: lower case, one token per digit, byte-level BPE (Radford et al. 2021).

import type { TokenizerJson } from './tokenizer-files.ts';

/** The names of CLIP's own tokens, as the folder's configuration has them. */
export interface ClipTokens {
  bos_token: string;
  eos_token: string;
  unk_token: string;
}

const WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** `merges` is the text of merges.txt; a pair per line after an optional line with the version. */
export function clipTokenizer(
  vocab: Record<string, number>,
  merges: string,
  { bos_token, eos_token, unk_token }: ClipTokens,
): TokenizerJson {
  const lines = merges
    .split(/\r?\n/)
    .filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')));
  const normalizers = [
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
    { type: 'Lowercase' },
  ];
  const pretokenizers = [
    { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
  ];
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: { type: 'Sequence', pretokenizers },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [eos_token, vocab[eos_token]],
      cls: [bos_token, vocab[bos_token]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges: lines.map((line) => line.split(' ')),
    },
  };
}
