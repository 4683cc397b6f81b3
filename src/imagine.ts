// The command line: one batch straight through a worker host, without database or server.
// Exit codes: 0 drawn, 1 failed, 2 not allowed as asked, 130 canceled.

import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, CommanderError } from 'commander';
import { pino } from 'pino';
import { ConfigError, loadEnvFile, readConfig, withoutSecrets, type Config } from './config.ts';
import { flags, parsePromptLine } from './core/prompt-line.ts';
import { completeRequest, VARIATION_STRENGTH } from './core/request.ts';
import { inStyle, readStyles } from './core/styles.ts';
import { UserError } from './core/user-error.ts';
import { readModels } from './pipeline/model-folder.ts';
import type { Batch, Picture } from './pipeline/picture.ts';
import { ModelProblem } from './pipeline/problems.ts';
import type { Provenance } from './pipeline/provenance.ts';
import { recipeLine } from './pipeline/recipe.ts';
import { batchOf, recipeOf } from './pipeline/recipe-of.ts';
import { replayOf } from './pipeline/replay.ts';
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
  image?: string;
  replay?: string;
  out: string;
}

const flagHelp = flags
  .filter(({ name }) => !['image', 'private', 'public'].includes(name))
  .map(({ name, value, description }) => `  ${`--${name} <${value}>`.padEnd(22)} ${description}`)
  .join('\n');

const command = new Command('imagine')
  .description('Draws pictures from words, without a server. One picture unless --n says more.')
  .version(version)
  .argument('[words...]', 'what to draw, and the flags of /imagine')
  .option('--image <file>', 'a picture to start from')
  .option('--replay <file>', 'draw a picture of ours again, by the recipe in its file')
  .option('--out <file>', 'where to write; several pictures get -1, -2 … before the ending', 'picture.png')
  .addHelpText(
    'after',
    `\nFlags:\n${flagHelp}\n\nExit codes: 0 drawn, 1 failed, 2 not allowed as asked, 130 canceled.\nExample: npm run imagine -- "a red heart" --seed 7 --steps 25 --out heart.png`,
  )
  .allowUnknownOption() // they are the flags of a typed line, and read by its grammar
  .exitOverride();

/** What the shell has taken apart, as a typed line again. */
function lineOf(words: string[]): string {
  return words
    .map((word, i) => (/\s/.test(word) && words[i - 1]?.startsWith('--') ? JSON.stringify(word) : word))
    .join(' ');
}

/** The request, and the picture that every one of its pictures starts from. */
function readRequest(
  words: string[],
  { image }: Typed,
  config: Config,
): { params: JobParams; start?: Uint8Array } {
  const { folders, problems } = readModels(config.modelsDir);
  for (const problem of problems) console.error(problem);
  const asked = { count: 1, ...parsePromptLine(lineOf(words)) };
  const styles = readStyles(config.modelsDir);
  const cards = folders.map((f) => f.card);
  const given = { model: config.defaultModel, randomSeed: () => randomInt(SEEDS) };
  const options = { ...asked, ...inStyle(asked, styles) };
  if (image === undefined) return { params: completeRequest(options, cards, given) };
  const { strength = VARIATION_STRENGTH } = asked;
  const start = { ids: [image], strength };
  return { params: completeRequest(options, cards, { ...given, start }), start: readPicture(image) };
}

function readPicture(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`The picture ${file} can not be read: ${(error as Error).message}`, { cause: error });
  }
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

async function imagine(words: string[], typed: Typed, config: Config): Promise<void> {
  const { params, start } = readRequest(words, typed, config);
  const { prompt, negativePrompt, seed, count, init, ...shared } = params;
  const tasks = Array.from({ length: count }, (_, i) => ({
    prompt,
    negativePrompt,
    seed: seedOf(seed, i),
    ...(!config.picturePrompts && { promptless: true as const }),
    ...(start && init && { init: { bytes: start, strength: init.strength } }),
  }));
  await draw({ ...shared, tasks }, config, typed.out);
  console.log([recipeLine(params), init && `--strength ${init.strength}`].filter(Boolean).join(' '));
}

/** Draws a picture again and says whether it is the same. */
async function replay(file: string, { image, out }: Typed, config: Config): Promise<void> {
  const stored = await recipeOf(readPicture(file));
  const { model } = stored.recipe;
  if (!readModels(config.modelsDir).folders.some(({ card }) => card.name === model))
    throw new UserError(`It was drawn with the model "${model}", which is not here.`);
  const [picture] = await draw(
    batchOf(stored, image === undefined ? undefined : readPicture(image)),
    config,
    out,
  );
  const now = (await recipeOf(picture!.png)).made;
  console.log(replayOf(stored.made, now as Provenance));
}

async function draw(batch: Batch, config: Config, out: string): Promise<Picture[]> {
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
    if (host.advice) console.error(host.advice);
    bar.start(batch.steps, 0);
    const result = await host.run(batch, {
      signal: abort.signal,
      onProgress: ({ step, of }) => {
        bar.setTotal(of);
        bar.update(step);
      },
    });
    bar.stop();
    const files = write(
      out,
      result.pictures.map((p) => p.png),
    );
    console.log(`${files.join(', ')} in ${(result.totalMs / 1000).toFixed(1)} s on ${result.device}`);
    return result.pictures;
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
    error instanceof ModelProblem ||
    error instanceof ConfigError ||
    error instanceof HostBroken ||
    (error instanceof BatchFailed && error.explained);
  console.error(told ? error.message : error);
  return error instanceof UserError || error instanceof ModelProblem ? NOT_ALLOWED : FAILED;
}

try {
  loadEnvFile();
  command.parse();
  const typed = command.opts<Typed>();
  if (typed.replay === undefined && command.args.length === 0)
    command.error("error: missing required argument 'words'");
  const config = readConfig();
  if (typed.replay !== undefined) await replay(typed.replay, typed, config);
  else await imagine(command.args, typed, config);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
