import { describe, expect, it } from 'vitest';
import { parsePromptLine, writeFlags } from '../src/core/prompt-line.ts';
import { UserError } from '../src/core/user-error.ts';
import { recipeLine } from '../src/pipeline/recipe.ts';

describe('a typed line', () => {
  it('is a prompt when it has no flags', () => {
    expect(parsePromptLine('/imagine a red heart')).toEqual({ prompt: ' a red heart' });
  });

  it('takes flags anywhere and leaves the words around them', () => {
    const { prompt, ...options } = parsePromptLine('a cat --seed 41 on a mat --steps 30 --n 2');
    expect(prompt.replace(/\s+/g, ' ').trim()).toBe('a cat on a mat');
    expect(options).toEqual({ seed: 41, steps: 30, count: 2 });
  });

  it('reads the dash that phones make of two hyphens', () => {
    expect(parsePromptLine('a cat —ar 3:2 –seed 7')).toMatchObject({ aspect: [3, 2], seed: 7 });
  });

  it('takes everything up to the next flag as what should not be seen', () => {
    expect(parsePromptLine('a cat --no text and dogs --seed 1')).toMatchObject({
      negativePrompt: 'text and dogs',
      seed: 1,
    });
  });

  it('keeps a hyphenated word and a lone number as words', () => {
    expect(parsePromptLine('a well-known number 7 - seven').prompt).toBe('a well-known number 7 - seven');
  });

  it.each([
    ['a cat --sed 3', 'There is no --sed'],
    ['a cat --seed', '--seed needs a value'],
    ['a cat --seed --n 2', '--seed needs a value'],
    ['a cat --seed 1.5', '--seed needs a whole number, not "1.5"'],
    ['a cat --steps many', '--steps needs a number, not "many"'],
    ['a cat --size 128', '--size needs two numbers, like 512x512'],
    ['a cat --ar 0:1', '--ar needs two numbers, like 3:2'],
  ])('refuses %j and says what is wanted', (line, sentence) => {
    expect(() => parsePromptLine(line)).toThrow(UserError);
    expect(() => parsePromptLine(line)).toThrow(sentence);
  });

  it('reads a recipe back as it was', () => {
    const recipe = {
      prompt: 'a red heart',
      negativePrompt: 'text, blur',
      width: 128,
      height: 64,
      steps: 12,
      guidanceScale: 3.5,
      scheduler: 'ddim' as const,
      seed: 4294967295,
      count: 3,
      model: 'emoji',
    };
    const { prompt, ...rest } = parsePromptLine(recipeLine(recipe));
    expect({ prompt: prompt.trim(), ...rest }).toEqual(recipe);
  });

  it('takes switches without a value, wherever they stand', () => {
    expect(parsePromptLine('--private a cat --public')).toMatchObject({ private: false });
    const { prompt, ...rest } = parsePromptLine('a cat —private in a hat --n 2');
    expect([prompt.replace(/\s+/g, ' ').trim(), rest]).toEqual([
      'a cat in a hat',
      { private: true, count: 2 },
    ]);
  });

  it('reads a picture to start from as an address or as ids', () => {
    expect(parsePromptLine('a cat --image https://a.test/b.png?c=d,e --strength .4')).toMatchObject({
      image: { from: 'web', url: 'https://a.test/b.png?c=d,e' },
      strength: 0.4,
    });
    expect(parsePromptLine('a cat --image abc-0,abc-1').image).toEqual({
      from: 'store',
      ids: ['abc-0', 'abc-1'],
    });
  });
});

describe('written flags', () => {
  const every = {
    negativePrompt: 'text, "big" blur',
    seed: 0,
    steps: 12,
    guidanceScale: 0,
    scheduler: 'ddim',
    width: 64,
    height: 32,
    count: 1,
    model: 'emoji',
    style: 'flat',
    image: { from: 'store', ids: ['a-1', 'b-2'] },
    strength: 0,
    stop: 3,
    private: false,
  } as const;

  it('read back say the same', () => {
    const { prompt: _, ...read } = parsePromptLine(
      `a cat ${writeFlags({ ...every, image: { from: 'store', ids: ['a-1', 'b-2'] } })}`,
    );
    expect(read).toEqual({ ...every, negativePrompt: "text, 'big' blur" });
    expect(parsePromptLine(writeFlags({ aspect: [3, 2], private: true }))).toMatchObject({
      aspect: [3, 2],
      private: true,
    });
  });

  it('of nothing are nothing', () => {
    expect(writeFlags({})).toBe('');
    expect(writeFlags({ negativePrompt: '' })).toBe('--no ""');
    expect(parsePromptLine('a cat --no "" --n 1')).toMatchObject({ negativePrompt: '', count: 1 });
  });
});
