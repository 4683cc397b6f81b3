// Which emoji means what, and the commands that are typed.

import { describe, expect, it } from 'vitest';
import { DEFAULT_REACTIONS, firstEmoji, meaningOf, readReactions } from '../src/bots/reactions.ts';
import { commands, readLine } from '../src/bots/typed-line.ts';

describe('reactions', () => {
  const usual = readReactions(DEFAULT_REACTIONS);

  it.each([
    ['🔁', 'rerun'],
    [':repeat:', 'rerun'],
    ['⬆️', 'upscale'],
    ['⬆', 'upscale'], // without the character that asks for colour
    ['✉', 'send'],
    [':email:', 'send'],
    ['❌', 'end'],
    ['⭐', 'favorite'],
    [':star:', 'favorite'],
  ])('%s means %s', (emoji, meaning) => expect(meaningOf(usual, emoji)).toBe(meaning));

  it('of other emoji mean nothing', () => {
    for (const emoji of ['👍', 'repeat', ':heart:', '', ':']) expect(meaningOf(usual, emoji)).toBeUndefined();
  });

  it('can be chosen, also the own emoji of a server', () => {
    const own = readReactions(' 🎲 = rerun , :party:=favorite');
    expect([...own]).toEqual([
      ['🎲', 'rerun'],
      [':party:', 'favorite'],
    ]);
    expect([...firstEmoji(own)]).toEqual([['rerun', '🎲']] as const);
  });
});

describe('a typed line', () => {
  it.each([
    ['/imagine a cat --n 2', { kind: 'imagine', text: 'a cat --n 2' }],
    [' /IMAGINE a\ncat', { kind: 'imagine', text: 'a\ncat' }],
    ['/show abc ', { kind: 'show', jobId: 'abc' }],
    ['/history', { kind: 'history' }],
    ['/history favourites', { kind: 'history', favorites: true }],
    ['/settings', { kind: 'settings' }],
    ['/settings --n 2', { kind: 'settings', text: '--n 2' }],
    ['/again', { kind: 'again' }],
    ['/queue', { kind: 'queue' }],
    ['/Info', { kind: 'info' }],
    ['/help', { kind: 'help' }],
  ])('%j is understood', (line, meant) => expect(readLine(line)).toEqual(meant));

  it('knows every command that it tells of', () => {
    const behind: Record<string, string> = { mydata: 'export', darkroom: 'bans' };
    for (const { name, takes } of commands) {
      const { kind } = readLine(`/${name} ${behind[name] ?? (takes ? 'x' : '')}`.trim());
      expect(kind).toBe(name === 'darkroom' ? 'admin' : name);
    }
  });

  it.each([
    ['a red cat', 'put /imagine in front: /imagine a red cat'],
    ['/draw a cat', 'There is no /draw here'],
    ['/show', 'Type /show and an id'],
  ])('%j is answered with what can be typed', (line, words) => {
    expect(readLine(line)).toMatchObject({ kind: 'unknown', reply: expect.stringContaining(words) });
  });
});
