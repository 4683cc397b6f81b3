// Interactions that may still be answered directly: acknowledged within Discord's three seconds, and for a quarter of
// an hour a second way to a message where the bot itself may not see the channel. Knows nothing of what is answered.

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

export interface Answer {
  application: string;
  token: string;
  until: number;
  /** A deferred reply stands in the channel and waits for its words. */
  thinking: boolean;
}

interface Way {
  answer: Answer;
  /** How the webhook calls the message. */
  message: string;
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

  /** Tells Discord that we heard. Rejects when it is too late; the request may be served all the same. */
  async acknowledge(key: string, interaction: APIInteraction): Promise<void> {
    this.#forgetOld();
    const command = interaction.type === InteractionType.ApplicationCommand;
    const type = command
      ? InteractionResponseType.DeferredChannelMessageWithSource
      : InteractionResponseType.DeferredMessageUpdate;
    await this.respond(interaction, { type }).catch((error: unknown) => {
      // Our first try may have arrived although its answer was lost.
      if (!wasAcknowledged(error)) throw error;
    });
    const { application_id: application, token } = interaction;
    const answer = { application, token, until: this.#now() + TOKEN_LIFE_MS, thinking: command };
    this.#byKey.set(key, answer);
    if (interaction.type === InteractionType.MessageComponent)
      this.#byMessage.set(interaction.message.id, { answer, message: '@original' });
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

  /** Puts a message in the place of the deferred reply. */
  async fill(answer: Answer, payload: Payload): Promise<APIMessage> {
    const message = (await this.#rest.patch(
      Routes.webhookMessage(answer.application, answer.token, '@original'),
      { ...payload, auth: false },
    )) as APIMessage;
    answer.thinking = false;
    this.#byMessage.set(message.id, { answer, message: '@original' });
    return message;
  }

  /** Another message. Ephemeral: for the person who acted only. */
  async followUp(answer: Answer, payload: Payload, ephemeral: boolean): Promise<APIMessage> {
    const body = ephemeral ? { ...payload.body, flags: MessageFlags.Ephemeral } : payload.body;
    const query = new URLSearchParams({ wait: 'true' });
    const route = Routes.webhook(answer.application, answer.token);
    const message = (await this.#rest.post(route, { ...payload, body, query, auth: false })) as APIMessage;
    this.#byMessage.set(message.id, { answer, message: message.id });
    return message;
  }

  /**
   * Takes back a deferred reply that nobody filled. It has to go before a whisper: the first follow-up would take its
   * place, and it is public.
   */
  async dropReply(answer: Answer | undefined): Promise<void> {
    if (!answer?.thinking) return;
    answer.thinking = false;
    await this.#rest
      .delete(Routes.webhookMessage(answer.application, answer.token, '@original'), { auth: false })
      .catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
  }

  /** The route of a message through the interaction that it came from or was pressed in, while that lives. */
  routeTo(message: string): `/${string}` | undefined {
    const way = this.#byMessage.get(message);
    if (!way || way.answer.until <= this.#now()) return undefined;
    return Routes.webhookMessage(way.answer.application, way.answer.token, way.message);
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [key, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(key);
    for (const [id, { answer }] of this.#byMessage) if (answer.until <= now) this.#byMessage.delete(id);
  }
}
