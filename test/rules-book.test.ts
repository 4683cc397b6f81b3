// The rules of all servers: changes come one after the other, nothing is lost, and memory never runs ahead of the store.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noRules, type Rules, type ServerRef } from '../src/core/rules.ts';
import { RulesBook } from '../src/core/rules-book.ts';
import { MemoryRules } from './support/memory-rules.ts';

const now = new Date('2026-11-23T12:00:00Z');
const s: ServerRef = { platform: 'discord', id: 's' };
const eve = { id: 'eve', name: 'Eve' };

/** Forbids one more word, as an edit of the rules. */
const word = (text: string) => (rules: Rules) => ({
  rules: { ...rules, words: [...rules.words, text] },
  said: `${text} is forbidden.`,
});

describe('the book of rules', () => {
  it('knows after a start what was changed before, and by whom', async () => {
    const store = new MemoryRules();
    const before = new RulesBook(store, () => now);
    await before.load();
    expect(before.of(s)).toEqual(noRules);
    expect(await before.change(s, eve, 'words add gore', word('gore'))).toBe('gore is forbidden.');

    const after = new RulesBook(store, () => now);
    await after.load();
    expect(after.of(s).words).toEqual(['gore']);
    expect(after.list()).toEqual([{ server: s, rules: after.of(s) }]);
    expect(await after.audit(s, 5)).toEqual([{ at: now, by: eve, change: 'words add gore' }]);
  });

  it('takes servers of the same id on two platforms for two', async () => {
    const book = new RulesBook(new MemoryRules(), () => now);
    await book.change(s, eve, 'words add gore', word('gore'));
    expect(book.of({ platform: 'slack', id: 's' })).toEqual(noRules);
  });

  it('loses none of a hundred changes at once', async () => {
    class SlowRules extends MemoryRules {
      override async set(...set: Parameters<MemoryRules['set']>): Promise<void> {
        for (let i = set[1].words.length % 4; i > 0; i--) await turn();
        await super.set(...set);
      }
    }
    const store = new SlowRules();
    const book = new RulesBook(store, () => now);
    const texts = Array.from({ length: 100 }, (_, i) => `word${i}`);
    await Promise.all(texts.map((text) => book.change(s, eve, `words add ${text}`, word(text))));
    expect(book.of(s).words).toEqual(texts);
    expect((await store.get(s))?.words).toEqual(texts);
    expect((await book.audit(s, 200)).map(({ change }) => change)).toEqual(
      texts.map((text) => `words add ${text}`).toReversed(),
    );
  });

  it('holds what the store has not taken for nothing, and goes on', async () => {
    class FullRules extends MemoryRules {
      full = true;
      override async set(...set: Parameters<MemoryRules['set']>): Promise<void> {
        if (this.full) throw new Error('The disk is full.');
        await super.set(...set);
      }
    }
    const store = new FullRules();
    const book = new RulesBook(store, () => now);
    await expect(book.change(s, eve, 'words add gore', word('gore'))).rejects.toThrow('full');
    expect(book.of(s)).toEqual(noRules);
    store.full = false;
    await book.change(s, eve, 'words add blood', word('blood'));
    expect(book.of(s).words).toEqual(['blood']);
  });

  it('lets new rules hold only once they are stored', async () => {
    let taken = (): void => {};
    class WaitingRules extends MemoryRules {
      override async set(...set: Parameters<MemoryRules['set']>): Promise<void> {
        await new Promise<void>((resolve) => (taken = resolve));
        await super.set(...set);
      }
    }
    const book = new RulesBook(new WaitingRules(), () => now);
    const change = book.change(s, eve, 'words add gore', word('gore'));
    await turn();
    expect(book.of(s)).toEqual(noRules);
    taken();
    await change;
    expect(book.of(s).words).toEqual(['gore']);
  });

  it('keeps nobody waiting for another server', async () => {
    let taken = (): void => {};
    class OneSlowServer extends MemoryRules {
      override async set(...set: Parameters<MemoryRules['set']>): Promise<void> {
        if (set[0].id === 's') await new Promise<void>((resolve) => (taken = resolve));
        await super.set(...set);
      }
    }
    const book = new RulesBook(new OneSlowServer(), () => now);
    const slow = book.change(s, eve, 'words add gore', word('gore'));
    const other = { platform: 'discord', id: 't' };
    await expect(book.change(other, eve, 'words add gore', word('gore'))).resolves.toContain('gore');
    taken();
    await slow;
  });

  it('leaves no trace of a change that can not be', async () => {
    const book = new RulesBook(new MemoryRules(), () => now);
    const edit = () => {
      throw new Error('Not that.');
    };
    await expect(book.change(s, eve, 'nonsense', edit)).rejects.toThrow('Not that.');
    expect(await book.audit(s, 5)).toEqual([]);
    expect(book.list()).toEqual([]);
  });

  it('drops bans and bonuses that are over with the next change, and no others', async () => {
    const book = new RulesBook(new MemoryRules(), () => now);
    const ended = now.toISOString();
    const lasting = '2026-11-23T12:00:01.000Z';
    const grant = { person: 'ada', unit: 'pictures', amount: 5 } as const;
    await book.change(s, eve, 'all of them', (rules) => ({
      rules: {
        ...rules,
        bans: [{ person: 'a', until: ended }, { person: 'b', until: lasting }, { person: 'c' }],
        grants: [
          { ...grant, until: ended },
          { ...grant, until: lasting },
        ],
      },
      said: 'So be it.',
    }));
    expect(book.of(s).bans.map(({ person }) => person)).toEqual(['b', 'c']);
    expect(book.of(s).grants).toEqual([{ ...grant, until: lasting }]);
  });
});
