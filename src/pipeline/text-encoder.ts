// A tokenizer and the text encoder trained with it, as one: texts in, hidden states out. Knows no families and no steps.

import type { Network } from './onnx.ts';
import { ModelProblem } from './problems.ts';
import { padChunks, promptChunks, type Chunk } from './prompt/chunks.ts';
import { joinChunks, type EmphasisMode, type EncodedChunk, type JoinedWords } from './prompt/emphasis.ts';
import type { PromptTokenizer } from './tokenizer.ts';

export interface TextEncoderOptions {
  /** Which hidden states the network was trained with. Default: the last ones. */
  layer?: 'last' | 'second to last';
  /** The output that stands for the whole text, where the family takes one. */
  pooled?: 'text_embeds' | 'pooler_output';
  /** Default: 'original'. */
  emphasis?: EmphasisMode;
}

/**
 * The most chunks for all texts of one picture. Each is a run of the encoder, and its numbers stay in memory until the
 * picture is drawn: a third of a megabyte of Stable Diffusion, eight of FLUX.
 */
const MOST_CHUNKS = 128;

/** So many texts are remembered: the pictures of a batch mostly share theirs. */
const REMEMBERED = 16;

export class TextEncoder {
  readonly #known = new Map<string, JoinedWords>();
  readonly #network: Network;
  readonly #tokenizer: PromptTokenizer;
  readonly #emphasis: EmphasisMode;
  readonly #hidden: string;
  readonly #pooled: string | undefined;

  constructor(network: Network, tokenizer: PromptTokenizer, options: TextEncoderOptions = {}) {
    this.#network = network;
    this.#tokenizer = tokenizer;
    this.#emphasis = options.emphasis ?? 'original';
    this.#hidden = hiddenOutput(network, options.layer ?? 'last');
    this.#pooled = options.pooled;
    if (options.pooled && !network.outputs.includes(options.pooled))
      throw new ModelProblem(
        `${network.file} gives no ${options.pooled}, which this family needs: export the model again with optimum.`,
      );
  }

  /** How many chunks the longest of the texts has. */
  chunks(texts: readonly string[]): number {
    return Math.max(1, ...texts.map((text) => promptChunks(text, this.#tokenizer).chunks.length));
  }

  /**
   * Every text in `count` chunks. A chunk is encoded alone, so its numbers do not depend on its neighbours. Throws a
   * ModelProblem where one picture's texts are more than anyone needs.
   */
  async encode(texts: Iterable<string>, count: number): Promise<Map<string, JoinedWords>> {
    const different = new Set(texts);
    if (different.size * count > MOST_CHUNKS)
      throw new ModelProblem(
        `The prompt becomes ${different.size} different texts of ${count} ${count === 1 ? 'chunk' : 'chunks'} while the picture develops, and ${MOST_CHUNKS} chunks are the most: use fewer words in [one|another], fewer BREAKs, or fewer steps.`,
      );
    const words = new Map<string, JoinedWords>();
    for (const text of different) words.set(text, await this.#encodeOne(text, count));
    return words;
  }

  async #encodeOne(text: string, count: number): Promise<JoinedWords> {
    const key = `${count} ${text}`;
    const known = this.#known.get(key);
    if (known) return known;
    const chunks = padChunks(promptChunks(text, this.#tokenizer).chunks, count, this.#tokenizer);
    const encoded: EncodedChunk[] = [];
    for (const chunk of chunks) encoded.push(await this.#run(chunk));
    const width = encoded[0]!.hidden.length / this.#tokenizer.length;
    const words = joinChunks(chunks, encoded, width, this.#emphasis);
    this.#known.set(key, words);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return words;
  }

  async #run({ ids, mask }: Chunk): Promise<EncodedChunk> {
    const dims = [1, ids.length];
    const outputs = [this.#hidden, ...(this.#pooled ? [this.#pooled] : [])];
    const out = await this.#network.run(
      { input_ids: { data: ids, dims }, attention_mask: { data: mask, dims } },
      outputs,
    );
    const pooled = this.#pooled && out[this.#pooled]!.data;
    return { hidden: out[this.#hidden]!.data, ...(pooled && { pooled }) };
  }
}

/** The name of the output with that layer. `hidden_states.0` are the embeddings, the highest number the last layer. */
function hiddenOutput({ outputs, file }: Network, layer: 'last' | 'second to last'): string {
  if (layer === 'last') return outputs.includes('last_hidden_state') ? 'last_hidden_state' : outputs[0]!;
  const numbers = outputs.flatMap((name) => /^hidden_states\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  if (numbers.length < 2)
    throw new ModelProblem(
      `${file} gives no hidden_states of its layers, which this family needs: export the model again with optimum.`,
    );
  return `hidden_states.${Math.max(...numbers) - 1}`;
}
