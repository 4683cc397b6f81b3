// When waiting claims will begin: their order as foreseen, seated on the places in batches, while others come as they
// have come until now. Changes nothing of what it reads. Knows no rows and no clock.

import { Heap } from './heap.ts';
import type { Inflow } from './newcomers.ts';
import type { Claim, Person, Server } from './shares.ts';

/** What a waiting claim needs when its turn comes. */
export interface Needs {
  /** Device-seconds; undefined where nothing is known of its model. */
  seconds: number | undefined;
  /** Equal for claims that can be drawn together. */
  kind: string;
  pictures: number;
  /** Pictures that fit into a batch of its kind. */
  room: number;
}

export interface Outlook {
  servers: Iterable<Server>;
  /** Seconds after which each place is free. */
  free: readonly number[];
  inflow: (server: string) => Inflow;
  /** Of all servers; how far behind is that of servers where nobody waits. */
  inflowOfAll: Inflow;
  /** What had been served to the server whose turn it was last. */
  clock: number;
  needs: (claim: Claim) => Needs;
  /** How far down the line a batch is filled up from. */
  joinFrom: number;
}

export interface Begin {
  claim: Claim;
  /** Seconds from now. */
  at: number;
  /** Seconds from now if nobody else came. */
  alone: number;
}

/** Newcomers get at most so many times what those who wait have got. */
const MOST_BEFORE = 9;
/** So much of the places' time goes at most to newcomers elsewhere. */
const MOST_ELSEWHERE = Number(process.env.CAP ?? 0.3);
/** Device-seconds of newcomers that are worth a turn. */
const WORTH = 0.5;

/** Newcomers at one level: those who are level with whose turn it is, and those who are behind. */
class Pool {
  #inflow: Inflow;
  #rate: number;
  #clock: number;
  /** Counted until then. */
  #until = 0;
  #fresh = 0;
  #later = 0;
  #given = 0;
  #before = 0;

  constructor(inflow: Inflow, clock: number) {
    this.#inflow = inflow;
    this.#rate = Math.max(0, inflow.rate);
    this.#clock = clock;
  }

  get rate(): number {
    return this.#rate;
  }

  add(rate: number): void {
    this.#rate += rate;
  }

  /** Device-seconds of newcomers who go before one to whom so much was served. */
  before(served: number, seconds: number, now: number): number {
    const came = this.#rate * Math.max(0, now - this.#until);
    this.#until = now;
    this.#fresh += came * this.#inflow.fresh;
    this.#later += came * (1 - this.#inflow.fresh);
    const lead = served - this.#clock;
    if (lead <= 0) return 0;
    const turned = 1 - Math.exp(-lead / this.#inflow.behind);
    const before = this.#fresh + this.#later * turned;
    if (before < WORTH || this.#before + before > MOST_BEFORE * (this.#given + seconds)) return 0;
    this.#fresh = 0;
    this.#later *= 1 - turned;
    this.#before += before;
    return before;
  }

  give(served: number, seconds: number): void {
    this.#clock = Math.max(this.#clock, served);
    this.#given += seconds;
  }
}

interface Turn {
  served: number;
  readonly weight: number;
  readonly waiting: readonly Claim[];
  taken: number;
}

interface ServerTurn {
  served: number;
  readonly weight: number;
  readonly people: Heap<Turn>;
  readonly pool: Pool;
}

const head = ({ waiting, taken }: Turn): Claim => waiting[taken]!;
const isBefore = (a: Turn, b: Turn): boolean =>
  a.served < b.served || (a.served === b.served && head(a).id < head(b).id);

class Walk {
  readonly #turns: Heap<ServerTurn>;
  readonly #outlook: Outlook;
  readonly #free: number[];
  /** Of servers of which nobody waits. */
  readonly #pool: Pool;
  #alone: number;
  /** Seconds that newcomers take. */
  #drift = 0;

  constructor(outlook: Outlook) {
    this.#outlook = outlook;
    this.#free = [...outlook.free];
    this.#alone = Math.min(...this.#free);
    const turns = [...outlook.servers].filter(({ waiting }) => waiting > 0).map((s) => this.#serverTurn(s));
    const { inflowOfAll, clock } = outlook;
    const rate = turns.reduce((left, { pool }) => left - pool.rate, inflowOfAll.rate);
    this.#pool = new Pool({ ...inflowOfAll, rate: Math.min(rate, this.#most) }, clock);
    this.#turns = new Heap(
      turns,
      (a, b) =>
        a.served < b.served ||
        (a.served === b.served && head(a.people.first!).id < head(b.people.first!).id),
    );
  }

  #serverTurn({ served, weight, people, clock }: Server): ServerTurn {
    const waiting: Turn[] = [];
    for (const person of people.values()) if (person.waiting.length > 0) waiting.push(turnOf(person));
    const heap = new Heap(waiting, isBefore);
    const pool = new Pool(this.#outlook.inflow(head(heap.first!).server), clock);
    return { served, weight, people: heap, pool };
  }

  /** The next claim in turn. */
  next(): Claim | undefined {
    for (let server = this.#turns.first; server; server = this.#turns.first) {
      const person = server.people.first!;
      const claim = head(person);
      const now = this.#alone + this.#drift;
      this.#drift += this.#pool.before(server.served, claim.seconds, now) / this.#free.length;
      const here = server.pool.before(person.served, claim.seconds, now);
      if (here > 0) {
        this.#pool.give(server.served, here);
        server.served += here / server.weight;
        this.#drift += here / this.#free.length;
        this.#turns.moveFirst();
        continue;
      }
      this.#take(server, person, claim);
      return claim;
    }
    return undefined;
  }

  #take(server: ServerTurn, person: Turn, { seconds }: Claim): void {
    this.#pool.give(server.served, seconds);
    server.pool.give(person.served, seconds);
    person.taken += 1;
    person.served += seconds / person.weight;
    server.served += seconds / server.weight;
    if (person.taken < person.waiting.length) server.people.moveFirst();
    else server.people.dropFirst();
    if (server.people.first) {
      this.#turns.moveFirst();
      return;
    }
    this.#turns.dropFirst();
    this.#pool.add(Math.max(0, Math.min(server.pool.rate, this.#most - this.#pool.rate)));
  }

  get #most(): number {
    return MOST_ELSEWHERE * this.#free.length;
  }

  /** Seats a batch that needs so long, and tells when it begins. */
  seat(seconds: number): { at: number; alone: number } {
    const begin = { at: this.#alone + this.#drift, alone: this.#alone };
    const free = this.#free;
    free[free.indexOf(this.#alone)] = this.#alone + seconds;
    this.#alone = Math.min(...free);
    return begin;
  }
}

const turnOf = ({ served, weight, waiting }: Person): Turn => ({ served, weight, waiting, taken: 0 });

/** In the order in which they begin, until one of whom it can not be told. */
export function* forecast(outlook: Outlook): Generator<Begin, void> {
  const { needs, joinFrom } = outlook;
  const walk = new Walk(outlook);
  const ahead: { claim: Claim; needs: Needs }[] = [];
  for (;;) {
    while (ahead.length <= joinFrom) {
      const claim = walk.next();
      if (!claim) break;
      ahead.push({ claim, needs: needs(claim) });
    }
    const first = ahead.shift();
    if (!first || first.needs.seconds === undefined) return;
    const batch = [first.claim];
    let { seconds } = first.needs;
    let room = first.needs.room - first.needs.pictures;
    for (let i = 0; room > 0 && i < ahead.length; ) {
      const { claim, needs: its } = ahead[i]!;
      if (its.kind === first.needs.kind && its.pictures <= room && its.seconds !== undefined) {
        batch.push(claim);
        room -= its.pictures;
        seconds += its.seconds;
        ahead.splice(i, 1);
      } else i += 1;
    }
    const begin = walk.seat(seconds);
    for (const claim of batch) yield { claim, ...begin };
  }
}
