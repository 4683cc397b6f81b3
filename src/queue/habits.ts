// How often each person asks while they have nothing in the line, learned from when they asked. Knows no order.

import type { Claim } from './shares.ts';

/** A person who asks now and then. */
export interface Habit {
  server: string;
  person: string;
  /** Requests a second while nothing of theirs is open. */
  rate: number;
}

interface Known {
  readonly server: string;
  readonly person: string;
  /** Requests that came while nothing was open, and the seconds that nothing was. */
  asked: number;
  away: number;
  open: number;
  /** When the last was over, in milliseconds. */
  since: number;
}

/** So many people are remembered: of more the requests that come are guessed from those. */
const REMEMBERED = 2000;
/** Sizes of the last requests. */
const SIZES = 256;
/** One who was away for longer may have gone. */
const LONGEST_AWAY = 4 * 3600;
const USUAL = 3600;

export class Habits {
  readonly #people = new Map<string, Known>();
  readonly sizes: number[] = [];
  #next = 0;
  readonly #all = { asked: 0, away: 0 };

  asks({ server, person, seconds }: Claim, at: number): void {
    this.sizes[this.#next++ % SIZES] = seconds;
    const key = `${server} ${person}`;
    const known = this.#people.get(key) ?? { server, person, asked: 0, away: 0, open: 0, since: at };
    this.#people.delete(key);
    this.#people.set(key, known); // the newest last
    known.open += 1;
    if (known.open > 1) return;
    const away = Math.min(LONGEST_AWAY, Math.max(0, (at - known.since) / 1000));
    if (away > 0) {
      count(known, away, LONGEST_AWAY);
      count(this.#all, away, REMEMBERED * LONGEST_AWAY);
    }
    if (this.#people.size > REMEMBERED) this.#forget();
  }

  ends({ server, person }: Claim, at: number): void {
    const known = this.#people.get(`${server} ${person}`);
    if (!known || known.open === 0) return;
    known.open -= 1;
    known.since = at;
  }

  /** Whoever has nothing open; and how often anybody asks of whom nothing is known. */
  *away(now: number): Generator<Habit, void> {
    for (const known of this.#people.values()) {
      const away = (now - known.since) / 1000;
      if (known.open === 0 && away < LONGEST_AWAY) yield this.#habit(known, Math.max(0, away));
    }
  }

  of(server: string, person: string): Habit {
    const known = this.#people.get(`${server} ${person}`);
    return known ? this.#habit(known, 0) : { server, person, rate: 1 / this.#usual };
  }

  /** Few were seen often enough, so that everybody is thought to be a little like all. */
  #habit({ server, person, asked, away }: Known, more: number): Habit {
    return { server, person, rate: (asked + 1) / (away + more + this.#usual) };
  }

  get #usual(): number {
    return (this.#all.away + USUAL) / (this.#all.asked + 1);
  }

  #forget(): void {
    for (const [key, { open }] of this.#people) {
      if (open > 0) continue;
      this.#people.delete(key);
      return;
    }
  }
}

/** What was long ago counts half, and then less. */
function count(known: { asked: number; away: number }, away: number, most: number): void {
  known.asked += 1;
  known.away += away;
  if (known.away <= most) return;
  known.asked /= 2;
  known.away /= 2;
}
