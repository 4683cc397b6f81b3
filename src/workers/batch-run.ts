// One batch inside a host: from the message that starts it to the one answer that counts.

import type { Batch } from '../pipeline/picture.ts';
import { BatchCanceled, BatchFailed, HostDied } from './failures.ts';
import type { BatchAnswer, BatchResult, Progress, ToHost } from './protocol.ts';
import { Watchdog } from './watchdog.ts';

export interface RunOptions {
  /** Cancels it between two steps. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Patience {
  /** Without a step for this long, a host is taken to hang. */
  stepTimeoutMs: number;
  /** The same until the model is open. */
  openTimeoutMs: number;
  /** A canceled batch that has not ended after this long is ended by killing its host. */
  cancelGraceMs: number;
}

interface Wiring {
  send(message: ToHost): void;
  /** The host does not answer any more; called once. */
  stuck(reason: string): void;
}

export class BatchRun {
  readonly id: string;
  readonly model: string;
  readonly result: Promise<BatchResult>;
  readonly #patience: Patience;
  readonly #wiring: Wiring;
  readonly #options: RunOptions;
  readonly #abort = (): void => this.cancel();
  #resolve!: (result: BatchResult) => void;
  #reject!: (error: Error) => void;
  #watchdog: Watchdog;
  #grace: NodeJS.Timeout | undefined;

  constructor(id: string, batch: Batch, options: RunOptions, patience: Patience, wiring: Wiring) {
    this.id = id;
    this.model = batch.model;
    this.#options = options;
    this.#patience = patience;
    this.#wiring = wiring;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#watchdog = this.#watch(patience.openTimeoutMs, 'did not open the model in time');
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    wiring.send({ type: 'run', id, batch });
  }

  opened(): void {
    this.#watchdog.stop();
    this.#watchdog = this.#watch(this.#patience.stepTimeoutMs, 'made no step in time');
  }

  progress(progress: Progress): void {
    this.#watchdog.feed();
    this.#options.onProgress?.(progress);
  }

  answer(answer: BatchAnswer): void {
    this.#end();
    if (answer.type === 'done') this.#resolve(answer.result);
    else if (answer.type === 'canceled') this.#reject(new BatchCanceled());
    else this.#reject(new BatchFailed(answer.message, answer.explained));
  }

  /** The host is gone or given up. */
  lost(reason: string): void {
    const canceled = this.#grace !== undefined;
    this.#end();
    this.#reject(canceled ? new BatchCanceled() : new HostDied(reason));
  }

  cancel(): void {
    if (this.#grace) return;
    this.#wiring.send({ type: 'cancel', id: this.id });
    const stuck = (): void => this.#wiring.stuck('did not stop a canceled batch in time');
    this.#grace = setTimeout(stuck, this.#patience.cancelGraceMs);
  }

  #watch(limitMs: number, reason: string): Watchdog {
    return new Watchdog(limitMs, () => this.#wiring.stuck(reason));
  }

  #end(): void {
    this.#watchdog.stop();
    clearTimeout(this.#grace);
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }
}
