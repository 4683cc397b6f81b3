// Who is looking at the page, at which conversation, and what each of them has yet to be told. A reader that is slow
// misses steps, never the newest view of a message, and never costs more memory than one event per message it has
// missed.

import type { FeedEvent } from './wire.ts';

/** More than this many different messages missed, and reading the history again is cheaper. */
const MOST_PENDING = 200;
/** Of one conversation; the oldest goes first. */
const MOST_READERS = 50;
/** Notes are kept nowhere else, so a page that is just (re)connecting finds those that it missed. */
const HELD_MS = 10 * 60_000;
const MOST_HELD = 5;

interface Held {
  event: FeedEvent;
  until: number;
}

export class Feed {
  private readonly outboxes = new Set<Outbox>();
  /** Notes that nobody has seen yet, by channel. */
  private readonly held = new Map<string, Held[]>();
  private readonly clock: () => Date;

  constructor(clock: () => Date) {
    this.clock = clock;
  }

  open(channel: string): Outbox {
    const open = [...this.outboxes].filter((each) => each.channel === channel);
    if (open.length >= MOST_READERS) this.close(open[0]!);
    const outbox = new Outbox(channel);
    this.outboxes.add(outbox);
    for (const { event } of this.heldFor(channel)) outbox.put(event);
    this.held.delete(channel);
    return outbox;
  }

  close(outbox: Outbox): void {
    outbox.close();
    this.outboxes.delete(outbox);
  }

  push(channel: string, event: FeedEvent): void {
    let readers = 0;
    for (const outbox of this.outboxes) {
      if (outbox.channel !== channel) continue;
      outbox.put(event);
      readers += 1;
    }
    if (readers > 0 || event.type !== 'whisper') return;
    const until = this.clock().getTime() + HELD_MS;
    this.held.set(channel, [...this.heldFor(channel), { event, until }].slice(-MOST_HELD));
  }

  private heldFor(channel: string): Held[] {
    const now = this.clock().getTime();
    return (this.held.get(channel) ?? []).filter(({ until }) => until > now);
  }

  /** Of one conversation, or of all. */
  closeAll(channel?: string): void {
    for (const outbox of this.outboxes)
      if (channel === undefined || outbox.channel === channel) this.close(outbox);
  }

  /** How many pages are connected. */
  get readers(): number {
    return this.outboxes.size;
  }
}

export class Outbox {
  readonly channel: string;
  private readonly pending = new Map<string, FeedEvent>();
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(channel: string) {
    this.channel = channel;
  }

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
