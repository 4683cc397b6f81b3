// Socket Mode: a socket that we open, so no public address is needed; kept open through drops and refreshes, closed
// without leftovers. Reconnects itself: Bolt's own way ends the program when a token is withdrawn while it runs.

import { setTimeout as sleep } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import type { Logger as Pino } from 'pino';
import { UserError } from '../../core/user-error.ts';
import { unreachable, type EventReceiver } from './connection.ts';
import { codeOf, isBadToken, neededScope } from './failures.ts';
import type { SlackWeb } from './web.ts';

const OPEN_WITHIN_MS = 30_000;
const CLOSE_WITHIN_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

interface Deps {
  web: SlackWeb;
  appToken: string;
  apiUrl: string;
  logger: Logger;
  log: Pino;
}

export class SocketReceiver implements EventReceiver {
  readonly bolt: SocketModeReceiver;
  readonly #deps: Deps;
  #reconnecting: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.bolt = new SocketModeReceiver({
      appToken: deps.appToken,
      autoReconnectEnabled: false,
      logger: deps.logger,
      installerOptions: { clientOptions: { ...deps.web.options } },
    });
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      throw appTokenFault(error) ?? unreachable(this.#deps.apiUrl, error);
    }
    this.bolt.client.on('disconnected', () => {
      if (!this.#deps.web.stopped) this.#reconnecting ??= this.#reconnect();
    });
  }

  async #connect(): Promise<void> {
    const late = new AbortController();
    const deadline = sleep(OPEN_WITHIN_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error('Slack did not say hello in time.');
    });
    const opening = this.bolt.client.start();
    try {
      await Promise.race([opening, deadline]);
    } catch (error) {
      opening.catch(() => undefined);
      void this.bolt.client.disconnect();
      throw error;
    } finally {
      deadline.catch(() => undefined);
      late.abort();
    }
  }

  async #reconnect(): Promise<void> {
    const { web, log } = this.#deps;
    for (let attempt = 0; !web.stopped; attempt += 1) {
      try {
        if (attempt > 0) await web.wait(Math.min(500 * 2 ** attempt, LONGEST_PAUSE_MS));
        await this.#connect();
        log.info('connected to Slack again');
        break;
      } catch (error) {
        if (!web.stopped) log.warn({ err: error, attempt }, 'Slack is out of reach; trying again');
      }
    }
    this.#reconnecting = undefined;
  }

  /** After `web.stop()`. */
  async close(): Promise<void> {
    await this.#disconnect();
    if (!this.#reconnecting) return;
    await this.#reconnecting;
    await this.#disconnect(); // it may have got through meanwhile
  }

  async #disconnect(): Promise<void> {
    const closed = new AbortController();
    const closing = this.bolt.client.disconnect().then(() => closed.abort());
    await sleep(CLOSE_WITHIN_MS, undefined, { signal: closed.signal }).catch(() => undefined);
    if (!closed.signal.aborted) void this.bolt.client.disconnect(); // the peer is deaf: now by force
    await closing;
  }
}

function appTokenFault(error: unknown): UserError | undefined {
  const scope = neededScope(error);
  if (!isBadToken(error) && codeOf(error) !== 'missing_scope') return undefined;
  return new UserError(
    `Slack does not accept SLACK_APP_TOKEN (${codeOf(error)}). Make an app-level token with the scope ${scope ?? 'connections:write'}, which begins with xapp-, on your app's page at api.slack.com/apps under Basic Information.`,
    { cause: error },
  );
}
