// The door: who is let in, on what terms, and that nobody spends what another has spent.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Admission, accountOf, Moderated, type Asker } from '../src/core/admission.ts';
import { noRules, type Limit, type Rules } from '../src/core/rules.ts';
import { MemoryLedger } from './support/memory-ledger.ts';
import { randomFrom } from './support/random.ts';
import { sampleParams } from './support/sample-job.ts';

const now = new Date('2026-11-23T12:00:00Z');
const ada: Asker = { by: { platform: 'discord', id: 'ada', name: 'Ada' }, server: 's', channel: 'c' };
const daily = (amount: number, more: Partial<Limit> = {}): Limit => ({
  who: 'everyone',
  unit: 'pictures',
  per: 'day',
  amount,
  ...more,
});

function open(changes: Partial<Rules> = {}, ledger = new MemoryLedger(), more = {}) {
  const rules = { ...noRules, ...changes };
  const admission = new Admission({
    rulesOf: () => rules,
    ledger,
    predictSeconds: ({ count }) => count * 10,
    now: () => now,
    check: (prompt) => (prompt.includes('forbidden') ? { message: 'Not that.' } : undefined),
    ...more,
  });
  const ask = (count = 1, asker = ada, params = {}) =>
    admission.admit(asker, { ...sampleParams, ...params, count }, async (terms) => {
      const spent = { pictures: count, seconds: count * 10 };
      const entry = { server: accountOf(asker), person: asker.by.id, model: 'emoji', at: now, ...spent };
      if (!terms.relaxed) ledger.reserve(entry);
      return terms;
    });
  return { admission, ledger, ask };
}

describe('the door', () => {
  it.each<[string, Partial<Rules>, object, string]>([
    ['pause', { paused: { reason: 'Upgrade.' } }, {}, "Drawing is paused by this server's admins: Upgrade."],
    ['ban', { bans: [{ person: 'ada' }] }, {}, 'You may not draw here.'],
    ['channel', { channels: ['x'] }, {}, 'Pictures are drawn here only in <channel:x>'],
    ['age', { ageRestrictedOnly: true }, {}, 'age-restricted channels only'],
    ['model', { models: ['sdxl'] }, {}, 'You can use: sdxl.'],
    ['side', { maxSide: 32 }, {}, 'up to 32 pixels a side'],
    ['steps', { maxSteps: 2 }, {}, 'up to 2 steps here, not 4'],
    ['amount of nothing', { limits: [daily(0)] }, {}, 'You may not draw pictures here.'],
  ])('refuses by %s with a sentence', async (_, rules, params, sentence) => {
    await expect(open(rules).ask(1, ada, params)).rejects.toThrow(sentence);
  });

  it('lets in again who was banned until now', async () => {
    const { ask } = open({ bans: [{ person: 'ada', until: '2026-11-23T12:00:00Z' }] });
    await expect(ask()).resolves.toBeDefined();
  });

  it('hands on what the moderation said', async () => {
    await expect(open().ask(1, ada, { prompt: 'forbidden' })).rejects.toBeInstanceOf(Moderated);
  });

  it('leaves prompts out of files where the server or the owner has it so', async () => {
    const terms = async (picturePrompts: boolean, owner?: boolean) =>
      (await open({ picturePrompts }, undefined, { picturePrompts: owner }).ask()).value;
    expect(await terms(true)).toEqual({ flaggedAs: 'spoiler' });
    for (const [own, owners] of [
      [false, true],
      [true, false],
    ] as const)
      expect(await terms(own, owners)).toEqual({ flaggedAs: 'spoiler', promptless: true });
  });

  it('asks the ledger nothing where no limit holds', async () => {
    const { ask, ledger } = open({ weights: { a: 2, b: 3 }, channels: ['c'] });
    expect((await ask(1, { ...ada, roles: ['a', 'b'] })).value).toEqual({ weight: 3, flaggedAs: 'spoiler' });
    expect(ledger.asked).toBe(0);
    expect((await ask(1, { ...ada, ageRestricted: true })).value).toEqual({});
  });
});

describe('a quota', () => {
  it('refuses with the limit, what is used and when it renews', async () => {
    const { ask } = open({ limits: [daily(5)], overBudget: 'refuse', timeZone: 'Europe/Berlin' });
    expect((await ask(4)).warning).toBe(
      'You have used 4 of 5 pictures today; it renews at midnight (Europe/Berlin).',
    );
    await expect(ask(2)).rejects.toThrow(
      'The limit is 5 pictures a day for each person: 4 of 5 pictures used, and this needs 2 pictures. It renews at midnight (Europe/Berlin).',
    );
  });

  it('relaxes what is beyond it, and says so', async () => {
    const { ask } = open({ limits: [daily(1)] });
    await ask();
    const { value, warning } = await ask();
    expect(value.relaxed).toBe(true);
    expect(warning).toContain('drawn when a device is idle and is not counted');
  });

  it('of seven pictures is spent by seven of a hundred at once, and by no failed one', async () => {
    const next = randomFrom(7);
    const wait = async () => {
      for (let i = Math.floor(next() * 4); i > 0; i--) await turn();
    };
    const ledger = new MemoryLedger();
    const used = ledger.used.bind(ledger);
    ledger.used = async (...asked) => {
      await wait();
      const sum = await used(...asked);
      await wait();
      return sum;
    };
    const { admission } = open({ limits: [daily(7)], overBudget: 'refuse' }, ledger);
    let failed = 0;
    const asks = Array.from({ length: 100 }, (_, i) =>
      admission.admit(ada, sampleParams, async () => {
        await wait();
        if (i % 3 === 0) throw new Error(`failed ${(failed += 1)}`);
        const entry = { server: accountOf(ada), person: 'ada', model: 'emoji', at: now };
        ledger.reserve({ ...entry, pictures: 1, seconds: 1 });
      }),
    );
    const all = await Promise.allSettled(asks);
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(ledger.entries).toHaveLength(7);
    expect(failed).toBeGreaterThan(0);
  });

  it('of one server keeps nobody of another waiting', async () => {
    const { admission, ask } = open({ limits: [daily(7)] });
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => (resolve = done));
    const held = admission.admit(ada, sampleParams, () => promise);
    await expect(ask(1, { ...ada, server: 't' })).resolves.toBeDefined();
    resolve();
    await held;
  });

  it.each([1, 2, 3, 4, 5])('is never exceeded, whatever is asked (seed %i)', async (seed) => {
    const next = randomFrom(seed);
    const some = (most: number) => 1 + Math.floor(next() * most);
    const server = daily(some(60), { who: 'server' });
    const person = daily(some(200), { unit: 'seconds' });
    const { ask, ledger } = open({ limits: [server, person], overBudget: 'refuse' });
    const people = ['ada', 'bob', 'cyd'].map((id) => ({ ...ada, by: { ...ada.by, id } }));
    await Promise.allSettled(Array.from({ length: 80 }, () => ask(some(4), people[some(3) - 1])));
    const sum = (unit: 'pictures' | 'deviceSeconds', id?: string) =>
      ledger.entries.filter((e) => !id || e.person === id).reduce((all, e) => all + e[unit], 0);
    expect(sum('pictures')).toBeLessThanOrEqual(server.amount);
    for (const { by } of people) expect(sum('deviceSeconds', by.id)).toBeLessThanOrEqual(person.amount);
  });

  it('stands in the list of those that concern a person', async () => {
    const { admission, ask } = open({ limits: [daily(50), daily(9, { model: 'sdxl' })] });
    await ask(3);
    const [first, second] = await admission.standing(ada);
    expect(first).toMatchObject({ used: 3, amount: 50, renewsAt: new Date('2026-11-24T00:00Z') });
    expect(second).toMatchObject({ used: 0, amount: 9 });
  });
});
