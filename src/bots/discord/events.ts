// The gateway's events, each to who reads it. What fails is a line in the log, never the end of the connection.

import { GatewayDispatchEvents, type GatewayDispatchPayload } from 'discord.js';
import type { Logger } from 'pino';
import type { Interactions } from './interactions.ts';
import { sessionOf, type Session } from './login.ts';
import { brief } from './problems.ts';
import type { ReactionEvents } from './reactions.ts';

export class DiscordEvents {
  readonly #interactions: Interactions;
  readonly #reactions: ReactionEvents;
  readonly #log: Logger;
  #session: Session | undefined;

  constructor(interactions: Interactions, reactions: ReactionEvents, log: Logger) {
    this.#interactions = interactions;
    this.#reactions = reactions;
    this.#log = log;
  }

  /** The bot's own user id, once the gateway has said it. */
  get self(): string | undefined {
    return this.#session?.self;
  }

  receive(packet: GatewayDispatchPayload): void {
    this.#session = sessionOf(packet) ?? this.#session;
    this.#served(packet)?.catch((error: unknown) =>
      this.#log.error({ err: brief(error), event: packet.t }, 'a Discord event was not served'),
    );
  }

  #served(packet: GatewayDispatchPayload): Promise<void> | undefined {
    if (packet.t === GatewayDispatchEvents.InteractionCreate) return this.#interactions.receive(packet.d);
    const { MessageReactionAdd: add, MessageReactionRemove: remove } = GatewayDispatchEvents;
    if ((packet.t === add || packet.t === remove) && this.#session)
      return this.#reactions.receive(packet, this.#session);
    return undefined;
  }
}
