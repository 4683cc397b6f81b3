// Who is looking at the page, and what each of them has yet to be told. A reader that is slow misses steps, never
// the newest view of a message, and never costs more memory than one event per message it has missed.

import type { FeedEvent } from './wire.ts';

/** More than this many different messages missed, and reading the history again is cheaper. */
const MOST_PENDING = 200;

export class Feed {
  private readonly outboxes = new Set<Outbox>();

  open(): Outbox {
    const outbox = new Outbox();
    this.outboxes.add(outbox);
    return outbox;
  }

  close(outbox: Outbox): void {
    outbox.close();
    this.outboxes.delete(outbox);
  }

  push(event: FeedEvent): void {
    for (const outbox of this.outboxes) outbox.put(event);
  }

  closeAll(): void {
    for (const outbox of this.outboxes) this.close(outbox);
  }

  /** How many pages are connected. */
  get readers(): number {
    return this.outboxes.size;
  }
}

export class Outbox {
  private readonly pending = new Map<string, FeedEvent>();
  private closed = false;
  private wake: (() => void) | undefined;

  /** The newest event about a thing replaces the one still waiting, and keeps its place in the row. */
  put(event: FeedEvent): void {
    if (this.closed) return;
    this.pending.set(topicOf(event), event);
    if (this.pending.size > MOST_PENDING) {
      this.pending.clear();
      this.pending.set('reset', { type: 'reset' });
    }
    this.wake?.();
  }

  /** The next event, as soon as there is one; undefined once closed. One reader at a time. */
  async take(): Promise<FeedEvent | undefined> {
    while (!this.closed) {
      const first = this.pending.entries().next();
      if (!first.done) {
        const [topic, event] = first.value;
        this.pending.delete(topic);
        return event;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return undefined;
  }

  close(): void {
    this.closed = true;
    this.pending.clear();
    this.wake?.();
  }
}

function topicOf(event: FeedEvent): string {
  switch (event.type) {
    case 'message':
      return `message:${event.message.id}`;
    case 'removed':
      return `message:${event.id}`;
    case 'whisper':
      return `whisper:${event.note.id}`;
    case 'reset':
    case 'beat':
      return event.type;
  }
}
