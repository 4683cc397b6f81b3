// Our pipeline and Python's on the same model folder, in turns: ours, theirs, ours, theirs.
//   npm run bench -- engine FOLDER [--size 256] [--steps 10] [--batch 1] [--guidance 7.5] [--rounds 3]
// Theirs runs where PYTHON names a Python with training/parity/requirements.txt; without it only ours is measured.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tsImport } from 'tsx/esm/api';

const BENCH_PY = fileURLToPath(new URL('../training/parity/bench.py', import.meta.url));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const number = (text, least) => {
  const value = Number(text);
  if (!(value >= least)) throw new Error(`${text} is not a number from ${least} up.`);
  return value;
};

function settings(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      size: { type: 'string', default: '256' },
      steps: { type: 'string', default: '10' },
      batch: { type: 'string', default: '1' },
      guidance: { type: 'string', default: '7.5' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const [folder] = positionals;
  if (!folder) throw new Error('Say which model folder: npm run bench -- engine models/sd15');
  const { size, steps, batch, guidance, rounds } = values;
  return {
    folder: path.resolve(folder),
    size: number(size, 8),
    steps: number(steps, 1),
    batch: number(batch, 1),
    guidance: number(guidance, 0),
    rounds: number(rounds, 1),
    threads: availableParallelism(),
  };
}

function peakMegabytes() {
  const found = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found[1]) / 1024;
}

async function openOurs({ folder, size, steps, batch, guidance, threads }) {
  const { openPipeline } = await tsImport('../src/pipeline/pipeline.ts', import.meta.url);
  const pipeline = await openPipeline(folder, { device: 'cpu', intraOpThreads: threads });
  const tasks = Array.from({ length: batch }, (_, seed) => ({
    prompt: 'a photo of a red fox in the snow',
    negativePrompt: 'blurry',
    seed,
  }));
  const shared = { model: 'bench', width: size, height: size, steps, scheduler: 'default' };
  return {
    async draw() {
      const before = process.cpuUsage();
      const { timing } = await pipeline.generate({ ...shared, guidanceScale: guidance, tasks });
      const { user, system } = process.cpuUsage(before);
      return { ...timing, processorMs: (user + system) / 1000, peakMegabytes: peakMegabytes() };
    },
    close: () => pipeline.close(),
  };
}

function openTheirs(python, { folder, size, steps, batch, guidance, threads }) {
  const asked = { size, steps, batch, guidance, threads };
  const flags = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(python, [BENCH_PY, folder, '--on-request', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async draw() {
      child.stdin.write('\n');
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`${python} ended; what it said stands above.`);
        if (value.startsWith('{')) return JSON.parse(value);
      }
    },
    close: () => child.stdin.end(),
  };
}

function summary(rounds, batch) {
  const of = (value) => median(rounds.map(value));
  return {
    imagesPerSecond: of((r) => (1000 * batch) / r.totalMs),
    processor: of((r) => r.processorMs / batch / 1000),
    outside: of((r) => r.totalMs - r.runtimeMs),
    wall: of((r) => r.totalMs / r.runtimeMs),
    peak: Math.max(...rounds.map((r) => r.peakMegabytes)),
  };
}

const row = (name, s) =>
  `| ${name} | ${s.imagesPerSecond.toPrecision(3)} | ${s.processor.toFixed(2)} s | ${Math.round(s.peak)} MB | ${s.outside.toFixed(1)} ms | ${s.wall.toFixed(3)} |`;

/** The lines of the table. */
export async function engine(args) {
  const asked = settings(args);
  const { size, steps, batch, guidance, rounds, threads } = asked;
  const python = process.env['PYTHON'];
  const ours = await openOurs(asked);
  const theirs = python ? openTheirs(python, asked) : undefined;
  const measured = { ours: [], theirs: [] };
  for (let round = 0; round <= rounds; round++) {
    const pair = { ours: await ours.draw(), theirs: await theirs?.draw() };
    if (round === 0) continue; // warms both up
    measured.ours.push(pair.ours);
    if (pair.theirs) measured.theirs.push(pair.theirs);
  }
  await ours.close();
  theirs?.close();
  const own = summary(measured.ours, batch);
  const lines = [
    `${cpus()[0].model}, ${threads} threads; ${size} x ${size}, ${steps} steps, ${batch} at once, guidance ${guidance}; median of ${rounds}`,
    '',
    '| pipeline | images per second | processor time a picture | peak memory | time outside session.run | whole ÷ session.run |',
    '|---|---|---|---|---|---|',
    row(`Darkroom, Node ${process.version}`, own),
  ];
  if (!theirs) return [...lines, '', 'PYTHON names no Python to compare with.'];
  const other = summary(measured.theirs, batch);
  const { onnxruntime, diffusers } = measured.theirs[0].versions;
  const speed = own.imagesPerSecond / other.imagesPerSecond;
  return [
    ...lines,
    row(`optimum on diffusers ${diffusers}, ONNX Runtime ${onnxruntime}`, other),
    '',
    `Images per second, ours ÷ theirs: ${speed.toFixed(3)} (floor 1.0; processor time, which other programs touch less: ${(other.processor / own.processor).toFixed(3)}). Ours, whole ÷ session.run: ${own.wall.toFixed(3)} (at most 1.02).`,
  ];
}
