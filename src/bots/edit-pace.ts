// When a platform's messages are edited: one schedule for all jobs, so that their edits together stay within what the
// platform takes. Of the frames that wait for a message only the newest is sent; its last view is never dropped, and
// goes before all frames. Where there is room for one edit and many wait, the message edited longest ago has its turn.
// Knows neither platforms nor views.

export interface Pace {
  /** Between the starts of two edits of one message, unless the second is its last. */
  gapMs: number;
  /** Between the starts of any two edits. */
  everyMs: number;
  /** Edits under way at the same time. */
  atOnce: number;
  /** In one channel at most so many edits within any `windowMs`, whenever they arrive between start and answer. */
  channel?: { budget: number; windowMs: number };
  /** Before a last view that failed is sent again; doubled from time to time, up to a minute. */
  retryMs: number;
}

/** What a failed edit means; `quietMs`: in its channel, or everywhere, nothing may be sent for so long. */
export type Verdict = { again: false } | { again: true; quietMs?: number; everywhere?: boolean };

export interface PaceClock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls once after so long, unless the returned function is called before. */
  after(ms: number, call: () => void): () => void;
}

interface Deps {
  pace: Pace;
  judge: (error: unknown) => Verdict;
  /** A frame was given up; the next one is sent all the same. */
  lost: (error: unknown) => void;
  /** A last view failed for the so-many-th time and will be sent again. */
  retrying: (error: unknown, attempt: number) => void;
  clock?: PaceClock;
}

type Send = () => Promise<void>;

/** What became of frames and last views so far. */
export interface EditCounts {
  /** The platform took them. */
  shown: number;
  /** Frames that were never shown: a newer view took their place, or the platform refused them. */
  dropped: number;
}

interface Last {
  send: Send;
  failures: number;
  notBefore: number;
  resolve: (shown: void | Promise<void>) => void;
  reject: (error: unknown) => void;
}

/** A message that is edited. */
interface Line {
  message: string;
  channel: string;
  /** The frame that waits. */
  frame?: Send;
  /** The last view, until it is shown. */
  last?: Last;
  /** When its latest edit began. */
  editedAt: number;
  /** The edit under way; never rejects. */
  underWay?: Promise<void>;
}

interface Channel {
  /** Its latest edits, and when each was over: Infinity before that. */
  edits: { over: number }[];
  quietUntil: number;
}

const LONGEST_PAUSE_MS = 60_000;
/** A message without news for so long has no turn to lose. */
const IDLE_MS = 60_000;

const systemClock: PaceClock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, Math.ceil(ms)).unref();
    return () => clearTimeout(timer);
  },
};

export class EditPace {
  readonly #deps: Deps;
  readonly #pace: Pace;
  readonly #clock: PaceClock;
  readonly #lines = new Map<string, Line>();
  readonly #channels = new Map<string, Channel>();
  #quietUntil = -Infinity;
  #underWay = 0;
  #stopped = false;
  #unset = (): void => undefined;
  readonly #counts: EditCounts = { shown: 0, dropped: 0 };

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#pace = deps.pace;
    this.#clock = deps.clock ?? systemClock;
  }

  get counts(): Readonly<EditCounts> {
    return this.#counts;
  }

  /** A frame: sent when its turn comes, unless a newer one or the last view comes first. */
  offer(channel: string, message: string, send: Send): void {
    if (this.#stopped) return;
    const line = this.#line(channel, message);
    if (line.last ?? line.frame) this.#counts.dropped += 1; // this one, or the one that waited
    if (!line.last) line.frame = send;
    this.#arrange();
  }

  /** The last view. Resolves when it, or a later last view, is shown; rejects when it is given up, or at a stop. */
  insist(channel: string, message: string, send: Send): Promise<void> {
    if (this.#stopped) return Promise.reject(stopped());
    const line = this.#line(channel, message);
    if (line.frame) this.#counts.dropped += 1;
    delete line.frame;
    const earlier = line.last;
    const shown = new Promise<void>((resolve, reject) => {
      line.last = { send, failures: 0, notBefore: -Infinity, resolve, reject };
    });
    earlier?.resolve(shown);
    this.#arrange();
    return shown;
  }

  /** What waits for this message is dropped, as if shown. Resolves when no edit of it is under way. */
  async forget(message: string): Promise<void> {
    const line = this.#lines.get(message);
    if (!line) return;
    this.#lines.delete(message);
    line.last?.resolve();
    delete line.last;
    await line.underWay;
  }

  stop(): void {
    this.#stopped = true;
    this.#unset();
    for (const { last, underWay } of this.#lines.values()) if (!underWay) last?.reject(stopped());
  }

  #line(channel: string, message: string): Line {
    const line: Line = this.#lines.get(message) ?? { message, channel, editedAt: -Infinity };
    this.#lines.set(message, line);
    return line;
  }

  #channel(name: string): Channel {
    const channel: Channel = this.#channels.get(name) ?? { edits: [], quietUntil: -Infinity };
    this.#channels.set(name, channel);
    return channel;
  }

  /** Begins what is due, and sets the clock for what comes after. */
  #arrange(): void {
    this.#unset();
    if (this.#stopped) return;
    this.#forgetOld();
    for (;;) {
      const now = this.#clock.now();
      const next = this.#next(now);
      if (!next || next.at === Infinity) return; // what is under way comes back here
      if (next.at > now) {
        this.#unset = this.#clock.after(next.at - now, () => this.#arrange());
        return;
      }
      this.#begin(next.line, now);
    }
  }

  /** Whose turn it is, and when. */
  #next(now: number): { line: Line; at: number } | undefined {
    if (this.#underWay >= this.#pace.atOnce) return undefined;
    let first: { line: Line; at: number } | undefined;
    for (const line of this.#lines.values()) {
      if (line.underWay || !(line.last ?? line.frame)) continue;
      const turn = { line, at: this.#due(line, now) };
      if (!first || order(turn, first) < 0) first = turn;
    }
    return first;
  }

  #due({ channel: name, last, editedAt }: Line, now: number): number {
    const own = last ? last.notBefore : editedAt + this.#pace.gapMs;
    const channel = this.#channels.get(name);
    return Math.max(now, own, this.#quietUntil, channel ? this.#room(channel) : now);
  }

  /** When a channel takes one more edit. */
  #room({ edits, quietUntil }: Channel): number {
    const limit = this.#pace.channel;
    if (!limit) return quietUntil;
    const ends = edits.map(({ over }) => over).toSorted((a, b) => a - b);
    return Math.max(quietUntil, (ends.at(-limit.budget) ?? -Infinity) + limit.windowMs);
  }

  #begin(line: Line, now: number): void {
    const { last, frame } = line;
    delete line.frame;
    line.editedAt = now;
    const edit = { over: Infinity };
    this.#channel(line.channel).edits.push(edit);
    this.#quietUntil = Math.max(this.#quietUntil, now + this.#pace.everyMs);
    this.#underWay += 1;
    line.underWay = (last ? this.#sendLast(line, last) : this.#sendFrame(line, frame!)).finally(() => {
      delete line.underWay;
      edit.over = this.#clock.now();
      this.#underWay -= 1;
      if (this.#stopped) line.last?.reject(stopped());
      this.#arrange();
    });
  }

  async #sendFrame(line: Line, frame: Send): Promise<void> {
    try {
      await frame();
      this.#counts.shown += 1;
    } catch (error) {
      const again = this.#mayPass(line, error);
      if (!again) this.#deps.lost(error);
      if (again && !line.last && !line.frame) line.frame = frame;
      else this.#counts.dropped += 1;
    }
  }

  async #sendLast(line: Line, last: Last): Promise<void> {
    try {
      await last.send();
      this.#counts.shown += 1;
      last.resolve();
    } catch (error) {
      if (this.#mayPass(line, error)) {
        const pause = Math.min(this.#pace.retryMs * 2 ** last.failures, LONGEST_PAUSE_MS);
        last.failures += 1;
        this.#deps.retrying(error, last.failures);
        last.notBefore = this.#clock.now() + pause;
        return;
      }
      last.reject(error);
    }
    // A later last view may have taken its place meanwhile.
    if (line.last === last) this.#lines.delete(line.message);
  }

  /** Whether to try again, after the quiet that the platform asked for. */
  #mayPass({ channel: name }: Line, error: unknown): boolean {
    const verdict = this.#deps.judge(error);
    if (!verdict.again || verdict.quietMs === undefined) return verdict.again;
    const until = this.#clock.now() + verdict.quietMs;
    const channel = this.#channel(name);
    if (verdict.everywhere) this.#quietUntil = Math.max(this.#quietUntil, until);
    else channel.quietUntil = Math.max(channel.quietUntil, until);
    return true;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [message, { frame, last, underWay, editedAt }] of this.#lines)
      if (!frame && !last && !underWay && editedAt + IDLE_MS <= now) this.#lines.delete(message);
    const window = this.#pace.channel?.windowMs ?? 0;
    for (const [name, channel] of this.#channels) {
      channel.edits = channel.edits.filter(({ over }) => over + window > now);
      if (channel.edits.length === 0 && channel.quietUntil <= now) this.#channels.delete(name);
    }
  }
}

/** The earlier first; of those due together last views, and of equals the one edited longest ago. */
function order(a: { line: Line; at: number }, b: { line: Line; at: number }): number {
  const lasts = Number(Boolean(b.line.last)) - Number(Boolean(a.line.last));
  return a.at - b.at || lasts || (a.line.editedAt < b.line.editedAt ? -1 : 1);
}

function stopped(): Error {
  return new Error('Stopped before the last view was shown; it is shown after the next start.');
}
