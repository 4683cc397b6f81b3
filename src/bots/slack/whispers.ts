// A sentence for one person, by whatever way is open: in the channel, by the address that came with their command or
// button, or as a direct message. Knows no intents.

import type { Requester } from '../../queue/job.ts';
import type { Place } from '../chat.ts';
import { placeAt, whereIs } from './address.ts';
import { escaped } from './blocks.ts';
import { isOutside } from './failures.ts';
import { say } from './say.ts';
import type { SlackWeb } from './web.ts';

/** Slack keeps a response address open for so long, and for five answers. */
const ADDRESS_LIVES_MS = 30 * 60_000;
const ADDRESS_USES = 5;
const MOST_ADDRESSES = 1000;

interface Address {
  url: string;
  until: number;
  uses: number;
}

export class Whispers {
  readonly #web: SlackWeb;
  readonly #clock: () => Date;
  readonly #addresses = new Map<string, Address>();

  constructor(web: SlackWeb, clock: () => Date) {
    this.#web = web;
    this.#clock = clock;
  }

  /** Keeps the address at which the event with this key may be answered. */
  keep(key: string, url: string): void {
    const now = this.#clock().getTime();
    for (const [each, { until }] of this.#addresses) if (until < now) this.#addresses.delete(each);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size >= MOST_ADDRESSES && oldest !== undefined) this.#addresses.delete(oldest);
    this.#addresses.set(key, { url, until: now + ADDRESS_LIVES_MS, uses: 0 });
  }

  async whisper(to: Requester, place: Place, sentence: string, key?: string): Promise<void> {
    const text = escaped(sentence);
    try {
      const where = whereIs(place);
      await this.#web.call((client) => client.chat.postEphemeral({ ...where, user: to.id, text }));
    } catch (error) {
      if (!isOutside(error)) throw error;
      if (!(key && (await this.#byAddress(key, text)))) await this.#direct(to, text);
    }
  }

  /** The channel of our direct messages with a person. */
  async directChannel(person: string): Promise<string> {
    const { channel } = await this.#web.call((client) => client.conversations.open({ users: person }));
    if (!channel?.id) throw new Error('Slack opened no direct message.');
    return channel.id;
  }

  async #direct(to: Requester, text: string): Promise<void> {
    await say(this.#web, placeAt(await this.directChannel(to.id)), { text, blocks: [] });
  }

  async #byAddress(key: string, text: string): Promise<boolean> {
    const address = this.#addresses.get(key);
    if (!address || address.uses >= ADDRESS_USES || address.until < this.#clock().getTime()) return false;
    address.uses += 1;
    const answer = await this.#web
      .fetch(address.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
        signal: AbortSignal.timeout(10_000),
      })
      .catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ?? false;
  }
}
