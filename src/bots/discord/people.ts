// Who did something on Discord, where, and with which rights there, as an intent needs it.

import type { APIGuildMember, APIInteraction, APIUser } from 'discord.js';
import type { PostRef } from '../../core/posts.ts';
import type { Requester } from '../../queue/job.ts';
import type { Place } from '../chat.ts';
import { mayModerate } from './permissions.ts';

export const PLATFORM = 'discord';

/** What all intents have. */
export interface Common {
  key: string;
  by: Requester;
  place: Place;
  moderator?: true;
}

export function commonOf({ id, member, user, channel, guild_id: guild }: APIInteraction): Common {
  const person = member?.user ?? user;
  if (!person || !channel) throw new Error(`Interaction ${id} names nobody or no channel.`);
  return {
    key: `${PLATFORM}:${id}`,
    by: requester(person, member),
    place: placeOf(channel.id, guild),
    ...(mayModerate(member?.permissions) && { moderator: true as const }),
  };
}

export function placeOf(channel: string, guild: string | undefined): Place {
  return { platform: PLATFORM, channel, ...(guild !== undefined && { server: guild }) };
}

export function requester(user: APIUser, member?: Pick<APIGuildMember, 'nick'>): Requester {
  return { platform: PLATFORM, id: user.id, name: member?.nick ?? user.global_name ?? user.username };
}

export const postOf = ({ place: { platform, channel } }: Common, message: string): PostRef => ({
  platform,
  channel,
  message,
});
