// A prompt that changes while the picture develops: `[from:to:when]`, `[to:when]`, `[from::when]` and `[a|b]`, nested at
// will (prompt editing and alternating words of the AUTOMATIC1111 web UI). Weights stay in the text for `weights.ts`.

/** Text, and places where it depends on the step. */
export type Template = readonly (string | Edit | Alternation)[];

export interface Edit {
  kind: 'edit';
  before: Template;
  after: Template;
  /** As written: with a point it is a share of all steps, without it a number of steps. */
  when: string;
}

export interface Alternation {
  kind: 'alternation';
  /** One after the other, a step each; at least two, and they may be empty. */
  options: Template[];
}

interface Tokens {
  texts: string[];
  /** The place of the closing bracket, by the place of the opening one. Stray brackets are not in it. */
  closing: Map<number, number>;
}

const TOKEN = /\\.|[[\]():|\\]|[^[\]():|\\]+/gs;
const WHEN = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

/** Never fails: brackets that are neither an edit nor an alternation, and stray ones, remain text. */
export function parseSchedule(prompt: string): Template {
  const texts = prompt.match(TOKEN) ?? [];
  return template({ texts, closing: closingBrackets(texts) }, 0, texts.length);
}

/** What the prompt says at a step, 1 to `steps`: `before` is used while the step is not past `when`. */
export function textAt(prompt: Template, step: number, steps: number): string {
  const text = (piece: Template[number]): string => {
    if (typeof piece === 'string') return piece;
    switch (piece.kind) {
      case 'edit':
        return textAt(step <= lastStepBefore(piece.when, steps) ? piece.before : piece.after, step, steps);
      case 'alternation':
        return textAt(piece.options[(step - 1) % piece.options.length]!, step, steps);
    }
  };
  return prompt.map(text).join('');
}

function lastStepBefore(when: string, steps: number): number {
  return Math.trunc(when.includes('.') ? Number(when) * steps : Number(when));
}

function closingBrackets(texts: string[]): Map<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  texts.forEach((text, i) => {
    if (text === '[' || text === '(') open.push(i);
    if (text !== ']' && text !== ')') return;
    const start = open.pop();
    if (start !== undefined && texts[start] === (text === ']' ? '[' : '(')) closing.set(start, i);
    // A stray closing bracket: no group can be around it, so whatever is open stays text.
    else open.length = 0;
  });
  return closing;
}

function template(tokens: Tokens, from: number, to: number): Template {
  const pieces: (string | Edit | Alternation)[] = [];
  for (let i = from; i < to; i++) {
    const end = tokens.texts[i] === '[' ? tokens.closing.get(i) : undefined;
    const group = end === undefined ? undefined : groupIn(tokens, i + 1, end);
    pieces.push(group ?? tokens.texts[i]!);
    if (group) i = end!;
  }
  return pieces;
}

/** What stands between two square brackets, when it is more than a weight. */
function groupIn(tokens: Tokens, from: number, to: number): Edit | Alternation | undefined {
  const [colons, bars]: [number[], number[]] = [[], []];
  for (let i = from; i < to; i++) {
    if (tokens.texts[i] === ':') colons.push(i);
    if (tokens.texts[i] === '|') bars.push(i);
    i = tokens.closing.get(i) ?? i;
  }
  const last = colons.at(-1);
  const when = last === undefined ? '' : tokens.texts.slice(last + 1, to).join('');
  if (last !== undefined && colons.length <= 2 && WHEN.test(when)) {
    const middle = colons.length === 2 ? colons[0]! : from - 1;
    const before = template(tokens, from, Math.max(from, middle));
    return { kind: 'edit', before, after: template(tokens, middle + 1, last), when };
  }
  if (bars.length === 0) return undefined;
  const starts = [from, ...bars.map((bar) => bar + 1)];
  const options = starts.map((start, n) => template(tokens, start, bars[n] ?? to));
  return { kind: 'alternation', options };
}
