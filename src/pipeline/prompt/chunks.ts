// A prompt as chunks of token ids of the length that its text encoder reads, with a weight for every token. The layout is
// the AUTOMATIC1111 web UI's: 75 tokens between begin and end, a chunk that is full ends at a near comma.

import { ModelProblem } from '../problems.ts';
import type { PromptTokenizer } from '../tokenizer.ts';
import { weightedSpans, type Span } from './weights.ts';

/** One run of the text encoder. All three are as long as the tokenizer's `length`. */
export interface Chunk {
  ids: number[];
  /** What to multiply each token's hidden state with; 1 for begin, end and padding. */
  weights: number[];
  /** 1 for begin, words and end, 0 for padding: the `attention_mask` of encoders that take one. */
  mask: number[];
}

/** A chunk that would end within so many tokens after a comma ends at the comma. */
const NEAR_COMMA = 20;
/** Words alone do not get there within a message's length; a row of `BREAK` does, and the network reads them all. */
const MAX_CHUNKS = 32;

interface Token {
  id: number;
  weight: number;
}

/**
 * At least one chunk. A CLIP encoder reads a long prompt chunk by chunk and the U-Net takes all of them. Other encoders
 * (T5, BERT) were trained with one sequence, so there a long prompt is `cut` and `BREAK` only parts words. A ModelProblem
 * when there are more than `MAX_CHUNKS`.
 */
export function promptChunks(text: string, tokenizer: PromptTokenizer): { chunks: Chunk[]; cut: boolean } {
  const room = tokenizer.length - tokenizer.begin.length - tokenizer.end.length;
  const spans = weightedSpans(text);
  if (tokenizer.chunked)
    return { chunks: split(spans, tokenizer, room).map((c) => chunk(c, tokenizer)), cut: false };
  const all = spans.flatMap((span) => tokensOf(span, tokenizer));
  return { chunks: [chunk(all.slice(0, room), tokenizer)], cut: all.length > room };
}

/** `count` chunks or more: those of the empty prompt follow. The network needs as many for a prompt as for its negative. */
export function padChunks(chunks: readonly Chunk[], count: number, tokenizer: PromptTokenizer): Chunk[] {
  const missing = Math.max(0, count - chunks.length);
  return [...chunks, ...Array.from({ length: missing }, () => chunk([], tokenizer))];
}

function tokensOf(span: Span, tokenizer: PromptTokenizer): Token[] {
  if (span.kind === 'break') return [];
  return tokenizer.tokens(span.text).map((id) => ({ id, weight: span.weight }));
}

function split(spans: Span[], tokenizer: PromptTokenizer, room: number): Token[][] {
  const full: Token[][] = [];
  let open: Token[] = [];
  let comma: number | undefined;
  const close = (at: number): void => {
    full.push(open.slice(0, at));
    open = open.slice(at);
    comma = undefined;
  };
  for (const span of spans) {
    if (span.kind === 'break') close(open.length);
    for (const token of tokensOf(span, tokenizer)) {
      const isComma = token.id === tokenizer.comma;
      if (open.length === room) {
        const near = !isComma && comma !== undefined && room - comma <= NEAR_COMMA;
        close(near ? comma! + 1 : room);
      }
      if (isComma) comma = open.length;
      open.push(token);
    }
  }
  if (open.length > 0 || full.length === 0) close(open.length);
  if (full.length > MAX_CHUNKS)
    throw new ModelProblem(
      `A prompt may have ${MAX_CHUNKS} chunks of ${room} tokens; this one has ${full.length}. Use BREAK less often.`,
    );
  return full;
}

function chunk(tokens: Token[], { begin, end, pad, length }: PromptTokenizer): Chunk {
  const ids = [...begin, ...tokens.map((t) => t.id), ...end];
  const padding = length - ids.length;
  const filled = (value: number, count: number): number[] => Array<number>(count).fill(value);
  return {
    ids: [...ids, ...filled(pad, padding)],
    weights: [...filled(1, begin.length), ...tokens.map((t) => t.weight), ...filled(1, end.length + padding)],
    mask: [...filled(1, ids.length), ...filled(0, padding)],
  };
}
