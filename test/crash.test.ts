// The program under SIGKILL: whatever dies and whenever, each accepted request ends once, in front of the person who
// made it, and nothing is left behind. `npm run soak` does the same for longer.

import { describe, expect, it, vi } from 'vitest';
import { processesOf, rowsIn, toldIn, wrongs } from './support/mortal-program.ts';
import { besiegedFolder, Siege } from './support/siege.ts';

/** A start takes its time: `npm run soak` has at least 200. */
const KILLS = 30;

const folder = besiegedFolder();

describe('after SIGKILL', { timeout: 240_000 }, () => {
  it('of the program at random moments every accepted request ends once, and nothing is left behind', async () => {
    const data = folder();
    const siege = new Siege(data, 5, { unlucky: 23 });
    for (let i = 0; i < KILLS; i++) await siege.killProgram();
    await siege.end();
    expect(wrongs(data, siege.crowd.requests)).toEqual([]);
    expect(new Set(rowsIn(data).map(({ status }) => status))).toEqual(
      new Set(['done', 'canceled', 'failed']),
    );
    const told = toldIn(data).length;
    await siege.end(); // one more start
    expect(toldIn(data)).toHaveLength(told);
    await vi.waitFor(() => expect(processesOf(data)).toEqual([]), { timeout: 10_000 });
  });
});
