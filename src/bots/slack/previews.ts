// Pictures on the way: now and then one goes into Slack's files and onto its message, one at a time for all jobs, because
// every one is three calls. They are taken away when the job is over. Knows no Block Kit.

import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import type { View } from '../chat.ts';
import { gridOf } from '../grid.ts';
import type { Shown } from './blocks.ts';
import { upload } from './upload.ts';
import type { SlackWeb } from './web.ts';

const EVERY_MS = 5000;

interface Live {
  shown?: Shown;
  /** Every file made for this message. */
  files: string[];
  over: boolean;
}

export class Previews {
  readonly #web: SlackWeb;
  readonly #log: Logger;
  readonly #everyMs: number;
  readonly #live = new Map<string, Live>();
  #busy = false;
  #notBefore = -Infinity;

  constructor(web: SlackWeb, log: Logger, everyMs = EVERY_MS) {
    this.#web = web;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** Takes the view's preview when there is room for one. */
  offer(post: PostRef, { jobId, preview }: View): void {
    const now = performance.now();
    if (!preview || this.#busy || now < this.#notBefore || this.#web.stopped) return;
    this.#busy = true;
    this.#notBefore = now + this.#everyMs;
    void this.#take(keyOf(post), preview, jobId).finally(() => (this.#busy = false));
  }

  /** What the message shows now. */
  of(post: PostRef): Shown | undefined {
    return this.#live.get(keyOf(post))?.shown;
  }

  /** Slack does not show it after all. */
  withdraw(post: PostRef): void {
    delete this.#live.get(keyOf(post))?.shown;
  }

  /** After the last view: nothing shows them any more. */
  end(post: PostRef): void {
    const live = this.#live.get(keyOf(post));
    if (!live) return;
    live.over = true;
    this.#live.delete(keyOf(post));
    void this.#clear(live);
  }

  async #take(key: string, preview: NonNullable<View['preview']>, jobId: string): Promise<void> {
    const live = this.#live.get(key) ?? { files: [], over: false };
    this.#live.set(key, live);
    try {
      const file = await upload(this.#web, await gridOf([preview.bytes]), `${jobId}-preview`);
      live.shown = { file, alt: preview.alt };
      live.files.push(file);
    } catch (error) {
      if (!this.#web.stopped) this.#log.info({ err: error, job: jobId }, 'a preview was not shown on Slack');
    }
    if (live.over) await this.#clear(live);
  }

  async #clear({ files }: Live): Promise<void> {
    for (const file of files.splice(0))
      await this.#web
        .call((client) => client.files.delete({ file }))
        .catch((error: unknown) =>
          this.#log.debug({ err: error }, 'a preview stays among the files on Slack'),
        );
  }
}

function keyOf({ channel, message }: PostRef): string {
  return `${channel}/${message}`;
}
