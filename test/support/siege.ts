// What crash.test.ts does for a minute and `npm run soak` for as long as one likes: a crowd uses a program that is
// killed, or whose worker processes are.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { Crowd, endAll, Life, type LifeOptions } from './mortal-program.ts';
import { randomFrom } from './random.ts';

const PROMPTS = ['heart', 'cat', 'rocket', 'heart', 'cat', 'rocket', 'poison'];
/** The crowd asks for no more while so many jobs wait or run. */
const BUSY = 6;
/** No life of a program under siege has many more moments. */
const MOMENTS = 250;
/** A worker process is killed many times in a second. */
const NO_KILL_MS = 60_000;

/** Makes data folders; what is left of their programs ends with the file's tests. */
export function besiegedFolders(): () => string {
  const folders: string[] = [];
  afterAll(() => {
    endAll();
    for (const data of folders) rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });
  return () => {
    folders.push(mkdtempSync(path.join(tmpdir(), 'darkroom-crash-')));
    return folders.at(-1)!;
  };
}

export class Siege {
  readonly #data: string;
  readonly #options: LifeOptions;
  readonly #random: () => number;
  readonly crowd: Crowd;

  constructor(data: string, seed: number, options: LifeOptions = {}) {
    this.#data = data;
    this.#options = options;
    this.#random = randomFrom(seed);
    this.crowd = new Crowd(this.#random, PROMPTS);
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  /** A life that ends at a moment of its own, or, now and then, at one of ours. */
  async killProgram(): Promise<void> {
    const byItself = this.#random() < 0.7;
    const life = this.#begin(byItself ? { dieAt: this.#upTo(MOMENTS) } : {});
    let patience = byItself ? Infinity : this.#upTo(40);
    for (let said = await life.hear(); said; said = await life.hear()) {
      if ((patience -= 1) <= 0) life.kill();
      this.crowd.hear(said);
      if (said.load !== undefined && said.load < BUSY) life.tell({ intent: this.crowd.next() });
    }
  }

  /** One life in which so many worker processes are killed, each at a random moment. It goes on. */
  async killHosts(kills: number): Promise<Life> {
    const life = this.#begin({});
    const doom = (): void => life.tell({ killAfter: this.#upTo(30) });
    doom();
    let since = performance.now();
    for (let killed = 0; killed < kills;) {
      const said = await life.until((line) => line);
      this.crowd.hear(said);
      if (said.load !== undefined && said.load < BUSY) life.tell({ intent: this.crowd.next() });
      if (said.killed !== undefined) {
        killed += 1;
        since = performance.now();
        if (killed < kills) doom();
      } else if (performance.now() - since > NO_KILL_MS) {
        const state = JSON.stringify(await life.state());
        throw new Error(`After ${killed} kills no worker process was killed for a minute: ${state}`);
      }
    }
    return life;
  }

  #begin(more: LifeOptions): Life {
    const life = new Life(this.#data, { ...this.#options, ...more });
    for (const intent of this.crowd.unanswered) life.tell({ intent });
    return life;
  }

  /** A last life, until everyone has what they asked for; then it is stopped. */
  async end(life = this.#begin({})): Promise<void> {
    while (this.crowd.unanswered.length > 0) this.crowd.hear(await life.until((said) => said));
    const { waitingOf } = await life.quiet();
    if (waitingOf.some((waiting) => waiting !== 0))
      throw new Error(`People wait for nothing: ${waitingOf.join()}`);
    const code = await life.stop();
    if (code !== 0) throw new Error(`It was stopped and ended with ${code}.`);
  }
}
