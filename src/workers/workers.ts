// The worker hosts of this machine as one: takes batches for as many free places as there are. Knows no rows: whether
// a batch is tried again is the queue's decision.

import type { Logger } from 'pino';
import type { Batch, BatchParams } from '../pipeline/picture.ts';
import { BatchSizes } from './batch-sizes.ts';
import { BatchCanceled, BatchFailed, HostBroken, HostDied } from './failures.ts';
import type { RunOptions } from './group-run.ts';
import type { BatchResult } from './protocol.ts';
import type { WorkerHost } from './worker-host.ts';

/** A batch that waits for a free place. */
interface Waiting {
  model: string;
  seat(host: WorkerHost): void;
  refuse(error: Error): void;
}

export class Workers {
  readonly #hosts: WorkerHost[];
  readonly #log: Logger;
  readonly #sizes: BatchSizes;
  readonly #waiting = new Set<Waiting>();
  readonly #listeners = new Set<() => void>();
  #stopping = false;

  /** `maxBatchPictures`: pictures in a batch of several jobs; 0 or absent: as many as are found to be worth it. */
  constructor(options: { hosts: WorkerHost[]; log: Logger; maxBatchPictures?: number }) {
    const { hosts, log, maxBatchPictures } = options;
    this.#hosts = hosts;
    this.#log = log;
    this.#sizes = new BatchSizes(maxBatchPictures);
    for (const host of hosts) host.onChange(() => this.#changed());
  }

  /** Starts every host; resolves when one is ready, or none can be started (see `broken`). */
  async start(): Promise<void> {
    try {
      await Promise.any(this.#hosts.map((host) => host.start()));
    } catch {
      if (!this.#stopping) this.#log.error({ reason: this.broken }, 'no worker could be started');
    }
  }

  /** How many batches could start now. */
  get idle(): number {
    if (this.#stopping) return 0;
    return Math.max(0, this.#free() - this.#waiting.size);
  }

  get available(): boolean {
    return this.broken === undefined;
  }

  /** Why nothing can be started, while that is so: a sentence for people. */
  get broken(): string | undefined {
    const reasons = this.#hosts.map((host) => host.broken);
    if (reasons.includes(undefined)) return undefined;
    return reasons.join(' ') || 'No device is configured: set DEVICES.';
  }

  /** Calls back when batches could start now, or when `broken` has become true. */
  onIdle(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Opens a model everywhere before anyone asks for it. */
  load(model: string): void {
    for (const host of this.#hosts) host.load(model);
  }

  /** How many pictures a batch of this kind should have at the most, on the device that would draw it now. */
  mostPictures(params: BatchParams): number {
    return this.#sizes.most(this.#bestFor(params.model)?.device ?? 'cpu', params);
  }

  /** On an idle host, one that has the model open if there is one. Waits while none is idle. Rejects as a host does. */
  async run(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    return this.runGroups(batch, [options])[0]!;
  }

  /** The same with one result for each group of the batch. */
  runGroups(batch: Batch, groups: readonly RunOptions[]): Promise<BatchResult>[] {
    const host = this.#refusal(groups) === undefined && this.idle > 0 && this.#bestFor(batch.model);
    if (host) return this.#runOn(host, batch, groups);
    const seated = this.#wait(batch, groups);
    return groups.map(async (_, group) => (await seated)[group]!);
  }

  #runOn(host: WorkerHost, batch: Batch, groups: readonly RunOptions[]): Promise<BatchResult>[] {
    const results = host.runGroups(batch, groups);
    void Promise.allSettled(results).then((ends) => this.#learn(host.device, batch, ends));
    return results;
  }

  #learn(device: string, batch: Batch, ends: readonly PromiseSettledResult<BatchResult>[]): void {
    if (ends.some((end) => end.status === 'rejected' && isStrange(end.reason))) {
      if (batch.tasks.length > 1) this.#sizes.failed(device, batch);
      return;
    }
    const drawn = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const whole = drawn.filter(({ stoppedAfter }) => stoppedAfter === undefined);
    const pictures = whole.reduce((sum, result) => sum + result.pictures.length, 0);
    if (pictures < batch.tasks.length) return; // some left it
    this.#sizes.learn(device, batch, Math.max(...whole.map(({ totalMs }) => totalMs)));
  }

  /** Why nothing of it can be begun. */
  #refusal(groups: readonly RunOptions[]): Error | undefined {
    if (groups.every(({ signal }) => signal?.aborted)) return new BatchCanceled();
    if (this.#stopping) return new HostDied('The workers are stopped.');
    return this.broken === undefined ? undefined : new HostBroken(this.broken);
  }

  /** Cancels what runs, waits for it at most `deadlineMs`, and leaves no process behind. */
  async stop(deadlineMs?: number): Promise<void> {
    this.#stopping = true;
    for (const waiting of this.#waiting) waiting.refuse(new BatchCanceled());
    this.#waiting.clear();
    await Promise.all(this.#hosts.map((host) => host.stop(deadlineMs)));
  }

  #free(): number {
    return this.#hosts.reduce((sum, host) => sum + host.free, 0);
  }

  #bestFor(model: string): WorkerHost | undefined {
    const idle = this.#hosts.filter((host) => host.free > 0);
    const rank = (host: WorkerHost): number => (host.has(model) ? 1000 : 0) + host.free;
    return idle.toSorted((a, b) => rank(b) - rank(a))[0];
  }

  /** The run begins in the same turn in which a place is given, so that nobody else takes it. */
  #wait(batch: Batch, groups: readonly RunOptions[]): Promise<Promise<BatchResult>[]> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        for (const { signal } of groups) signal?.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        model: batch.model,
        seat: (host) => {
          leave();
          resolve(this.#runOn(host, batch, groups));
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => {
        const refusal = this.#refusal(groups);
        if (refusal) waiting.refuse(refusal);
      };
      for (const { signal } of groups) signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiting);
      abort();
    });
  }

  #changed(): void {
    const { broken } = this;
    for (const waiting of this.#waiting) {
      const host = this.#stopping ? undefined : this.#bestFor(waiting.model);
      if (broken) waiting.refuse(new HostBroken(broken));
      else if (host) waiting.seat(host);
      else break;
    }
    if (this.idle > 0 || broken) for (const listener of this.#listeners) listener();
  }
}

/** It may have been the size of the batch. */
const isStrange = (error: unknown): boolean =>
  (error instanceof HostDied && !error.blameless) || (error instanceof BatchFailed && !error.explained);
