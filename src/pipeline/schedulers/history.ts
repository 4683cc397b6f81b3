/**
 * What a multistep solver remembers of one process: its latest values, newest first. It knows nothing of what they
 * mean.
 */

export class History {
  readonly #limit: number;
  #values: readonly Float32Array[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Says that step `i` begins. A step that does not follow the last one starts a new process: false. */
  continues(i: number): boolean {
    const follows = i === this.#next && i > 0;
    if (!follows) this.#values = [];
    this.#next = i + 1;
    return follows;
  }

  /** Remembers a value and gives all that are remembered, newest first. */
  add(value: Float32Array): readonly Float32Array[] {
    this.#values = [value, ...this.#values].slice(0, this.#limit);
    return this.#values;
  }

  get values(): readonly Float32Array[] {
    return this.#values;
  }
}
