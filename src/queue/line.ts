// The jobs that wait, in the order in which they will be drawn, and how long that takes. Knows rows, no workers.

import { batchKind } from './batch.ts';
import { Estimates, workOf } from './estimate.ts';
import { FairQueue, type Claim, type Weights } from './fair.ts';
import { forecast, type Begin, type Needs } from './forecast.ts';
import { Newcomers } from './newcomers.ts';
import type { Job, JobParams, Requester } from './job.ts';

/** Where a queued job stands. */
export interface Standing {
  /** Jobs that will be drawn before it. */
  ahead: number;
  /** Seconds until it begins and, from then, until it is done; absent while nothing is known of that. */
  startsIn?: number;
  takes?: number;
  /** Why nothing is drawn until the owner has done something, when that is so. */
  stalled?: string;
}

interface Waiting {
  job: Job;
  claim: Claim;
  kind: string;
}

/** How far down the line an order is worked out. */
const FORESEEN = Number(process.env.FS ?? 1000);
/** As many waiting jobs are told of each move of the line. */
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
  readonly #waitingOf = new Map<string, number>();
  #order: Map<string, number> | undefined;
  #begins: { at: number; of: Map<string, Begin> } | undefined;
  readonly #newcomers = new Newcomers();
  /** Taken jobs, each with all of its batch. */
  readonly #batches = new Map<string, Job[]>();

  constructor(weights: Weights = {}) {
    this.#queue = new FairQueue(weights);
    this.#relaxed = new FairQueue(weights);
  }

  get size(): number {
    return this.#queue.size + this.#relaxed.size;
  }

  #laneOf({ relaxed }: Job): FairQueue {
    return relaxed ? this.#relaxed : this.#queue;
  }

  /** How many of a person's jobs wait. */
  waitingOf(person: Pick<Requester, 'platform' | 'id'>): number {
    return this.#waitingOf.get(personKey(person)) ?? 0;
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
    if (!job.relaxed && job.attempt === 0)
      this.#newcomers.came(claim.server, claim.seconds, this.#queue.behind(claim), job.createdAt);
    this.#count(claim, 1);
  }

  /**
   * Takes the next job out of the line; one over budget only when nobody else may run. Whoever may not run now keeps
   * their place.
   */
  take(mayRun: (person: string, jobId: string) => boolean): Job | undefined {
    const may = ({ person, id }: Claim): boolean => mayRun(person, id);
    const claim = this.#queue.take(may) ?? this.#relaxed.take(may);
    if (!claim) return undefined;
    this.#count(claim, -1);
    const job = this.#claims.get(claim.id)!.job;
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
    for (const claim of this.#queue.join(JOIN_FROM, joins)) this.#count(claim, -1);
    // A batch with more pictures takes longer, so those over budget join none while anybody else waits.
    if (this.#queue.size > 0) return;
    for (const claim of this.#relaxed.join(JOIN_FROM, joins)) this.#count(claim, -1);
  }

  /** The job does not wait any more, or was never begun. */
  leave({ id }: Job): void {
    const known = this.#claims.get(id);
    if (!known) return;
    const lane = this.#laneOf(known.job);
    if (lane.remove(known.claim)) this.#count(known.claim, -1);
    else lane.settle(known.claim, 0);
    this.#claims.delete(id);
    this.#batches.delete(id);
  }

  /** A taken job is over, or goes back to the line: charged for the time it had the device. */
  end(job: Job, seconds: number): void {
    const known = this.#claims.get(job.id);
    if (!known) return;
    this.#laneOf(known.job).settle(known.claim, seconds);
    this.#claims.delete(job.id);
    this.#batches.delete(job.id);
    this.#moved();
  }

  /** `deviceSeconds` is its share of a device's time, where that is known. */
  learn(job: Job, deviceSeconds?: number): void {
    this.#estimates.learn(job, deviceSeconds);
    this.#begins = undefined;
  }

  /** Where a queued job stands while `running`, one of each batch, are drawn in `places`. */
  standing(
    job: Job,
    running: readonly Job[],
    places: number,
    now: Date,
    mostPictures: (params: JobParams) => number = () => 1,
  ): Standing {
    const ahead = this.#foreseen().get(job.id);
    if (ahead === undefined) {
      // further back than is foreseen
      const before = job.relaxed ? this.size : this.#queue.size;
      return { ahead: Math.max(0, before - 1) };
    }
    const startsIn = this.#beginsNow(running, places, now, mostPictures).get(job.id)?.at;
    const takes = this.#estimates.wholeFor(job.params);
    return { ahead, ...(startsIn !== undefined && takes !== undefined && { startsIn, takes }) };
  }

  /** Worked out once for all who ask between two changes. */
  #beginsNow(
    running: readonly Job[],
    places: number,
    now: Date,
    mostPictures: (params: JobParams) => number,
  ): Map<string, Begin> {
    if (this.#begins && Math.abs(now.getTime() - this.#begins.at) <= FRESH_MS) return this.#begins.of;
    const of = new Map<string, Begin>();
    this.#begins = { at: now.getTime(), of };
    const free = this.#free(running, places, now);
    if (!free) return of;
    const needs = ({ id }: Claim): Needs => {
      const { job, kind } = this.#claims.get(id)!;
      const { params } = job;
      return {
        seconds: this.#estimates.secondsFor(params),
        kind,
        pictures: params.count,
        room: mostPictures(params),
      };
    };
    const outlook = {
      servers: this.#queue.servers.values(),
      free,
      inflow: (server: string) => this.#newcomers.of(server, now),
      inflowOfAll: this.#newcomers.all(now),
      clock: this.#queue.clock,
      needs,
      joinFrom: JOIN_FROM,
    };
    for (const begin of forecast(outlook)) {
      of.set(begin.claim.id, begin);
      if (of.size >= FORESEEN) break;
    }
    return of;
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
    return [...this.#foreseen().keys()].slice(0, NEAR);
  }

  /** The next jobs and how many come before each. */
  #foreseen(): Map<string, number> {
    if (this.#order) return this.#order;
    const claims = this.#queue.order(FORESEEN);
    claims.push(...this.#relaxed.order(FORESEEN - claims.length));
    return (this.#order = new Map(claims.map(({ id }, at) => [id, at])));
  }

  #moved(): void {
    this.#order = undefined;
    this.#begins = undefined;
  }

  #count({ person }: Claim, by: 1 | -1): void {
    this.#waitingOf.set(person, (this.#waitingOf.get(person) ?? 0) + by);
    this.#moved();
  }
}

/** A person among all platforms'. */
export const personKey = ({ platform, id }: Pick<Requester, 'platform' | 'id'>): string =>
  `${platform}/${id}`;

/** Direct messages are one server: nobody gets a share of their own by asking there. */
const serverOf = ({ requester, server = 'direct' }: Job): string => `${requester.platform}/${server}`;
