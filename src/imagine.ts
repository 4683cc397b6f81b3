// The command line: one batch straight through a worker host, without database or server.
// Exit codes: 0 drawn, 1 failed, 2 not allowed as asked, 130 canceled.

import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, CommanderError } from 'commander';
import { pino } from 'pino';
import { ConfigError, loadEnvFile, readConfig, withoutSecrets, type Config } from './config.ts';
import type { ImagineOptions } from './core/prompt-line.ts';
import { completeRequest } from './core/request.ts';
import { UserError } from './core/user-error.ts';
import { readModels } from './pipeline/model-folder.ts';
import { recipeLine } from './pipeline/recipe.ts';
import { schedulerNames } from './pipeline/schedulers/index.ts';
import { version } from './pipeline/version.ts';
import { SEEDS, seedOf } from './queue/seed.ts';
import type { JobParams } from './queue/job.ts';
import { devicesOf } from './workers/devices.ts';
import { BatchCanceled, BatchFailed, HostBroken } from './workers/failures.ts';
import { WorkerHost } from './workers/worker-host.ts';

const FAILED = 1;
const NOT_ALLOWED = 2;
const CANCELED = 130;

interface Typed {
  no?: string;
  seed?: number;
  steps?: number;
  guidance?: number;
  scheduler?: string;
  size?: [number, number];
  n: number;
  model?: string;
  out: string;
}

const size = (text: string): [number, number] => {
  const match = /^(\d+)x(\d+)$/i.exec(text);
  if (!match) throw new UserError(`--size needs two numbers, like 128x128, not "${text}".`);
  return [Number(match[1]), Number(match[2])];
};

const command = new Command('imagine')
  .description('Draws pictures from words, without a server.')
  .version(version)
  .argument('<words...>', 'what to draw')
  .option('--no <words>', 'what should not be in the picture')
  .option('--seed <number>', 'the noise to start from, 0 to 4294967295 (default: random)', Number)
  .option('--steps <number>', "steps from noise to picture (default: the model's own)", Number)
  .option(
    '--guidance <number>',
    "how closely to follow the words, 0 to 30 (default: the model's own)",
    Number,
  )
  .option('--scheduler <name>', `one of ${schedulerNames.join(', ')}`)
  .option('--size <WxH>', "pixels, like 128x128 (default: the model's own)", size)
  .option('--n <number>', 'how many pictures, 1 to 4, with consecutive seeds', Number, 1)
  .option('--model <name>', 'a folder in MODELS_DIR (default: DEFAULT_MODEL)')
  .option('--out <file>', 'where to write; several pictures get -1, -2 … before the ending', 'picture.png')
  .addHelpText(
    'after',
    '\nExit codes: 0 drawn, 1 failed, 2 not allowed as asked, 130 canceled.\nExample: npm run imagine -- "a red heart" --seed 7 --steps 25 --out heart.png',
  )
  .exitOverride();

function paramsOf(words: string[], typed: Typed, config: Config): JobParams {
  const { folders, problems } = readModels(config.modelsDir);
  for (const problem of problems) console.error(problem);
  const options: ImagineOptions = {
    prompt: words.join(' '),
    count: typed.n,
    ...(typeof typed.no === 'string' && { negativePrompt: typed.no }),
    ...(typed.seed !== undefined && { seed: typed.seed }),
    ...(typed.steps !== undefined && { steps: typed.steps }),
    ...(typed.guidance !== undefined && { guidanceScale: typed.guidance }),
    ...(typed.scheduler !== undefined && { scheduler: typed.scheduler }),
    ...(typed.size && { width: typed.size[0], height: typed.size[1] }),
    ...(typed.model !== undefined && { model: typed.model }),
  };
  const cards = folders.map((f) => f.card);
  return completeRequest(options, cards, { model: config.defaultModel, randomSeed: () => randomInt(SEEDS) });
}

function write(out: string, pngs: Uint8Array[]): string[] {
  const { dir, name, ext } = path.parse(out);
  if (dir) mkdirSync(dir, { recursive: true });
  return pngs.map((png, i) => {
    const file = pngs.length === 1 ? out : path.join(dir, `${name}-${i + 1}${ext || '.png'}`);
    writeFileSync(file, png);
    return file;
  });
}

async function draw(params: JobParams, config: Config, out: string): Promise<void> {
  const { prompt, negativePrompt, seed, count, ...shared } = params;
  const [device = 'cpu'] = devicesOf(config.devices);
  const host = new WorkerHost({
    config: { device, modelsDir: config.modelsDir, threads: 1, intraOpThreads: availableParallelism() },
    log: pino({ level: 'silent' }),
    stepTimeoutMs: config.stepTimeoutSeconds * 1000,
    env: withoutSecrets(),
  });
  const bar = new SingleBar({
    format: 'Developing {bar} step {value} of {total}',
    barsize: 30,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  try {
    await host.start();
    bar.start(params.steps, 0);
    const tasks = Array.from({ length: count }, (_, i) => ({
      prompt,
      negativePrompt,
      seed: seedOf(seed, i),
    }));
    const result = await host.run(
      { ...shared, tasks },
      {
        signal: abort.signal,
        onProgress: ({ step, of }) => {
          bar.setTotal(of);
          bar.update(step);
        },
      },
    );
    bar.stop();
    const files = write(
      out,
      result.pictures.map((p) => p.png),
    );
    console.log(`${files.join(', ')} in ${(result.totalMs / 1000).toFixed(1)} s on ${result.device}`);
    console.log(recipeLine(params));
  } finally {
    bar.stop();
    await host.stop();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_ALLOWED;
  if (error instanceof BatchCanceled) {
    console.error('Canceled.');
    return CANCELED;
  }
  const told =
    error instanceof UserError ||
    error instanceof ConfigError ||
    error instanceof HostBroken ||
    (error instanceof BatchFailed && error.explained);
  console.error(told ? error.message : error);
  return error instanceof UserError ? NOT_ALLOWED : FAILED;
}

try {
  loadEnvFile();
  command.parse();
  const config = readConfig();
  const typed = command.opts<Typed>();
  await draw(paramsOf(command.args, typed, config), config, typed.out);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
