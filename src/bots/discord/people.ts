// Who did something on Discord, where, and with which rights there, as an intent needs it.

import {
  ChannelType,
  type APIGuildMember,
  type APIInteraction,
  type APIUser,
  type Channel,
} from 'discord.js';
import type { PostRef } from '../../core/posts.ts';
import type { Requester } from '../../queue/job.ts';
import type { Place } from '../chat.ts';
import { isForAdults, mayAdminister, mayModerate } from './permissions.ts';

export const PLATFORM = 'discord';

/** What all intents have. */
export interface Common {
  key: string;
  by: Requester;
  place: Place;
  moderator?: true;
  admin?: true;
  roles?: readonly string[];
}

/** The channels that the gateway told of, by id. */
export type Channels = Pick<ReadonlyMap<string, Channel>, 'get'>;

export function commonOf(
  { id, member, user, channel, guild_id: guild }: APIInteraction,
  channels: Channels,
): Common {
  const person = member?.user ?? user;
  if (!person || !channel) throw new Error(`Interaction ${id} names nobody or no channel.`);
  return {
    key: `${PLATFORM}:${id}`,
    by: requester(person, member),
    place: placeOf(channel.id, guild, knownOf(channel, channels)),
    ...(guild !== undefined && member && rightsOf(member.permissions, member.roles)),
  };
}

/** A thread that the gateway did not tell of is as the channel it names. */
function knownOf(channel: NonNullable<APIInteraction['channel']>, channels: Channels): Channel | undefined {
  const parent = 'parent_id' in channel ? channel.parent_id : undefined;
  return channels.get(channel.id) ?? (isThread(channel.type) && parent ? channels.get(parent) : undefined);
}

const threads: readonly ChannelType[] = [
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
];
const isThread = (type: ChannelType): boolean => threads.includes(type);

/** `permissions` are those in the channel; nobody has any in direct messages. */
export function rightsOf(
  permissions: string | bigint,
  roles: readonly string[],
): Pick<Common, 'moderator' | 'admin' | 'roles'> {
  return {
    ...(mayModerate(permissions) && { moderator: true }),
    ...(mayAdminister(permissions) && { admin: true }),
    roles,
  };
}

/** `known`: the channel as the gateway told it. */
export function placeOf(channel: string, guild: string | undefined, known?: Channel): Place {
  return {
    platform: PLATFORM,
    channel,
    ...(guild !== undefined && { server: guild }),
    ...parentOf(channel, known),
    ...(isForAdults(known) && { ageRestricted: true }),
  };
}

/** The channel of a thread: what is known may be the thread, or the channel alone. */
function parentOf(channel: string, known?: Channel): { parent?: string } {
  if (known && known.id !== channel) return { parent: known.id };
  return known?.isThread() && known.parentId ? { parent: known.parentId } : {};
}

export function requester(user: APIUser, member?: Pick<APIGuildMember, 'nick'>): Requester {
  return { platform: PLATFORM, id: user.id, name: member?.nick ?? user.global_name ?? user.username };
}

export const postOf = ({ place: { platform, channel } }: Common, message: string): PostRef => ({
  platform,
  channel,
  message,
});
