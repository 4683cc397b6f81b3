// One after the other: what is done under one key waits for all that was begun under it before.

export class Turns {
  /** By key: the end of the newest turn. */
  readonly #newest = new Map<string, Promise<unknown>>();

  /** What `act` promises, once its turn has come. A turn that fails is over like any other. */
  async take<T>(key: string, act: () => Promise<T>): Promise<T> {
    const before = this.#newest.get(key) ?? Promise.resolve();
    const mine = before.then(act, act);
    this.#newest.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#newest.get(key) === mine) this.#newest.delete(key);
    }
  }
}
