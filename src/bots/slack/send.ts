// Messages on their way out: a new one of ours, in which nothing is unfurled and no word pings; and one that shows a file
// on which Slack may still be working, which is refused for a moment although Slack says that the file is ready. Knows no
// views.

import type { PostRef } from '../../core/posts.ts';
import type { Place } from '../chat.ts';
import { postAt, whereIs } from './address.ts';
import type { Message } from './blocks.ts';
import { codeOf } from './failures.ts';
import type { SlackWeb } from './web.ts';

const QUIET = { unfurl_links: false, unfurl_media: false, parse: 'none', link_names: false } as const;
const TRIES = 4;
const EVERY_MS = 1500;

export async function say(web: SlackWeb, place: Place, message: Message): Promise<PostRef> {
  const { text, blocks } = message;
  const where = whereIs(place);
  const args = { ...where, text, ...(blocks.length > 0 && { blocks }), ...QUIET };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's, not a window's
  const { channel, ts } = await web.inTurn(where.channel, (client) => client.chat.postMessage(args));
  if (!channel || !ts) throw new Error('Slack took the message and did not say where it is.');
  return postAt(channel, ts);
}

/** Slack will not show what a block names. */
export function isUnshowable(error: unknown): boolean {
  return codeOf(error) === 'invalid_blocks';
}

export async function showing<T>(web: SlackWeb, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnshowable(error) || attempt === TRIES) throw error;
      await web.wait(EVERY_MS);
    }
  }
}
