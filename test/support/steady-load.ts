// A day at a busy installation in virtual time: a thousand people in fifty servers ask, the line says when each job will
// begin, and then it begins. Drives the real line in the way the queue does. Knows no rows, no workers and no clock.

import type { Job, JobParams } from '../../src/queue/job.ts';
import { Line } from '../../src/queue/line.ts';
import { workOf } from '../../src/queue/estimate.ts';
import { Heap } from '../../src/queue/heap.ts';
import { randomFrom } from './random.ts';
import { sampleParams } from './sample-job.ts';

export interface Scenario {
  people: number;
  servers: number;
  /** How fast each device is, beside the first. */
  places: readonly number[];
  /** Pictures that fit into one batch. */
  mostPictures: number;
  /** Everybody asks again so many seconds after their picture came, on average. */
  think?: number;
  /** Or they ask whatever happens, so that this part of the devices' time is asked for. */
  load?: number;
  /**
   * Or in so many servers somebody always wants more: thirty requests of each wait, and nobody thinks. The people of the
   * others ask for the part `load` of the devices' time together.
   */
  greedy?: number;
  /** So many people ask for many at once. */
  heavy?: number;
  /** So many jobs begin before any is measured, and so many are. */
  warmUp: number;
  measured: number;
  seed: number;
}

/** What a person was told at first, and what came of it. */
export interface Told {
  job: Job;
  ahead: number;
  /** Seconds. Absent where nothing was said. */
  startsIn: number | undefined;
  within: readonly [number, number] | undefined;
  /** Seconds in truth. */
  waited: number;
}

export interface Steady {
  told: Told[];
  /** Jobs that began at once, of whom nobody was told anything. */
  atOnce: number;
  /** Waiting jobs on average, and the part of the time in which a device drew. */
  waiting: number;
  busy: number;
}

type Happening = { at: number; number: number } & (
  { kind: 'asks'; person: Person } | { kind: 'ends'; place: Place } | { kind: 'cancels'; job: Job }
);

interface Person {
  id: string;
  server: string;
  /** Beside the average person. */
  activity: number;
  /** Jobs it asks for at once. */
  many: number;
  /** Jobs that it has in the line or on a device. */
  open: number;
}

interface Place {
  speed: number;
  batch: Job[];
  seconds: number;
}

/** Seconds of the fastest device for a megapixel-step, and for whatever does not grow with the steps. */
const PACE = 0.16;
const FIXED = 0.5;
const EPOCH = 1_700_000_000_000;
/** Of the logarithm of a batch's time. */
const NOISE = 0.08;
/** One of so many batches finds its model cold. */
const COLD = 200;
const COLD_SECONDS = 6;
/** What a batch of several takes of their times together. */
const TOGETHER = 0.9;
/** Requests that wait of a server in which somebody always wants more. */
const GREEDY_WAIT = 30;
/** One of so many who wait gives up. */
const GIVES_UP = 50;

class Town {
  readonly #scenario: Scenario;
  #random: () => number;
  readonly #line: Line;
  readonly #places: Place[];
  readonly #people: Person[];
  readonly #heap = new Heap<Happening>([], (a, b) => a.at < b.at || (a.at === b.at && a.number < b.number));
  readonly #askedBy = new Map<string, Person>();
  readonly #told = new Map<string, Omit<Told, 'waited'>>();
  readonly #results: Told[] = [];
  /** Seconds between two requests of the average person in an open town. */
  readonly #between: number;
  #now = 0;
  #number = 0;
  #begun = 0;
  #atOnce = 0;
  #waitingSeconds = 0;
  #busySeconds = 0;
  #measuredSince = 0;
  #quiet = false;
  #newest: Job | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#random = randomFrom(scenario.seed);
    this.#line = new Line({}, randomFrom(scenario.seed + 1));
    this.#places = scenario.places.map((speed) => ({ speed, batch: [], seconds: 0 }));
    this.#people = this.#settle();
    const speed = scenario.places.reduce((sum, each) => sum + each, 0);
    const sizes = Array.from({ length: 4000 }, () => meanSeconds(this.#asked()));
    const size = sizes.reduce((sum, each) => sum + each, 0) / sizes.length;
    const asking = this.#people.filter((person) => !this.#isGreedy(person));
    const activity = asking.reduce((sum, person) => sum + person.activity * person.many, 0);
    this.#between = (activity * size) / (speed * (scenario.load ?? 1));
  }

  run(): Steady {
    this.#open();
    while (this.#results.length < this.#scenario.measured) this.#next();
    const seconds = this.#now - this.#measuredSince;
    return {
      told: this.#results,
      atOnce: this.#atOnce,
      waiting: this.#waitingSeconds / seconds,
      busy: this.#busySeconds / (seconds * this.#places.length),
    };
  }

  branch(begun: number, seed: number): number | undefined {
    this.#quiet = true;
    this.#open();
    while (this.#begun < begun) this.#next();
    const before = this.#number;
    while (!this.#newest || Number(this.#newest.id) < before) this.#next();
    const job = this.#newest;
    this.#random = randomFrom(seed);
    this.#drawAnew();
    const asked = this.#now;
    for (;;) {
      if (!this.#askedBy.has(job.id)) return undefined;
      if (this.#places.some(({ batch }) => batch.some(({ id }) => id === job.id))) break;
      this.#next();
    }
    return this.#now === asked ? undefined : this.#now - asked;
  }

  #open(): void {
    for (const person of this.#people)
      if (!this.#isGreedy(person))
        this.#later(this.#pause(person) * this.#random(), { kind: 'asks', person });
    for (let server = 0; server < (this.#scenario.greedy ?? 0); server++)
      for (let i = 0; i < GREEDY_WAIT; i++) this.#asks(this.#someoneIn(`s${server}`));
  }

  #isGreedy({ server }: Person): boolean {
    return Number(server.slice(1)) < (this.#scenario.greedy ?? 0);
  }

  #someoneIn(server: string): Person {
    return this.#one(this.#people.filter((person) => person.server === server));
  }

  /** Whatever nobody can know yet comes by another chance. */
  #drawAnew(): void {
    const known: Happening[] = [];
    for (let first = this.#heap.first; first; first = this.#heap.first) {
      known.push(first);
      this.#heap.dropFirst();
    }
    for (const happening of known)
      switch (happening.kind) {
        case 'asks': {
          const { person, at } = happening;
          this.#later(this.#isGreedy(person) ? at - this.#now : this.#pause(person), {
            kind: 'asks',
            person,
          });
          break;
        }
        case 'ends': {
          const { place } = happening;
          const since = this.#now - secondOf(place.batch[0]!.startedAt!);
          do place.seconds = this.#secondsOf(place);
          while (place.seconds <= since);
          this.#later(place.seconds - since, { kind: 'ends', place });
          break;
        }
        case 'cancels':
          this.#later(happening.at - this.#now, happening);
      }
  }

  /** Some servers have many people and some people ask much more than others. */
  #settle(): Person[] {
    const { people, servers, heavy = 0 } = this.#scenario;
    const sizes = Array.from({ length: servers }, (_, i) => 1 / (i + 5));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    return Array.from({ length: people }, (_, i) => {
      let at = i < servers ? 0 : this.#random() * all;
      const server = i < servers ? i : sizes.findIndex((size) => (at -= size) <= 0);
      const activity = Math.exp(0.7 * this.#normal());
      const many = i % Math.ceil(people / Math.max(1, heavy)) === 0 && heavy > 0 ? 12 : 1;
      return { id: `p${i}`, server: `s${Math.max(0, server)}`, activity, many, open: 0 };
    });
  }

  #next(): void {
    const happening = this.#heap.first!;
    this.#heap.dropFirst();
    const passed = happening.at - this.#now;
    if (this.#measuring) {
      this.#waitingSeconds += passed * this.#line.size;
      this.#busySeconds += passed * this.#places.filter(({ batch }) => batch.length > 0).length;
    }
    this.#now = happening.at;
    switch (happening.kind) {
      case 'asks':
        return this.#asks(happening.person);
      case 'ends':
        return this.#ends(happening.place);
      case 'cancels':
        return this.#cancels(happening.job);
    }
  }

  #asks(person: Person): void {
    for (let i = 0; i < person.many; i++) {
      const job = this.#jobOf(person);
      person.open += 1;
      this.#askedBy.set(job.id, person);
      this.#line.add(job);
      this.#pump();
      this.#tell(job);
      if (this.#random() < 1 / GIVES_UP) this.#later(this.#exponential(300), { kind: 'cancels', job });
    }
    if (this.#scenario.think === undefined && !this.#isGreedy(person))
      this.#later(this.#pause(person), { kind: 'asks', person });
  }

  /** As a new message does. */
  #tell(job: Job): void {
    this.#newest = job;
    // The first half warms up faster when nobody is told anything.
    if (this.#quiet || this.#begun < this.#scenario.warmUp / 2) return;
    if (!this.#askedBy.has(job.id)) return;
    const drawing = this.#places.filter(({ batch }) => batch.length > 0);
    if (drawing.some(({ batch }) => batch.some(({ id }) => id === job.id))) {
      if (this.#measuring) this.#atOnce += 1;
      return;
    }
    const running = drawing.map(({ batch }) => batch.at(-1)!);
    const {
      ahead,
      startsIn,
      startsWithin: within,
    } = this.#line.standing(
      job,
      running,
      this.#places.length,
      this.#date(),
      () => this.#scenario.mostPictures,
    );
    this.#told.set(job.id, { job, ahead, startsIn, within });
  }

  #pump(): void {
    for (const place of this.#places) {
      if (place.batch.length > 0) continue;
      const first = this.#line.take(() => true);
      if (!first) return;
      const batch = [first];
      let room = this.#scenario.mostPictures - first.params.count;
      const mayJoin = (job: Job): boolean => {
        if (job.params.count > room) return false;
        room -= job.params.count;
        batch.push(job);
        return true;
      };
      if (room > 0) this.#line.join(first, mayJoin);
      this.#begin(place, batch);
    }
  }

  #begin(place: Place, batch: Job[]): void {
    place.batch = batch.map((job) => ({ ...job, status: 'running', startedAt: this.#date() }));
    for (const job of place.batch) {
      this.#line.learn(job);
      this.#note(job);
    }
    place.seconds = this.#secondsOf(place);
    this.#later(place.seconds, { kind: 'ends', place });
  }

  #secondsOf({ batch, speed }: Place): number {
    const mean = batch.reduce((sum, { params }) => sum + meanSeconds(params), 0);
    const cold = this.#random() < 1 / COLD ? COLD_SECONDS : 0;
    const together = batch.length > 1 ? TOGETHER : 1;
    return (mean * together * Math.exp(NOISE * this.#normal())) / speed + cold;
  }

  #note(job: Job): void {
    this.#begun += 1;
    this.#askAgain(job);
    if (this.#begun === this.#scenario.warmUp) this.#measuredSince = this.#now;
    const told = this.#told.get(job.id);
    this.#told.delete(job.id);
    if (told && this.#measuring) this.#results.push({ ...told, waited: this.#now - secondOf(job.createdAt) });
  }

  get #measuring(): boolean {
    return this.#begun >= this.#scenario.warmUp;
  }

  #ends(place: Place): void {
    const { batch, seconds } = place;
    place.batch = [];
    const all = batch.reduce((sum, { params }) => sum + workOf(params), 0);
    for (const job of batch) {
      const share = (seconds * workOf(job.params)) / all;
      this.#line.end(job, share);
      this.#line.learn({ ...job, status: 'done', finishedAt: this.#date(), deviceSeconds: share }, share);
      this.#over(job);
    }
    this.#pump();
  }

  #cancels(job: Job): void {
    if (!this.#told.delete(job.id)) return;
    this.#line.leave(job);
    this.#askAgain(job);
    this.#over(job);
  }

  /** In a greedy server somebody takes the place of whoever waits no more. */
  #askAgain(job: Job): void {
    const person = this.#askedBy.get(job.id)!;
    if (this.#isGreedy(person)) this.#later(0, { kind: 'asks', person: this.#someoneIn(person.server) });
  }

  #over(job: Job): void {
    const person = this.#askedBy.get(job.id)!;
    this.#askedBy.delete(job.id);
    person.open -= 1;
    if (this.#scenario.think !== undefined && person.open === 0)
      this.#later(this.#pause(person), { kind: 'asks', person });
  }

  /** Until this person asks again. */
  #pause({ activity }: Person): number {
    return this.#exponential((this.#scenario.think ?? this.#between) / activity);
  }

  #jobOf(person: Person): Job {
    return {
      key: '',
      requester: { platform: 'test', id: person.id, name: person.id },
      server: person.server,
      channel: 'c',
      params: this.#asked(),
      id: String(this.#number++).padStart(9, '0'),
      status: 'queued',
      attempt: 0,
      images: [],
      createdAt: this.#date(),
    };
  }

  #asked(): JobParams {
    const size = this.#one([512, 512, 512, 640, 768]);
    const steps = this.#one([20, 25, 25, 30, 50]);
    const count = this.#one([1, 1, 1, 2, 4]);
    return { ...sampleParams, width: size, height: size, steps, count };
  }

  #one<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)]!;
  }

  #later(seconds: number, what: DistributiveOmit<Happening, 'at' | 'number'>): void {
    this.#heap.add({ ...what, at: this.#now + seconds, number: this.#number++ });
  }

  #exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }

  #date(): Date {
    return new Date(EPOCH + this.#now * 1000);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const secondOf = (date: Date): number => (date.getTime() - EPOCH) / 1000;

/** What a job takes of the fastest device on average: large pictures take more than their share. */
function meanSeconds(params: JobParams): number {
  const megapixels = (params.width * params.height) / 1e6;
  return FIXED + PACE * workOf(params) * (0.85 + 0.5 * megapixels);
}

export const steadyLoad = (scenario: Scenario): Steady => new Town(scenario).run();

/**
 * How long a job waits in one of the futures of a moment: the first that somebody asks for after `begun` have begun, when
 * all goes on by another chance from then on. Undefined where it begins at once or is canceled.
 */
export const branch = (scenario: Scenario, begun: number, seed: number): number | undefined =>
  new Town(scenario).branch(begun, seed);
