// What the groups of a running batch are told through shared memory, as their thread hears no messages meanwhile: one
// Int32 a group. Orders add up, and none is taken back.

const CANCEL = 1;
const FINISH = 2;
/** Above these bits stands the index of the one picture that is wanted, plus one. */
const ONLY_SHIFT = 2;

export class OrderBoard {
  readonly memory: SharedArrayBuffer;
  readonly #orders: Int32Array;

  /** For so many groups, or over the memory that another thread made. */
  constructor(groups: number | SharedArrayBuffer) {
    this.memory =
      typeof groups === 'number' ? new SharedArrayBuffer(groups * Int32Array.BYTES_PER_ELEMENT) : groups;
    this.#orders = new Int32Array(this.memory);
  }

  get allCanceled(): boolean {
    return this.#orders.every((_, group) => this.isCanceled(group));
  }

  cancel(group: number): void {
    this.#add(group, CANCEL);
  }

  finish(group: number): void {
    this.#add(group, FINISH);
  }

  /** The first one counts. */
  pick(group: number, index: number): void {
    if (this.only(group) === undefined) this.#add(group, (index + 1) << ONLY_SHIFT);
  }

  isCanceled(group: number): boolean {
    return (this.#read(group) & CANCEL) !== 0;
  }

  isFinished(group: number): boolean {
    return (this.#read(group) & FINISH) !== 0;
  }

  only(group: number): number | undefined {
    const index = this.#read(group) >> ONLY_SHIFT;
    return index === 0 ? undefined : index - 1;
  }

  #add(group: number, bits: number): void {
    if (group in this.#orders) Atomics.or(this.#orders, group, bits);
  }

  #read(group: number): number {
    return Atomics.load(this.#orders, group);
  }
}
