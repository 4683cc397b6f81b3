// What Slack knows of a message of ours: its thread, which a reaction does not name, the files that it shows, and the
// address at which people find it.

import type { PostRef } from '../../core/posts.ts';
import type { Place } from '../chat.ts';
import { Recent } from '../recent.ts';
import { placeBeside } from './address.ts';
import type { SlackWeb } from './web.ts';

const REMEMBERED = 2000;

interface Message {
  thread_ts?: string;
  blocks?: { type?: string; slack_file?: { id?: string } }[];
}

/** Where an answer to it belongs: in its thread, if it is in one. */
export async function placeOf(web: SlackWeb, post: PostRef): Promise<Place> {
  return placeBeside(post.channel, post.message, (await messageAt(web, post))?.thread_ts);
}

/** Ids of the pictures that it shows. */
export async function filesOn(web: SlackWeb, post: PostRef): Promise<string[]> {
  const blocks = (await messageAt(web, post))?.blocks ?? [];
  return blocks.flatMap(({ type, slack_file: file }) => (type === 'image' && file?.id ? [file.id] : []));
}

async function messageAt(web: SlackWeb, { channel, message }: PostRef): Promise<Message | undefined> {
  const answer = await web
    .call((client) => client.reactions.get({ channel, timestamp: message }))
    .catch(() => undefined);
  return answer?.message;
}

/** Addresses stay the same, so Slack is asked once for each. */
export class Links {
  readonly #web: SlackWeb;
  readonly #known = new Recent<string>(REMEMBERED);

  constructor(web: SlackWeb) {
    this.#web = web;
  }

  /** Undefined when the message is there no more, or out of reach. */
  async to({ channel, message }: PostRef): Promise<string | undefined> {
    const key = `${channel}/${message}`;
    const known = this.#known.get(key);
    if (known) return known;
    const { permalink } = await this.#web
      .call((client) => client.chat.getPermalink({ channel, message_ts: message }))
      .catch(() => ({ permalink: undefined }));
    if (permalink) this.#known.set(key, permalink);
    return permalink;
  }
}
