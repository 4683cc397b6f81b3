// Weights in a prompt, `(more)`, `(this much:1.3)`, `[less]`, with `\` before a bracket that is only a bracket, and
// `BREAK` (attention syntax of the AUTOMATIC1111 web UI). Knows no steps and no tokens.

export type Span =
  /** Text of one weight: 1 is plain, it may be 0 or negative, and goes from -100 to 100. */
  | { kind: 'text'; text: string; weight: number }
  /** The chunk ends here. */
  | { kind: 'break' };

const TOKEN = /\\[()[\]\\]|\\|[()[\]]|:\s*([-+]?(?:\d+\.?\d*|\.\d+))\s*\)|[^\\()[\]:]+|:/g;
const BREAK = /\s*(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])\s*/u;
const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** Beyond it nothing is left of a picture; without a limit the numbers overflow. */
const MAX_WEIGHT = 100;

export const limitedWeight = (weight: number): number => Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));

/**
 * Text with its weights, in order. Weights of nested brackets multiply; a bracket that is not closed runs to the end, one
 * that was not opened is text; neighbours of one weight are one span. In contrast to the web UI, `BREAK` inside
 * brackets is a break too; there it turns into a word with a negative weight.
 */
export function weightedSpans(prompt: string): Span[] {
  const spans: Span[] = [];
  const round: number[] = [];
  const square: number[] = [];
  const multiply = (from: number, by: number): void => {
    for (const span of spans.slice(from))
      if (span.kind === 'text') span.weight = limitedWeight(span.weight * limitedWeight(by));
  };
  for (const [token, weight] of prompt.matchAll(TOKEN)) {
    if (token.startsWith('\\')) spans.push({ kind: 'text', text: token.slice(1), weight: 1 });
    else if (token === '(') round.push(spans.length);
    else if (token === '[') square.push(spans.length);
    else if (weight !== undefined && round.length) multiply(round.pop()!, Number(weight));
    else if (token === ')' && round.length) multiply(round.pop()!, ROUND);
    else if (token === ']' && square.length) multiply(square.pop()!, SQUARE);
    else spans.push(...plain(token));
  }
  for (const from of round) multiply(from, ROUND);
  for (const from of square) multiply(from, SQUARE);
  return merged(spans);
}

function plain(text: string): Span[] {
  const parts = text.split(BREAK).map((part): Span => ({ kind: 'text', text: part, weight: 1 }));
  return parts.flatMap((part, i): Span[] => (i === 0 ? [part] : [{ kind: 'break' }, part]));
}

function merged(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (span.kind === 'text' && last?.kind === 'text' && last.weight === span.weight) last.text += span.text;
    else out.push(span);
  }
  return out.filter((span) => span.kind === 'break' || span.text !== '');
}
