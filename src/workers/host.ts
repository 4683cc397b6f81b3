// The process of one device: a piscina pool of threads, each with its pipelines. A crash in native code ends this
// process only. It does what the main process says and dies with it. Knows no queue and no rows.

import { writeSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Batch } from '../pipeline/picture.ts';
import { OrderBoard } from './order-board.ts';
import { ProgressReport } from './previews.ts';
import type { FoundDevice, FromHost, HostConfig, ToHost } from './protocol.ts';
import type { ThreadAnswer, ThreadNews, ThreadSetup, ThreadTask } from './thread-task.ts';

export interface HostArguments {
  config: HostConfig;
  threadModule?: string;
}

const BEAT_MS = 1000;
const fromSource = import.meta.url.endsWith('.ts');
const { config, threadModule } = JSON.parse(process.argv[2] ?? '') as HostArguments;
const realThread = new URL(fromSource ? './thread.ts' : './thread.js', import.meta.url).href;
const setup: ThreadSetup = { config, threadModule: threadModule ?? realThread };
const running = new Map<string, OrderBoard>();

/** process.exit() would abort in native code while a thread is inside the runtime; SIGKILL never does. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

function dieOf(error: unknown): never {
  writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
  die();
}

// A terminal sends Ctrl+C to the whole group; when to stop is the main process's decision.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', die);

const pool = new Piscina({
  filename: fromSource ? new URL('./dev-thread.mjs', import.meta.url).href : setup.threadModule,
  minThreads: config.threads,
  maxThreads: config.threads,
  idleTimeout: Infinity,
  // Waiting on Atomics would stop an idle thread's event loop, and with it the release of native memory.
  atomics: 'disabled',
  execArgv: [],
  workerData: setup,
});
// A thread that is gone took native sessions with it; the process is not worth keeping.
pool.on('error', dieOf);

// Never with a signal, and the pool is never closed: both end a running thread, and that aborts the process.
function toThread(task: ThreadTask): Promise<ThreadAnswer> {
  const transferList = task.type === 'run' ? [task.port] : [];
  return pool.run(task, { transferList }).catch(dieOf) as Promise<ThreadAnswer>;
}

function toEveryThread(task: ThreadTask): Promise<ThreadAnswer[]> {
  return Promise.all(Array.from({ length: config.threads }, () => toThread(task)));
}

function send(message: FromHost): void {
  if (process.connected) process.send?.(message);
}

function complain(error: unknown): void {
  process.stderr.write(`a preview was left out: ${String(error)}\n`);
}

async function run(id: string, batch: Batch): Promise<void> {
  const { port1: ear, port2: port } = new MessageChannel();
  const groups = batch.groups ?? [batch.tasks.length];
  const board = new OrderBoard(groups.length);
  running.set(id, board);
  const reports = groups.map(
    (_, group) => new ProgressReport((progress) => send({ type: 'progress', id, group, progress }), complain),
  );
  const hear = (news: ThreadNews): void => {
    if (news.type === 'opened' || news.type === 'pulse') return send({ type: news.type, id });
    if (news.type === 'step') return reports[news.group]!.step(news.step);
    reports[news.end.group]!.end();
    send({ ...news, id });
  };
  ear.on('message', hear);
  const answer = await toThread({ type: 'run', batch, port, orders: board.memory });
  // The answer comes by another port and may overtake the last news.
  for (let late = receiveMessageOnPort(ear); late; late = receiveMessageOnPort(ear))
    hear(late.message as ThreadNews);
  tellClosed(answer);
  if (answer.tidied?.retire !== undefined) send({ type: 'retire', reason: answer.tidied.retire });
  for (const report of reports) report.end();
  ear.close();
  running.delete(id);
  const { tidied: _, ...over } = answer;
  if (over.type === 'over' || over.type === 'failed') send({ ...over, id });
}

/** What a thread had to close, told before its answer, so that nobody counts on it any more. */
function tellClosed({ tidied }: ThreadAnswer): void {
  for (const model of tidied?.closed ?? []) send({ type: 'closed', model });
}

/** Never a reason to replace this process: its successor would load the same. */
async function load(model: string): Promise<void> {
  const answers = await toEveryThread({ type: 'load', model });
  answers.forEach(tellClosed);
  const failed = answers.find((answer) => answer.type === 'failed');
  if (failed) process.stderr.write(`${model} could not be loaded: ${failed.message}\n`);
  else send({ type: 'loaded', model });
}

process.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'run':
      void run(message.id, message.batch);
      break;
    case 'cancel':
      running.get(message.id)?.cancel(message.group);
      break;
    case 'finish':
      running.get(message.id)?.finish(message.group);
      break;
    case 'pick':
      running.get(message.id)?.pick(message.group, message.index);
      break;
    case 'load':
      void load(message.model);
      break;
  }
});

/** The device that every thread can use: the one that was asked for, or the one that some had to fall back to. */
function agreed(answers: readonly ThreadAnswer[]): FoundDevice {
  const found = answers.filter((answer) => answer.type === 'awake');
  const { device, advice }: FoundDevice = found.find((one) => one.advice !== undefined) ?? found[0] ?? config;
  return { device, ...(advice !== undefined && { advice }) };
}

const found = agreed(await toEveryThread({ type: 'wake' }));
if (!process.connected) die();
send({ type: 'ready', ...found });
setInterval(() => send({ type: 'beat' }), BEAT_MS).unref();
