// Discord as a platform: commands, buttons and reactions come in, one message per job goes out and is kept true by the
// bot's own token, so it outlives the interaction it came from. Knows nothing of queues or of models beyond their cards.

import { Client, Routes, type APIMessage } from 'discord.js';
import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import { UserError } from '../../core/user-error.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import { isOver, type ImageStore, type Requester } from '../../queue/job.ts';
import type { Cause, Chat, Intent, Place, View } from '../chat.ts';
import { EditPace, type Pace } from '../edit-pace.ts';
import { Answers } from './answers.ts';
import { definitions, register } from './commands.ts';
import { DiscordEvents, PLATFORM } from './events.ts';
import { ATTACHMENT_LIMIT, gridFile, previewFile, type MessageFile } from './files.ts';
import { INTENTS, leave, logIn, onPacket } from './login.ts';
import { messagePayload, newMessage, type Payload } from './payload.ts';
import { brief, isGone, missingPermission, persist } from './problems.ts';
import { Whispers } from './whispers.ts';

/** Discord publishes no number for edits; about five in five seconds and channel are known to pass. */
const PACE: Pace = { gapMs: 2000, budget: 5, windowMs: 5000 };
const START_WITHIN_MS = 30_000;
const RETRY = { tries: 5, pauseMs: 1000 };
const PASSING_NOTE_MS = 20_000;

export interface DiscordDeps {
  token: string;
  apiUrl: string;
  images: Pick<ImageStore, 'get'>;
  cards: () => readonly ModelCard[];
  schedulers: readonly string[];
  log: Logger;
  clock: () => Date;
  /** Times and sizes, Discord's own where nothing is said. */
  limits?: Partial<Limits>;
}

export interface Limits {
  pace: Pace;
  startWithinMs: number;
  retryPauseMs: number;
  passingNoteMs: number;
  attachmentBytes: number;
}

/** What this process knows of a message whose job is not over. */
interface Live {
  preview?: Uint8Array;
  gone?: true;
}

export class DiscordChat implements Chat {
  readonly platform = PLATFORM;
  readonly #deps: DiscordDeps;
  readonly #limits: Limits;
  readonly #client: Client;
  readonly #answers: Answers;
  readonly #pace: EditPace;
  readonly #live = new Map<string, Live>();
  readonly #whispers: Whispers;
  readonly #complained = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(deps: DiscordDeps) {
    this.#deps = deps;
    this.#limits = {
      pace: PACE,
      startWithinMs: START_WITHIN_MS,
      retryPauseMs: RETRY.pauseMs,
      passingNoteMs: PASSING_NOTE_MS,
      attachmentBytes: ATTACHMENT_LIMIT,
      ...deps.limits,
    };
    this.#client = new Client({ intents: INTENTS, rest: { api: deps.apiUrl } });
    this.#client.on('error', (error) => deps.log.warn({ err: error }, 'Discord'));
    this.#client.on('shardDisconnect', ({ code }) =>
      deps.log.error({ code }, 'Discord has closed the connection for good; restart to see why'),
    );
    this.#client.on('shardError', (error) => deps.log.warn({ err: error }, 'the Discord connection'));
    this.#answers = new Answers(this.#client.rest, () => deps.clock().getTime());
    const { rest } = this.#client;
    const { passingNoteMs } = this.#limits;
    this.#whispers = new Whispers({ rest, answers: this.#answers, log: deps.log, passingNoteMs });
    this.#pace = new EditPace(this.#limits.pace, (error) => {
      if (!missingPermission(error)) deps.log.warn({ err: brief(error) }, 'a step was not shown on Discord');
    });
  }

  async start(serve: (intent: Intent) => Promise<void>): Promise<void> {
    const { token, cards, schedulers, log } = this.#deps;
    const events = new DiscordEvents({
      rest: this.#client.rest,
      answers: this.#answers,
      cards,
      schedulers,
      log,
      serve,
      whisper: (to, place, text, key) => this.whisper(to, place, text, key),
      isLive: (message) => this.#live.has(message),
    });
    onPacket(this.#client, (packet) => events.receive(packet));
    const { application } = await logIn(this.#client, token, this.#limits.startWithinMs);
    try {
      const told = await register(this.#client.rest, application, definitions(cards(), schedulers));
      log.info({ application, commands: told ? 'registered' : 'unchanged' }, 'Discord is ready');
    } catch (error) {
      await this.stop();
      log.error({ err: brief(error) }, 'the commands were not registered');
      throw new UserError('Discord does not take the commands of this bot; the log says why.', {
        cause: error,
      });
    }
  }

  async post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    const file = await this.#fileOf(view);
    const payload = messagePayload(view, file ?? 'none');
    const { id, channel_id: channel } = await this.#send(place, payload, view.jobId, cause);
    if (!isOver(view.status)) this.#live.set(id, view.preview ? { preview: view.preview.bytes } : {});
    return { platform: PLATFORM, channel, message: id };
  }

  async #send(place: Place, payload: Payload, jobId: string, cause?: Cause): Promise<APIMessage> {
    const answer = this.#answers.of(cause?.key);
    if (answer?.thinking)
      try {
        return await this.#answers.fill(answer, payload);
      } catch (error) {
        this.#deps.log.warn(
          { err: brief(error), key: cause?.key },
          'the reply is lost; a message takes its place',
        );
      }
    const fresh = newMessage(payload, jobId, cause?.answers);
    try {
      return await this.#persist(
        () => this.#client.rest.post(Routes.channelMessages(place.channel), fresh) as Promise<APIMessage>,
      );
    } catch (error) {
      const permission = missingPermission(error);
      if (!permission) throw error;
      if (answer) return this.#answers.followUp(answer, payload, false);
      this.#complain(place.channel, permission);
      throw new UserError(`I may not answer in that channel. I need the permission: ${permission}.`, {
        cause: error,
      });
    }
  }

  async update(post: PostRef, view: View): Promise<void> {
    const live = this.#live.get(post.message) ?? {};
    if (live.gone) return;
    this.#live.set(post.message, live);
    this.#pace.offer(post.channel, post.message, async () => {
      const fresh = view.preview && view.preview.bytes !== live.preview ? previewFile(view) : undefined;
      // A retry begins without a preview; the one of the attempt before would show what is not there.
      const file = fresh ?? (view.preview ? 'same' : 'none');
      if (!(await this.#edit(post, messagePayload(view, file)))) live.gone = true;
      if (view.preview) live.preview = view.preview.bytes;
      else delete live.preview;
    });
  }

  async deliver(post: PostRef, view: View): Promise<void> {
    const gone = this.#live.get(post.message)?.gone;
    this.#live.delete(post.message);
    if (gone) return this.#pace.forget(post.message);
    const payload = messagePayload(view, (await this.#fileOf(view)) ?? 'none');
    await this.#pace.insist(post.channel, post.message, async () => {
      await this.#persist(() => this.#edit(post, payload));
    });
  }

  async remove(post: PostRef): Promise<void> {
    this.#live.delete(post.message);
    await this.#pace.forget(post.message);
    await this.#onMessage(post, (route, auth) => this.#client.rest.delete(route, { auth }));
  }

  whisper(to: Requester, place: Place, text: string, key?: string): Promise<void> {
    return this.#whispers.say(to, place, text, key);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pace.stop();
    await this.#whispers.stop();
    await leave(this.#client);
  }

  async #fileOf(view: View): Promise<MessageFile | undefined> {
    return isOver(view.status)
      ? gridFile(view, this.#deps.images, this.#limits.attachmentBytes)
      : previewFile(view);
  }

  /** False when the message is there no more. */
  #edit(post: PostRef, payload: Payload): Promise<boolean> {
    return this.#onMessage(post, (route, auth) => this.#client.rest.patch(route, { ...payload, auth }));
  }

  /** By the bot's own token, or through the interaction where the bot may not see the channel. False: it is gone. */
  async #onMessage(
    post: PostRef,
    act: (route: `/${string}`, auth: boolean) => Promise<unknown>,
  ): Promise<boolean> {
    try {
      await act(Routes.channelMessage(post.channel, post.message), true).catch(async (error: unknown) => {
        const permission = missingPermission(error);
        const other = permission && this.#answers.routeTo(post.message);
        if (permission && !other) this.#complain(post.channel, permission);
        if (!other) throw error;
        await act(other, false);
      });
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  #persist<T>(send: () => Promise<T>): Promise<T> {
    const { signal } = this.#stopping;
    return persist(send, { tries: RETRY.tries, pauseMs: this.#limits.retryPauseMs, signal });
  }

  /** Once for a channel and permission: the owner has to act, and a line per step would bury it. */
  #complain(channel: string, permission: string): void {
    const what = `${channel} ${permission}`;
    if (this.#complained.has(what)) return;
    this.#complained.add(what);
    this.#deps.log.error({ channel, permission }, `this bot lacks the permission ${permission} in a channel`);
  }
}
