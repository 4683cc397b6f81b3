// The worker hosts of this machine as one: takes batches for as many free places as there are. Knows no rows: whether
// a batch is tried again is the queue's decision.

import type { Logger } from 'pino';
import type { Batch } from '../pipeline/picture.ts';
import type { RunOptions } from './batch-run.ts';
import { BatchCanceled, HostBroken, HostDied } from './failures.ts';
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
  readonly #waiting = new Set<Waiting>();
  readonly #listeners = new Set<() => void>();
  #stopping = false;

  constructor({ hosts, log }: { hosts: WorkerHost[]; log: Logger }) {
    this.#hosts = hosts;
    this.#log = log;
    for (const host of hosts) host.onChange(() => this.#changed());
  }

  /** Starts every host; resolves when one is ready, or none ever will be (see `broken`). */
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

  /** Why nothing will ever start, when that is so: a sentence for people. */
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

  /** On an idle host, one that has the model open if there is one. Waits while none is idle. Rejects as a host does. */
  async run(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    if (options.signal?.aborted) throw new BatchCanceled();
    if (this.#stopping) throw new HostDied('The workers are stopped.');
    if (this.broken) throw new HostBroken(this.broken);
    const host = this.idle > 0 ? this.#bestFor(batch.model) : undefined;
    if (host) return host.run(batch, options);
    return this.#wait(batch, options);
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
  #wait(batch: Batch, options: RunOptions): Promise<BatchResult> {
    return new Promise<BatchResult>((resolve, reject) => {
      const { signal } = options;
      const leave = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        model: batch.model,
        seat: (host) => {
          leave();
          resolve(host.run(batch, options));
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => waiting.refuse(new BatchCanceled());
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiting);
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
