// Discord's text of what people wrote: code that can be copied is whole, and ends where it should.

import { describe, expect, it } from 'vitest';
import { codeSpan, contentOf, pagesOf } from '../src/bots/discord/wording.ts';
import { queued } from './support/discord/desk.ts';

const LINK = '[x](https://evil.example)';

describe('a code span', () => {
  it.each([1, 2, 3, 4, 5])('is not ended by %i backticks, so no link behind them comes alive', (count) => {
    const text = `${'`'.repeat(count)}${LINK}${'`'.repeat(count)}`;
    const span = codeSpan(text);
    const runs = span.match(/`+/g)!.map((run) => run.length);
    expect(runs).toEqual([2, ...Array.from({ length: 2 * count }, () => 1), 2]);
    expect(span.replaceAll('\u200b', '')).toBe(`\`\` ${text} \`\``);
  });

  it('of words without any is a plain one', () => {
    expect(codeSpan(LINK)).toBe(`\`${LINK}\``);
  });
});

describe('a recipe', () => {
  const view = { ...queued('a cat'), recipe: `/imagine ${'cat '.repeat(320)}--seed 7` };

  it('stands whole where there is room', () => {
    expect(contentOf(view)).toContain(`\`${view.recipe}\``);
  });

  it('that does not fit gives way to what brings the message back', () => {
    const longer = { ...view, recipe: `/imagine ${'cat '.repeat(330)}--seed 7` };
    expect(contentOf(longer).split('\n').at(-1)).toBe('`/show job-1`');
  });

  it('in a list is whole too, or not there', () => {
    const lines = [{ text: 'Typed again:', code: view.recipe }];
    expect(pagesOf(lines)).toEqual([`Typed again: \`${view.recipe}\``]);
    expect(pagesOf([{ text: 'Typed again:', code: 'x'.repeat(3000) }])).toEqual([
      'Typed again: (too long to be shown here)',
    ]);
  });
});
