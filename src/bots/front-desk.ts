// Serves intents from any platform and keeps each job's message true until the job is over. Never rejects: a refusal
// becomes a sentence for the person, a fault a line in the log. Knows no platform.

import type { Logger } from 'pino';
import type { Request, Studio } from '../core/studio.ts';
import type { PostRef, PostStore } from '../core/posts.ts';
import { UserError } from '../core/user-error.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { isOver, StorageFull, type Job } from '../queue/job.ts';
import type { Chat, Intent } from './chat.ts';
import { viewOf } from './views.ts';

interface Deps {
  studio: Studio;
  posts: PostStore;
  jobs: { get(id: string): Promise<Job | undefined> };
  cards: readonly ModelCard[];
  log: Logger;
}

const TOO_LATE = 'Too late: it is already over.';
const NOTHING_THERE = 'That message shows no picture of mine any more.';

export class FrontDesk {
  readonly #deps: Deps;
  readonly #following = new Set<Promise<void>>();
  /** Jobs whose message is being followed by this process. */
  readonly #followed = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async serve(chat: Chat, intent: Intent): Promise<void> {
    try {
      await this.#serve(chat, intent);
    } catch (error) {
      const expected = error instanceof UserError || error instanceof StorageFull;
      if (!expected)
        this.#deps.log.error({ err: error, intent: intent.kind, key: intent.key }, 'intent failed');
      const text = expected
        ? error.message
        : `Something went wrong; the owner finds it in the log under ${intent.key}.`;
      await chat
        .whisper(intent.by, intent.place, text, intent.key)
        .catch((fault: unknown) => this.#deps.log.error({ err: fault, key: intent.key }, 'whisper failed'));
    }
  }

  async #serve(chat: Chat, intent: Intent): Promise<void> {
    const { studio } = this.#deps;
    const request: Request = { key: intent.key, by: intent.by, channel: intent.place.channel };
    if (intent.kind === 'imagine')
      return this.#answer(chat, await studio.imagine(intent.text, request, intent.options));

    const job = await studio.jobOn(intent.post);
    switch (intent.kind) {
      case 'rerun':
        if (!job) throw new UserError(NOTHING_THERE);
        return this.#answer(chat, await studio.rerun(job, request), intent.post);
      case 'vary':
        if (!job) throw new UserError(NOTHING_THERE);
        return this.#answer(chat, await studio.vary(job, intent.index, request), intent.post);
      case 'cancel':
        if (!job || !(await studio.cancel(job, intent.by)))
          throw new UserError(job ? TOO_LATE : NOTHING_THERE);
        return undefined;
      case 'remove':
        if (job) await studio.remove(job, intent.by);
        await this.#deps.posts.unlink(intent.post);
        return chat.remove(intent.post);
    }
  }

  /** Posts our message for an accepted job and follows it, once: a redelivered event finds it answered already. */
  async #answer(chat: Chat, job: Job, answers?: PostRef): Promise<void> {
    if (this.#followed.has(job.id)) return;
    this.#followed.add(job.id); // before anything is awaited, so that two deliveries can not both get here
    const post = await this.#post(chat, job, answers).catch((error: unknown) => {
      this.#followed.delete(job.id);
      throw error;
    });
    if (post) this.#follow(chat, post, job.id);
    else this.#followed.delete(job.id);
  }

  /** Undefined when the job has a message already. */
  async #post(chat: Chat, job: Job, answers?: PostRef): Promise<PostRef | undefined> {
    const { posts } = this.#deps;
    if ((await posts.of(job.id)).length > 0) return undefined;
    const place = { platform: chat.platform, channel: job.channel };
    const post = await chat.post(place, this.#view({ job }), { key: job.key, ...(answers && { answers }) });
    await posts.link(post, job.id);
    return post;
  }

  #view(ticket: Parameters<typeof viewOf>[0]): ReturnType<typeof viewOf> {
    const card = this.#deps.cards.find((c) => c.name === ticket.job.params.model);
    return viewOf(ticket, { imageToImage: card?.imageToImage ?? false });
  }

  #follow(chat: Chat, post: PostRef, jobId: string): void {
    this.#followed.add(jobId);
    const following = this.#show(chat, post, jobId)
      .catch((error: unknown) =>
        this.#deps.log.error({ err: error, job: jobId }, 'the message could not be kept up'),
      )
      .finally(() => {
        this.#following.delete(following);
        this.#followed.delete(jobId);
      });
    this.#following.add(following);
  }

  async #show(chat: Chat, post: PostRef, jobId: string): Promise<void> {
    for await (const ticket of this.#deps.studio.watch(jobId)) {
      const view = this.#view(ticket);
      if (!isOver(ticket.job.status)) {
        await chat.update(post, view);
        continue;
      }
      await chat.deliver(post, view);
      await this.#deps.posts.markDelivered(post);
    }
  }

  /** After a start: messages that still owe something are taken up again, and jobs without one are answered. */
  async resume(chats: readonly Chat[]): Promise<void> {
    const { posts, jobs } = this.#deps;
    const on = (platform: string): Chat | undefined => chats.find((c) => c.platform === platform);
    for (const { jobId, delivered: _, ...post } of await posts.undelivered()) {
      const chat = on(post.platform);
      if (chat && !this.#followed.has(jobId)) this.#follow(chat, post, jobId);
    }
    for (const id of await posts.unposted()) {
      const job = await jobs.get(id);
      const chat = job && on(job.requester.platform);
      if (!job || !chat) continue;
      await this.#answer(chat, job).catch((error: unknown) =>
        this.#deps.log.error(
          { err: error, job: id },
          'an accepted job could not be answered; the next start tries again',
        ),
      );
    }
  }
}
