// Real worker processes without networks, for tests: what they do is in test/fixtures/threads/fake-painter.ts.

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import type { Batch } from '../../src/pipeline/picture.ts';
import type { BatchResult } from '../../src/workers/protocol.ts';
import { WorkerHost, type WorkerHostOptions } from '../../src/workers/worker-host.ts';

export const silent = pino({ level: 'silent' });
export const fixture = (name: string): URL => new URL(`../fixtures/${name}`, import.meta.url);

export type FakeOptions = Partial<Omit<WorkerHostOptions, 'config'>> & Partial<WorkerHostOptions['config']>;

export function fakeHost(options: FakeOptions = {}): WorkerHost {
  const {
    device = 'cpu',
    modelsDir = '/models',
    threads = 1,
    intraOpThreads = 1,
    modelMemoryMb,
    ...rest
  } = options;
  return new WorkerHost({
    config: {
      device,
      modelsDir,
      threads,
      intraOpThreads,
      ...(modelMemoryMb !== undefined && { modelMemoryMb }),
    },
    log: silent,
    stepTimeoutMs: 60_000,
    heartbeatTimeoutMs: 60_000,
    respawnDelayMs: 10,
    threadModule: fixture('threads/fake-painter.ts'),
    ...rest,
  });
}

export function batchFor(model: string, { steps = 3, pictures = 1 } = {}): Batch {
  const tasks = Array.from({ length: pictures }, (_, seed) => ({
    prompt: 'a heart',
    negativePrompt: '',
    seed,
  }));
  return { model, width: 64, height: 64, steps, scheduler: 'ddim', guidanceScale: 1, tasks };
}

/** What the fake painter wrote in place of the first picture. */
export function told(result: BatchResult): { prompt: string; opens: number; pid: number; thread: number } {
  return JSON.parse(new TextDecoder().decode(result.pictures[0]!.png));
}

/** Whether a process has ended; one that nobody has waited for yet counts as ended. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  if (process.platform !== 'linux') return false;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
