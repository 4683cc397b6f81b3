// Worker processes under SIGKILL while the program lives: whichever dies and whenever, each accepted request ends once, in
// front of the person who made it, and nothing is left behind.

import { describe, expect, it } from 'vitest';
import { processesOf, rowsIn, wrongs } from './support/mortal-program.ts';
import { besiegedFolders, Siege } from './support/siege.ts';

const KILLS = 200;

const newFolder = besiegedFolders();

describe('after SIGKILL', { timeout: 420_000 }, () => {
  it('of worker processes at random moments every accepted request ends once, and nothing is left behind', async () => {
    const data = newFolder();
    const siege = new Siege(data, 6, { hosts: 3 });
    await siege.end(await siege.killHosts(KILLS));
    expect(wrongs(data, siege.crowd.requests)).toEqual([]);
    expect(new Set(rowsIn(data).map(({ status }) => status))).toEqual(
      new Set(['done', 'canceled', 'failed']),
    );
    expect(processesOf(data)).toEqual([]);
  });
});
