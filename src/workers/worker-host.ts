// One device as the rest of the program sees it: give it a batch, get pictures or a named failure for each group. Knows
// no queue and no other devices.

import type { Logger } from 'pino';
import type { Batch } from '../pipeline/picture.ts';
import { BatchRun, type Patience } from './batch-run.ts';
import type { RunOptions } from './group-run.ts';
import { HostLife, type LifeOptions } from './host-life.ts';
import type { BatchResult, FoundDevice, FromHost } from './protocol.ts';

export interface WorkerHostOptions extends LifeOptions, Partial<Patience> {
  /** Without a step for this long, the process is taken to hang. */
  stepTimeoutMs: number;
}

export class WorkerHost {
  readonly #wanted: string;
  #device: string;
  #advice: string | undefined;
  readonly #threads: number;
  readonly #patience: Patience;
  readonly #log: Logger;
  readonly #life: HostLife;
  readonly #runs = new Map<string, BatchRun>();
  readonly #opened = new Set<string>();
  readonly #warm = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #lastId = 0;
  /** The run for which the process is given up. */
  #stuck: { id: string; deaf: boolean } | undefined;
  /** Why it is to be replaced as soon as nothing runs. */
  #retiring: string | undefined;

  constructor(options: WorkerHostOptions) {
    const { config, stepTimeoutMs, openTimeoutMs = 300_000, cancelGraceMs = 10_000 } = options;
    this.#wanted = config.device;
    this.#device = config.device;
    this.#threads = config.threads;
    this.#patience = { stepTimeoutMs, openTimeoutMs, cancelGraceMs };
    this.#log = options.log.child({ device: config.device });
    this.#life = new HostLife(
      { ...options, log: this.#log },
      {
        hear: (message) => this.#hear(message),
        ready: (found) => this.#ready(found),
        lost: (reason) => this.#lost(reason),
        broken: () => this.#changed(),
      },
    );
  }

  /** The one that it works on: the one that was asked for until it is known that this can not be used. */
  get device(): string {
    return this.#device;
  }

  /** When it works on another device than the one that was asked for: why, and what to do, in sentences. */
  get advice(): string | undefined {
    return this.#advice;
  }

  get pid(): number | undefined {
    return this.#life.pid;
  }

  get busy(): boolean {
    return this.#runs.size > 0;
  }

  /** How many batches could start now. */
  get free(): number {
    if (!this.#life.isReady || this.#retiring !== undefined) return 0;
    return Math.max(0, this.#threads - this.#runs.size);
  }

  /** Why it can not be started, while that is so: a sentence. */
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

  /** Resolves when it is ready. Rejects with HostBroken while it can not be started. */
  start(): Promise<void> {
    return this.#life.start();
  }

  /** Rejects with BatchCanceled, BatchFailed, HostDied or HostBroken. The process is started when there is none. */
  async run(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    return this.runGroups(batch, [options])[0]!;
  }

  /** The same with one result for each group of the batch. */
  runGroups(batch: Batch, groups: readonly RunOptions[]): Promise<BatchResult>[] {
    const id = String(++this.#lastId);
    const run = new BatchRun(id, batch, groups, this.#patience, {
      send: (message) => this.#life.send(message),
      stuck: (reason, { deaf }) => {
        this.#stuck = { id, deaf };
        this.#life.giveUp(reason);
      },
    });
    void this.#begin(run);
    return run.results;
  }

  async #begin(run: BatchRun): Promise<void> {
    try {
      // Not awaited when it is ready, so that `free` counts this batch by the time the caller goes on.
      if (!this.#life.isReady) await this.start();
    } catch (error) {
      run.refuse(error as Error);
      return;
    }
    run.begin();
    if (!run.isOver) this.#runs.set(run.id, run);
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
    await Promise.allSettled(runs.flatMap((run) => run.results));
    clearTimeout(deadline);
    await this.#life.end();
  }

  #ready({ device, advice }: FoundDevice): void {
    this.#device = device;
    this.#advice =
      advice &&
      `${this.#wanted} can not be used, so pictures are drawn on ${device}, which takes longer. ${advice}`;
    if (this.#advice) this.#log.warn(this.#advice);
    this.#retiring = undefined;
    for (const model of this.#warm) this.#life.send({ type: 'load', model });
    this.#changed();
  }

  #lost(reason: string): void {
    this.#opened.clear();
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    const stuck = this.#stuck;
    this.#stuck = undefined;
    for (const run of runs) {
      // One that was deaf to a cancel is no more to blame than those beside it: the canceled one will not come back.
      const blameless = stuck !== undefined && (stuck.deaf || stuck.id !== run.id);
      run.lost(`The worker for ${this.device} ${reason}.`, blameless);
    }
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
      case 'closed':
        this.#opened.delete(message.model);
        break;
      case 'retire':
        this.#retiring = message.reason;
        this.#renewIfIdle();
        break;
      case 'opened':
      case 'pulse':
      case 'progress':
      case 'ended':
      case 'over':
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
    } else if (message.type === 'pulse') {
      run.pulse();
    } else if (message.type === 'progress') {
      this.#shielded(() => run.progress(message.group, message.progress));
    } else if (message.type === 'ended') {
      run.ended(message.end);
    } else {
      run.answer(message); // throws what can not be understood; then the run is among those that are lost
      this.#life.didWork();
      this.#runs.delete(run.id);
      // An unexplained failure on a GPU may have left the device's context unusable for everything after it.
      if (message.type === 'failed' && !message.explained && this.device !== 'cpu')
        this.#life.giveUp('failed on its device and is replaced to be safe');
      this.#renewIfIdle();
      this.#changed();
    }
  }

  #renewIfIdle(): void {
    if (this.#retiring !== undefined && !this.busy) this.#life.renew(this.#retiring);
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
