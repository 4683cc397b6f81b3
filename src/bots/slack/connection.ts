// Bolt over Socket Mode: opened with tokens that were looked at first, kept open through drops and refreshes, closed
// without leftovers. Reconnects itself: Bolt's own way ends the program when a token is withdrawn while it runs. Knows
// no events.

import { setTimeout as sleep } from 'node:timers/promises';
import { App, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import type { Logger as Pino } from 'pino';
import { UserError } from '../../core/user-error.ts';
import { codeOf, isBadToken, neededScope } from './failures.ts';
import type { SlackWeb } from './web.ts';

const OPEN_WITHIN_MS = 30_000;
const CLOSE_WITHIN_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

/** Who we are on Slack. */
export interface Self {
  userId: string;
  botId: string;
  team: string;
}

interface Deps {
  web: SlackWeb;
  botToken: string;
  appToken: string;
  apiUrl: string;
  logger: Logger;
  log: Pino;
}

export class Connection {
  readonly #deps: Deps;
  readonly #receiver: SocketModeReceiver;
  #app: App | undefined;
  #reconnecting: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#receiver = new SocketModeReceiver({
      appToken: deps.appToken,
      autoReconnectEnabled: false,
      logger: deps.logger,
      installerOptions: { clientOptions: { ...deps.web.options } },
    });
  }

  /** Who the bot token belongs to, or a sentence about what is wrong with it. */
  async whoAmI(): Promise<Self> {
    const { web, apiUrl } = this.#deps;
    try {
      const { user_id: userId, bot_id: botId, team } = await web.call((client) => client.auth.test());
      return { userId: userId ?? '', botId: botId ?? '', team: team ?? 'Slack' };
    } catch (error) {
      throw isBadToken(error)
        ? new UserError(
            `Slack does not accept SLACK_BOT_TOKEN (${codeOf(error)}). Copy the Bot User OAuth Token, which begins with xoxb-, from your app's page at api.slack.com/apps under OAuth & Permissions.`,
            { cause: error },
          )
        : unreachable(apiUrl, error);
    }
  }

  /** Bolt's app, to be given listeners before `open`. */
  app(self: Self): App {
    this.#app ??= new App({
      receiver: this.#receiver,
      authorize: async () => ({
        botToken: this.#deps.botToken,
        botId: self.botId,
        botUserId: self.userId,
      }),
      clientOptions: { ...this.#deps.web.options },
      logger: this.#deps.logger,
      convoStore: false,
    });
    return this.#app;
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      throw appTokenFault(error) ?? unreachable(this.#deps.apiUrl, error);
    }
    this.#receiver.client.on('disconnected', () => {
      if (!this.#deps.web.stopped) this.#reconnecting ??= this.#reconnect();
    });
  }

  async #connect(): Promise<void> {
    const late = new AbortController();
    const deadline = sleep(OPEN_WITHIN_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error('Slack did not say hello in time.');
    });
    const opening = this.#receiver.client.start();
    try {
      await Promise.race([opening, deadline]);
    } catch (error) {
      opening.catch(() => undefined);
      void this.#receiver.client.disconnect();
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
    const closing = this.#receiver.client.disconnect().then(() => closed.abort());
    await sleep(CLOSE_WITHIN_MS, undefined, { signal: closed.signal }).catch(() => undefined);
    if (!closed.signal.aborted) void this.#receiver.client.disconnect(); // the peer is deaf: now by force
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

function unreachable(apiUrl: string, error: unknown): UserError {
  const code = codeOf(error);
  const reason = code ? `Slack answered ${code}` : `Slack can not be reached at ${apiUrl}`;
  return new UserError(
    `${reason}. Check this machine's way to the internet and the app's settings, then start again.`,
    {
      cause: error,
    },
  );
}
