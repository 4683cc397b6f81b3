import { describe, expect, it } from 'vitest';
import { completeRequest } from '../src/core/request.ts';
import type { ImagineOptions } from '../src/core/prompt-line.ts';
import { UserError } from '../src/core/user-error.ts';
import { fixed, flexible } from './support/cards.ts';

const complete = (options: ImagineOptions) =>
  completeRequest(options, [flexible, fixed], { model: 'flexible', randomSeed: () => 99 });

describe('a request', () => {
  it('gets every parameter from the card where the person said nothing', () => {
    expect(complete({ prompt: 'a heart' })).toEqual({
      model: 'flexible',
      prompt: 'a heart',
      negativePrompt: 'blur',
      width: 512,
      height: 512,
      steps: 20,
      guidanceScale: 7.5,
      scheduler: 'ddim',
      seed: 99,
      count: 4,
    });
  });

  it('keeps the area of the card in another aspect ratio', () => {
    expect(complete({ prompt: 'x', aspect: [2, 1] })).toMatchObject({ width: 728, height: 360 });
  });

  it('takes emoji and right-to-left words as they are', () => {
    expect(complete({ prompt: '❤️🔥' }).prompt).toBe('❤️🔥');
    expect(complete({ prompt: 'قلب أحمر' }).prompt).toBe('قلب أحمر');
  });

  it('takes control characters and direction overrides out of the words', () => {
    expect(complete({ prompt: 'a\u0000 red\u202e \u0007heart\n' }).prompt).toBe('a red heart');
  });

  it('counts characters, not bytes', () => {
    expect(complete({ prompt: '❤'.repeat(2000) }).prompt).toHaveLength(2000);
  });

  it.each<[ImagineOptions, string]>([
    [{ prompt: '' }, 'Say what to draw'],
    [{ prompt: ' \u0000 ' }, 'Say what to draw'],
    [{ prompt: 'x'.repeat(10_000) }, 'may have 2000 characters; this one has 10000'],
    [{ prompt: 'x', seed: -1 }, 'The seed must be a whole number from 0 to 4294967295, not -1'],
    [{ prompt: 'x', seed: 2 ** 32 }, 'The seed must be a whole number from 0 to 4294967295'],
    [{ prompt: 'x', steps: 0 }, 'Steps must be a whole number from 1 to 100, not 0'],
    [{ prompt: 'x', steps: 1000 }, 'Steps must be a whole number from 1 to 100, not 1000'],
    [{ prompt: 'x', count: 5 }, 'The number of pictures must be a whole number from 1 to 4'],
    [{ prompt: 'x', guidanceScale: Number.NaN }, 'Guidance must be from 0 to 30'],
    [{ prompt: 'x', width: 500 }, 'Width must be a multiple of 8 from 64 to 1024 pixels, not 500'],
    [{ prompt: 'x', height: 4096 }, 'Height must be a multiple of 8 from 64 to 1024 pixels, not 4096'],
    [{ prompt: 'x', width: 64, model: 'fixed' }, 'fixed draws 128 x 128 pixels only'],
    [{ prompt: 'x', scheduler: 'magic' }, 'There is no scheduler "magic". You can use: default, ddpm'],
    [{ prompt: 'x', model: 'nobody' }, 'There is no model "nobody". You can use: flexible, fixed.'],
  ])('refuses %j with one sentence', (options, sentence) => {
    expect(() => complete(options)).toThrow(UserError);
    expect(() => complete(options)).toThrow(sentence);
  });

  it('says what to do when there is no model at all', () => {
    const none = () => completeRequest({ prompt: 'x' }, [], { model: 'emoji', randomSeed: () => 1 });
    expect(none).toThrow('There is no model yet: put one in models/.');
  });
});
