// Measures what a person waits for, on the shipped model:  npm run bench. For one part:
// npm run bench -- ack, -- queue, -- usage, or -- engine FOLDER.
// Needs a build (npm start or npm test makes one). Prints the table that stands in the README. Times are this machine's.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPipeline } from '../dist/pipeline/pipeline.js';
import { acknowledgements } from './ack.mjs';
import { engine } from './engine.mjs';
import { queueing } from './queue.mjs';
import { usage } from './usage.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 5;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`);

/** Four pictures, 25 steps, a preview at every step: how much of the time is not the networks' own. */
async function generation() {
  const pipeline = await openPipeline(path.join(root, 'models/emoji'), {
    device: 'cpu',
    intraOpThreads: availableParallelism(),
  });
  const tasks = [0, 1, 2, 3].map((seed) => ({ prompt: 'a red heart', negativePrompt: '', seed }));
  const shared = { width: 128, height: 128, steps: 25, scheduler: 'dpm++2m', guidanceScale: 4 };
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const begun = performance.now();
    let first;
    let previews = 0;
    const onStep = ({ previews: shown }) => {
      first ??= performance.now() - begun;
      if (shown) previews += 1;
    };
    const { timing } = await pipeline.generate({ model: 'emoji', tasks, ...shared }, { onStep });
    if (round > 0) rounds.push({ ...timing, ratio: timing.totalMs / timing.runtimeMs, first, previews });
  }
  return {
    total: median(rounds.map((r) => r.totalMs)),
    ratio: median(rounds.map((r) => r.ratio)),
    firstShare: median(rounds.map((r) => r.first / r.totalMs)),
    previews: rounds[0].previews,
  };
}

/** `npm start` to the printed address, and to the first finished pictures, over HTTP like a browser. */
async function firstPicture() {
  const data = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  const begun = performance.now();
  const program = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, DATA_DIR: data, PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  try {
    const url = await new Promise((resolve, reject) => {
      let said = '';
      program.stdout.on('data', (part) => {
        said += part;
        const found = /open (http:\/\/\S+)/.exec(said);
        if (found) resolve(found[1].replace(/\/$/, ''));
      });
      program.once('exit', () => reject(new Error(`The program ended:\n${said}`)));
    });
    const ready = performance.now() - begun;
    const events = await fetch(`${url}/api/events`);
    const typed = performance.now();
    await fetch(`${url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ text: '/imagine a red heart', key: 'bench' }),
    });
    const seen = {};
    let text = '';
    for await (const part of events.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (!seen.preview && text.includes('"preview":{')) seen.preview = performance.now() - typed;
      if (text.includes('"status":"done"')) break;
    }
    return { ready, preview: seen.preview, picture: performance.now() - typed };
  } finally {
    process.kill(-Number(program.pid), 'SIGKILL');
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (process.argv[2] === 'engine') {
  console.log((await engine(process.argv.slice(3))).join('\n'));
  process.exit(0);
}
if (process.argv[2] === 'ack') {
  console.log(`Load before the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} threads`);
  console.log((await acknowledgements()).join('\n'));
  process.exit(0);
}
if (process.argv[2] === 'queue') {
  console.log(`Load before the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} threads`);
  console.log((await queueing()).join('\n'));
  process.exit(0);
}
if (process.argv[2] === 'usage') {
  console.log(`Load before the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} threads`);
  console.log((await usage()).join('\n'));
  process.exit(0);
}

const g = await generation();
const starts = [];
for (let round = 0; round < 3; round++) starts.push(await firstPicture());
const of = (key) => median(starts.map((s) => s[key]));
console.log(`\n${cpus()[0].model}, ${availableParallelism()} threads, Node ${process.version}, median\n`);
console.log('| what | measured | goal |\n|---|---|---|');
console.log(`| four pictures, 25 steps, guidance, a preview every step | ${ms(g.total)} | |`);
console.log(`| whole generation ÷ time inside the networks | ${g.ratio.toFixed(3)} | ≤ 1.05 |`);
console.log(`| first preview, share of the generation | ${(g.firstShare * 100).toFixed(1)} % | ≤ 15 % |`);
console.log(`| previews in one generation | ${g.previews} | ≥ 5 |`);
console.log(`| second \`npm start\` to a page that answers | ${ms(of('ready'))} | < 3 s |`);
console.log(`| then \`/imagine\` to the first preview in the browser | ${ms(of('preview'))} | |`);
console.log(`| then \`/imagine\` to four finished pictures | ${ms(of('picture'))} | |`);
for (const row of [...(await queueing()), ...(await usage()), ...(await acknowledgements())])
  console.log(row);
process.exit(0);
