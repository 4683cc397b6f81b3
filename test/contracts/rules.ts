// What every store of rules promises.

import { expect, it } from 'vitest';
import { noRules, rules as schema } from '../../src/core/rules.ts';
import { at, type Stores } from './stores.ts';

const server = { platform: 'discord', id: '1' };
const by = { id: 'ada', name: 'Ada 🦊' };

export function rulesTests(stores: () => Stores): void {
  it('knows no rules of a server that has none', async () => {
    const { rules } = stores();
    expect(await rules.get(server)).toBeUndefined();
    expect(await rules.audit(server, 10)).toEqual([]);
    expect(await rules.list()).toEqual([]);
  });

  it('keeps the rules of each server as they were last set', async () => {
    const { rules } = stores();
    const strict = schema.parse({
      timeZone: 'Europe/Berlin',
      limits: [{ who: 'role:7', unit: 'pictures', per: 'day', amount: 50, burst: 5 }],
      bans: [{ person: 'eve', reason: 'spam "…"' }],
      paused: {},
      weights: { 7: 2.5 },
    });
    const change = { at: at(1), by, change: 'x' };
    await rules.set(server, { ...noRules, words: ['gore*'] }, change);
    await rules.set(server, strict, change);
    await rules.set({ platform: 'slack', id: '1' }, noRules, change);
    expect(await rules.get(server)).toEqual(strict);
    expect(await rules.list()).toEqual([
      { server, rules: strict },
      { server: { platform: 'slack', id: '1' }, rules: noRules },
    ]);
  });

  it('tells who changed what in one server, the newest first', async () => {
    const { rules } = stores();
    const changes = ['first', 'second', 'third'].map((change, i) => ({ at: at(i), by, change }));
    for (const entry of changes) await rules.set(server, noRules, entry);
    await rules.set({ ...server, id: '2' }, noRules, { at: at(9), by, change: 'elsewhere' });
    expect(await rules.audit(server, 2)).toEqual([changes[2], changes[1]]);
    expect(await rules.audit(server, 10)).toHaveLength(3);
  });
}
