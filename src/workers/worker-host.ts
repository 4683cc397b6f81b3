// One device as the rest of the program sees it: give it a batch, get pictures or a named failure. Knows no queue and
// no other devices.

import type { Logger } from 'pino';
import type { Batch } from '../pipeline/picture.ts';
import { BatchRun, type Patience, type RunOptions } from './batch-run.ts';
import { BatchCanceled } from './failures.ts';
import { HostLife, type LifeOptions } from './host-life.ts';
import type { BatchResult, FromHost } from './protocol.ts';

export interface WorkerHostOptions extends LifeOptions, Partial<Patience> {
  /** Without a step for this long, the process is taken to hang. */
  stepTimeoutMs: number;
}

export class WorkerHost {
  readonly device: string;
  readonly #threads: number;
  readonly #patience: Patience;
  readonly #log: Logger;
  readonly #life: HostLife;
  readonly #runs = new Map<string, BatchRun>();
  readonly #opened = new Set<string>();
  readonly #warm = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #lastId = 0;

  constructor(options: WorkerHostOptions) {
    const { config, stepTimeoutMs, openTimeoutMs = 300_000, cancelGraceMs = 10_000 } = options;
    this.device = config.device;
    this.#threads = config.threads;
    this.#patience = { stepTimeoutMs, openTimeoutMs, cancelGraceMs };
    this.#log = options.log.child({ device: config.device });
    this.#life = new HostLife(
      { ...options, log: this.#log },
      {
        hear: (message) => this.#hear(message),
        ready: () => this.#ready(),
        lost: (reason) => this.#lost(reason),
        broken: () => this.#changed(),
      },
    );
  }

  get pid(): number | undefined {
    return this.#life.pid;
  }

  get busy(): boolean {
    return this.#runs.size > 0;
  }

  /** How many batches could start now. */
  get free(): number {
    return this.#life.isReady ? Math.max(0, this.#threads - this.#runs.size) : 0;
  }

  /** Why it will never run anything again, when that is so: a sentence. */
  get broken(): string | undefined {
    return this.#life.brokenReason;
  }

  /** Whether a thread of it has this model open. */
  has(model: string): boolean {
    return this.#opened.has(model);
  }

  /** Calls back whenever `free`, `busy` or `broken` may have changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves when it is ready. Rejects with HostBroken when it never will be. */
  start(): Promise<void> {
    return this.#life.start();
  }

  /** Rejects with BatchCanceled, BatchFailed, HostDied or HostBroken. The process is started when there is none. */
  async run(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    if (options.signal?.aborted) throw new BatchCanceled();
    // Not awaited when it is ready, so that `free` counts this batch by the time the caller goes on.
    if (!this.#life.isReady) {
      await this.start();
      if (options.signal?.aborted) throw new BatchCanceled();
    }
    const run = new BatchRun(String(++this.#lastId), batch, options, this.#patience, {
      send: (message) => this.#life.send(message),
      stuck: (reason) => this.#life.giveUp(reason),
    });
    this.#runs.set(run.id, run);
    return run.result;
  }

  /** Opens a model before anyone asks for it, now and after every replacement. */
  load(model: string): void {
    this.#warm.add(model);
    if (this.#life.isReady) this.#life.send({ type: 'load', model });
  }

  /** Cancels what runs, waits until it has ended or `deadlineMs` are over, and ends the process. For good. */
  async stop(deadlineMs: number = this.#patience.cancelGraceMs): Promise<void> {
    this.#life.retire();
    const runs = [...this.#runs.values()];
    for (const run of runs) run.cancel();
    const deadline = setTimeout(() => this.#life.giveUp('did not stop in time'), deadlineMs);
    await Promise.allSettled(runs.map((run) => run.result));
    clearTimeout(deadline);
    await this.#life.end();
  }

  #ready(): void {
    for (const model of this.#warm) this.#life.send({ type: 'load', model });
    this.#changed();
  }

  #lost(reason: string): void {
    this.#opened.clear();
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const run of runs) run.lost(`The worker for ${this.device} ${reason}.`);
    this.#changed();
  }

  #hear(message: FromHost): void {
    switch (message.type) {
      case 'ready':
      case 'beat':
        break;
      case 'loaded':
        this.#opened.add(message.model);
        break;
      case 'opened':
      case 'progress':
      case 'done':
      case 'canceled':
      case 'failed':
        this.#news(message);
        break;
      default:
        this.#log.warn({ message: message satisfies never }, 'the worker sent what is no message; dropped');
    }
  }

  #news(message: Extract<FromHost, { id: string }>): void {
    const run = this.#runs.get(message.id);
    if (!run) {
      this.#log.warn({ type: message.type, id: message.id }, 'news of a batch that is not running; dropped');
    } else if (message.type === 'opened') {
      this.#opened.add(run.model);
      run.opened();
    } else if (message.type === 'progress') {
      this.#shielded(() => run.progress(message.progress));
    } else {
      this.#life.didWork();
      this.#runs.delete(run.id);
      run.answer(message);
      // An unexplained failure on a GPU may have left the device's context unusable for everything after it.
      if (message.type === 'failed' && !message.explained && this.device !== 'cpu')
        this.#life.giveUp('failed on its device and is replaced to be safe');
      this.#changed();
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) this.#shielded(listener);
  }

  /** Someone else's code: its bug must not leave a host half settled. */
  #shielded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#log.error({ err: error }, 'a listener of the worker threw');
    }
  }
}
