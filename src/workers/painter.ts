// What a pool thread does with a task: finds its device, runs batches on the models that it keeps open, turns every
// error into an answer. Knows no processes; how pipelines are opened, and the machine, are handed in.

import path from 'node:path';
import type { Generated, Pipeline } from '../pipeline/pipeline.ts';
import { Canceled, ModelProblem } from '../pipeline/problems.ts';
import { ModelShelf } from './model-shelf.ts';
import type { FoundDevice, GroupEnd, HostConfig } from './protocol.ts';
import { OrderBoard } from './order-board.ts';
import type { ThreadAnswer, ThreadNews, ThreadTask } from './thread-task.ts';

export type OpenPipeline = (
  folder: string,
  options: { device: string; intraOpThreads: number },
) => Promise<Pipeline>;

/** What a painter asks of the machine it works on. */
export interface Surroundings {
  /** Why a device other than the CPU can not be used, in a sentence; undefined where it can. */
  whyNot(device: string): Promise<string | undefined>;
  /** Bytes of a model's files. */
  weigh(folder: string): number;
  /** Bytes that one thread's models may weigh together on a device, where the host was not told. */
  budget(device: string): number;
  /** Bytes of the device's memory that are taken; undefined where nobody can tell. */
  inUse(device: string): number | undefined;
}

/** More previews than this nobody could see. */
const PREVIEW_EVERY_MS = 60;
const MIB = 2 ** 20;

/** The function that does one thread's tasks. It never rejects. */
export function painter(
  open: OpenPipeline,
  config: HostConfig,
  machine: Surroundings,
): (task: ThreadTask) => Promise<ThreadAnswer> {
  let finding: Promise<FoundDevice & { shelf: ModelShelf }> | undefined;
  const found = (): Promise<FoundDevice & { shelf: ModelShelf }> => (finding ??= find());

  /** A device that can not be used is not worth failing for: the CPU draws the same, only slower. */
  async function find(): Promise<FoundDevice & { shelf: ModelShelf }> {
    const { device: wanted, modelsDir, intraOpThreads, modelMemoryMb } = config;
    const advice = wanted === 'cpu' ? undefined : await machine.whyNot(wanted);
    const device = advice === undefined ? wanted : 'cpu';
    const shelf = new ModelShelf({
      open: (model) => open(path.join(modelsDir, model), { device, intraOpThreads }),
      weigh: (model) => machine.weigh(path.join(modelsDir, model)),
      budget: modelMemoryMb === undefined ? machine.budget(device) : modelMemoryMb * MIB,
      inUse: () => machine.inUse(device),
    });
    return { device, shelf, ...(advice !== undefined && { advice }) };
  }

  async function run({ batch, port, orders }: Extract<ThreadTask, { type: 'run' }>): Promise<ThreadAnswer> {
    const board = new OrderBoard(orders);
    const tell = (news: ThreadNews): void => port.postMessage(news);
    const groups = batch.groups ?? [batch.tasks.length];
    if (board.allCanceled)
      return { type: 'over', ends: groups.map((_, group) => ({ type: 'canceled', group })) };
    const { shelf } = await found();
    return shelf.use(batch.model, async (pipeline) => {
      tell({ type: 'opened' });
      let ends: GroupEnd[] = [];
      await pipeline
        .generate(batch, {
          onStep: (step, group) => {
            for (const end of ends) tell({ type: 'ended', end }); // others go on
            ends = [];
            tell({ type: 'step', group, step });
          },
          onPulse: () => tell({ type: 'pulse' }),
          wantPreview: previewPace(PREVIEW_EVERY_MS, () => performance.now()),
          canceled: (group) => board.isCanceled(group),
          finish: (group) => board.isFinished(group),
          only: (group) => board.only(group),
          onEnd: (group, generated) => ends.push(endOf(group, generated, pipeline.device)),
        })
        .catch(unlessCanceled);
      return { type: 'over', ends };
    });
  }

  async function answer(task: ThreadTask): Promise<ThreadAnswer> {
    switch (task.type) {
      case 'wake': {
        const { device, advice } = await found();
        return { type: 'awake', device, ...(advice !== undefined && { advice }) };
      }
      case 'load':
        await (await found()).shelf.use(task.model, async () => {});
        return { type: 'loaded' };
      case 'run':
        return run(task);
    }
  }

  return async (task) => {
    const answered = await answer(task).catch(answerTo);
    const tidied = (await finding?.catch(() => undefined))?.shelf.tidied();
    return tidied ? { ...answered, tidied } : answered;
  };
}

/** Says yes at first, and then whenever `everyMs` have gone by since the last yes. */
export function previewPace(everyMs: number, now: () => number): () => boolean {
  let last = -Infinity;
  return () => {
    const time = now();
    if (time - last < everyMs) return false;
    last = time;
    return true;
  };
}

function endOf(group: number, generated: Generated | undefined, device: string): GroupEnd {
  if (!generated) return { type: 'canceled', group };
  const { timing, ...drawn } = generated;
  return { type: 'done', group, result: { ...drawn, ...timing, device } };
}

/** Each group's end says it already. */
function unlessCanceled(error: unknown): void {
  if (!(error instanceof Canceled)) throw error;
}

function answerTo(error: unknown): ThreadAnswer {
  if (error instanceof ModelProblem) return { type: 'failed', message: error.message, explained: true };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'failed', message, explained: false };
}
