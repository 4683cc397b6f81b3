// Calls to Slack's Web API that outlive a rate limit and a short outage, and end at once when we stop. Knows no
// method.

import { setTimeout as sleep } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import { isPassing, quietFor } from './failures.ts';

const TRIES = 5;
const CALL_TIMEOUT_MS = 15_000;

/** Resolves after so long, or rejects when we stop. */
export type Wait = (ms: number) => Promise<void>;

export class SlackWeb {
  /** Refuses at once where Slack does; `call` is the patient one. */
  readonly client: webApi.WebClient;
  readonly options: webApi.WebClientOptions;
  readonly wait: Wait;
  readonly #stopping = new AbortController();

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
  async call<T>(method: (client: webApi.WebClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await method(this.client);
      } catch (error) {
        const pause = quietFor(error) ?? (isPassing(error) ? 2 ** attempt * 250 : undefined);
        if (pause === undefined || attempt === TRIES || this.stopped) throw error;
        await this.wait(pause);
      }
    }
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
