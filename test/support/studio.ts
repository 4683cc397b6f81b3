// The studio with everything below it made of memory: painters that draw when the test says so, a chat that keeps what
// it was told.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { vi } from 'vitest';
import type { Chat, Intent, Place, Sheet, View, Words } from '../../src/bots/chat.ts';
import { FrontDesk } from '../../src/bots/front-desk.ts';
import type { PostRef } from '../../src/core/posts.ts';
import { Studio } from '../../src/core/studio.ts';
import type { Style } from '../../src/core/styles.ts';
import { UserError } from '../../src/core/user-error.ts';
import { groupsOf } from '../../src/pipeline/groups.ts';
import type { Batch } from '../../src/pipeline/picture.ts';
import type { Requester } from '../../src/queue/job.ts';
import type { GroupWatch, Painters } from '../../src/queue/painters.ts';
import { Queue, type Limits } from '../../src/queue/queue.ts';
import { BatchCanceled } from '../../src/workers/failures.ts';
import type { BatchResult } from '../../src/workers/protocol.ts';
import { flexible } from './cards.ts';
import { houseOf } from './house.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryReviews } from './memory-reviews.ts';
import { MemoryRules } from './memory-rules.ts';
import { MemoryUsage } from './memory-usage.ts';
import { MemoryImages, MemoryJobs, MemoryPeople, MemoryPosts } from './memory-stores.ts';

/** A job's part of a batch that a painter has begun. The test ends it. */
export interface Easel {
  batch: Batch;
  signal: AbortSignal;
  over: boolean;
  step(index: number): void;
  finish(): void;
  fail(error: Error): void;
}

export class ScriptedPainters implements Painters {
  readonly easels: Easel[] = [];
  /** The same, together as they were handed over. */
  readonly batches: Easel[][] = [];
  #busy = 0;
  broken: string | undefined;
  /** Pictures in a batch. */
  most = 1;
  readonly #places: number;

  constructor(places = 1) {
    this.#places = places;
  }

  get idle(): number {
    return this.#places - this.#busy;
  }

  mostPictures(): number {
    return this.most;
  }

  runGroups(batch: Batch, watches: readonly GroupWatch[]): Promise<BatchResult>[] {
    this.#busy += 1;
    const groups = groupsOf(batch);
    this.batches.push([]);
    const results = watches.map((watch, i) => this.#draw({ ...batch, tasks: [...groups[i]!.tasks] }, watch));
    void Promise.allSettled(results).then(() => (this.#busy -= 1));
    return results;
  }

  #draw(batch: Batch, watch: GroupWatch): Promise<BatchResult> {
    let steps = 0;
    let only: number | undefined;
    void watch.picked.then((index) => (only = index));
    let easel!: Easel;
    const result = new Promise<BatchResult>((resolve, reject) => {
      watch.signal.addEventListener('abort', () => reject(new BatchCanceled()));
      const drawn = (): BatchResult => ({
        pictures: batch.tasks
          .filter((_, i) => only === undefined || i === only)
          .map(({ seed }) => ({ png: pngOf(seed), seed })),
        totalMs: 1,
        runtimeMs: 1,
        device: 'cpu',
      });
      watch.finish.addEventListener('abort', () => resolve({ ...drawn(), stoppedAfter: steps }));
      easel = {
        batch,
        signal: watch.signal,
        over: false,
        step: (step) => {
          steps = step;
          watch.onProgress({ step, of: batch.steps });
        },
        finish: () => resolve(drawn()),
        fail: reject,
      };
    });
    this.easels.push(easel);
    this.batches.at(-1)!.push(easel);
    return result.finally(() => (easel.over = true));
  }
}

/** The beginning of a PNG of 512 x 512 pixels, of which nobody reads more, and the seed. */
export function pngOf(seed: number): Uint8Array {
  const png = new Uint8Array(25);
  new DataView(png.buffer).setUint32(16, 512);
  new DataView(png.buffer).setUint32(20, 512);
  png[24] = seed % 256;
  return png;
}

export class RecordingChat implements Chat {
  readonly platform: string;
  readonly mostBytes = 1_000_000;
  /** What was published in a channel, and each of its later forms. */
  readonly published: { place: Place; sheets: Sheet[] }[] = [];
  /** What was handed to one person alone. */
  readonly handed: { to: string; sheet: Sheet }[] = [];
  readonly views = new Map<string, View[]>();
  readonly delivered = new Set<string>();
  readonly removed: string[] = [];
  readonly whispers: string[] = [];
  readonly sent: { to: string; pictures: string[]; words: string }[] = [];
  /** Where a private view comes when its message can be reached no more. */
  movedTo: PostRef | undefined;
  #posts = 0;

  constructor(platform = 'test') {
    this.platform = platform;
  }

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

  async deliver(post: PostRef, view: View): Promise<PostRef | undefined> {
    const shown = this.movedTo ?? post;
    await this.update(shown, view);
    this.delivered.add(shown.message);
    return this.movedTo;
  }

  async remove(post: PostRef): Promise<void> {
    this.removed.push(post.message);
  }

  async whisper(_to: Requester, _place: Place, words: Words): Promise<void> {
    this.whispers.push(said(words));
  }

  async direct(to: Requester, view: View, words: Words): Promise<void> {
    this.sent.push({ to: to.id, pictures: view.pictures.map(({ id }) => id), words: said(words) });
  }

  async publish(where: Place, sheet: Sheet): Promise<PostRef> {
    this.published.push({ place: where, sheets: [sheet] });
    return { platform: this.platform, channel: where.channel, message: `p${this.published.length}` };
  }

  async revise({ message }: PostRef, sheet: Sheet): Promise<void> {
    this.published[Number(message.slice(1)) - 1]!.sheets.push(sheet);
  }

  async hand(to: Requester, _place: Place, sheet: Sheet): Promise<void> {
    this.handed.push({ to: to.id, sheet });
  }

  async linkTo({ channel, message }: PostRef): Promise<string> {
    return `https://chat.test/${channel}/${message}`;
  }

  last(message: string): View | undefined {
    return this.views.get(message)?.at(-1);
  }
}

const said = (words: Words): string =>
  typeof words === 'string'
    ? words
    : words.map(({ text, code, href }) => [text, code, href].filter(Boolean).join(' ')).join('\n');

export const ada: Requester = { platform: 'test', id: 'ada', name: 'Ada' };
export const bob: Requester = { platform: 'test', id: 'bob', name: 'Bob' };
export const place: Place = { platform: 'test', server: 's', channel: 'c' };
export const postOf = (message: string): PostRef => ({ platform: 'test', channel: 'c', message });

/** What survives a restart. */
export function memory() {
  const ledger = new MemoryLedger();
  const jobs = new MemoryJobs(ledger);
  return {
    jobs,
    ledger,
    posts: new MemoryPosts(jobs),
    people: new MemoryPeople(),
    images: new MemoryImages(),
    rules: new MemoryRules(),
    reviews: new MemoryReviews(),
    usage: new MemoryUsage(ledger, jobs),
  };
}

export const watercolor: Style = {
  name: 'watercolor',
  description: 'Wet paint on paper',
  prompt: '{prompt}, watercolor painting',
  negativePrompt: 'photo',
};

/** An intent, but for who means it where. */
export type Meant = Intent extends infer I
  ? I extends Intent
    ? Omit<I, 'key' | 'by' | 'place'>
    : never
  : never;

/** What `look` finds, as soon as it finds something. */
export const until = <T>(look: () => T): Promise<NonNullable<T>> =>
  vi.waitFor(() => {
    const found = look();
    if (!found) throw new Error('not yet');
    return found;
  });

let events = 0;

export function openStudio(stores = memory(), places = 1, limits?: Limits) {
  const log = pino({ level: 'silent' });
  const painters = new ScriptedPainters(places);
  const now = (): Date => new Date();
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    await nextTurn();
  };
  const queue = new Queue({
    jobs: stores.jobs,
    images: stores.images,
    painters,
    log,
    now,
    wait,
    ...(limits && { limits }),
  });
  let seed = 100;
  const house = houseOf(stores, queue, [flexible]);
  const studio = new Studio({
    queue,
    admission: house.admission,
    jobs: stores.jobs,
    posts: stores.posts,
    people: stores.people,
    images: stores.images,
    cards: [flexible],
    styles: [watercolor],
    defaultModel: 'flexible',
    unavailable: () => painters.broken,
    randomSeed: () => seed++,
    readImage: async ({ url }) => {
      if (!url.startsWith('https://pictures.test/')) throw new UserError('I take no pictures from there.');
      return pngOf(url.length);
    },
    checkedPng: async (bytes) => pngOf(bytes.length),
  });
  const desk = new FrontDesk({
    studio,
    queue,
    ...stores,
    ...house,
    log,
    wait,
    cards: [flexible],
    styles: [watercolor],
  });
  const chat = new RecordingChat();
  const say = (intent: Meant, by = ada, key = `event${events++}`, more = {}): Promise<void> =>
    desk.serve(chat, { key, by, place, ...intent, ...more });
  return { ...stores, ...house, painters, queue, studio, desk, chat, say, waits };
}

export async function workingStudio(stores = memory(), places = 1, limits?: Limits) {
  const opened = openStudio(stores, places, limits);
  await opened.queue.start();
  return opened;
}
