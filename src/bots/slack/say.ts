// A new message of ours, in which nothing is unfurled and no word pings. Knows no views.

import type { PostRef } from '../../core/posts.ts';
import type { Place } from '../chat.ts';
import { postAt, whereIs } from './address.ts';
import type { Message } from './blocks.ts';
import type { SlackWeb } from './web.ts';

const QUIET = { unfurl_links: false, unfurl_media: false, parse: 'none', link_names: false } as const;

export async function say(web: SlackWeb, place: Place, message: Message): Promise<PostRef> {
  const { text, blocks } = message;
  const args = { ...whereIs(place), text, ...(blocks.length > 0 && { blocks }), ...QUIET };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's, not a window's
  const { channel, ts } = await web.call((client) => client.chat.postMessage(args));
  if (!channel || !ts) throw new Error('Slack took the message and did not say where it is.');
  return postAt(channel, ts);
}
