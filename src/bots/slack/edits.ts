// Every edit of every message goes through here, because Slack counts chat.update for the whole workspace: one at a
// time, evenly spaced, the newest state of a message only, the messages in turn. A last edit goes first and is never
// dropped. Knows neither views nor Slack's client.

export interface Pace {
  /** Between any two edits: 50 a minute. */
  everyMs: number;
  /** Between two passing edits of one message. */
  perMessageMs: number;
}

export const SLACK_PACE: Pace = { everyMs: 1200, perMessageMs: 3000 };
const LONGEST_PAUSE_MS = 60_000;

/** What a failure means: keep quiet and try again after `ms`, or give up. */
export type Verdict = { again: true; ms?: number } | { again: false };

interface Deps<T> {
  send: (message: string, state: T) => Promise<void>;
  judge: (error: unknown) => Verdict;
  /** A passing edit was given up. */
  lost: (error: unknown) => void;
  now: () => number;
  pace?: Pace;
}

interface Last<T> {
  state: T;
  failures: number;
  notBefore: number;
  settle: { resolve: () => void; reject: (error: unknown) => void };
}

export class Edits<T> {
  readonly #deps: Deps<T>;
  readonly #pace: Pace;
  readonly #passing = new Map<string, T>();
  readonly #last = new Map<string, Last<T>>();
  /** When each message was edited; only messages that may be edited again soon. */
  readonly #editedAt = new Map<string, number>();
  #quietUntil = 0;
  #sending = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Deps<T>) {
    this.#deps = deps;
    this.#pace = deps.pace ?? SLACK_PACE;
  }

  /** Shows the state when its turn comes, unless a newer one arrives first. */
  show(message: string, state: T): void {
    if (this.#stopped || this.#last.has(message)) return;
    this.#passing.set(message, state);
    this.#arrange();
  }

  /** Shows the last state; resolves when it is shown. */
  last(message: string, state: T): Promise<void> {
    if (this.#stopped) return Promise.reject(closed());
    this.#passing.delete(message);
    this.#last.get(message)?.settle.resolve(); // a newer last state takes its place
    return new Promise((resolve, reject) => {
      this.#last.set(message, { state, failures: 0, notBefore: 0, settle: { resolve, reject } });
      this.#arrange();
    });
  }

  forget(message: string): void {
    this.#passing.delete(message);
    this.#last.get(message)?.settle.resolve();
    this.#last.delete(message);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#passing.clear();
    for (const { settle } of this.#last.values()) settle.reject(closed());
    this.#last.clear();
  }

  #arrange(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#sending) return;
    const due = this.#next();
    if (!due) return;
    const wait = Math.max(due.at, this.#quietUntil) - this.#deps.now();
    if (wait <= 0) void this.#send(due.message);
    else this.#timer = setTimeout(() => this.#arrange(), wait);
  }

  /** The message whose turn it is, and when it may be edited. */
  #next(): { message: string; at: number } | undefined {
    let best: { message: string; at: number } | undefined;
    for (const [message, { notBefore: at }] of this.#last) if (!best || at < best.at) best = { message, at };
    if (best && best.at <= this.#deps.now()) return best;
    for (const message of this.#passing.keys()) {
      const edited = this.#editedAt.get(message);
      const at = edited === undefined ? 0 : edited + this.#pace.perMessageMs;
      if (!best || at < best.at) best = { message, at };
    }
    return best;
  }

  async #send(message: string): Promise<void> {
    const last = this.#last.get(message);
    const state = last ? last.state : this.#passing.get(message)!;
    this.#passing.delete(message);
    this.#sending = true;
    try {
      await this.#deps.send(message, state);
      this.#noteSent(message);
      if (last) this.#settled(message, last)?.resolve();
    } catch (error) {
      this.#noteSent(message);
      this.#failed(message, state, last, error);
    } finally {
      this.#sending = false;
      this.#arrange();
    }
  }

  #failed(message: string, state: T, last: Last<T> | undefined, error: unknown): void {
    const verdict = this.#deps.judge(error);
    if (verdict.again && verdict.ms !== undefined) this.#beQuiet(verdict.ms);
    if (!last) {
      if (!verdict.again) this.#deps.lost(error);
      else if (!this.#stopped && !this.#passing.has(message) && !this.#last.has(message))
        this.#passing.set(message, state);
      return;
    }
    if (!verdict.again) return this.#settled(message, last)?.reject(error);
    last.failures += 1;
    const pause = verdict.ms ?? Math.min(1000 * 2 ** last.failures, LONGEST_PAUSE_MS);
    last.notBefore = this.#deps.now() + pause;
  }

  /** The last edit leaves the line, unless a newer one took its place meanwhile. */
  #settled(message: string, last: Last<T>): Last<T>['settle'] | undefined {
    if (this.#last.get(message) === last) this.#last.delete(message);
    return last.settle;
  }

  #noteSent(message: string): void {
    const now = this.#deps.now();
    this.#beQuiet(this.#pace.everyMs);
    for (const [each, at] of this.#editedAt)
      if (now - at > this.#pace.perMessageMs) this.#editedAt.delete(each);
    this.#editedAt.set(message, now);
  }

  #beQuiet(ms: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, this.#deps.now() + ms);
  }
}

function closed(): Error {
  return new Error('Slack was closed before the last view was shown; it is shown after the next start.');
}
