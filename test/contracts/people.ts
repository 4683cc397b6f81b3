// What every store of people promises.

import { expect, it } from 'vitest';
import type { Stores } from './stores.ts';

const ada = { platform: 'discord', id: 'ada' };
const otherAda = { platform: 'slack', id: 'ada' };

export function peopleTests(stores: () => Stores): void {
  it('keeps the defaults of each person', async () => {
    const { people } = stores();
    expect(await people.defaultsOf(ada)).toEqual({});
    await people.setDefaults(ada, { steps: 30, aspect: [3, 2], private: true, negativePrompt: 'ש "x"' });
    await people.setDefaults(otherAda, { count: 1 });
    expect(await people.defaultsOf(ada)).toEqual({
      steps: 30,
      aspect: [3, 2],
      private: true,
      negativePrompt: 'ש "x"',
    });
    await people.setDefaults(ada, {});
    expect(await people.defaultsOf(ada)).toEqual({});
    expect(await people.defaultsOf(otherAda)).toEqual({ count: 1 });
  });

  it('keeps what a person marked, the latest mark first', async () => {
    const { people } = stores();
    for (const id of ['a', 'b', 'c', 'a']) await people.mark(ada, id, true);
    await people.mark(otherAda, 'z', true);
    expect(await people.marked(ada, 10)).toEqual(['c', 'b', 'a']);
    expect(await people.marked(ada, 2)).toEqual(['c', 'b']);
    await people.mark(ada, 'b', false);
    await people.mark(ada, 'never', false);
    expect(await people.marked(ada, 10)).toEqual(['c', 'a']);
    expect(await people.marked(otherAda, 10)).toEqual(['z']);
  });

  it('forgets a person, and everybody’s marks of their jobs', async () => {
    const { people } = stores();
    await people.setDefaults(ada, { steps: 9 });
    await people.setDefaults(otherAda, { steps: 8 });
    await people.mark(ada, 'x', true);
    for (const id of ['mine', 'theirs']) await people.mark(otherAda, id, true);
    await people.forget(ada, ['mine']);
    expect(await people.defaultsOf(ada)).toEqual({});
    expect(await people.marked(ada, 9)).toEqual([]);
    expect(await people.defaultsOf(otherAda)).toEqual({ steps: 8 });
    expect(await people.marked(otherAda, 9)).toEqual(['theirs']);
  });
}
