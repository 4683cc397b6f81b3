// Reactions on messages of ours as intents, when they are added and when they are taken away. Read as the gateway sent
// them, so one on an old message is as good as one on a new one.

import {
  GatewayDispatchEvents,
  Routes,
  type APIMessage,
  type APIUser,
  type Channel,
  type Client,
  type GatewayMessageReactionAddDispatchData,
  type GatewayMessageReactionRemoveDispatchData,
} from 'discord.js';
import type { PostRef } from '../../core/posts.ts';
import type { Desk, Reaction } from '../chat.ts';
import { meaningOf, type Reactions } from '../reactions.ts';
import type { Meant } from './fields.ts';
import type { Session } from './login.ts';
import { PLATFORM, placeOf, requester, rightsOf } from './people.ts';
import { grantedTo, rulesOf } from './permissions.ts';
import { isForbidden, isGone } from './problems.ts';

type Added = GatewayMessageReactionAddDispatchData;
type Removed = GatewayMessageReactionRemoveDispatchData;
export type ReactionPacket =
  | { t: GatewayDispatchEvents.MessageReactionAdd; d: Added; s: number }
  | { t: GatewayDispatchEvents.MessageReactionRemove; d: Removed; s: number };

interface Deps {
  desk: Desk;
  client: Client;
  reactions: Reactions;
}

interface Person {
  user: APIUser;
  nick?: string | null;
  /** Where Discord told them. */
  roles?: readonly string[];
}

export class ReactionEvents {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async receive(packet: ReactionPacket, session: Session): Promise<void> {
    const { user_id: user, channel_id: channel, message_id: message, emoji } = packet.d;
    const name = emoji.id ? `:${emoji.name}:` : (emoji.name ?? '');
    const added = packet.t === GatewayDispatchEvents.MessageReactionAdd;
    const meaning = meaningOf(this.#deps.reactions, name);
    if (!meaning || user === session.self || (!added && meaning !== 'favorite')) return;
    if (added && packet.d.member?.user?.bot) return;
    const author = (added && packet.d.message_author_id) || (await this.#author(channel, message));
    if (author !== session.self) return;
    const person = await this.#person(user, added ? packet.d.member : undefined);
    if (person.user.bot) return;
    const known = this.#deps.client.channels.cache.get(channel);
    const place = placeOf(channel, packet.d.guild_id, known);
    const post = { platform: PLATFORM, channel, message };
    // The gateway's sequence number belongs to this one event: delivered again it is the same, and a reaction that was
    // taken away and put back has another. Numbers begin anew with each session.
    const key = `${PLATFORM}:${message}:${user}:${name}:${session.session}.${packet.s}`;
    const by = requester(person.user, { nick: person.nick ?? null });
    const meant = meantBy(meaning, post, added);
    await this.#deps.desk.serve({ key, by, place, ...rightsIn(known, person), ...meant });
  }

  /** Undefined when the message is gone or may not be looked at. */
  async #author(channel: string, message: string): Promise<string | undefined> {
    try {
      const route = Routes.channelMessage(channel, message);
      return ((await this.#deps.client.rest.get(route)) as APIMessage).author.id;
    } catch (error) {
      if (isGone(error) || isForbidden(error)) return undefined;
      throw error;
    }
  }

  /** Direct messages, and reactions that are taken away, come without the person. */
  async #person(id: string, member: Added['member']): Promise<Person> {
    if (member?.user) return { user: member.user, nick: member.nick ?? null, roles: member.roles };
    return { user: (await this.#deps.client.rest.get(Routes.user(id))) as APIUser };
  }
}

/** Nothing in direct messages, and in channels that Discord did not tell of. */
function rightsIn(
  channel: Channel | undefined,
  { user, roles }: Person,
): Partial<ReturnType<typeof rightsOf>> {
  const ruled = channel && rulesOf(channel);
  if (!ruled) return roles ? { roles } : {};
  const rights = rightsOf(grantedTo({ id: user.id, roles: roles ?? [] }, ruled.rules), roles ?? []);
  const { roles: _, ...flags } = rights;
  return roles ? rights : flags;
}

function meantBy(meaning: Reaction, post: PostRef, on: boolean): Meant {
  switch (meaning) {
    case 'favorite':
      return { kind: meaning, post, on };
    case 'rerun':
    case 'upscale':
    case 'send':
    case 'end':
      return { kind: meaning, post };
  }
}
