// Slack's addresses in our words: a channel, or a thread of one as "C123/1712.34"; a message by its channel alone, so
// that a reaction, which names no thread, finds it. Knows no events.

import type { PostRef } from '../../core/posts.ts';
import type { Place } from '../chat.ts';

export const PLATFORM = 'slack';

export function placeAt(channel: string, thread?: string): Place {
  return { platform: PLATFORM, channel: thread ? `${channel}/${thread}` : channel };
}

/** Where an answer to a message belongs: in its thread, but not in one that hangs under the message itself. */
export function placeBeside(channel: string, ts: string, thread?: unknown): Place {
  return placeAt(channel, typeof thread === 'string' && thread !== ts ? thread : undefined);
}

/** The arguments of a Web API method that say where. */
export function whereIs(place: Place): { channel: string; thread_ts?: string } {
  const [channel = '', thread] = place.channel.split('/');
  return { channel, ...(thread && { thread_ts: thread }) };
}

/** Between two people, one of which we may be. */
export function isDirect(place: Place): boolean {
  return place.channel.startsWith('D');
}

export function postAt(channel: string, ts: string): PostRef {
  return { platform: PLATFORM, channel, message: ts };
}
