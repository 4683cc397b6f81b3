// Signed HTTP: Slack posts its events to a public address of ours. What is not signed with the app's secret, or was
// signed more than five minutes ago, is refused by Bolt before anybody reads it.

import type { Server } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import { UserError } from '../../core/user-error.ts';
import type { EventReceiver } from './connection.ts';

export const EVENTS_PATH = '/slack/events';
/** Longer than a request is ever left without an answer. */
const CLOSE_WITHIN_MS = 3000;

interface Deps {
  signingSecret: string;
  port: number;
  /** Where to listen; everywhere when nothing is said. */
  host?: string;
  logger: Logger;
}

export class HttpReceiver implements EventReceiver {
  readonly bolt: HTTPReceiver;
  readonly #port: number;
  readonly #host: string | undefined;
  #server: Server | undefined;

  constructor({ signingSecret, port, host, logger }: Deps) {
    this.#port = port;
    this.#host = host;
    this.bolt = new HTTPReceiver({ signingSecret, endpoints: [EVENTS_PATH], port, logger });
  }

  async open(): Promise<void> {
    try {
      this.#server = await this.bolt.start({ port: this.#port, ...(this.#host && { host: this.#host }) });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'no reason';
      throw new UserError(
        `Slack's events can not be received on port ${this.#port} (${code}). Choose a free one with SLACK_PORT.`,
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
    await closed;
    clearTimeout(late);
  }
}
