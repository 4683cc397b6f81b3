// Bolt's app, with two promises kept that Bolt does not make. What Slack sends is acknowledged when it is kept or
// answered, so that what a crash swallows is sent again; but never later than Slack waits. And an event that Slack sends
// twice is served once. Knows no event.

import { AsyncLocalStorage } from 'node:async_hooks';
import { App } from '@slack/bolt';
import type { AckFn, AppOptions, ReceiverEvent } from '@slack/bolt';
import { Recent } from '../recent.ts';

/** Slack gives three seconds, and the way to it takes some. */
const ACK_WITHIN_MS = 2000;
const REMEMBERED = 2000;

const serving = new AsyncLocalStorage<AckFn<unknown>>();

/** Acknowledges what is being served at the time of asking. */
export function acknowledgement(): () => void {
  const ack = serving.getStore();
  return () => void ack?.().catch(() => undefined); // where it is awaited the fault is seen
}

export class KeptApp extends App {
  readonly #served = new Recent<Promise<void>>(REMEMBERED);
  readonly #withinMs: number;

  constructor(options: AppOptions, withinMs = ACK_WITHIN_MS) {
    super(options);
    this.#withinMs = withinMs;
  }

  override async processEvent(event: ReceiverEvent): Promise<void> {
    const ack = once(event.ack);
    const late = setTimeout(() => void ack().catch(() => undefined), this.#withinMs).unref();
    try {
      await serving.run(ack, () => this.#once(event, ack));
    } finally {
      clearTimeout(late);
      await ack();
    }
  }

  #once(event: ReceiverEvent, ack: AckFn<unknown>): Promise<void> {
    const id: unknown = event.body['event_id'];
    if (typeof id !== 'string') return super.processEvent({ ...event, ack });
    const before = this.#served.get(id);
    if (before) return before;
    // Bolt acknowledges an event before anybody has heard of it; here that is done above.
    const served = super.processEvent({ ...event, ack: async () => undefined });
    this.#served.set(id, served);
    return served;
  }
}

function once(ack: AckFn<unknown>): AckFn<unknown> {
  let done: Promise<void> | undefined;
  return (response) => (done ??= ack(response));
}
