// What a person has waiting, had drawn and marked with a star, as entries of a list: a line of the history, a row of
// Slack's home page, a suggestion.

import { maySee } from '../core/access.ts';
import type { PeopleStore } from '../core/people.ts';
import type { PostStore } from '../core/posts.ts';
import { overStatuses, type Job, type JobStore, type Requester } from '../queue/job.ts';
import type { Queue } from '../queue/queue.ts';
import type { Chat, Entry, Overview } from './chat.ts';
import type { Messages } from './messages.ts';

interface Deps {
  jobs: Pick<JobStore, 'get' | 'history'>;
  posts: Pick<PostStore, 'of'>;
  people: Pick<PeopleStore, 'marked'>;
  queue: Pick<Queue, 'load' | 'standing' | 'waitingOf'>;
  messages: Pick<Messages, 'viewOf'>;
}

/** Jobs that a list names. */
const LISTED = 10;
const MOST_OWN = 1000;

export class Lists {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async overview(chat: Chat, by: Requester): Promise<Overview> {
    const marked = await this.#deps.people.marked(by, MOST_OWN);
    return {
      ...(await this.line(chat, by)),
      recent: await this.recent(chat, by),
      favorites: await this.#marked(chat, by, marked),
      marked,
    };
  }

  /** Who waits, and what of it is this person's. */
  async line(chat: Chat, by: Requester): Promise<Pick<Overview, 'waiting' | 'running' | 'own' | 'budget'>> {
    const { jobs, queue } = this.#deps;
    const open = await jobs.history(by, MOST_OWN, ['queued', 'running']);
    const { waiting, most } = queue.waitingOf(by);
    return {
      ...queue.load,
      own: await this.#entries(chat, open.toReversed()),
      ...(most < Infinity && { budget: `You have ${waiting} of ${most} requests waiting.` }),
    };
  }

  async recent(chat: Chat, by: Requester): Promise<Entry[]> {
    const over = await this.#deps.jobs.history(by, LISTED, overStatuses);
    return this.#entries(
      chat,
      over.filter((job) => maySee(job, by)),
    );
  }

  async favorites(chat: Chat, by: Requester): Promise<Entry[]> {
    return this.#marked(chat, by, await this.#deps.people.marked(by, LISTED));
  }

  async #marked(chat: Chat, by: Requester, marked: readonly string[]): Promise<Entry[]> {
    const jobs = await Promise.all(marked.slice(0, LISTED).map((id) => this.#deps.jobs.get(id)));
    return this.#entries(
      chat,
      jobs.filter((job): job is Job => job !== undefined && maySee(job, by)),
    );
  }

  #entries(chat: Chat, jobs: readonly Job[]): Promise<Entry[]> {
    return Promise.all(jobs.slice(0, LISTED).map((job) => this.#entry(chat, job)));
  }

  async #entry(chat: Chat, job: Job): Promise<Entry> {
    const { messages, posts, queue } = this.#deps;
    const standing = job.status === 'queued' ? queue.standing(job) : undefined;
    const view = messages.viewOf({ job, ...(standing && { standing }) });
    const post = (await posts.of(job.id)).find(({ platform }) => platform === chat.platform);
    const href = post && (await chat.linkTo(post).catch(() => undefined));
    const { jobId, prompt, pictures } = view;
    return { jobId, prompt, headline: view.headline, at: job.createdAt, pictures, ...(href && { href }) };
  }
}
