// Measures a month's report over a million entries of the ledger in SQLite: 500,000 requests in 31 days, by 1,000 people
// in 50 channels with 5 models, in one server, 20 and 50; and the sum of the month that a limit is held against. Needs a
// build. Called by run.mjs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { noRules } from '../dist/core/rules.js';
import { Usage } from '../dist/core/usage.js';
import { openStore } from '../dist/store/open.js';

const REQUESTS = 500_000;
const DAYS = 31;
const PEOPLE = 1000;
const CHANNELS = 50;
const MODELS = 5;
const RUNS = 20;
const DAY = 86_400_000;
const from = Date.UTC(2026, 9, 1);
const to = from + DAYS * DAY;
const month = { from: new Date(from), to: new Date(to) };
const lastDay = new Date(to - 60_000);
const count = `${(2 * REQUESTS).toLocaleString('en')} entries`;
const server = { platform: 'bench', id: 'server' };
const share = (values, part) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1];
const iso = (millis) => new Date(millis).toISOString().replace('Z', '+00:00');

/** A reservation and its settlement for each request, spread evenly; what a request is, its number decides. */
function fill(file, servers) {
  const db = new Database(file);
  const add = db.prepare(
    `INSERT INTO LedgerEntry (jobId, kind, at, countedAt, platform, server, channel, personId, model, pictures, steps,
       megapixelSteps, deviceSeconds, relaxed, outcome, waitSeconds, runSeconds)
     VALUES (?, ?, ?, ?, 'bench', ?, ?, ?, ?, ?, 25, ?, ?, false, ?, ?, ?)`,
  );
  db.transaction(() => {
    for (let i = 0; i < REQUESTS; i += 1) {
      const asked = from + Math.floor((i / REQUESTS) * (to - from));
      const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0; // the same number is everywhere in the month
      const wait = mixed % 600;
      const id = `${asked.toString(16).padStart(12, '0')}-${mixed.toString(16).padStart(8, '0')}`;
      const own = servers === 1 ? server.id : `server ${i % servers}`;
      const who = [own, `channel ${mixed % CHANNELS}`, `person ${mixed % PEOPLE}`, `model ${mixed % MODELS}`];
      add.run(id, 'reserve', iso(asked), iso(asked), ...who, 4, 6.5, 8, null, null, null);
      const over = Math.min(to - 1, asked + (wait + 9) * 1000);
      add.run(id, 'settle', iso(over), iso(asked), ...who, -(mixed % 2), 0, 0.5, 'done', wait, 9);
    }
  })();
  db.close();
}

async function times(act) {
  const taken = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begun = performance.now();
    await act();
    taken.push(performance.now() - begun);
  }
  const [half, most] = [0.5, 0.95].map((part) => share(taken, part).toFixed(1));
  return `p50 ${half} ms, p95 ${most} ms`;
}

/** Asks a store that holds the month, in so many servers. */
async function withMonth(servers, act) {
  const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  try {
    const file = path.join(folder, 'darkroom.db');
    await (await openStore(`file:${file}`)).close();
    fill(file, servers);
    const store = await openStore(`file:${file}`);
    const rows = await act(store, new Usage({ ...store, rulesOf: () => noRules }));
    await store.close();
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function ofOne(store, sums) {
  const begun = performance.now();
  await sums.sumUp(lastDay);
  const made = performance.now() - begun;
  const during = await times(() => sums.report({ server, ...month, now: lastDay }));
  await sums.sumUp(new Date(to + DAY));
  const after = await times(() => sums.report({ server, ...month, now: new Date(to + DAY) }));
  const whole = await times(() => sums.report({ ...month, now: new Date(to + DAY) }));
  const limit = await times(() => store.ledger.used({ server }, month.from, month.to));
  const own = { server, person: 'person 7' };
  const personal = await times(() => store.ledger.used(own, month.from, month.to));
  return [
    `| a month's report over ${count} | ${after} | ≤ 300 ms |`,
    `| the same while its last day is open | ${during} | ≤ 300 ms |`,
    `| the same of all servers | ${whole} | ≤ 300 ms |`,
    `| summing the ${DAYS - 1} days before it, once | ${(made / 1000).toFixed(2)} s | |`,
    `| what a server used of its month's limit, ${count} | ${limit} | |`,
    `| what a person used of theirs | ${personal} | |`,
  ];
}

async function ofSeveral(servers, sums) {
  await sums.sumUp(lastDay);
  const during = await times(() => sums.report({ ...month, now: lastDay }));
  return [`| a month's report of ${servers} servers together, its last day open | ${during} | ≤ 300 ms |`];
}

/** Rows of a table. */
export async function usage() {
  const one = await withMonth(1, ofOne);
  const twenty = await withMonth(20, (_, sums) => ofSeveral(20, sums));
  const fifty = await withMonth(50, (_, sums) => ofSeveral(50, sums));
  return [...one, ...twenty, ...fifty];
}
