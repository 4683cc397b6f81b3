// Gateway events as intents. They are read as the gateway sent them: nothing has to be cached or fetched first, so a
// reaction on an old message is as good as one on a new one.

import {
  ApplicationCommandType,
  ComponentType,
  GatewayDispatchEvents,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  Routes,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIChatInputApplicationCommandInteraction,
  type APIGuildMember,
  type APIInteraction,
  type APIMessage,
  type APIMessageComponentInteraction,
  type APIUser,
  type GatewayDispatchPayload,
  type GatewayMessageReactionAddDispatchData,
  type REST,
} from 'discord.js';
import type { Logger } from 'pino';
import { UserError } from '../../core/user-error.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Requester } from '../../queue/job.ts';
import type { Intent, Place } from '../chat.ts';
import type { Answers } from './answers.ts';
import { HELP, readImagine, suggestions } from './commands.ts';
import { sessionOf, type Session } from './login.ts';
import { brief } from './problems.ts';
import { pressedIn } from './wording.ts';

export const PLATFORM = 'discord';
/** Interactions that are remembered, so that one delivered twice is served once. */
const REMEMBERED = 1000;

export interface EventDeps {
  rest: REST;
  answers: Answers;
  cards: () => readonly ModelCard[];
  schedulers: readonly string[];
  log: Logger;
  serve: (intent: Intent) => Promise<void>;
  whisper: (to: Requester, place: Place, text: string, key: string) => Promise<void>;
  /** Whether the message shows a job that is not over. */
  isLive: (message: string) => boolean;
}

type BasicOption = APIApplicationCommandInteractionDataBasicOption;

export class DiscordEvents {
  readonly #deps: EventDeps;
  readonly #seen = new Set<string>();
  #session: Session | undefined;

  constructor(deps: EventDeps) {
    this.#deps = deps;
  }

  receive(packet: GatewayDispatchPayload): void {
    this.#session = sessionOf(packet) ?? this.#session;
    const served =
      packet.t === GatewayDispatchEvents.InteractionCreate
        ? this.#interaction(packet.d)
        : packet.t === GatewayDispatchEvents.MessageReactionAdd
          ? this.#reaction(packet.d, packet.s)
          : undefined;
    served?.catch((error: unknown) =>
      this.#deps.log.error({ err: brief(error), event: packet.t }, 'a Discord event was not served'),
    );
  }

  async #interaction(interaction: APIInteraction): Promise<void> {
    if (this.#seen.has(interaction.id)) return;
    this.#seen.add(interaction.id);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        if (interaction.data.type === ApplicationCommandType.ChatInput)
          await this.#command(interaction as APIChatInputApplicationCommandInteraction);
        return;
      case InteractionType.ApplicationCommandAutocomplete: {
        const { cards, schedulers, answers } = this.#deps;
        const given = (interaction.data.options ?? []) as BasicOption[];
        await answers.respond(interaction, {
          type: InteractionResponseType.ApplicationCommandAutocompleteResult,
          data: { choices: suggestions(given, cards(), schedulers) },
        });
        return;
      }
      case InteractionType.MessageComponent:
        await this.#button(interaction);
        return;
      case InteractionType.Ping:
      case InteractionType.ModalSubmit:
    }
  }

  async #command(interaction: APIChatInputApplicationCommandInteraction): Promise<void> {
    const { answers, serve, whisper } = this.#deps;
    if (interaction.data.name !== 'imagine')
      return answers.respond(interaction, {
        type: InteractionResponseType.ChannelMessageWithSource,
        data: { content: HELP, flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } },
      });
    const common = commonOf(interaction);
    await this.#acknowledge(common.key, interaction);
    try {
      const asked = readImagine((interaction.data.options ?? []) as BasicOption[]);
      await serve({ ...common, kind: 'imagine', ...asked });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await whisper(common.by, common.place, error.message, common.key);
    } finally {
      await answers.dropReply(answers.of(common.key)); // answered elsewhere already
    }
  }

  async #button(interaction: APIMessageComponentInteraction): Promise<void> {
    const pressed =
      interaction.data.component_type === ComponentType.Button
        ? pressedIn(interaction.data.custom_id)
        : undefined;
    const common = commonOf(interaction);
    await this.#acknowledge(common.key, interaction);
    if (!pressed) return;
    const post = { ...common.place, message: interaction.message.id };
    const { action: kind, index } = pressed;
    await this.#deps.serve(kind === 'vary' ? { ...common, kind, post, index } : { ...common, kind, post });
  }

  /** Too late for Discord is not too late for the person: it is drawn, and comes as a message of its own. */
  async #acknowledge(key: string, interaction: APIInteraction): Promise<void> {
    await this.#deps.answers
      .acknowledge(key, interaction)
      .catch((error: unknown) =>
        this.#deps.log.warn({ err: brief(error), key }, 'an interaction could not be acknowledged'),
      );
  }

  async #reaction(event: GatewayMessageReactionAddDispatchData, sequence: number): Promise<void> {
    const { channel_id: channel, message_id: message, user_id: user, emoji } = event;
    const kind = emoji.name === '🔁' ? 'rerun' : emoji.name === '❌' ? this.#ending(message) : undefined;
    const session = this.#session;
    if (!kind || emoji.id || !session || user === session.self || event.member?.user?.bot) return;
    if ((event.message_author_id ?? (await this.#author(channel, message))) !== session.self) return;
    // The gateway's sequence number belongs to this one event: delivered again it is the same, and a reaction that was
    // taken away and put back has another. Numbers begin anew with each session.
    const key = `${PLATFORM}:${message}:${user}:${emoji.name}:${session.session}.${sequence}`;
    const place = { platform: PLATFORM, channel };
    const by = event.member?.user
      ? requester(event.member.user, event.member)
      : requester((await this.#deps.rest.get(Routes.user(user))) as APIUser);
    await this.#deps.serve({ key, by, place, kind, post: { ...place, message } });
  }

  #ending(message: string): 'cancel' | 'remove' {
    return this.#deps.isLive(message) ? 'cancel' : 'remove';
  }

  async #author(channel: string, message: string): Promise<string> {
    const found = (await this.#deps.rest.get(Routes.channelMessage(channel, message))) as APIMessage;
    return found.author.id;
  }
}

function commonOf(interaction: APIChatInputApplicationCommandInteraction | APIMessageComponentInteraction): {
  key: string;
  by: Requester;
  place: Place;
} {
  const { member, id } = interaction;
  const user = member?.user ?? interaction.user;
  const channel = interaction.channel.id;
  if (!user) throw new Error(`Interaction ${id} names nobody.`);
  return {
    key: `${PLATFORM}:${id}`,
    by: requester(user, member),
    place: { platform: PLATFORM, channel },
  };
}

function requester(user: APIUser, member?: Pick<APIGuildMember, 'nick'>): Requester {
  return { platform: PLATFORM, id: user.id, name: member?.nick ?? user.global_name ?? user.username };
}
