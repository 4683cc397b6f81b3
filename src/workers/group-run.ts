// One group of a running batch, as its caller sees it: what it is told, and the one end that counts.

import { BatchCanceled } from './failures.ts';
import type { BatchResult, Progress } from './protocol.ts';

/** What one caller wants of the group. */
export interface RunOptions {
  /** Cancels it between two steps. */
  signal?: AbortSignal;
  /** Ends it after the step that runs, with the pictures foreseen by then. */
  finish?: AbortSignal;
  /** Resolves when only one of its pictures is wanted any more: with its index. */
  picked?: Promise<number>;
  onProgress?: (progress: Progress) => void;
}

type GroupOrder = { type: 'cancel' } | { type: 'finish' } | { type: 'pick'; index: number };

interface Wiring {
  send(order: GroupOrder): void;
  /** It was canceled, and goes on. */
  deaf(): void;
  cancelGraceMs: number;
}

export class GroupRun {
  readonly result: Promise<BatchResult>;
  readonly #options: RunOptions;
  readonly #wiring: Wiring;
  readonly #abort = (): void => this.cancel();
  readonly #finish = (): void => this.#send({ type: 'finish' });
  #resolve!: (result: BatchResult) => void;
  #reject!: (error: Error) => void;
  #grace: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: RunOptions, wiring: Wiring) {
    this.#options = options;
    this.#wiring = wiring;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isOver(): boolean {
    return this.#over;
  }

  endIfCanceled(): void {
    if (this.#options.signal?.aborted) this.canceled();
  }

  /** Orders given before are given now. */
  begin(): void {
    const { signal, finish, picked } = this.#options;
    if (this.#over) return this.#wiring.send({ type: 'cancel' });
    signal?.addEventListener('abort', this.#abort, { once: true });
    finish?.addEventListener('abort', this.#finish, { once: true });
    if (finish?.aborted) this.#finish();
    void picked?.then((index) => this.#send({ type: 'pick', index }));
  }

  progress(progress: Progress): void {
    if (!this.#over) this.#options.onProgress?.(progress);
  }

  done(result: BatchResult): void {
    if (this.#end()) this.#resolve(result);
  }

  canceled(): void {
    this.failed(new BatchCanceled());
  }

  /** With its host; what was canceled counts as canceled. */
  lost(error: Error): void {
    this.failed(this.#grace === undefined ? error : new BatchCanceled());
  }

  failed(error: Error): void {
    if (this.#end()) this.#reject(error);
  }

  cancel(): void {
    if (this.#over || this.#grace) return;
    this.#send({ type: 'cancel' });
    this.#grace = setTimeout(() => this.#wiring.deaf(), this.#wiring.cancelGraceMs);
  }

  #send(order: GroupOrder): void {
    if (!this.#over) this.#wiring.send(order);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#grace);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#options.finish?.removeEventListener('abort', this.#finish);
    return true;
  }
}
