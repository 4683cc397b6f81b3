// The tasks of a batch that belong together, such as the pictures of one request: they are watched together, told
// together what to do, and are over together. Knows no networks.

import type { Developing } from './beginning.ts';
import type { Batch, PictureTask } from './picture.ts';

/** What a group may be told while it is drawn. Each is asked once before every step. */
export interface Orders {
  /** True takes the group out of the batch; the others go on. */
  canceled?: (group: number) => boolean;
  /** True, once every picture has made a step, ends the group as if `stop` were the steps done by then. */
  finish?: (group: number) => boolean;
  /** The one task of the group, from 0, that is still wanted. The others leave the batch. */
  only?: (group: number) => number | undefined;
}

export class Group {
  readonly index: number;
  readonly #all: readonly PictureTask[];
  #tasks: readonly PictureTask[];
  #developing: readonly Developing[] = [];
  #canceled = false;
  /** The steps that were done, when it was told to finish before the last one. */
  stoppedAfter: number | undefined;

  constructor(index: number, tasks: readonly PictureTask[]) {
    this.index = index;
    this.#all = tasks;
    this.#tasks = tasks;
  }

  /** Those that are wanted. */
  get tasks(): readonly PictureTask[] {
    return this.#tasks;
  }

  /** Those of them that networks draw. */
  get developing(): readonly Developing[] {
    return this.#developing;
  }

  get canceled(): boolean {
    return this.#canceled;
  }

  begin(developing: readonly Developing[]): void {
    this.#developing = developing;
  }

  activeAt(i: number): Developing[] {
    return this.#developing.filter((d) => d.start <= i && i < d.end);
  }

  /** Whether no picture takes part in step `i` or a later one. */
  isOver(i: number): boolean {
    return this.#developing.every((d) => d.end <= i);
  }

  /** Its steps before `i`, and all of its steps. */
  steps(i: number): { done: number; of: number } {
    const longest = Math.max(0, ...this.#developing.map((d) => d.end));
    const own = Array.from({ length: longest }, (_, k) => k).filter((k) => this.activeAt(k).length > 0);
    return { done: own.filter((k) => k < i).length, of: own.length };
  }

  cancel(): void {
    this.#canceled = true;
    this.#developing = [];
  }

  /** Does what it is told before step `i`. */
  obey(orders: Orders, i: number): void {
    if (orders.canceled?.(this.index)) {
      this.cancel();
      return;
    }
    const only = this.#all[orders.only?.(this.index) ?? -1];
    if (only) this.#keep(only);
    // Not before every picture has foreseen something.
    if (this.#developing.every((d) => d.start < i) && orders.finish?.(this.index)) this.#stop(i);
  }

  #keep(only: PictureTask): void {
    this.#tasks = [only];
    this.#developing = this.#developing.filter(({ task }) => task === only);
  }

  #stop(i: number): void {
    this.stoppedAfter = this.steps(i).done;
    for (const d of this.#developing) d.end = Math.min(d.end, i);
  }
}

export function groupsOf({ tasks, groups = [tasks.length] }: Batch): Group[] {
  let at = 0;
  return groups.map((size, index) => new Group(index, tasks.slice(at, (at += size))));
}
