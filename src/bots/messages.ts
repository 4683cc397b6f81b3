// Each job's message of ours: posted once, kept true until the job is over, taken up again after a start. Knows no
// platform and no intents.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Post, PostRef, PostStore } from '../core/posts.ts';
import type { Studio } from '../core/studio.ts';
import { UserError } from '../core/user-error.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { isOver, type Job } from '../queue/job.ts';
import { persist, type Wait } from '../queue/persist.ts';
import type { Queue } from '../queue/queue.ts';
import type { Cause, Chat, View } from './chat.ts';
import { viewOf } from './views.ts';

interface Deps {
  studio: Pick<Studio, 'watch'>;
  queue: Pick<Queue, 'cancel'>;
  posts: PostStore;
  jobs: { get(id: string): Promise<Job | undefined> };
  cards: readonly ModelCard[];
  log: Logger;
  /** Between two tries to deliver. */
  wait?: Wait;
}

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const AT_ONCE = 20;
const keyOf = ({ platform, channel, message }: PostRef): string => [platform, channel, message].join(' ');

export class Messages {
  readonly #deps: Deps;
  /** Jobs whose message is being posted by this process. */
  readonly #answering = new Set<string>();
  /** Messages that this process keeps true. */
  readonly #followed = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Our message for an accepted job, once: a redelivered event finds it answered already. A job that may not be
   * answered where it was asked is canceled, for nobody would see it; one that can not be answered now is answered
   * later.
   */
  async answer(chat: Chat, job: Job, answers?: PostRef): Promise<void> {
    if (this.#answering.has(job.id)) return;
    this.#answering.add(job.id); // before anything is awaited, so that two deliveries can not both get here
    try {
      await this.#postOnce(chat, job, answers);
      this.#answered(job);
    } catch (error) {
      if (error instanceof UserError) {
        this.#answered(job);
        await this.#deps.queue.cancel(job.id);
        throw error;
      }
      this.#deps.log.warn({ err: error, job: job.id }, 'the job was not answered; trying again');
      void this.#answerLater(chat, job, answers)
        .catch((fault: unknown) => this.#deps.log.error({ err: fault, job: job.id }, 'a job has no answer'))
        .finally(() => this.#answered(job));
    }
  }

  async #postOnce(chat: Chat, job: Job, answers?: PostRef): Promise<void> {
    if ((await this.#deps.posts.of(job.id)).length === 0) await this.#post(chat, job, job.key, answers);
  }

  #answered(job: Job): void {
    this.#answering.delete(job.id);
  }

  async #answerLater(chat: Chat, job: Job, answers?: PostRef): Promise<void> {
    try {
      await this.#persist(() => this.#postOnce(chat, job, answers), job.id);
    } catch (error) {
      if (this.#stopping.signal.aborted) return; // the next start answers it
      this.#deps.log.error({ err: error, job: job.id }, 'the job could not be answered');
      await this.#deps.queue.cancel(job.id);
      const place = { platform: chat.platform, channel: job.channel };
      if (error instanceof UserError) await chat.whisper(job.requester, place, error.message, job.key);
    }
  }

  /** One more message for a job, wherever it was shown before. */
  async show(chat: Chat, job: Job, channel: string, key: string): Promise<void> {
    await this.#post(chat, { ...job, channel }, key);
  }

  /** A private job's message for everyone in its channel, in the place of the private one. */
  async share(
    chat: Chat,
    job: Job,
    old: PostRef,
    { key, publish }: { key: string; publish: () => Promise<void> },
  ): Promise<void> {
    if (this.#answering.has(job.id)) return; // pressed twice
    this.#answering.add(job.id);
    try {
      const { private: _, ...open } = job;
      const post = await this.#send(chat, open, { key, share: true });
      await publish(); // not before everyone can see it, and before its message is followed
      this.#follow(chat, post, job.id);
    } finally {
      this.#answered(job);
    }
    await this.#deps.posts.unlink(old);
    await chat
      .remove(old)
      .catch((error: unknown) => this.#deps.log.warn({ err: error, job: job.id }, 'a message stays'));
  }

  /** A new message, which is kept true from now on. */
  async #post(chat: Chat, job: Job, key: string, answers?: PostRef): Promise<void> {
    this.#follow(chat, await this.#send(chat, job, { key, ...(answers && { answers }) }), job.id);
  }

  async #send(chat: Chat, job: Job, cause: Cause): Promise<PostRef> {
    const place = { platform: chat.platform, channel: job.channel };
    const post = await chat.post(place, this.viewOf({ job }), cause);
    // Tried by itself: the whole once more would be a second message.
    await this.#persist(() => this.#deps.posts.link(post, job.id), job.id);
    return post;
  }

  viewOf(ticket: Parameters<typeof viewOf>[0]): View {
    return viewOf(ticket, this.cardOf(ticket.job));
  }

  cardOf({ params }: Job): ModelCard | undefined {
    return this.#deps.cards.find((card) => card.name === params.model);
  }

  #follow(chat: Chat, post: PostRef, jobId: string): void {
    const key = keyOf(post);
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    void this.#persist(() => this.#keepTrue(chat, post, jobId), jobId)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          this.#deps.log.error({ err: error, job: jobId }, 'the message could not be kept up');
      })
      .finally(() => this.#followed.delete(key));
  }

  async #keepTrue(chat: Chat, post: PostRef, jobId: string): Promise<void> {
    const { log, studio } = this.#deps;
    for await (const ticket of studio.watch(jobId)) {
      const view = this.viewOf(ticket);
      if (isOver(ticket.job.status)) await this.#deliver(chat, post, view);
      // The next view may be taken, and the last one will.
      else
        await chat
          .update(post, view)
          .catch((error: unknown) => log.warn({ err: error, job: jobId }, 'a view was not taken'));
    }
  }

  async #deliver(chat: Chat, post: PostRef, view: View): Promise<void> {
    const { posts } = this.#deps;
    const moved = await this.#persist(() => chat.deliver(post, view), view.jobId);
    await this.#persist(async () => {
      if (moved) {
        await posts.link(moved, view.jobId);
        await posts.unlink(post);
      }
      await posts.markDelivered(moved ?? post);
    }, view.jobId);
  }

  /** Tries until it works, ever more seldom. Rejects with a UserError at once, and when we stop. */
  #persist<T>(act: () => Promise<T>, job: string): Promise<T> {
    const { log, wait } = this.#deps;
    return persist(act, {
      signal: this.#stopping.signal,
      wait,
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: LONGEST_PAUSE_MS,
      failed(error, attempt) {
        if (error instanceof UserError) throw error;
        log.warn({ err: error, job, attempt }, 'a message could not be kept up; trying again');
      },
    });
  }

  /** Nothing is tried again any more: what is still owed is delivered after the next start. */
  stop(): void {
    this.#stopping.abort();
  }

  /**
   * After a start: jobs without a message are answered, and messages that still owe something are taken up again, a
   * few at a time, so that those who ask meanwhile do not wait for thousands.
   */
  async resume(chats: readonly Chat[]): Promise<void> {
    const { posts, jobs } = this.#deps;
    const on = (platform: string): Chat | undefined => chats.find((c) => c.platform === platform);
    const owing = await posts.undelivered();
    for (const id of await posts.unposted()) {
      const job = await jobs.get(id);
      const chat = job && on(job.requester.platform);
      if (!job || !chat) continue;
      await this.answer(chat, job).catch((error: unknown) =>
        this.#deps.log.error({ err: error, job: id }, 'an accepted job could not be answered'),
      );
    }
    void this.#takeUp(owing, on);
  }

  async #takeUp(owing: readonly Post[], on: (platform: string) => Chat | undefined): Promise<void> {
    for (const [i, { jobId, delivered: _, ...post }] of owing.entries()) {
      if (this.#stopping.signal.aborted) return;
      const chat = on(post.platform);
      if (chat) this.#follow(chat, post, jobId);
      if (i % AT_ONCE === AT_ONCE - 1) await nextTurn();
    }
  }
}
