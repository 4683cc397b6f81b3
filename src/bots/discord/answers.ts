// Interactions that may still be answered directly: acknowledged within Discord's three seconds, and for a quarter of
// an hour a way to messages that the bot's own token does not reach: those that one person alone sees, and those in
// channels where the bot may not look. Knows nothing of what is answered.

import {
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  Routes,
  type APIInteraction,
  type APIMessage,
  type REST,
} from 'discord.js';
import { isGone, wasAcknowledged } from './problems.ts';
import type { Payload } from './payload.ts';

/** A token lives fifteen minutes; the last one of them is not relied on. */
const TOKEN_LIFE_MS = 14 * 60_000;

/** For whom the words of an answer are: everyone in the channel, or the person who acted. */
export type Audience = 'all' | 'one';

export interface Answer {
  application: string;
  token: string;
  until: number;
  /** A deferred reply stands there and waits for its words; for whom is settled when it is deferred. */
  waiting: Audience | undefined;
  /** Bytes that a file of this answer may have. */
  fileLimit: number;
}

interface Way {
  answer: Answer;
  /** How the webhook calls the message. */
  message: string;
  ephemeral: boolean;
}

export class Answers {
  readonly #rest: REST;
  readonly #now: () => number;
  readonly #byKey = new Map<string, Answer>();
  readonly #byMessage = new Map<string, Way>();

  constructor(rest: REST, now: () => number) {
    this.#rest = rest;
    this.#now = now;
  }

  /**
   * Tells Discord that we heard: with a reply that waits for its words, or, for a button, by leaving its message as it
   * is. Rejects when it is too late; the request may be served all the same.
   */
  async acknowledge(key: string, interaction: APIInteraction, reply?: Audience): Promise<void> {
    this.#forgetOld();
    const body = reply
      ? {
          type: InteractionResponseType.DeferredChannelMessageWithSource,
          ...(reply === 'one' && { data: { flags: MessageFlags.Ephemeral } }),
        }
      : { type: InteractionResponseType.DeferredMessageUpdate };
    await this.respond(interaction, body).catch((error: unknown) => {
      // Our first try may have arrived although its answer was lost.
      if (!wasAcknowledged(error)) throw error;
    });
    const { application_id: application, token, attachment_size_limit: fileLimit } = interaction;
    const until = this.#now() + TOKEN_LIFE_MS;
    const answer: Answer = { application, token, until, waiting: reply, fileLimit };
    this.#byKey.set(key, answer);
    if (interaction.type !== InteractionType.MessageComponent) return;
    const { id, flags = 0 } = interaction.message;
    const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
    this.#byMessage.set(id, { answer, message: '@original', ephemeral });
  }

  async respond(interaction: APIInteraction, body: object): Promise<void> {
    await this.#rest.post(Routes.interactionCallback(interaction.id, interaction.token), {
      body,
      auth: false,
    });
  }

  /** The interaction of this key, while it may be answered. */
  of(key: string | undefined): Answer | undefined {
    const answer = key === undefined ? undefined : this.#byKey.get(key);
    return answer && answer.until > this.#now() ? answer : undefined;
  }

  /** The first message of an answer for `audience`, or one more. */
  async say(answer: Answer, payload: Payload, audience: Audience): Promise<APIMessage> {
    if (answer.waiting === audience) return this.#fill(answer, payload, audience);
    await this.dropReply(answer);
    return this.#followUp(answer, payload, audience);
  }

  /** Puts a message in the place of the deferred reply. */
  async #fill(answer: Answer, payload: Payload, audience: Audience): Promise<APIMessage> {
    const route = Routes.webhookMessage(answer.application, answer.token, '@original');
    const message = (await this.#rest.patch(route, { ...payload, auth: false })) as APIMessage;
    answer.waiting = undefined;
    this.#byMessage.set(message.id, { answer, message: '@original', ephemeral: audience === 'one' });
    return message;
  }

  async #followUp(answer: Answer, payload: Payload, audience: Audience): Promise<APIMessage> {
    const ephemeral = audience === 'one';
    const body = ephemeral ? { ...payload.body, flags: MessageFlags.Ephemeral } : payload.body;
    const query = new URLSearchParams({ wait: 'true' });
    const route = Routes.webhook(answer.application, answer.token);
    const message = (await this.#rest.post(route, { ...payload, body, query, auth: false })) as APIMessage;
    this.#byMessage.set(message.id, { answer, message: message.id, ephemeral });
    return message;
  }

  /**
   * Takes back a deferred reply that nobody filled. It has to go before words for another audience: the first
   * follow-up would take its place, and it would be seen by whom it was deferred for.
   */
  async dropReply(answer: Answer | undefined): Promise<void> {
    if (!answer?.waiting) return;
    answer.waiting = undefined;
    await this.#rest
      .delete(Routes.webhookMessage(answer.application, answer.token, '@original'), { auth: false })
      .catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
  }

  /** The way to a message through the interaction that it came from or was pressed in, while that lives. */
  wayTo(message: string): { route: `/${string}`; ephemeral: boolean; fileLimit: number } | undefined {
    const way = this.#byMessage.get(message);
    if (!way || way.answer.until <= this.#now()) return undefined;
    const { application, token, fileLimit } = way.answer;
    const route = Routes.webhookMessage(application, token, way.message);
    return { route, ephemeral: way.ephemeral, fileLimit };
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [key, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(key);
    for (const [id, { answer }] of this.#byMessage) if (answer.until <= now) this.#byMessage.delete(id);
  }
}
