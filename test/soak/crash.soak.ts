// crash.test.ts for as long as one likes:  MINUTES=60 SEED=7 npm run soak
// Without a seed it takes a random one. It kills the program and its worker processes 200 times each at the least.

import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { processesOf, rowsIn, wrongs } from '../support/mortal-program.ts';
import { Siege } from '../support/siege.ts';

const minutes = Number(process.env['MINUTES'] ?? 10);
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const LEAST_KILLS = 200;
const PROGRAM_KILLS = 20;
const HOST_KILLS = 20;

/** One database, used and killed for a while. */
async function besieged(number: number): Promise<{ jobs: number; wrong: string[] }> {
  const data = mkdtempSync(path.join(tmpdir(), 'darkroom-soak-'));
  const siege = new Siege(data, seed + number, {
    hosts: 1 + (number % 3),
    threads: 1 + (number % 2),
    unlucky: 7 + (number % 40),
  });
  for (let i = 0; i < PROGRAM_KILLS; i++) await siege.killProgram();
  await siege.end(await siege.killHosts(HOST_KILLS));
  await vi.waitFor(() => expect(processesOf(data)).toEqual([]), { timeout: 10_000 });
  const wrong = wrongs(data, siege.crowd.requests);
  const jobs = rowsIn(data).length;
  if (wrong.length > 0) console.log(`What was found lies in ${data}`);
  else rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  return { jobs, wrong };
}

it(`loses nothing in ${minutes} minutes of crashes, with SEED=${seed}`, async () => {
  console.log(`SEED=${seed}`);
  const end = performance.now() + minutes * 60_000;
  for (let number = 0; performance.now() < end || number * PROGRAM_KILLS < LEAST_KILLS; number++) {
    const { jobs, wrong } = await besieged(number);
    expect(wrong).toEqual([]);
    console.log(`round ${number + 1}: ${jobs} jobs, ${PROGRAM_KILLS} + ${HOST_KILLS} kills, nothing lost`);
  }
});
