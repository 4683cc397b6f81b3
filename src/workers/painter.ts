// What a pool thread does with a task: keeps the opened pipelines, runs batches on them, turns every error into an
// answer. Knows no processes; how pipelines are opened is handed in.

import path from 'node:path';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { Canceled, ModelProblem } from '../pipeline/problems.ts';
import type { HostConfig } from './protocol.ts';
import type { ThreadAnswer, ThreadNews, ThreadTask } from './thread-task.ts';

export type OpenPipeline = (
  folder: string,
  options: { device: string; intraOpThreads: number },
) => Promise<Pipeline>;

/** More previews than this nobody could see. */
const PREVIEW_EVERY_MS = 60;

/** The function that does one thread's tasks. It never rejects. */
export function painter(open: OpenPipeline, config: HostConfig): (task: ThreadTask) => Promise<ThreadAnswer> {
  const pipelines = new Map<string, Promise<Pipeline>>();

  function pipelineOf(model: string): Promise<Pipeline> {
    const known = pipelines.get(model);
    if (known) return known;
    const { device, intraOpThreads } = config;
    const opening = open(path.join(config.modelsDir, model), { device, intraOpThreads });
    pipelines.set(model, opening);
    // Not remembered when it fails: the owner may repair the folder while the program runs.
    opening.catch(() => pipelines.delete(model));
    return opening;
  }

  async function run({ batch, port, cancel }: Extract<ThreadTask, { type: 'run' }>): Promise<ThreadAnswer> {
    const flag = new Int32Array(cancel);
    const canceled = (): boolean => Atomics.load(flag, 0) === 1;
    const tell = (news: ThreadNews): void => port.postMessage(news);
    if (canceled()) return { type: 'canceled' };
    const pipeline = await pipelineOf(batch.model);
    tell({ type: 'opened' });
    const { pictures, timing } = await pipeline.generate(batch, {
      onStep: (step) => tell({ type: 'step', step }),
      wantPreview: previewPace(PREVIEW_EVERY_MS, () => performance.now()),
      canceled,
    });
    return { type: 'done', result: { pictures, ...timing, device: pipeline.device } };
  }

  return async (task) => {
    try {
      switch (task.type) {
        case 'wake':
          return { type: 'awake' };
        case 'load':
          await pipelineOf(task.model);
          return { type: 'loaded' };
        case 'run':
          return await run(task);
      }
    } catch (error) {
      return answerTo(error);
    }
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

function answerTo(error: unknown): ThreadAnswer {
  if (error instanceof Canceled) return { type: 'canceled' };
  if (error instanceof ModelProblem) return { type: 'failed', message: error.message, explained: true };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'failed', message, explained: false };
}
