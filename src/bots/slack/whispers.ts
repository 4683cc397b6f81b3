// Words for one person, by whatever way is open: in the channel, by the address that came with their command or button,
// or as a direct message. Knows no intents.

import { UserError } from '../../core/user-error.ts';
import type { Requester } from '../../queue/job.ts';
import type { Place, Words } from '../chat.ts';
import { Recent } from '../recent.ts';
import { isDirect, placeAt, whereIs } from './address.ts';
import type { Message } from './blocks.ts';
import { isOutside, refusedPerson } from './failures.ts';
import { withPeople } from './marks.ts';
import type { People } from './people.ts';
import { say } from './send.ts';
import type { SlackWeb } from './web.ts';
import { wordsMessage } from './words.ts';

/** Slack keeps a response address open for so long, and for five answers. */
const ADDRESS_LIVES_MS = 30 * 60_000;
const ADDRESS_USES = 5;
const REMEMBERED = 1000;

interface Address {
  url: string;
  until: number;
  uses: number;
}

export class Whispers {
  readonly #web: SlackWeb;
  readonly #clock: () => Date;
  readonly #people: People;
  readonly #addresses = new Recent<Address>(REMEMBERED);
  readonly #askers = new Recent<Requester>(REMEMBERED);
  /** The direct messages that were opened, by person; Slack never changes them. */
  readonly #opened = new Recent<string>(REMEMBERED);

  constructor(web: SlackWeb, people: People, clock: () => Date) {
    this.#web = web;
    this.#people = people;
    this.#clock = clock;
  }

  /** Keeps the address at which the event with this key may be answered. */
  keep(key: string, url: string): void {
    this.#addresses.set(key, { url, until: this.#clock().getTime() + ADDRESS_LIVES_MS, uses: 0 });
  }

  /** Who caused the event with this key. */
  remember(key: string, by: Requester): void {
    this.#askers.set(key, by);
  }

  /** Undefined when it was before this start. */
  askerOf(key: string): Requester | undefined {
    return this.#askers.get(key);
  }

  /** What came of an event may be answered where that event may be. */
  alsoFor(key: string, from: string): void {
    const address = this.#addresses.get(from);
    if (address) this.#addresses.set(key, address);
  }

  async whisper(to: Requester, place: Place, words: Words, key?: string): Promise<void> {
    await this.show(to, place, wordsMessage(await withPeople(words, this.#people)), key);
  }

  /** The same for a message that has more than words. */
  async show(to: Requester, place: Place, message: Message, key?: string): Promise<void> {
    try {
      if (isDirect(place)) await say(this.#web, place, message);
      else await this.#ephemeral(to, place, message);
    } catch (error) {
      if (!isOutside(error)) throw error;
      if (!(key && (await this.#byAddress(key, message)))) await this.direct(to, message);
    }
  }

  /** A direct message. Rejects with a sentence for people when there can be none. */
  async direct(to: Requester, message: Message): Promise<void> {
    const place = placeAt(await this.directChannel(to.id));
    await say(this.#web, place, message).catch(refuse);
  }

  /** The channel of our direct messages with a person. */
  async directChannel(person: string): Promise<string> {
    const known = this.#opened.get(person);
    if (known) return known;
    const { channel } = await this.#web
      .call((client) => client.conversations.open({ users: person }))
      .catch(refuse);
    if (!channel?.id) throw new Error('Slack opened no direct message.');
    this.#opened.set(person, channel.id);
    return channel.id;
  }

  async #ephemeral(to: Requester, place: Place, { text, blocks }: Message): Promise<void> {
    const where = { ...whereIs(place), user: to.id };
    await this.#web.call((client) => client.chat.postEphemeral({ ...where, text, blocks }));
  }

  async #byAddress(key: string, { text, blocks }: Message): Promise<boolean> {
    const address = this.#addresses.get(key);
    if (!address || address.uses >= ADDRESS_USES || address.until < this.#clock().getTime()) return false;
    address.uses += 1;
    const answer = await this.#web
      .fetch(address.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text, blocks }),
        signal: AbortSignal.timeout(10_000),
      })
      .catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ?? false;
  }
}

function refuse(error: unknown): never {
  const sentence = refusedPerson(error);
  throw sentence ? new UserError(sentence, { cause: error }) : error;
}
