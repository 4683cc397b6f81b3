// What every store of the console's accounts promises.

import { expect, it } from 'vitest';
import type { Session } from '../../src/bots/console/access/access-store.ts';
import { at, type Stores } from './stores.ts';

export function accountTests(stores: () => Stores): void {
  const account = (name: string) => ({ name, keyHash: `key of ${name}`, createdAt: at(1) });
  const session = (id: string, more: Partial<Session> = {}): Session => ({ id, until: at(60), ...more });

  it('lets each name in once, and finds it by its key', async () => {
    const { accounts } = stores();
    expect(await accounts.invite(account('bob'))).toBe(true);
    expect(await accounts.invite(account('ada'))).toBe(true);
    expect(await accounts.invite({ ...account('bob'), keyHash: 'another' })).toBe(false);
    expect(await accounts.accounts()).toEqual([account('ada'), account('bob')]);
    expect(await accounts.accountWithKey('key of bob')).toEqual(account('bob'));
    expect(await accounts.accountWithKey('another')).toBeUndefined();
  });

  it('keeps who is signed in until they sign out', async () => {
    const { accounts } = stores();
    await accounts.invite(account('ada'));
    const [owner, ada] = [session('a', { mark: 'm' }), session('b', { name: 'ada' })];
    await accounts.begin(owner, at(1), 9);
    await accounts.begin(ada, at(1), 9);
    expect([await accounts.session('a'), await accounts.session('b')]).toEqual([owner, ada]);
    await accounts.end('a');
    await accounts.end('nothing');
    expect([await accounts.session('a'), await accounts.session('b')]).toEqual([undefined, ada]);
  });

  it('ends all sessions of an account with it, and begins none without it', async () => {
    const { accounts } = stores();
    await accounts.invite(account('ada'));
    await accounts.begin(session('a', { name: 'ada' }), at(1), 9);
    await accounts.begin(session('o', { mark: 'm' }), at(1), 9);
    expect([await accounts.dismiss('ada'), await accounts.dismiss('ada')]).toEqual([true, false]);
    expect(await accounts.session('a')).toBeUndefined();
    expect(await accounts.session('o')).toBeDefined();
    const begun = accounts.begin(session('b', { name: 'ada' }), at(1), 9);
    expect(await begun.then(String, () => 'refused')).toBe('refused');
  });

  it('drops what is over when another begins', async () => {
    const { accounts } = stores();
    await accounts.begin(session('old', { until: at(5) }), at(1), 9);
    await accounts.begin(session('new'), at(5), 9);
    expect(await accounts.session('old')).toBeUndefined();
    expect(await accounts.session('new')).toEqual(session('new'));
  });

  it('keeps the newest sessions of each person', async () => {
    const { accounts } = stores();
    await accounts.invite(account('ada'));
    for (const name of [undefined, 'ada'])
      for (let i = 0; i < 4; i++) {
        const whose = name === undefined ? {} : { name };
        await accounts.begin(session(`${name ?? 'owner'}${i}`, { ...whose, until: at(60 + i) }), at(1), 2);
      }
    const kept = async (name: string) =>
      (await Promise.all([0, 1, 2, 3].map((i) => accounts.session(`${name}${i}`)))).map(Boolean);
    expect([await kept('owner'), await kept('ada')]).toEqual([0, 1].map(() => [false, false, true, true]));
  });
}
