// How many pictures a second the shipped model draws in batches of several sizes, and how long the first person waits:
// what a batch of several requests is worth on this machine.  node bench/batches.mjs   Needs a build. The sizes take
// turns, so that a busy moment of the machine is nobody's own; where others use it too, only processor time counts.

import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPipeline } from '../dist/pipeline/pipeline.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const SIZES = [1, 2, 4, 8, 16];
const ROUNDS = 5;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const pipeline = await openPipeline(path.join(root, 'models/emoji'), {
  device: 'cpu',
  intraOpThreads: availableParallelism(),
});
const shared = { model: 'emoji', width: 128, height: 128, steps: 10, scheduler: 'dpm++2m', guidanceScale: 4 };
const rounds = new Map(SIZES.map((size) => [size, []]));
for (let round = 0; round <= ROUNDS; round++)
  for (const size of SIZES) {
    const tasks = Array.from({ length: size }, (_, seed) => ({
      prompt: 'a red heart',
      negativePrompt: '',
      seed,
    }));
    const before = process.cpuUsage();
    const { timing } = await pipeline.generate({ ...shared, tasks });
    const { user, system } = process.cpuUsage(before);
    if (round > 0) rounds.get(size).push({ wall: timing.totalMs / 1000, cpu: (user + system) / 1e6 });
  }
const of = (size, what) => median(rounds.get(size).map((round) => round[what]));
console.log(
  `${cpus()[0].model}, ${availableParallelism()} threads, ${shared.steps} steps, median of ${ROUNDS}\n`,
);
console.log('| pictures | whole batch | pictures per second | processor time a picture |\n|---|---|---|---|');
for (const size of SIZES) {
  const [wall, cpu] = [of(size, 'wall'), of(size, 'cpu') / size];
  console.log(
    `| ${size} | ${wall.toFixed(2)} s | ${(size / wall).toFixed(2)} | ${(cpu * 1000).toFixed(0)} ms |`,
  );
}
process.exit(0);
