// One batch inside a host: from the message that starts it to the one answer that counts. Each group of it has an end
// of its own.

import type { Batch } from '../pipeline/picture.ts';
import { BatchFailed, HostDied } from './failures.ts';
import { GroupRun, type RunOptions } from './group-run.ts';
import type { BatchAnswer, BatchResult, GroupEnd, Progress, ToHost } from './protocol.ts';
import { Watchdog } from './watchdog.ts';

export interface Patience {
  /** Without a step for this long, a host is taken to hang. */
  stepTimeoutMs: number;
  /** The same until the model is open. */
  openTimeoutMs: number;
  /** What was canceled and has not ended after this long is ended by killing its host. */
  cancelGraceMs: number;
}

interface Wiring {
  send(message: ToHost): void;
  /** The host does not answer any more. `deaf`: to a cancel, so that nothing is known against what was not canceled. */
  stuck(reason: string, how: { deaf: boolean }): void;
}

export class BatchRun {
  readonly id: string;
  readonly #batch: Batch;
  readonly #patience: Patience;
  readonly #wiring: Wiring;
  readonly #groups: readonly GroupRun[];
  #watchdog: Watchdog | undefined;

  constructor(id: string, batch: Batch, options: readonly RunOptions[], patience: Patience, wiring: Wiring) {
    this.id = id;
    this.#batch = batch;
    this.#patience = patience;
    this.#wiring = wiring;
    this.#groups = options.map(
      (each, group) =>
        new GroupRun(each, {
          send: (order) => wiring.send({ ...order, id, group }),
          deaf: () => wiring.stuck('did not stop what was canceled in time', { deaf: true }),
          cancelGraceMs: patience.cancelGraceMs,
        }),
    );
  }

  get model(): string {
    return this.#batch.model;
  }

  /** One for each group, in their order. */
  get results(): Promise<BatchResult>[] {
    return this.#groups.map((group) => group.result);
  }

  /** Whether nobody waits for anything of it. */
  get isOver(): boolean {
    return this.#groups.every((group) => group.isOver);
  }

  /** What was canceled before is over at once; nothing is sent when that is all. */
  begin(): void {
    for (const group of this.#groups) group.endIfCanceled();
    if (this.isOver) return;
    this.#watch(this.#patience.openTimeoutMs, 'did not open the model in time');
    this.#wiring.send({ type: 'run', id: this.id, batch: this.#batch });
    for (const group of this.#groups) group.begin();
  }

  opened(): void {
    this.#watch(this.#patience.stepTimeoutMs, 'made no step in time');
  }

  pulse(): void {
    this.#watchdog?.feed();
  }

  progress(group: number, progress: Progress): void {
    this.#watchdog?.feed();
    this.#groups[group]?.progress(progress);
  }

  ended(end: GroupEnd): void {
    const group = this.#groups[end.group];
    if (end.type === 'done') group?.done(end.result);
    else group?.canceled();
  }

  answer(answer: BatchAnswer): void {
    this.#watchdog?.stop();
    if (answer.type === 'failed') return this.refuse(new BatchFailed(answer.message, answer.explained));
    for (const end of answer.ends) this.ended(end);
    this.refuse(new BatchFailed('The worker did not tell what became of it.', false));
  }

  /** The host is gone or given up. */
  lost(reason: string, blameless: boolean): void {
    this.#watchdog?.stop();
    for (const group of this.#groups) group.lost(new HostDied(reason, { blameless }));
  }

  /** All that has not ended ends with this. */
  refuse(error: Error): void {
    for (const group of this.#groups) group.failed(error);
  }

  cancel(): void {
    for (const group of this.#groups) group.cancel();
  }

  #watch(limitMs: number, reason: string): void {
    this.#watchdog?.stop();
    this.#watchdog = new Watchdog(limitMs, () => this.#wiring.stuck(reason, { deaf: false }));
  }
}
