// Direct messages: the channel to a person, and what can be done when they take none. Knows nothing of what is said.

import {
  Routes,
  type APIMessage,
  type REST,
  type RESTPostAPICurrentUserCreateDMChannelResult,
} from 'discord.js';
import { UserError } from '../../core/user-error.ts';
import { Recent } from '../recent.ts';
import type { Payload } from './payload.ts';
import { persist, refusesMessages, type Patience } from './problems.ts';

const REMEMBERED = 1000;

/** The person takes no direct messages from us. The message says what to do. */
export class DirectMessageRefused extends UserError {
  override name = 'DirectMessageRefused';

  constructor(cause: unknown) {
    super(
      "I can not send you a direct message. Allow them in this server's menu under Privacy Settings, Direct Messages, and ask again.",
      { cause },
    );
  }
}

export class DirectMessages {
  readonly #rest: REST;
  readonly #patience: Patience;
  readonly #channels = new Recent<string>(REMEMBERED);

  constructor(rest: REST, patience: Patience) {
    this.#rest = rest;
    this.#patience = patience;
  }

  /** Rejects with DirectMessageRefused. */
  async send(user: string, payload: Payload): Promise<APIMessage> {
    try {
      const route = Routes.channelMessages(await this.#channel(user));
      return await persist(() => this.#rest.post(route, payload) as Promise<APIMessage>, this.#patience);
    } catch (error) {
      throw refusesMessages(error) ? new DirectMessageRefused(error) : error;
    }
  }

  async #channel(user: string): Promise<string> {
    const known = this.#channels.get(user);
    if (known !== undefined) return known;
    const body = { recipient_id: user };
    const made = await this.#rest.post(Routes.userChannels(), { body });
    const { id } = made as RESTPostAPICurrentUserCreateDMChannelResult;
    this.#channels.set(user, id);
    return id;
  }
}
