// The studio with everything below it made of memory: painters that draw when the test says so, a chat that keeps what
// it was told.

import { pino } from 'pino';
import type { Chat, Intent, Place, View } from '../../src/bots/chat.ts';
import { FrontDesk } from '../../src/bots/front-desk.ts';
import type { PostRef } from '../../src/core/posts.ts';
import { Studio } from '../../src/core/studio.ts';
import type { Batch } from '../../src/pipeline/picture.ts';
import type { Requester } from '../../src/queue/job.ts';
import { Queue, type Painters } from '../../src/queue/queue.ts';
import { BatchCanceled } from '../../src/workers/failures.ts';
import type { BatchResult, Progress } from '../../src/workers/protocol.ts';
import { flexible } from './cards.ts';
import { MemoryImages, MemoryJobs, MemoryPosts } from './memory-stores.ts';

/** A batch that a painter has begun. The test ends it. */
export interface Easel {
  batch: Batch;
  signal: AbortSignal;
  step(index: number): void;
  finish(): void;
  fail(error: Error): void;
}

export class ScriptedPainters implements Painters {
  readonly easels: Easel[] = [];
  #busy = 0;
  broken: string | undefined;
  readonly #places: number;

  constructor(places = 1) {
    this.#places = places;
  }

  get idle(): number {
    return this.#places - this.#busy;
  }

  async run(
    batch: Batch,
    watch: { signal: AbortSignal; onProgress: (p: Progress) => void },
  ): Promise<BatchResult> {
    this.#busy += 1;
    try {
      return await new Promise<BatchResult>((resolve, reject) => {
        watch.signal.addEventListener('abort', () => reject(new BatchCanceled()));
        this.easels.push({
          batch,
          signal: watch.signal,
          step: (step) => watch.onProgress({ step, of: batch.steps }),
          finish: () =>
            resolve({
              pictures: batch.tasks.map(({ seed }) => ({ png: Uint8Array.of(seed % 256), seed })),
              totalMs: 1,
              runtimeMs: 1,
              device: 'cpu',
            }),
          fail: reject,
        });
      });
    } finally {
      this.#busy -= 1;
    }
  }
}

export class RecordingChat implements Chat {
  readonly platform = 'test';
  readonly views = new Map<string, View[]>();
  readonly delivered = new Set<string>();
  readonly removed: string[] = [];
  readonly whispers: string[] = [];
  #posts = 0;

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async post(place: Place, view: View): Promise<PostRef> {
    const post = { platform: this.platform, channel: place.channel, message: `m${++this.#posts}` };
    this.views.set(post.message, [view]);
    return post;
  }

  async update(post: PostRef, view: View): Promise<void> {
    const shown = this.views.get(post.message);
    if (shown) shown.push(view);
    else this.views.set(post.message, [view]);
  }

  async deliver(post: PostRef, view: View): Promise<void> {
    await this.update(post, view);
    this.delivered.add(post.message);
  }

  async remove(post: PostRef): Promise<void> {
    this.removed.push(post.message);
  }

  async whisper(_to: Requester, _place: Place, text: string): Promise<void> {
    this.whispers.push(text);
  }

  last(message: string): View | undefined {
    return this.views.get(message)?.at(-1);
  }
}

export const ada: Requester = { platform: 'test', id: 'ada', name: 'Ada' };
export const bob: Requester = { platform: 'test', id: 'bob', name: 'Bob' };
export const place: Place = { platform: 'test', channel: 'c' };
export const postOf = (message: string): PostRef => ({ platform: 'test', channel: 'c', message });

/** What survives a restart. */
export function memory() {
  const jobs = new MemoryJobs();
  return { jobs, posts: new MemoryPosts(jobs), images: new MemoryImages() };
}

let events = 0;

export function openStudio(stores = memory(), places = 1) {
  const log = pino({ level: 'silent' });
  const painters = new ScriptedPainters(places);
  const now = (): Date => new Date();
  const queue = new Queue({ jobs: stores.jobs, images: stores.images, painters, log, now });
  let seed = 100;
  const studio = new Studio({
    queue,
    jobs: stores.jobs,
    posts: stores.posts,
    images: stores.images,
    cards: [flexible],
    defaultModel: 'flexible',
    unavailable: () => painters.broken,
    randomSeed: () => seed++,
  });
  const desk = new FrontDesk({ studio, posts: stores.posts, jobs: stores.jobs, cards: [flexible], log });
  const chat = new RecordingChat();
  type Meant = Intent extends infer I ? (I extends Intent ? Omit<I, 'key' | 'by' | 'place'> : never) : never;
  const say = (intent: Meant, by = ada, key = `event${events++}`): Promise<void> =>
    desk.serve(chat, { key, by, place, ...intent });
  return { ...stores, painters, queue, studio, desk, chat, say };
}

export async function workingStudio(stores = memory()) {
  const opened = openStudio(stores);
  await opened.queue.start();
  return opened;
}
