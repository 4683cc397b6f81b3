// Measures the queue with 10,000 waiting jobs in SQLite, from 1,000 people in 50 servers, each with a message that is
// kept true: accepting them, a restart, and handing them to workers that draw at once. Needs a build. Called by run.mjs.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { FrontDesk } from '../dist/bots/front-desk.js';
import { Studio } from '../dist/core/studio.js';
import { Queue } from '../dist/queue/queue.js';
import { openStore } from '../dist/store/open.js';

const JOBS = 10_000;
const PEOPLE = 1000;
const SERVERS = 50;
const CLAIMS = 1000;
const AT_ONCE = 16;
const log = pino({ level: 'silent' });
const share = (values, part) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1];

const params = {
  model: 'emoji',
  width: 128,
  height: 128,
  steps: 25,
  scheduler: 'dpm++2m',
  guidanceScale: 4,
  prompt: 'a red heart on a white plate, watercolor',
  negativePrompt: 'blurry',
  seed: 7,
  count: 4,
};

/** Takes a batch when it is told to, and ends it when it is told to. */
class Hand {
  idle = 0;
  broken = undefined;
  #taken;
  #end;

  /** Milliseconds until the queue has handed over a job. News of a worker comes in a turn of its own. */
  async take(queue) {
    await nextTurn();
    const taken = new Promise((resolve) => (this.#taken = resolve));
    const begun = performance.now();
    this.idle = 1;
    queue.pump();
    await taken;
    return performance.now() - begun;
  }

  /** One job at a time. */
  mostPictures() {
    return params.count;
  }

  runGroups({ tasks }) {
    this.idle = 0;
    this.#taken();
    const pictures = tasks.map(({ seed }) => ({ png: new Uint8Array(1000), seed }));
    const result = { pictures, totalMs: 1000, runtimeMs: 990, device: 'cpu' };
    return [new Promise((resolve) => (this.#end = () => resolve(result)))];
  }

  /** Resolves when the job's row says that it is done. */
  async end(queue) {
    await nextTurn();
    const over = new Promise((resolve) => {
      queue.on('change', function listen({ status }) {
        if (status !== 'done') return;
        queue.off('change', listen);
        resolve();
      });
    });
    this.#end();
    await over;
  }
}

const chat = {
  platform: 'bench',
  updates: 0,
  async update() {
    this.updates += 1;
  },
  async deliver() {},
};

async function open(folder) {
  const store = await openStore(`file:${folder}/darkroom.db`);
  const images = {
    put: async () => {},
    get: async () => undefined,
    remove: async () => {},
    list: async () => [],
  };
  const hand = new Hand();
  const { jobs } = store;
  const queue = new Queue({ jobs, images, painters: hand, log, now: () => new Date() });
  const none = { cards: [], styles: [], images, log };
  const admission = {
    isPrivate: () => false,
    admit: async (_by, _params, accept) => ({ value: await accept({}) }),
  };
  const studio = new Studio({ ...none, ...store, queue, admission, unavailable: () => undefined });
  const desk = new FrontDesk({ ...none, ...store, queue, studio });
  return { store, queue, hand, desk };
}

/** Jobs per second. */
async function enqueue(folder) {
  const { store, queue } = await open(folder);
  await queue.start();
  const begun = performance.now();
  let next = 0;
  const ask = async () => {
    while (next < JOBS) {
      const id = String((next += 1));
      const requester = { platform: 'bench', id: `person ${next % PEOPLE}`, name: 'Somebody' };
      const server = `server ${next % SERVERS}`;
      await queue.add({ key: id, requester, server, channel: 'c', params });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const seconds = (performance.now() - begun) / 1000;
  await store.close();
  return JOBS / seconds;
}

/** A message for each job, as if they had been answered. */
function answer(folder) {
  const db = new Database(`${folder}/darkroom.db`);
  db.exec(
    `INSERT INTO Post (platform, channel, message, jobId) SELECT 'bench', 'c', id, id FROM Job;
     UPDATE Job SET answered = true;`,
  );
  db.close();
}

/** What a process of its own measures, from its very beginning. */
async function restarted(folder) {
  const { queue, hand, desk } = await open(folder);
  await queue.start();
  await desk.resume([chat]);
  const ready = performance.now();
  while (chat.updates < JOBS) await nextTurn(); // until every message is followed
  const heap = () => {
    globalThis.gc();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const claims = [];
  let before;
  for (let i = 0; i < CLAIMS; i += 1) {
    if (i === CLAIMS / 10) before = heap();
    claims.push(await hand.take(queue));
    await hand.end(queue);
  }
  process.send({ ready, claims, before, after: heap(), updates: chat.updates });
}

/** Rows of a table. */
export async function queueing() {
  const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  try {
    const rate = await enqueue(folder);
    answer(folder);
    const child = fork(fileURLToPath(import.meta.url), [folder], { execArgv: ['--expose-gc'] });
    child.once('exit', () => child.emit('error', new Error('It ended before it had measured anything.')));
    const [{ ready, claims, before, after }] = await once(child, 'message');
    child.removeAllListeners('exit').kill();
    const [half, most] = [0.5, 0.99].map((part) => share(claims, part).toFixed(1));
    const with10k = `with ${JOBS.toLocaleString('en')} waiting jobs`;
    return [
      `| requests accepted in a second | ${Math.round(rate)} | ≥ 1,000 |`,
      `| a start ${with10k}, each with its message | ${(ready / 1000).toFixed(2)} s | ≤ 3 s |`,
      `| a free worker to its next job, ${with10k} | p50 ${half} ms, p99 ${most} ms | p99 ≤ 5 ms |`,
      `| memory before and after ${0.9 * CLAIMS} jobs | ${before.toFixed(0)} MB, ${after.toFixed(0)} MB | the same |`,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await restarted(process.argv[2]);
