// What is remembered for a while.

import { expect, it } from 'vitest';
import { Recent } from '../src/bots/recent.ts';

it('of too many entries the one told longest ago is forgotten', () => {
  const recent = new Recent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('a', 3);
  recent.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
  expect(recent.has('a')).toBe(true);
  expect(recent.has('b')).toBe(false);
});
