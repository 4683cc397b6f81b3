// From a token to a session, within a bounded time, or a sentence that says what the owner should do. Knows the
// gateway's ways of refusing; what arrives later is not its business.

import { setTimeout as wait } from 'node:timers/promises';
import {
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type Client,
  type GatewayDispatchPayload,
} from 'discord.js';
import { UserError } from '../../core/user-error.ts';

/** None of these is privileged: commands and buttons need no intent, and reactions bring ids only. */
export const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessageReactions,
];

const LEAVE_WITHIN_MS = 2000;

export interface Session {
  /** The bot's own user id. */
  self: string;
  application: string;
  /** Changes whenever the gateway starts to count anew. */
  session: string;
}

/** Every event as the gateway sent it, its sequence number included. */
export function onPacket(client: Client, listener: (packet: GatewayDispatchPayload) => void): void {
  // The library leaves this event out of its types because its shape is Discord's, not its own.
  (client as unknown as NodeJS.EventEmitter).on(Events.Raw, listener);
}

export const sessionOf = (packet: GatewayDispatchPayload): Session | undefined =>
  packet.t === GatewayDispatchEvents.Ready
    ? { self: packet.d.user.id, application: packet.d.application.id, session: packet.d.session_id }
    : undefined;

/** What to do about a token that Discord does not accept. */
export const RENEW_TOKEN =
  'Copy the bot token anew: discord.com/developers, your application, Bot, Reset Token.';
const BAD_TOKEN = `Discord does not accept DISCORD_TOKEN. ${RENEW_TOKEN}`;

const refusals: Partial<Record<number, string>> = {
  [GatewayCloseCodes.AuthenticationFailed]: BAD_TOKEN,
  [GatewayCloseCodes.DisallowedIntents]:
    'Discord does not allow this bot the events it needs (4014, disallowed intents). Check the bot in discord.com/developers, your application, Bot.',
  [GatewayCloseCodes.InvalidIntents]:
    'Discord does not know the events this bot asks for (4013, invalid intents). Update Darkroom.',
  [GatewayCloseCodes.ShardingRequired]:
    'This bot is in too many servers for one connection (4011). Remove it from some of them.',
};

/** Rejects with a UserError; the client has left then. */
export async function logIn(client: Client, token: string, withinMs: number): Promise<Session> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Session>((resolve, reject) => {
      timer = setTimeout(() => reject(silence(withinMs)), withinMs);
      onPacket(client, (packet) => {
        const session = sessionOf(packet);
        if (session) resolve(session);
      });
      client.once(Events.ShardDisconnect, ({ code }) =>
        reject(new UserError(refusals[code] ?? `Discord closed the connection for good (code ${code}).`)),
      );
      client.login(token).catch((error: unknown) => reject(loginError(error)));
    });
  } catch (error) {
    await leave(client);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends the connection; nothing is heard after that. Bounded, because a client that is destroyed while it is connecting
 * waits for ever for a close that it has overheard.
 */
export async function leave(client: Client): Promise<void> {
  client.removeAllListeners(Events.Raw);
  const impatience = new AbortController();
  await Promise.race([
    client.destroy(),
    wait(LEAVE_WITHIN_MS, undefined, { signal: impatience.signal, ref: false }).catch(() => undefined),
  ]);
  impatience.abort();
}

const silence = (ms: number): UserError =>
  new UserError(
    `Discord did not answer within ${Math.round(ms / 1000)} s. Check this machine's way to discord.com and status.discord.com, then start again.`,
  );

function loginError(error: unknown): UserError {
  const bad = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
  if (bad) return new UserError(BAD_TOKEN);
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`Discord can not be reached: ${reason}. Check the network, then start again.`, {
    cause: error,
  });
}
