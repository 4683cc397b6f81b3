// The jobs that wait, in the order in which they will be drawn, and how long that takes. Knows rows, no workers.

import { batchKind } from './batch.ts';
import { Estimates, workOf } from './estimate.ts';
import { FairQueue, type Claim, type Weights } from './fair.ts';
import { forecast, type Begin, type Needs } from './forecast.ts';
import { Outlook } from './outlook.ts';
import type { Job, JobParams, Requester } from './job.ts';

/** Where a queued job stands. */
export interface Standing {
  /** Jobs that will be drawn before it. */
  ahead: number;
  /**
   * Seconds until it begins and, from then, until it is done; absent while nothing is known of that, and for those over
   * budget, who wait for a device that nobody else wants.
   */
  startsIn?: number;
  /** Nine of ten begin between these seconds. */
  startsWithin?: [number, number];
  takes?: number;
  /** Why nothing is drawn until the owner has done something, when that is so. */
  stalled?: string;
}

interface Waiting {
  job: Job;
  claim: Claim;
  kind: string;
}

interface Near {
  at: number;
  /** Seconds until each place is free, where that can be told. */
  free: number[] | undefined;
  begins: ReadonlyMap<string, Begin>;
}

/** How far down the line an order is worked out. */
const FORESEEN = 500;
/**
 * As many waiting jobs are told of each move of the line, and seated as if nobody else came: whoever is further back
 * waits mostly for those who will come.
 */
const NEAR = 100;
/** So long an estimate is not worked out anew while nothing has changed. */
const FRESH_MS = 1000;
/** How far down the line a batch is filled up from. */
const JOIN_FROM = 16;

export class Line {
  readonly #queue: FairQueue;
  /**
   * Those over budget, whom only a device that nobody else wants draws. What they are given there is counted there
   * alone, so that it is not held against them when they have a budget again.
   */
  readonly #relaxed: FairQueue;
  readonly #estimates = new Estimates();
  /** Jobs that wait or run, by id. */
  readonly #claims = new Map<string, Waiting>();
  /** How many jobs of a person wait, in each lane. */
  readonly #waitingOf = { inBudget: new Map<string, number>(), relaxed: new Map<string, number>() };
  readonly #outlook: Outlook;
  #order: { ahead: Map<string, number>; rest: Generator<Claim, void> } | undefined;
  #near: Near | undefined;
  /** Taken jobs, each with all of its batch. */
  readonly #batches = new Map<string, Job[]>();

  constructor(weights: Weights = {}, random: () => number = Math.random) {
    this.#queue = new FairQueue(weights);
    this.#relaxed = new FairQueue(weights);
    this.#outlook = new Outlook(this.#queue, random);
  }

  get size(): number {
    return this.#queue.size + this.#relaxed.size;
  }

  #laneOf({ relaxed }: Job): FairQueue {
    return relaxed ? this.#relaxed : this.#queue;
  }

  /** How many of a person's jobs wait: in the lane of those over budget, in that of the others, or in both. */
  waitingOf(person: Pick<Requester, 'platform' | 'id'>, relaxed?: boolean): number {
    const key = personKey(person);
    const lanes = this.#waitingOf;
    return (
      (relaxed === true ? 0 : (lanes.inBudget.get(key) ?? 0)) +
      (relaxed === false ? 0 : (lanes.relaxed.get(key) ?? 0))
    );
  }

  /** Device-seconds that drawing this will take: its work in megapixel-steps, as long as nothing is known of the model. */
  predict(params: JobParams): number {
    return this.#estimates.secondsFor(params) ?? workOf(params);
  }

  /** A queued job. One that is in the line already is not added again. */
  add(job: Job): void {
    if (this.#claims.has(job.id)) return;
    const claim: Claim = {
      id: job.id,
      server: serverOf(job),
      person: personKey(job.requester),
      seconds: this.predict(job.params),
      weight: job.weight ?? 1,
    };
    this.#claims.set(job.id, { job, claim, kind: batchKind(job.params) });
    this.#laneOf(job).add(claim);
    if (!job.relaxed) this.#outlook.asks(claim, job.createdAt);
    this.#count(job, 1);
  }

  /**
   * Takes the next job out of the line; one over budget only when nobody else may run. Whoever may not run now keeps
   * their place.
   */
  take(mayRun: (person: string, jobId: string) => boolean): Job | undefined {
    const may = ({ person, id }: Claim): boolean => mayRun(person, id);
    const claim = this.#queue.take(may) ?? this.#relaxed.take(may);
    if (!claim) return undefined;
    const { job } = this.#claims.get(claim.id)!;
    this.#count(job, -1);
    this.#batches.set(job.id, [job]);
    return job;
  }

  /** Takes jobs out of the line that can be drawn together with this one, which was taken: asked in their order. */
  join({ id: first }: Job, mayJoin: (job: Job) => boolean): void {
    const { kind } = this.#claims.get(first)!;
    const batch = this.#batches.get(first)!;
    const joins = ({ id }: Claim): boolean => {
      const its = this.#claims.get(id)!;
      if (its.kind !== kind || !mayJoin(its.job)) return false;
      batch.push(its.job);
      this.#batches.set(id, batch);
      return true;
    };
    this.#queue.join(JOIN_FROM, joins);
    // A batch with more pictures takes longer, so those over budget join none while anybody else waits.
    if (this.#queue.size === 0) this.#relaxed.join(JOIN_FROM, joins);
    for (const job of batch.slice(1)) this.#count(job, -1);
  }

  /** The job does not wait any more, or was never begun. */
  leave({ id }: Job): void {
    const known = this.#claims.get(id);
    if (!known) return;
    const lane = this.#laneOf(known.job);
    if (lane.remove(known.claim)) this.#count(known.job, -1);
    else lane.settle(known.claim, 0);
    this.#forget(known);
  }

  /** A taken job is over, or goes back to the line: charged for the time it had the device. */
  end(job: Job, seconds: number): void {
    const known = this.#claims.get(job.id);
    if (!known) return;
    this.#laneOf(known.job).settle(known.claim, seconds);
    this.#forget(known);
    this.#moved();
  }

  #forget({ job, claim }: Waiting): void {
    if (!job.relaxed) this.#outlook.ends(claim);
    this.#claims.delete(job.id);
    this.#batches.delete(job.id);
  }

  /** `deviceSeconds` is its share of a device's time, where that is known. */
  learn(job: Job, deviceSeconds?: number): void {
    this.#estimates.learn(job, deviceSeconds);
    if (job.status === 'running' && job.startedAt) this.#outlook.begins(job, job.startedAt);
    this.#near = undefined;
  }

  /** Where a queued job stands while `running`, one of each batch, are drawn in `places`. */
  standing(
    job: Job,
    running: readonly Job[],
    places: number,
    now: Date,
    mostPictures: (params: JobParams) => number = () => 1,
  ): Standing {
    const known = this.#claims.get(job.id);
    const ahead = known && this.#foreseen(FORESEEN, job.id).get(job.id);
    const before = job.relaxed ? this.size : this.#queue.size;
    const standing = { ahead: ahead ?? Math.max(0, before - 1) }; // or further back than is foreseen
    const takes = this.#estimates.wholeFor(job.params);
    const near = this.#nearNow(running, places, now, mostPictures);
    const waits = known && !job.relaxed && !this.#batches.has(job.id);
    if (!waits || takes === undefined || !near.free) return standing;
    const begin = near.begins.get(job.id);
    // One before it is drawn by a model of which nothing is known.
    if (ahead !== undefined && ahead < NEAR && !begin) return standing;
    const expected = this.#outlook.expected(known.claim, begin, near.free, now);
    if (!expected) return standing;
    const { startsIn, startsWithin } = expected;
    return { ahead: standing.ahead, startsIn, startsWithin, takes };
  }

  /** When those near the head begin if nobody else comes: worked out once for all who ask between two changes. */
  #nearNow(
    running: readonly Job[],
    places: number,
    now: Date,
    mostPictures: (params: JobParams) => number,
  ): Near {
    if (this.#near && Math.abs(now.getTime() - this.#near.at) <= FRESH_MS) return this.#near;
    const free = this.#free(running, places, now);
    const needs = [...this.#foreseen(NEAR).keys()].slice(0, NEAR).map((id) => this.#needs(id, mostPictures));
    const begins = free ? forecast(needs, free, JOIN_FROM) : new Map<string, Begin>();
    return (this.#near = { at: now.getTime(), free, begins });
  }

  #needs(id: string, mostPictures: (params: JobParams) => number): Needs {
    const { job, kind } = this.#claims.get(id)!;
    const { params } = job;
    const seconds = this.#estimates.secondsFor(params);
    return { id, seconds, kind, pictures: params.count, room: mostPictures(params) };
  }

  /** Seconds until each place is free. */
  #free(running: readonly Job[], places: number, now: Date): number[] | undefined {
    const free = Array.from({ length: Math.max(1, places) }, () => 0);
    for (const [i, job] of running.entries()) {
      const batch = this.#batches.get(job.id) ?? [job];
      const left = this.#estimates.leftOf(batch, job.startedAt, now);
      if (left === undefined) return undefined;
      free[i % free.length]! += left;
    }
    return free;
  }

  /** Ids of the jobs before which so few come that people want to see the line move. */
  near(): string[] {
    return [...this.#foreseen(NEAR).keys()].slice(0, NEAR);
  }

  /** The next jobs and how many come before each: worked out as far as `most` of them, or to the one that is sought. */
  #foreseen(most: number, sought?: string): ReadonlyMap<string, number> {
    const { ahead, rest } = (this.#order ??= { ahead: new Map(), rest: this.#inOrder() });
    while (ahead.size < most) {
      if (sought !== undefined && ahead.has(sought)) break;
      const next = rest.next();
      if (next.done) break;
      ahead.set(next.value.id, ahead.size);
    }
    return ahead;
  }

  *#inOrder(): Generator<Claim, void> {
    yield* this.#queue.foreseen();
    yield* this.#relaxed.foreseen();
  }

  #moved(): void {
    this.#order = undefined;
    this.#near = undefined;
  }

  #count({ requester, relaxed }: Job, by: 1 | -1): void {
    const lane = this.#waitingOf[relaxed ? 'relaxed' : 'inBudget'];
    const person = personKey(requester);
    const waiting = (lane.get(person) ?? 0) + by;
    if (waiting > 0) lane.set(person, waiting);
    else lane.delete(person);
    this.#moved();
  }
}

/** A person among all platforms'. */
export const personKey = ({ platform, id }: Pick<Requester, 'platform' | 'id'>): string =>
  `${platform}/${id}`;

/** Direct messages are one server: nobody gets a share of their own by asking there. */
const serverOf = ({ requester, server = 'direct' }: Job): string => `${requester.platform}/${server}`;
