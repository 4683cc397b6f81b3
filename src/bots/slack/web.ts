// Calls to Slack's Web API that outlive a rate limit and a short outage, and end at once when we stop. Knows no
// method.

import { setTimeout as sleep } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import { isPassing, isUntaken, quietFor } from './failures.ts';

const TRIES = 5;
const CALL_TIMEOUT_MS = 15_000;
/** Slack takes about one new message a second in each channel. */
const MESSAGE_EVERY_MS = 1000;

/** Resolves after so long, or rejects when we stop. */
export type Wait = (ms: number) => Promise<void>;

export class SlackWeb {
  /** Refuses at once where Slack does; `call` is the patient one. */
  readonly client: webApi.WebClient;
  readonly options: webApi.WebClientOptions;
  readonly wait: Wait;
  readonly #stopping = new AbortController();
  /** When the next message of a channel may go out. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(token: string, slackApiUrl: string, logger: Logger, wait?: Wait) {
    const { signal } = this.#stopping;
    this.wait = wait ?? ((ms) => sleep(ms, undefined, { signal }));
    this.options = {
      slackApiUrl,
      logger,
      timeout: CALL_TIMEOUT_MS,
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 0 },
      fetch: (url, init) => this.fetch(url, init),
    };
    this.client = new webApi.WebClient(token, { ...this.options });
  }

  /** As the global one, and given up when we stop. */
  readonly fetch: typeof fetch = (url, init) => {
    const { signal } = this.#stopping;
    return fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
  };

  /** Tries again after a rate limit or an outage, a few times. */
  async call<T>(method: (client: webApi.WebClient) => Promise<T>, passes = isPassing): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await method(this.client);
      } catch (error) {
        const pause = quietFor(error) ?? (passes(error) ? 2 ** attempt * 250 : undefined);
        if (pause === undefined || attempt === TRIES || this.stopped) throw error;
        await this.wait(pause);
      }
    }
  }

  /**
   * As `call`, for a new message: those of one channel go out one after the other, no faster than Slack takes them. Slack
   * documents no argument by which it would know a message that it was sent before, so it is sent again only when Slack
   * certainly did not take it.
   */
  inTurn<T>(channel: string, method: (client: webApi.WebClient) => Promise<T>): Promise<T> {
    const sent = (this.#turns.get(channel) ?? Promise.resolve()).then(() => this.call(method, isUntaken));
    const next = sent
      .then(() => this.wait(MESSAGE_EVERY_MS))
      .catch(() => undefined) // a message that was refused, or the end: both are told to who sent it
      .then(() => {
        if (this.#turns.get(channel) === next) this.#turns.delete(channel);
      });
    this.#turns.set(channel, next);
    return sent;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
