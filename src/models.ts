// The command line for models: which are here, getting one, trying one out, removing one.
// Exit codes: 0 done, 1 failed, 2 not allowed as asked, 130 canceled.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { Command, CommanderError } from 'commander';
import { ConfigError, loadEnvFile, readConfig, type Config } from './config.ts';
import { checkFree, copyModel, fetchModel, inWords, planOf, type Place } from './pipeline/hub/add-model.ts';
import { folderName, parseAddress, type HubAddress } from './pipeline/hub/address.ts';
import { askHub, pipelineClassOf, type Asking } from './pipeline/hub/repository.ts';
import { familyOf } from './pipeline/model-family.ts';
import { readModelFolder } from './pipeline/model-folder.ts';
import { ModelProblem } from './pipeline/problems.ts';
import { weightOf } from './workers/memory.ts';

const FAILED = 1;
const NOT_ALLOWED = 2;
const CANCELED = 130;
/** A hub that sends nothing for so long is asked anew. */
const STALL_MS = 30_000;

class Canceled extends Error {}

// A model that is the default one and not here yet is no reason to refuse: this is where it comes from.
const settings = (): Config => readConfig(undefined, { fileExists: () => true });

async function agreed(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new ModelProblem(`${question} Add --yes to agree.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const abort = new AbortController();
  lines.once('SIGINT', () => abort.abort());
  const answer = await lines.question(`${question} [y/N] `, abort).catch(() => 'no');
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Canceled();
}

function list(): void {
  const { modelsDir, defaultModel } = settings();
  const names = (existsSync(modelsDir) ? readdirSync(modelsDir) : [])
    .filter((name) => existsSync(path.join(modelsDir, name, 'model_index.json')))
    .toSorted();
  if (names.length === 0) console.log(`There is no model in ${modelsDir}.`);
  for (const name of names) {
    const mark = name === defaultModel ? ' (DEFAULT_MODEL)' : '';
    console.log(`${name}${mark}\n  ${describe(path.join(modelsDir, name))}`);
  }
}

function describe(folder: string): string {
  try {
    const { family, card } = readModelFolder(folder);
    const { width, height, steps, guidanceScale, scheduler } = card.defaults;
    const usual = `${width} x ${height}, ${steps} steps, guidance ${guidanceScale}, ${scheduler}`;
    return `${family}, ${inWords(weightOf(folder))}, ${usual}`;
  } catch (error) {
    if (error instanceof ModelProblem) return `can not be used: ${error.message}`;
    throw error;
  }
}

async function add(source: string, typed: { name?: string; yes?: boolean }): Promise<void> {
  const config = settings();
  const address = parseAddress(source, config.modelsHubUrl);
  const place = { modelsDir: config.modelsDir, name: folderName(address, typed.name) };
  checkFree(place);
  mkdirSync(config.modelsDir, { recursive: true });
  const folder =
    'folder' in address
      ? copyModel(address.folder, place)
      : await fetchFrom(address, place, config, typed.yes ?? false);
  console.log(`${folder} is here.\n  ${describe(folder)}`);
  console.log(`Try it out: npm run models -- check ${place.name}`);
}

async function fetchFrom(address: HubAddress, place: Place, config: Config, yes: boolean): Promise<string> {
  const asking: Asking = {
    fetch,
    stallMs: STALL_MS,
    tokenFor: config.modelsHubUrl,
    ...(config.modelsHubToken !== undefined && { token: config.modelsHubToken }),
  };
  const page = `${address.base}/${address.id}`;
  const repository = await askHub(address, asking);
  const { files, bytes } = planOf(repository);
  console.error(`${address.id}: ${files.length} files, ${inWords(bytes)}`);
  console.error(
    repository.license
      ? `Licence: ${repository.license}. Its terms are at ${page}`
      : `Its authors name no licence: see ${page}`,
  );
  if (repository.gated && asking.token === undefined)
    throw new ModelProblem(
      `It is given only to people who accepted its licence: do so at ${page}, and put an access token of yours in MODELS_HUB_TOKEN.`,
    );
  familyOf(await pipelineClassOf(repository, asking), address.id);
  await agreed('Download it?', yes);
  const bar = new SingleBar({
    format: '{bar} {percentage}% of {size} {file}',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(bytes, 0, { size: inWords(bytes), file: '' });
  try {
    const onProgress = (done: number, _total: number, file: string): void => bar.update(done, { file });
    return await fetchModel(repository, place, { ...asking, pause: (ms) => pause(ms), onProgress });
  } finally {
    bar.stop();
  }
}

async function check(name: string, typed: { device: string }): Promise<void> {
  const { modelsDir } = settings();
  const known = path.join(modelsDir, name);
  // Only this command needs the network runtime.
  const { checkModel } = await import('./pipeline/hub/check.ts');
  const options = { device: typed.device, intraOpThreads: availableParallelism() };
  for await (const line of checkModel(existsSync(known) ? known : path.resolve(name), options))
    console.log(line);
}

async function remove(name: string, typed: { yes?: boolean }): Promise<void> {
  const { modelsDir, defaultModel } = settings();
  const folder = path.join(modelsDir, name);
  if (path.dirname(folder) !== modelsDir || !existsSync(path.join(folder, 'model_index.json')))
    throw new ModelProblem(`There is no model "${name}" in ${modelsDir}.`);
  const note = name === defaultModel ? ' It is DEFAULT_MODEL: the program will not start without it.' : '';
  await agreed(`Remove ${folder}, ${inWords(weightOf(folder))}?${note}`, typed.yes ?? false);
  rmSync(folder, { recursive: true });
  console.log(`${folder} is removed.`);
}

const program = new Command('models')
  .description('Which models are here, and how to get one. They live in MODELS_DIR.')
  .exitOverride();
program
  .command('list')
  .description('the models that are here, what they are, and what is wrong with them')
  .action(list);
program
  .command('add <source>')
  .description('get a model: an id on the hub (owner/name), the address of its page, or a folder')
  .option('--name <name>', 'what to call it (default: its own name)')
  .option('--yes', 'do not ask')
  .action(add);
program
  .command('check <name>')
  .description('open every part of a model, or of a folder, draw one step, and tell what it can do')
  .option('--device <device>', 'cpu, cuda:0, webgpu', 'cpu')
  .action(check);
program
  .command('remove <name>')
  .description('delete a model from the disk')
  .option('--yes', 'do not ask')
  .action(remove);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_ALLOWED;
  if (error instanceof Canceled) {
    console.error('Nothing was done.');
    return CANCELED;
  }
  const told = error instanceof ModelProblem || error instanceof ConfigError;
  console.error(told ? error.message : error);
  return FAILED;
}

try {
  loadEnvFile();
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
