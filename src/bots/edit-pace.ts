// When a message may be edited: of the frames that wait only the newest is sent, with a gap between two edits of one
// message and a budget for each channel. The last view goes at once and is never dropped. Knows no platform.

export interface Pace {
  /** Between the starts of two edits of one message. */
  gapMs: number;
  /** So many edits in `windowMs` for a channel. */
  budget: number;
  windowMs: number;
}

type Send = () => Promise<void>;

interface Line {
  channel: string;
  waiting?: Send;
  /** The last edit that began. */
  startedAt: number;
  /** Settles when all edits begun so far are over; never rejects. */
  sending: Promise<unknown>;
  open: number;
}

export class EditPace {
  readonly #pace: Pace;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  readonly #lines = new Map<string, Line>();
  /** When each channel's latest edits began. */
  readonly #spent = new Map<string, number[]>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `failed` hears of a frame that could not be sent; the next one is tried all the same. */
  constructor(pace: Pace, failed: (error: unknown) => void, now: () => number = () => performance.now()) {
    this.#pace = pace;
    this.#failed = failed;
    this.#now = now;
  }

  /** A frame: sent when there is room for it, unless a newer one comes first. */
  offer(channel: string, message: string, send: Send): void {
    if (this.#stopped) return;
    this.#line(channel, message).waiting = send;
    this.#plan();
  }

  /** The last view: after the edit that is under way, before everything that waits. */
  insist(channel: string, message: string, send: Send): Promise<void> {
    const line = this.#line(channel, message);
    delete line.waiting;
    return this.#begin(message, line, send);
  }

  /** What waits for this message is dropped; resolves when nothing is under way for it. */
  async forget(message: string): Promise<void> {
    const line = this.#lines.get(message);
    delete line?.waiting;
    await line?.sending;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#lines.clear();
  }

  #line(channel: string, message: string): Line {
    const line: Line = this.#lines.get(message) ?? {
      channel,
      startedAt: -Infinity,
      sending: Promise.resolve(),
      open: 0,
    };
    this.#lines.set(message, line);
    return line;
  }

  #begin(message: string, line: Line, send: Send): Promise<void> {
    const now = this.#now();
    line.startedAt = now;
    line.open += 1;
    this.#spent.set(line.channel, [...this.#recent(line.channel, now), now]);
    const turn = line.sending.then(send);
    line.sending = turn
      .catch(() => undefined)
      .then(() => {
        line.open -= 1;
        if (!this.#stopped) this.#plan();
      });
    return turn;
  }

  #recent(channel: string, now: number): number[] {
    return (this.#spent.get(channel) ?? []).filter((at) => now - at < this.#pace.windowMs);
  }

  /** When this line may begin its next edit. */
  #due(line: Line, now: number): number {
    const recent = this.#recent(line.channel, now);
    const { gapMs, budget, windowMs } = this.#pace;
    const room = recent.length < budget ? now : recent[recent.length - budget]! + windowMs;
    return Math.max(line.startedAt + gapMs, room);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const now = this.#now();
    let next = Infinity;
    // Who has waited longest since its last edit goes first, so that a busy channel starves nobody.
    const lines = [...this.#lines].toSorted(([, a], [, b]) => a.startedAt - b.startedAt);
    for (const [message, line] of lines) {
      const due = this.#due(line, now);
      if (line.open > 0) continue;
      if (!line.waiting) {
        if (line.startedAt + this.#pace.gapMs <= now) this.#lines.delete(message);
        else next = Math.min(next, line.startedAt + this.#pace.gapMs);
      } else if (due <= now) {
        const send = line.waiting;
        delete line.waiting;
        this.#begin(message, line, send).catch(this.#failed);
      } else next = Math.min(next, due);
    }
    for (const channel of this.#spent.keys())
      if (this.#recent(channel, now).length === 0) this.#spent.delete(channel);
    if (next < Infinity)
      this.#timer = setTimeout(() => this.#plan(), Math.max(1, Math.ceil(next - now))).unref();
  }
}
