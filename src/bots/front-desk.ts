// Serves intents from any platform. Never rejects: a refusal becomes a sentence for the person, a fault a line in the
// log. Knows no platform.

import type { Logger } from 'pino';
import { isOwn, mayEnd, maySee, type Actor } from '../core/access.ts';
import type { PeopleStore } from '../core/people.ts';
import type { PostRef, PostStore } from '../core/posts.ts';
import { over, parsePromptLine } from '../core/prompt-line.ts';
import type { Request, Studio } from '../core/studio.ts';
import type { Style } from '../core/styles.ts';
import { UserError } from '../core/user-error.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { version } from '../pipeline/version.ts';
import {
  isOver,
  overStatuses,
  StorageBusy,
  StorageFull,
  type Job,
  type JobStore,
  type Requester,
} from '../queue/job.ts';
import type { Queue } from '../queue/queue.ts';
import type { Chat, Desk, Entry, Intent, Overview, Words } from './chat.ts';
import { Messages } from './messages.ts';
import {
  favoritesWords,
  historyWords,
  infoWords,
  queueWords,
  recipeWords,
  sentWords,
  settingsWords,
} from './replies.ts';
import { draftOf } from './views.ts';

interface Deps {
  studio: Studio;
  queue: Pick<Queue, 'load' | 'standing' | 'cancel' | 'waitingOf'>;
  posts: PostStore;
  jobs: Pick<JobStore, 'get' | 'history'>;
  people: PeopleStore;
  cards: readonly ModelCard[];
  styles: readonly Style[];
  log: Logger;
  /** Between two tries to deliver, for tests. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An intent about a message of ours. */
type Pressed = Extract<Intent, { post: PostRef }>;
type Asked = Exclude<Intent, Pressed>;
/** Our message for a job that was accepted. */
type Answer = (job: Job, answers?: PostRef) => Promise<undefined>;

const NOT_YET = 'It is not being drawn just now.';
const TOO_LATE = 'Too late: it is already over.';
const NOTHING_THERE = 'That message shows no picture of mine any more.';
/** Jobs that a list names. */
const LISTED = 10;
const MOST_OWN = 1000;

export class FrontDesk {
  readonly #deps: Deps;
  readonly #messages: Messages;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#messages = new Messages(deps);
  }

  /** The desk as one platform sees it. */
  at(chat: Chat): Desk {
    return {
      serve: (intent, kept) => this.serve(chat, intent, kept),
      draft: async (post, by) => {
        const { studio } = this.#deps;
        const job = await studio.jobOn(post);
        if (!job || !maySee(job, by)) return undefined;
        return draftOf(await studio.drawn(job), this.#messages.cardOf(job));
      },
      overview: (by) => this.#overview(chat, by),
    };
  }

  /** After a start: what was owed to people before it. */
  resume(chats: readonly Chat[]): Promise<void> {
    return this.#messages.resume(chats);
  }

  /** What is still owed to people is delivered after the next start. */
  stop(): void {
    this.#messages.stop();
  }

  async serve(chat: Chat, intent: Intent, kept?: () => void): Promise<void> {
    const { by, place, key } = intent;
    const answer: Answer = (job, answers) => {
      kept?.();
      return this.#messages.answer(chat, job, answers).then(() => undefined);
    };
    try {
      const words =
        'post' in intent
          ? await this.#pressed(chat, intent, answer)
          : await this.#asked(chat, intent, answer);
      if (words) await chat.whisper(by, place, words, key);
    } catch (error) {
      const expected = [UserError, StorageFull, StorageBusy].some((kind) => error instanceof kind);
      if (!expected) this.#deps.log.error({ err: error, intent: intent.kind, key }, 'intent failed');
      const text = expected
        ? (error as Error).message
        : `Something went wrong; the owner finds it in the log under ${key}.`;
      await chat
        .whisper(by, place, text, key)
        .catch((fault: unknown) => this.#deps.log.error({ err: fault, key }, 'whisper failed'));
    }
  }

  /** What is asked of us without a message: carried out, or answered in words. */
  async #asked(chat: Chat, intent: Asked, answer: Answer): Promise<Words | undefined> {
    const { studio, people } = this.#deps;
    const { by } = intent;
    const request = requestOf(intent);
    switch (intent.kind) {
      case 'imagine':
        return answer(await studio.imagine(intent.text, request, intent.options));
      case 'again':
        return answer(await studio.again(request));
      case 'show':
        return this.#show(chat, await studio.find(intent.jobId, by), request, answer);
      case 'queue':
        return queueWords(await this.#line(chat, by));
      case 'history':
        return intent.favorites
          ? favoritesWords(await this.#favorites(chat, by, await people.marked(by, LISTED)))
          : historyWords(await this.#recent(chat, by));
      case 'info':
        return infoWords({ ...this.#deps, version });
      case 'settings':
        await this.#settle(intent);
        return settingsWords(await people.defaultsOf(by));
    }
  }

  async #settle({ by, text, options }: Extract<Asked, { kind: 'settings' }>): Promise<void> {
    const { studio, people } = this.#deps;
    if (text === undefined && options === undefined) return;
    if (text?.trim().toLowerCase() === 'reset') return people.setDefaults(by, {});
    const { prompt, ...said } = parsePromptLine(text ?? '');
    if (prompt.trim())
      throw new UserError(`Settings are flags, such as --steps 30: "${prompt.trim()}" is none.`);
    await studio.settle(by, over(options ?? {}, over(said, await people.defaultsOf(by))));
  }

  /** What is asked about a message of ours. */
  async #pressed(chat: Chat, intent: Pressed, answer: Answer): Promise<Words | undefined> {
    const { studio, people } = this.#deps;
    const { post, by } = intent;
    const job = await studio.jobOn(post);
    if (!job && intent.kind === 'remove' && intent.moderator) return chat.remove(post).then(() => undefined);
    if (!job || !maySee(job, by)) throw new UserError(NOTHING_THERE);
    const actor = actorOn(job, intent);
    const request = requestOf(intent);
    switch (intent.kind) {
      case 'rerun':
        return answer(await studio.rerun(job, request), post);
      case 'remix':
        return answer(await studio.remix(job, intent.text, request), post);
      case 'vary':
        return answer(await studio.vary(job, intent.index, request), post);
      case 'upscale':
        return answer(await studio.upscale(job, intent.index, request), post);
      case 'cancel':
        if (!(await studio.cancel(job, actor))) throw new UserError(TOO_LATE);
        return undefined;
      case 'pick':
        if (!(await studio.pick(job, intent.index, actor))) throw new UserError(TOO_LATE);
        return undefined;
      case 'keep':
        if (!studio.keep(job, actor)) throw new UserError(isOver(job.status) ? TOO_LATE : NOT_YET);
        return undefined;
      case 'remove':
        return this.#remove(chat, post, job, intent);
      case 'end':
        if (isOver(job.status) || !(await studio.cancel(job, actor)))
          return this.#remove(chat, post, job, intent);
        return undefined;
      case 'favorite':
        return people.mark(by, job.id, intent.on).then(() => undefined);
      case 'send':
        return this.#send(chat, job, by);
      case 'share':
        if (!job.private) throw new UserError('Everyone can see it already.');
        return this.#messages
          .share(chat, job, post, { key: intent.key, publish: () => studio.publish(job, by) })
          .then(() => undefined);
      case 'recipe':
        return recipeWords(job, this.#messages.cardOf(job));
    }
  }

  /** A job whose pictures were removed is drawn again. */
  async #show(chat: Chat, job: Job, request: Request, answer: Answer): Promise<undefined> {
    if (job.status === 'done' && job.images.length === 0)
      return answer(await this.#deps.studio.redraw(job, request));
    return this.#messages.show(chat, job, request.channel, request.key).then(() => undefined);
  }

  /** Its person takes the pictures away with all messages that show them; a moderator this message. */
  async #remove(chat: Chat, post: PostRef, job: Job, intent: Intent): Promise<undefined> {
    const { posts, studio } = this.#deps;
    mayEnd(job, intent, 'delete');
    const others = (await posts.of(job.id)).filter((other) => !isSame(other, post));
    const own = isOwn(job, intent.by);
    const actor = actorOn(job, intent);
    if (own || (others.length === 0 && actor.moderator)) await studio.remove(job, actor);
    const taken = (own ? [post, ...others] : [post]).map(async (each) => {
      await posts.unlink(each);
      if (each.platform === chat.platform) await chat.remove(each);
    });
    // What can not be taken away keeps nothing else from it.
    const failed = (await Promise.allSettled(taken)).find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return undefined;
  }

  async #send(chat: Chat, job: Job, by: Requester): Promise<undefined> {
    if (job.images.length === 0) throw new UserError('There is no picture to send yet.');
    await chat.direct(by, this.#messages.viewOf({ job }), sentWords(job, this.#messages.cardOf(job)));
    return undefined;
  }

  async #overview(chat: Chat, by: Requester): Promise<Overview> {
    const marked = await this.#deps.people.marked(by, MOST_OWN);
    return {
      ...(await this.#line(chat, by)),
      recent: await this.#recent(chat, by),
      favorites: await this.#favorites(chat, by, marked),
      marked,
    };
  }

  async #line(chat: Chat, by: Requester): Promise<Pick<Overview, 'waiting' | 'running' | 'own' | 'budget'>> {
    const { jobs, queue } = this.#deps;
    const open = await jobs.history(by, MOST_OWN, ['queued', 'running']);
    const { waiting, most } = queue.waitingOf(by);
    return {
      ...queue.load,
      own: await this.#entries(chat, open.toReversed()),
      ...(most < Infinity && { budget: `You have ${waiting} of ${most} requests waiting.` }),
    };
  }

  async #recent(chat: Chat, by: Requester): Promise<Entry[]> {
    return this.#entries(chat, await this.#deps.jobs.history(by, LISTED, overStatuses));
  }

  async #favorites(chat: Chat, by: Requester, marked: readonly string[]): Promise<Entry[]> {
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
    const standing = job.status === 'queued' ? this.#deps.queue.standing(job) : undefined;
    const view = this.#messages.viewOf({ job, ...(standing && { standing }) });
    const post = (await this.#deps.posts.of(job.id)).find((p) => p.platform === chat.platform);
    const href = post && (await chat.linkTo(post).catch(() => undefined));
    const { jobId, prompt, pictures } = view;
    return { jobId, prompt, headline: view.headline, at: job.createdAt, pictures, ...(href && { href }) };
  }
}

/** A moderator is one of the server in which the job was asked for, wherever it is shown. */
function actorOn(job: Job, { by, moderator, place }: Intent): Actor {
  return { by, moderator: moderator === true && job.server === place.server };
}

function isSame(a: PostRef, b: PostRef): boolean {
  return a.platform === b.platform && a.channel === b.channel && a.message === b.message;
}

function requestOf({ key, by, place }: Intent): Request {
  const { channel, server } = place;
  return { key, by, channel, ...(server !== undefined && { server }) };
}
