// Work that comes while the last is being done is done together: a disk that syncs once for many rows takes many more of
// them than one that syncs for each.

interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/** SQLite takes 32,766 values in a statement. */
const MOST = 500;

export class Together<In, Out> {
  readonly #work: (items: readonly In[]) => Promise<PromiseSettledResult<Out>[]>;
  #waiting: Waiting<In, Out>[] = [];
  #working = false;

  /** `work` says what became of each item, in order; when it rejects, all of them are rejected. */
  constructor(work: (items: readonly In[]) => Promise<PromiseSettledResult<Out>[]>) {
    this.#work = work;
  }

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#working) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      const now = this.#waiting.splice(0, MOST);
      try {
        const results = await this.#work(now.map(({ item }) => item));
        results.forEach((result, i) =>
          result.status === 'fulfilled' ? now[i]!.resolve(result.value) : now[i]!.reject(result.reason),
        );
      } catch (error) {
        for (const { reject } of now) reject(error);
      }
    }
    this.#working = false;
  }
}
