// The prompt language: what people write, as parts, texts per step, weights and chunks.

import { describe, expect, it } from 'vitest';
import { padChunks, promptChunks } from '../src/pipeline/prompt/chunks.ts';
import { composedParts } from '../src/pipeline/prompt/composition.ts';
import { emphasize, joinChunks } from '../src/pipeline/prompt/emphasis.ts';
import { differentTexts, planNegative, planPrompt } from '../src/pipeline/prompt/plan.ts';
import { parseSchedule, textAt } from '../src/pipeline/prompt/schedule.ts';
import { weightedSpans } from '../src/pipeline/prompt/weights.ts';
import type { PromptTokenizer } from '../src/pipeline/tokenizer.ts';

const spans = (prompt: string): (string | [string, number])[] =>
  weightedSpans(prompt).map((span) => (span.kind === 'break' ? 'BREAK' : [span.text, span.weight]));

/** [last step, text] for each run of steps with one text. */
function schedule(prompt: string, steps = 10): [number, string][] {
  const runs: [number, string][] = [];
  for (const [i, text] of planNegative(prompt, steps).texts.entries()) {
    if (runs.at(-1)?.[1] === text) runs.at(-1)![0] = i + 1;
    else runs.push([i + 1, text]);
  }
  return runs;
}

/** Words as numbers: `w7` is 7, a comma is 2; begin is 0, end is 1, padding is `pad`. */
function wordTokenizer(more: Partial<PromptTokenizer> = {}): PromptTokenizer {
  return {
    length: 77,
    chunked: true,
    begin: [0],
    end: [1],
    pad: 1,
    comma: 2,
    tokens: (text) => (text.match(/w\d+|,/g) ?? []).map((t) => (t === ',' ? 2 : Number(t.slice(1)))),
    ...more,
  };
}

const words = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ');

/** The ids between begin and end of every chunk. */
const insides = (prompt: string, tokenizer = wordTokenizer()): number[][] =>
  promptChunks(prompt, tokenizer).chunks.map(({ ids }) => ids.slice(1, ids.indexOf(1)));

/** Park & Miller's generator: the same texts on every machine. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function randomText(next: (below: number) => number, pieces: readonly string[], length: number): string {
  return Array.from({ length }, () => pieces[next(pieces.length)]).join('');
}

describe('weights', () => {
  it.each([
    ['normal text', [['normal text', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    ['(unbalanced', [['unbalanced', 1.1]]],
    [String.raw`\(literal\]`, [['(literal]', 1]]],
    ['(unnecessary)(parens)', [['unnecessaryparens', 1.1]]],
    [
      'a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).',
      [
        ['a ', 1],
        ['house', 1.5730000000000004],
        [' ', 1.1],
        ['on', 1],
        [' a ', 1.1],
        ['hill', 0.55],
        [', sun, ', 1.1],
        ['sky', 1.4641000000000006],
        ['.', 1.1],
      ],
    ],
    ['[[less]]', [['less', 1 / 1.1 / 1.1]]],
    ['(x : 1.2 )', [['x ', 1.2]]],
    [
      '(x:-.5)(y:0)(z:+2.)',
      [
        ['x', -0.5],
        ['y', 0],
        ['z', 2],
      ],
    ],
    ['16:9, a:1.2) b)', [['16:9, a:1.2) b)', 1]]],
    ['(a:1.2.3)', [['a:1.2.3', 1.1]]],
    [
      String.raw`\\ (a\)b) c\d \(`,
      [
        ['\\ ', 1],
        ['a)b', 1.1],
        [' cd (', 1],
      ],
    ],
    ['', []],
    ['()[]', []],
  ])('of %j', (prompt, expected) => {
    const found = spans(prompt);
    expect(found.map(([text]) => text)).toEqual(expected.map(([text]) => text));
    found.forEach(([, weight], i) => expect(weight).toBeCloseTo(expected[i]![1] as number, 12));
  });

  it('break a chunk at BREAK, in brackets too, and only at the whole word', () => {
    expect(spans('a BREAK b')).toEqual([['a', 1], 'BREAK', ['b', 1]]);
    expect(spans('(a BREAK b:2)')).toEqual([['a', 2], 'BREAK', ['b', 2]]);
    expect(spans('BREAK BREAKS éBREAK break')).toEqual(['BREAK', ['BREAKS éBREAK break', 1]]);
  });

  it('lose no letter and find no bracket that was escaped, whatever is typed', () => {
    const next = chance(7);
    const pieces = ['a', ' ', '(', ')', '[', ']', ':', '1.5', '\\', ', ', 'é', '🐱', '|'];
    for (let n = 0; n < 2000; n++) {
      const text = randomText(next, pieces, 1 + next(14));
      const escaped = text.replace(/[()[\]\\]/g, String.raw`\$&`);
      expect(spans(escaped)).toEqual([[text, 1]]);
      const letters = spans(text)
        .map(([t]) => t)
        .join('')
        .replace(/[^aé🐱]/gu, '');
      expect(letters).toBe(text.replace(/[^aé🐱]/gu, ''));
      for (const [, weight] of spans(text)) expect(Number.isFinite(weight)).toBe(true);
    }
  });

  it('multiply when brackets are nested', () => {
    for (let depth = 0; depth < 6; depth++) {
      const [[, more]] = spans('('.repeat(depth) + 'x' + ')'.repeat(depth)) as [[string, number]];
      const [[, less]] = spans('['.repeat(depth) + 'x' + ']'.repeat(depth)) as [[string, number]];
      expect(more).toBeCloseTo(1.1 ** depth, 12);
      expect(less).toBeCloseTo(1.1 ** -depth, 12);
      expect(spans('('.repeat(depth) + 'x')[0]![1]).toBeCloseTo(more, 12);
    }
  });
});

describe('limits', () => {
  const many = '9'.repeat(400);

  it('keep weights where numbers are numbers', () => {
    expect(spans(`(((x:${many}):${many}):0)`)).toEqual([['x', 0]]);
    expect(spans(`(x:-${many}) (y:2)`)).toEqual([
      ['x', -100],
      [' ', 1],
      ['y', 2],
    ]);
    expect(spans(`${'('.repeat(99)}x`)).toEqual([['x', 100]]);
    expect(composedParts(`a:${many} AND b:-${many}`).map((part) => part.weight)).toEqual([100, -100]);
  });

  it('refuse with a sentence what would take the network hours', () => {
    const eight = Array<string>(8).fill('a').join(' AND ');
    expect(composedParts(eight)).toHaveLength(8);
    expect(() => composedParts(`${eight} AND b`)).toThrow(
      'A prompt may have 8 parts joined by AND; this one has 9.',
    );
    expect(insides('w10 BREAK '.repeat(32))).toHaveLength(32);
    expect(() => insides('w10 BREAK '.repeat(33))).toThrow(
      /may have 32 chunks of 75 tokens; this one has 33/,
    );
  });
});

describe('a prompt that changes with the steps', () => {
  it.each<[string, [number, string][]]>([
    ['test', [[10, 'test']]],
    [
      'a [b:3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [b: 3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [[[b]]:2]',
      [
        [2, 'a '],
        [10, 'a [[b]]'],
      ],
    ],
    [
      '[(a:2):3]',
      [
        [3, ''],
        [10, '(a:2)'],
      ],
    ],
    [
      'a [b : c : 1] d',
      [
        [1, 'a b  d'],
        [10, 'a  c  d'],
      ],
    ],
    [
      'a[b:[c:d:2]:1]e',
      [
        [1, 'abe'],
        [2, 'ace'],
        [10, 'ade'],
      ],
    ],
    ['a [unbalanced', [[10, 'a [unbalanced']]],
    [
      'a [b:.5] c',
      [
        [5, 'a  c'],
        [10, 'a b c'],
      ],
    ],
    [
      'a [{b|d{:.5] c',
      [
        [5, 'a  c'],
        [10, 'a {b|d{ c'],
      ],
    ],
    [
      '((a][:b:c [d:3]',
      [
        [3, '((a][:b:c '],
        [10, '((a][:b:c d'],
      ],
    ],
    [
      'a [b::4]',
      [
        [4, 'a b'],
        [10, 'a '],
      ],
    ],
    ['[a:b:0]', [[10, 'b']]],
    ['[a:b:-2]', [[10, 'b']]],
    ['[a:b:99]', [[10, 'a']]],
    ['[a:b:1.0]', [[10, 'a']]],
    [
      '[a:b:0.25]',
      [
        [2, 'a'],
        [10, 'b'],
      ],
    ],
    [
      '[(x:1.2) y:z:3]',
      [
        [3, '(x:1.2) y'],
        [10, 'z'],
      ],
    ],
    ['[a:b:c:3]', [[10, '[a:b:c:3]']]],
    ['[a:b:c]', [[10, '[a:b:c]']]],
    [
      String.raw`[a\:b:c:3] \[d:2]`,
      [
        [3, String.raw`a\:b \[d:2]`],
        [10, String.raw`c \[d:2]`],
      ],
    ],
    ['[a (b:c:3]', [[10, '[a (b:c:3]']]],
    [
      'a :) and [b:c:3] (',
      [
        [3, 'a :) and b ('],
        [10, 'a :) and c ('],
      ],
    ],
    ['a \\', [[10, 'a \\']]],
  ])('%j', (prompt, expected) => {
    expect(schedule(prompt)).toEqual(expected);
  });

  it('reads as the web UI documents it', () => {
    const prompt =
      'fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75][ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]';
    expect(schedule(prompt, 100)).toEqual([
      [25, 'fantasy landscape with a mountain and an oak in foreground shoddy'],
      [50, 'fantasy landscape with a lake and an oak in foreground in background shoddy'],
      [60, 'fantasy landscape with a lake and an oak in foreground in background masterful'],
      [75, 'fantasy landscape with a lake and an oak in background masterful'],
      [100, 'fantasy landscape with a lake and a christmas tree in background masterful'],
    ]);
  });

  it('alternates word by word, a step each, empty words and nested ones too', () => {
    const at = (prompt: string, steps: number): string[] => planNegative(prompt, steps).texts;
    expect(at('[a|(b:1.1)]', 4)).toEqual(['a', '(b:1.1)', 'a', '(b:1.1)']);
    expect(at('[fe|]male', 3)).toEqual(['female', 'male', 'female']);
    expect(at('[fe|||]male', 5)).toEqual(['female', 'male', 'male', 'male', 'female']);
    expect(at('[a|[b|c]|d:e]', 6)).toEqual(['a', 'c', 'd:e', 'a', 'b', 'd:e']);
    expect(at('[[a|b]:c:2]', 4)).toEqual(['a', 'b', 'c', 'c']);
    expect(at('a | b (c|d)', 1)).toEqual(['a | b (c|d)']);
  });

  it('is the text itself where nothing changes, whatever is typed', () => {
    const next = chance(11);
    const pieces = ['a', '[', ']', '(', ')', ':', '|', '\\', ' ', '3', '.5'];
    for (let n = 0; n < 3000; n++) {
      const text = randomText(next, pieces, 1 + next(12));
      const template = parseSchedule(text);
      const [first, last] = [textAt(template, 1, 10), textAt(template, 10, 10)];
      const changes = template.some((piece) => typeof piece !== 'string');
      expect(first === text && last === text).toBe(!changes);
    }
  });

  it('puts together what its parts say, however they are nested', () => {
    const next = chance(5);
    const nested = (depth: number): string => {
      if (depth === 0) return randomText(next, ['a', 'b ', '(c:1.2)', '[d]', ''], 2);
      const [one, two] = [nested(depth - 1), nested(depth - 1)];
      return [`${one}[${two}:${next(12)}]`, `[${one}|${two}]`, `(${one}) ${two}`][next(3)]!;
    };
    const at = (prompt: string, step: number): string => textAt(parseSchedule(prompt), step, 10);
    for (let n = 0; n < 300; n++) {
      const [from, to, when, step] = [nested(next(4)), nested(next(4)), next(12), 1 + next(10)];
      expect(at(`x[${from}:${to}:${when}]`, step)).toBe(`x${at(step <= when ? from : to, step)}`);
      expect(at(`[${from}|${to}|]y`, step)).toBe(`${at([from, to, ''][(step - 1) % 3]!, step)}y`);
    }
  });

  it('takes brackets as deep as a message can have them', () => {
    const deep = '['.repeat(999) + 'a' + '|b]'.repeat(999);
    expect(textAt(parseSchedule(deep), 1, 10)).toBe('a');
    expect(textAt(parseSchedule('['.repeat(2000)), 1, 10)).toBe('['.repeat(2000));
  });
});

describe('AND', () => {
  it.each([
    ['a cat', [['a cat', 1]]],
    ['a clock at 12:30', [['a clock at 12:30', 1]]],
    [
      'a cat AND a dog',
      [
        ['a cat', 1],
        ['a dog', 1],
      ],
    ],
    [
      'a cat :1.2 AND a dog: -.5 AND c',
      [
        ['a cat', 1.2],
        ['a dog', -0.5],
        ['c', 1],
      ],
    ],
    [
      'a (cat:1.2) AND [b:c:5]',
      [
        ['a (cat:1.2)', 1],
        ['[b:c:5]', 1],
      ],
    ],
    ['SAND and BAND AND_ éAND', [['SAND and BAND AND_ éAND', 1]]],
    [
      'a AND',
      [
        ['a', 1],
        ['', 1],
      ],
    ],
  ])('splits %j', (prompt, expected) => {
    expect(composedParts(prompt).map(({ text, weight }) => [text, weight])).toEqual(expected);
  });

  it('plans each part for itself, and is a word in a negative prompt', () => {
    const parts = planPrompt('[a:b:1] AND c:0.5', 3);
    expect(parts).toEqual([
      { weight: 1, texts: ['a', 'b', 'b'] },
      { weight: 0.5, texts: ['c', 'c', 'c'] },
    ]);
    const negative = planNegative('b AND c', 3);
    expect(negative.texts[0]).toBe('b AND c');
    expect(differentTexts([...parts, negative, planNegative('b', 3)])).toEqual(['a', 'b', 'c', 'b AND c']);
  });
});

describe('chunks', () => {
  it('hold 75 words between begin and end, and the rest goes on in the next', () => {
    expect(insides(words(10, 75))).toEqual([words(10, 75).match(/\d+/g)!.map(Number)]);
    expect(insides(words(10, 160)).map((c) => c.length)).toEqual([75, 75, 10]);
    const { chunks } = promptChunks(words(10, 80), wordTokenizer({ pad: 9 }));
    for (const { ids, weights, mask } of chunks)
      expect([ids.length, weights.length, mask.length]).toEqual([77, 77, 77]);
    expect(chunks[1]!.ids).toEqual([0, 85, 86, 87, 88, 89, 1, ...Array<number>(70).fill(9)]);
    expect(chunks[1]!.mask).toEqual([...Array<number>(7).fill(1), ...Array<number>(70).fill(0)]);
  });

  it('end at a comma that is at most 20 words back', () => {
    const lengths = (prompt: string): number[] => insides(prompt).map((c) => c.length);
    expect(lengths(`${words(10, 60)}, ${words(100, 15)}`)).toEqual([61, 15]);
    expect(lengths(`${words(10, 55)}, ${words(100, 20)}`)).toEqual([56, 20]);
    expect(lengths(`${words(10, 54)}, ${words(100, 21)}`)).toEqual([75, 1]);
    expect(lengths(`${words(10, 74)}, ${words(100, 3)}`)).toEqual([75, 3]);
    expect(lengths(`${words(10, 75)}, ${words(100, 3)}`)).toEqual([75, 4]);
    expect(lengths(`${words(10, 60)}, ${words(100, 14)}`)).toEqual([75]);
  });

  it('keep every word in order with its weight, whatever the commas and breaks', () => {
    const next = chance(3);
    for (let n = 0; n < 200; n++) {
      const text = randomText(next, [words(10, 7), ', ', ' BREAK ', ' (w50 w51, w52:1.5) ', ' '], 40);
      const { chunks, cut } = promptChunks(text, wordTokenizer());
      expect(cut).toBe(false);
      const kept = chunks.flatMap(({ ids, weights }) =>
        ids.flatMap((id, i) => (id > 1 ? [[id, weights[i]]] : [])),
      );
      const asked = weightedSpans(text).flatMap((span) =>
        span.kind === 'break'
          ? []
          : wordTokenizer()
              .tokens(span.text)
              .map((id) => [id, span.weight]),
      );
      expect(kept).toEqual(asked);
    }
  });

  it('end at BREAK, and an empty one before a leading BREAK stays', () => {
    expect(insides('w10 BREAK w11 w12')).toEqual([[10], [11, 12]]);
    expect(insides('BREAK w11')).toEqual([[], [11]]);
    expect(insides('w11 BREAK')).toEqual([[11]]);
    expect(insides('')).toEqual([[]]);
  });

  it('are made as many as the other prompt has with chunks of no words', () => {
    const tokenizer = wordTokenizer();
    const { chunks } = promptChunks('(w10:2)', tokenizer);
    const padded = padChunks(chunks, 3, tokenizer);
    expect(padded).toEqual([chunks[0], ...Array<unknown>(2).fill(promptChunks('', tokenizer).chunks[0])]);
    expect(padChunks(padded, 1, tokenizer)).toEqual(padded);
  });

  it('are one, cut, for an encoder that reads one sequence', () => {
    const t5 = wordTokenizer({ chunked: false, begin: [], length: 6, pad: 0 });
    expect(promptChunks('w10 BREAK (w11:1.5)', t5)).toEqual({
      chunks: [{ ids: [10, 11, 1, 0, 0, 0], weights: [1, 1.5, 1, 1, 1, 1], mask: [1, 1, 1, 0, 0, 0] }],
      cut: false,
    });
    const long = promptChunks(words(10, 9), t5);
    expect(long.cut).toBe(true);
    expect(long.chunks.map((c) => c.ids)).toEqual([[10, 11, 12, 13, 14, 1]]);
  });
});

describe('emphasis', () => {
  const hidden = Float32Array.of(1, 2, 3, 4, 5, 6);
  const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('multiplies every token and keeps the mean, or does not', () => {
    expect([...emphasize(hidden, [1, 2, 0], 2, 'no norm')]).toEqual([1, 2, 6, 8, 0, 0]);
    const original = emphasize(hidden, [1, 2, 0], 2, 'original');
    expect(mean(original)).toBeCloseTo(mean(hidden), 6);
    const ratio = 21 / 17;
    [1, 2, 6, 8, 0, 0].forEach((value, i) => expect(original[i]).toBeCloseTo(value * ratio, 5));
  });

  it('leaves the numbers alone bit for bit where all weights are 1, and finite where the mean is lost', () => {
    const odd = Float32Array.from({ length: 6 }, (_, i) => Math.sin(i) * 1e-3);
    expect(emphasize(odd, [1, 1, 1], 2, 'original')).toEqual(odd);
    expect([...emphasize(hidden, [0, 0, 0], 2, 'original')]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("joins chunks along the tokens, each with its own mean, and gives the first one's pooled vector", () => {
    const tokenizer = wordTokenizer({ length: 3 });
    const { chunks } = promptChunks('(w10:3) w11', tokenizer);
    expect(chunks.map((c) => c.weights)).toEqual([
      [1, 3, 1],
      [1, 1, 1],
    ]);
    const pooled = Float32Array.of(7, 8);
    const encoded = [
      { hidden, pooled },
      { hidden, pooled: Float32Array.of(9, 9) },
    ];
    const joined = joinChunks(chunks, encoded, 2, 'original');
    expect(joined).toMatchObject({ tokens: 6, width: 2 });
    expect(joined.pooled).toBe(pooled);
    expect(joined.data.subarray(6)).toEqual(hidden);
    expect(mean(joined.data.subarray(0, 6))).toBeCloseTo(mean(hidden), 6);
    expect(joined.data[2]! / joined.data[0]!).toBeCloseTo(9, 5);
    expect(joinChunks(chunks, [{ hidden }, { hidden }], 2, 'no norm')).not.toHaveProperty('pooled');
  });
});
