// The program under SIGKILL: whatever dies and whenever, each accepted request ends once, in front of the person who
// made it, and nothing is left behind. `npm run soak` does the same for longer.

import { describe, expect, it, vi } from 'vitest';
import { processesOf, rowsIn, toldIn, wrongs } from './support/mortal-program.ts';
import { besiegedFolders, Siege } from './support/siege.ts';

/** At the same time, as each program waits for half of its life. `npm run soak` has more hosts, and more of all. */
const SIEGES = [
  { seed: 5, kills: 100, hosts: 1, threads: 1, unlucky: 23 },
  { seed: 8, kills: 100, hosts: 1, threads: 2, unlucky: 17 },
];

const newFolder = besiegedFolders();

describe('after SIGKILL', { timeout: 600_000 }, () => {
  it.concurrent.each(SIEGES)(
    'of the program at random moments every accepted request ends once, and nothing is left behind: seed $seed',
    async ({ seed, kills, ...options }) => {
      const data = newFolder();
      const siege = new Siege(data, seed, options);
      for (let i = 0; i < kills; i++) await siege.killProgram();
      await siege.end();
      expect(wrongs(data, siege.crowd.requests)).toEqual([]);
      expect(new Set(rowsIn(data).map(({ status }) => status))).toEqual(
        new Set(['done', 'canceled', 'failed']),
      );
      const told = toldIn(data).length;
      await siege.end(); // one more start
      expect(toldIn(data)).toHaveLength(told);
      await vi.waitFor(() => expect(processesOf(data)).toEqual([]), { timeout: 10_000 });
    },
  );
});
