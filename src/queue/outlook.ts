// When waiting jobs will begin, with others still to come: the middle of several plays of the line, and the range that
// such estimates have held until now. Knows no rows.

import type { FairQueue } from './fair.ts';
import type { Begin } from './forecast.ts';
import { Habits } from './habits.ts';
import { play, type Played } from './play.ts';
import type { Claim } from './shares.ts';
import { Trust, type Told } from './trust.ts';

/** So many plays are kept, the newest, so that every estimate is the middle of some. */
const PLAYS = 5;
/** So many requests are drawn in a play. */
const STEPS = 4000;
/** An older play counts as long as it is younger than this part of the estimate. */
const OLDEST = 0.25;
/** A long line moves slowly: one of fifty is played anew every second, one of five hundred every ten. */
const PLAYED_EVERY = { leastMs: 1000, mostMs: 60_000, msForEach: 20 };
/** Whoever is about to join a batch before their turn does not wait for it. */
const SOON = 20;
/** The least spread of an estimate, and that of one that was not played. */
const SPREAD = { least: 0.15, unplayed: 0.5 };

export interface Expected {
  startsIn: number;
  startsWithin: [number, number];
}

export class Outlook {
  readonly #queue: FairQueue;
  readonly #random: () => number;
  readonly #habits = new Habits();
  readonly #trust = new Trust();
  /** What was told of each waiting claim at first, and when. */
  readonly #told = new Map<string, Told & { at: number }>();
  /** The newest first. */
  #plays: (Played & { at: number })[] = [];
  /** The newest moment that was heard of, in milliseconds. */
  #latest = 0;

  constructor(queue: FairQueue, random: () => number) {
    this.#queue = queue;
    this.#random = random;
  }

  asks(claim: Claim, at: Date): void {
    this.#latest = at.getTime();
    this.#habits.asks(claim, at.getTime());
  }

  begins({ id }: Pick<Claim, 'id'>, at: Date): void {
    this.#latest = at.getTime();
    const told = this.#told.get(id);
    this.#told.delete(id);
    if (told) this.#trust.learn(told, (at.getTime() - told.at) / 1000);
  }

  ends(claim: Claim): void {
    this.#told.delete(claim.id);
    this.#habits.ends(claim, this.#latest);
  }

  /** `begin` is when a waiting claim would begin if nobody else came, if it is near enough for that to be known. */
  expected(claim: Claim, begin: Begin | undefined, free: readonly number[], now: Date): Expected | undefined {
    this.#latest = now.getTime();
    const told = this.#middle(claim, begin, free, now.getTime());
    if (!told) return undefined;
    if (!this.#told.has(claim.id)) this.#told.set(claim.id, { ...told, at: now.getTime() });
    return { startsIn: told.startsIn, startsWithin: this.#trust.range(told) };
  }

  #middle(claim: Claim, begin: Begin | undefined, free: readonly number[], now: number): Told | undefined {
    if (begin?.joins && begin.at < SOON) return { startsIn: begin.at, spread: SPREAD.unplayed };
    this.#play(free, now);
    const { behind, served } = this.#queue.turnOf(claim);
    const starts: number[] = [];
    for (const { at, servers, all, until } of this.#plays) {
      const age = (now - at) / 1000;
      // What was played before many others came says little of one who is nearly there.
      if (starts.length > 0 && age > OLDEST * starts[0]!) break;
      const reached = (behind > 0 ? servers.get(claim.server) : all)?.reaches(served);
      if (reached === undefined && !begin) return undefined;
      starts.push(Math.max(begin?.at ?? 0, (reached ?? until) - age));
    }
    const startsIn = (starts[starts.length >> 1]! + starts[(starts.length - 1) >> 1]!) / 2;
    let variance = 0;
    for (const start of starts) variance += Math.log((start + 1) / (startsIn + 1)) ** 2 / starts.length;
    return { startsIn, spread: Math.sqrt(SPREAD.least ** 2 + variance) };
  }

  #play(free: readonly number[], now: number): void {
    const { leastMs, mostMs, msForEach } = PLAYED_EVERY;
    const every = Math.min(mostMs, Math.max(leastMs, msForEach * this.#queue.size));
    const age = now - (this.#plays[0]?.at ?? -Infinity);
    if (age >= 0 && age < every) return;
    // After a rest, or when the clock was set, what was played is of another line.
    if (age < 0 || age > PLAYS * every) this.#plays = [];
    const { servers, clock } = this.#queue;
    const scene = { servers, clock, free, habits: this.#habits, now, random: this.#random, steps: STEPS };
    this.#plays.unshift({ ...play(scene), at: now });
    if (this.#plays.length > PLAYS) this.#plays.pop();
  }
}
