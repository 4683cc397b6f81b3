// The pipelines that one thread keeps open. What was used longest ago is closed when the next one would not fit, and
// where closing gives no memory back it says so. Knows no batches; how pipelines are opened and weighed is handed in.

import type { Pipeline } from '../pipeline/pipeline.ts';

export interface ShelfOptions {
  open(model: string): Promise<Pipeline>;
  /** Bytes that a model will take, as far as its files tell. */
  weigh(model: string): number;
  /** Bytes that the open models may weigh together. One that weighs more by itself is opened alone. */
  budget: number;
  /** Bytes that the device's memory really holds now; undefined where nobody can tell. */
  inUse(): number | undefined;
}

/** What came of keeping within the budget, for those who know which models are open. */
export interface Tidied {
  /** Models that were closed. */
  closed: string[];
  /** Closing gave their memory not back: why this process should be replaced, to follow the words "the worker". */
  retire?: string;
}

interface Shelved {
  pipeline: Promise<Pipeline>;
  bytes: number;
  users: number;
}

/** Memory moves by this much without any model. */
const NOISE = 128 * 2 ** 20;

export class ModelShelf {
  readonly #options: ShelfOptions;
  /** The one used last is last. */
  readonly #open = new Map<string, Shelved>();
  #tidied: Tidied = { closed: [] };
  /** Real bytes for each byte of files, once that was seen. */
  #realPerFile: number | undefined;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** Does something with a model's pipeline, which is opened when it is not and not closed meanwhile. */
  async use<T>(model: string, work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    const shelved = this.#open.get(model) ?? this.#add(model);
    this.#open.delete(model);
    this.#open.set(model, shelved);
    shelved.users++;
    try {
      return await work(await shelved.pipeline);
    } finally {
      shelved.users--;
    }
  }

  /** What has changed since this was asked last; undefined where nothing has. */
  tidied(): Tidied | undefined {
    const tidied = this.#tidied;
    this.#tidied = { closed: [] };
    return tidied.closed.length > 0 ? tidied : undefined;
  }

  #add(model: string): Shelved {
    const bytes = this.#options.weigh(model);
    const leaving = this.#leaving(bytes);
    const pipeline = this.#exchange(model, bytes, leaving);
    // Not remembered when it fails: the owner may repair the folder while the program runs.
    pipeline.catch(() => this.#open.delete(model));
    return { pipeline, bytes, users: 0 };
  }

  /** Takes from the shelf what must go, the one used longest ago first. */
  #leaving(bytes: number): Shelved[] {
    const leaving: Shelved[] = [];
    let total = [...this.#open.values()].reduce((sum, one) => sum + one.bytes, bytes);
    for (const [model, one] of this.#open) {
      if (total <= this.#options.budget) break;
      if (one.users > 0) continue;
      this.#open.delete(model);
      this.#tidied.closed.push(model);
      leaving.push(one);
      total -= one.bytes;
    }
    return leaving;
  }

  async #exchange(model: string, bytes: number, leaving: readonly Shelved[]): Promise<Pipeline> {
    const before = this.#options.inUse();
    for (const { pipeline } of leaving) await (await pipeline).close();
    const opened = await this.#options.open(model);
    const after = this.#options.inUse();
    if (before !== undefined && after !== undefined) this.#judge(after - before, bytes, leaving);
    return opened;
  }

  /** At least half of what has left should have made room for the new one. */
  #judge(growth: number, bytes: number, leaving: readonly Shelved[]): void {
    if (leaving.length === 0) {
      if (bytes > 0) this.#realPerFile ??= Math.max(0, growth / bytes);
      return;
    }
    const left = leaving.reduce((sum, one) => sum + one.bytes, 0);
    const allowed = (this.#realPerFile ?? 1) * (bytes - left / 2) + NOISE;
    if (growth > allowed)
      this.#tidied.retire = `holds ${megabytes(growth - allowed)} MB more than its models need: the runtime kept them when models were closed`;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
