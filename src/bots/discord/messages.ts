// Messages of ours on Discord: made, edited and deleted by the bot's own token, through an interaction where that is
// the only way, and as a direct message when a private one can be reached no more. Knows no views' looks and no pace.

import { Routes, type APIMessage, type REST } from 'discord.js';
import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import { UserError } from '../../core/user-error.ts';
import type { Requester } from '../../queue/job.ts';
import type { Cause, Place } from '../chat.ts';
import type { Answer, Answers } from './answers.ts';
import type { DirectMessages } from './direct.ts';
import { newMessage, type Payload } from './payload.ts';
import { PLATFORM } from './people.ts';
import { brief, isExpired, isForbidden, isGone, isTooLarge, persist, type Patience } from './problems.ts';

interface Deps {
  rest: REST;
  answers: Answers;
  direct: DirectMessages;
  log: Logger;
  patience: Patience;
  /** Permissions that the bot lacks in a channel, by name, as far as that is known. */
  lacking: (channel: string) => string[];
}

/** What a message is about, and for whom. */
export interface Addressed {
  jobId: string;
  by: Requester;
  private?: true;
}

const NO_CHANNEL = 'It can not be shared: the channel where you asked for it is there no more.';

const CHANNEL_GONE = 'The channel where that belongs is there no more; an admin can choose another.';

/** The bot may not write there. The message says which permission it needs. */
export class NotPermitted extends UserError {
  override name = 'NotPermitted';
}

export class Messages {
  readonly #deps: Deps;
  readonly #complained = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async create(place: Place, to: Addressed, payload: Payload, cause?: Cause): Promise<PostRef> {
    const answers = cause?.answers?.channel === place.channel ? cause.answers : undefined;
    const why = cause && { key: cause.key, ...(answers && { answers }) };
    const answer = this.#deps.answers.of(cause?.key);
    const message = newMessage(payload, to.jobId, why);
    const made = cause?.share
      ? await this.#shared(place.channel, message)
      : ((await this.#asReply(answer, payload, to)) ??
        (to.private
          ? await this.toPerson(to, payload, why)
          : await this.#inChannel(place.channel, message, answer && { answer, payload })));
    return { platform: PLATFORM, channel: made.channel_id, message: made.id };
  }

  /** A message about no job, for everyone in a channel. Rejects with a UserError where there is no way to write it. */
  async publish(channel: string, payload: Payload, key?: string): Promise<PostRef> {
    const answer = this.#deps.answers.of(key);
    const message = newMessage(
      payload,
      JSON.stringify(payload.body),
      key === undefined ? undefined : { key },
    );
    try {
      const made =
        (await this.#asReply(answer, payload)) ??
        (await this.#inChannel(channel, message, answer && { answer, payload }));
      return { platform: PLATFORM, channel: made.channel_id, message: made.id };
    } catch (error) {
      throw isGone(error) ? new UserError(CHANNEL_GONE, { cause: error }) : error;
    }
  }

  /** The answer to what the person did, where one waits, or where only that is private. */
  async #asReply(
    answer: Answer | undefined,
    payload: Payload,
    to?: Addressed,
  ): Promise<APIMessage | undefined> {
    const audience = to?.private ? 'one' : 'all';
    if (!answer || (!to?.private && answer.waiting !== audience)) return undefined;
    try {
      return await this.#deps.answers.say(answer, payload, audience);
    } catch (error) {
      if (isTooLarge(error)) throw error;
      this.#deps.log.warn(
        { err: brief(error), job: to?.jobId },
        'a reply is lost; a message takes its place',
      );
      return undefined;
    }
  }

  /** For everyone in the channel, or nowhere: a reply may stand elsewhere, and can not be kept true for long. */
  async #shared(channel: string, message: Payload): Promise<APIMessage> {
    try {
      return await this.#inChannel(channel, message);
    } catch (error) {
      throw isGone(error) ? new UserError(NO_CHANNEL, { cause: error }) : error;
    }
  }

  /** By the bot's own token, or as one more `reply` where the bot may not write: a reply needs no permission. */
  async #inChannel(
    channel: string,
    message: Payload,
    reply?: { answer: Answer; payload: Payload },
  ): Promise<APIMessage> {
    const { rest, answers, patience } = this.#deps;
    try {
      const route = Routes.channelMessages(channel);
      return await persist(() => rest.post(route, message) as Promise<APIMessage>, patience);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      if (reply) return answers.say(reply.answer, reply.payload, 'all');
      throw this.#notPermitted(channel, error);
    }
  }

  /** Rejects with DirectMessageRefused. */
  toPerson({ by, jobId }: Addressed, payload: Payload, cause?: Cause): Promise<APIMessage> {
    return this.#deps.direct.send(by.id, newMessage(payload, jobId, cause));
  }

  /** False when the message is there no more, or can be reached no more. Rejects with NotPermitted. */
  edit(post: PostRef, payload: Payload): Promise<boolean> {
    return this.#reach(post, (route, auth) => this.#deps.rest.patch(route, { ...payload, auth }));
  }

  async remove(post: PostRef): Promise<void> {
    await this.#reach(post, (route, auth) => this.#deps.rest.delete(route, { auth }));
  }

  /**
   * By the bot's own token, or through the interaction where one person alone sees the message or where the bot may not
   * see the channel.
   */
  async #reach(
    { channel, message }: PostRef,
    act: (route: `/${string}`, auth: boolean) => Promise<unknown>,
  ): Promise<boolean> {
    const way = this.#deps.answers.wayTo(message);
    try {
      if (way?.ephemeral) await act(way.route, false);
      else
        await act(Routes.channelMessage(channel, message), true).catch(async (error: unknown) => {
          if (!isForbidden(error)) throw error;
          if (!way) throw this.#notPermitted(channel, error);
          await act(way.route, false);
        });
      return true;
    } catch (error) {
      if (isGone(error) || (way?.ephemeral && isExpired(error))) return false;
      throw error;
    }
  }

  /** Logged once for a channel: the owner has to act, and a line per step would bury it. */
  #notPermitted(channel: string, cause: unknown): NotPermitted {
    const lacking = this.#deps.lacking(channel);
    const names = lacking.length > 0 ? lacking : ['View Channel', 'Send Messages', 'Attach Files'];
    const needed = `${names.length > 1 ? 'the permissions' : 'the permission'} ${names.join(', ')}`;
    if (!this.#complained.has(channel)) {
      this.#complained.add(channel);
      this.#deps.log.error({ channel, err: brief(cause) }, `this bot needs ${needed} in a channel`);
    }
    return new NotPermitted(
      `I may not write in that channel. I need ${needed}; who runs this server can give them to my role.`,
      { cause },
    );
  }
}
