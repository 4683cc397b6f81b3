// Serves intents from any platform. Never rejects: a refusal becomes a sentence for the person, a fault a line in the
// log. Knows no platform.

import type { Logger } from 'pino';
import { maySee, type Actor } from '../core/access.ts';
import type { LedgerStore } from '../core/ledger.ts';
import type { PeopleStore } from '../core/people.ts';
import type { PostRef, PostStore } from '../core/posts.ts';
import { over, parsePromptLine } from '../core/prompt-line.ts';
import type { ReviewStore } from '../core/reviews.ts';
import type { Rules, ServerRef } from '../core/rules.ts';
import { Refused, type Request, type Studio } from '../core/studio.ts';
import type { Style } from '../core/styles.ts';
import { UserError } from '../core/user-error.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { version } from '../pipeline/version.ts';
import { isOver, StorageBusy, StorageFull, type Job, type JobStore } from '../queue/job.ts';
import type { Queue } from '../queue/queue.ts';
import { askerOf } from './asker.ts';
import type { Chat, Desk, Intent, Words } from './chat.ts';
import { Lists } from './lists.ts';
import { Messages } from './messages.ts';
import { Moderators } from './moderators.ts';
import type { Office } from './office.ts';
import type { OwnData } from './own-data.ts';
import { Removals } from './removals.ts';
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
  office: Pick<Office, 'command' | 'usage'>;
  ownData: Pick<OwnData, 'serve'>;
  reviews: ReviewStore;
  ledger: Pick<LedgerStore, 'refuse'>;
  rulesOf: (server: ServerRef) => Rules;
  now: () => Date;
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

export class FrontDesk {
  readonly #deps: Deps;
  readonly #messages: Messages;
  readonly #lists: Lists;
  readonly #removals: Removals;
  readonly #moderators: Moderators;
  /** The platforms, by name. */
  readonly #chats = new Map<string, Chat>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#messages = new Messages(deps);
    this.#lists = new Lists({ ...deps, messages: this.#messages });
    this.#removals = new Removals({ ...deps, chatOf: (post) => this.#chatOf(post) });
    this.#moderators = new Moderators({
      ...deps,
      answer: (chat, job) => this.#messages.answer(chat, job),
      remove: (job, by) => this.#removals.takeAway(job, by),
    });
  }

  /** The desk as one platform sees it. */
  at(chat: Chat): Desk {
    this.#chats.set(chat.platform, chat);
    return {
      serve: (intent, kept) => this.serve(chat, intent, kept),
      draft: async (post, by) => {
        const { studio } = this.#deps;
        const job = await studio.jobOn(post);
        if (!job || !maySee(job, by)) return undefined;
        return draftOf(await studio.drawn(job), this.#messages.cardOf(job));
      },
      overview: (by) => this.#lists.overview(chat, by),
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
    this.#chats.set(chat.platform, chat);
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
      if (await this.#refused(chat, intent, error)) return;
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

  /** What a rule refused may be asked of the moderators. False when it was something else, or that went wrong. */
  async #refused(chat: Chat, intent: Intent, error: unknown): Promise<boolean> {
    if (!(error instanceof Refused)) return false;
    try {
      const words = await this.#moderators.refuse(chat, intent, error);
      if (words) await chat.whisper(intent.by, intent.place, words, intent.key);
      return true;
    } catch (fault) {
      this.#deps.log.error(
        { err: fault, key: intent.key },
        'a refusal could not be offered to the moderators',
      );
      return false;
    }
  }

  /** What is asked of us without a message: carried out, or answered in words. */
  async #asked(chat: Chat, intent: Asked, answer: Answer): Promise<Words | undefined> {
    const { studio, people } = this.#deps;
    const { by } = intent;
    const request = this.#requestOf(chat, intent);
    switch (intent.kind) {
      case 'imagine':
        return answer(await studio.imagine(intent.text, request, intent.options));
      case 'again':
        return answer(await studio.again(request));
      case 'show':
        return this.#show(chat, await studio.find(intent.jobId, by), request, answer);
      case 'queue':
        return queueWords(await this.#lists.line(chat, by));
      case 'history':
        return intent.favorites
          ? favoritesWords(await this.#lists.favorites(chat, by))
          : historyWords(await this.#lists.recent(chat, by));
      case 'info':
        return infoWords({ ...this.#deps, version });
      case 'settings':
        await this.#settle(intent);
        return settingsWords(await people.defaultsOf(by));
      case 'usage':
        return this.#deps.office.usage(intent);
      case 'mydata':
        return this.#deps.ownData.serve(chat, intent, (post) => this.#chatOf(post));
      case 'admin':
        return intent.command.kind === 'reviews'
          ? this.#moderators.list(chat, intent)
          : this.#deps.office.command(chat, intent, intent.command);
      case 'review':
        return this.#moderators.act(chat, intent);
    }
  }

  /** The platform that a message of ours is on. */
  #chatOf({ platform }: PostRef): Chat {
    const chat = this.#chats.get(platform);
    if (!chat) throw new Error(`${platform} is not connected.`);
    return chat;
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
    if ((!job || job.params.forgotten) && intent.kind === 'remove' && intent.moderator)
      return chat.remove(post).then(() => undefined);
    if (!job || !maySee(job, by)) throw new UserError(NOTHING_THERE);
    const actor = actorOn(job, intent);
    const request = this.#requestOf(chat, intent);
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
        return this.#removals.delete(job, post, actor, intent).then(() => undefined);
      case 'end':
        if (isOver(job.status) || !(await studio.cancel(job, actor)))
          await this.#removals.delete(job, post, actor, intent);
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
      case 'report':
        return this.#moderators.report(chat, intent, job);
      case 'recipe':
        return recipeWords(job, this.#messages.cardOf(job));
    }
  }

  #requestOf(chat: Chat, intent: Intent): Request {
    const { by, place, key } = intent;
    const warn = (sentence: string): void =>
      void chat
        .whisper(by, place, sentence)
        .catch((error: unknown) => this.#deps.log.info({ err: error, key }, 'a warning was not heard'));
    return { ...askerOf(intent), key, warn };
  }

  /** A job whose pictures were removed is drawn again. */
  async #show(chat: Chat, job: Job, request: Request, answer: Answer): Promise<undefined> {
    if (job.status === 'done' && job.images.length === 0)
      return answer(await this.#deps.studio.redraw(job, request));
    this.#deps.studio.mayShow(request, job);
    return this.#messages.show(chat, job, request.channel, request.key).then(() => undefined);
  }

  async #send(chat: Chat, job: Job, by: Intent['by']): Promise<undefined> {
    if (job.images.length === 0) throw new UserError('There is no picture to send yet.');
    await chat.direct(by, this.#messages.viewOf({ job }), sentWords(job, this.#messages.cardOf(job)));
    return undefined;
  }
}

/** A moderator is one of the server in which the job was asked for, wherever it is shown. */
function actorOn(job: Job, { by, moderator, place }: Intent): Actor {
  return { by, moderator: moderator === true && job.server === place.server };
}
