// Who is next: start-time fair queueing (Goyal, Vin and Cheng 1996) in two levels, servers and the people in each, on
// predicted device-seconds. Whoever was given the least so far, by weight, is next; who comes back after a rest starts
// level with the others and has saved nothing up. Where nothing waits and nothing is drawn, all are level again: the
// end of the paper's busy period. Knows no rows and no clocks.

import { foresee } from './foresee.ts';
import { forgetLevel, nextOf, type Claim, type Person, type Server } from './shares.ts';

export type { Claim } from './shares.ts';

export interface Turn {
  /** How far the person is behind those of their server whose turn it is: people who come later go before them. */
  behind: number;
  /** What must have been served to the people of its server; or, where the person is not behind, to all servers. */
  served: number;
}

export interface Weights {
  server?: (server: string) => number;
}

/** So many are kept before anybody is looked for who can be forgotten. */
const FORGET_FROM = 64;

export class FairQueue {
  readonly #servers = new Map<string, Server>();
  readonly #weightOf: (server: string) => number;
  /** The weight by which a person was charged for what was taken and is not settled, by claim. */
  readonly #taken = new Map<string, number>();
  #clock = 0;
  #size = 0;

  constructor({ server = () => 1 }: Weights = {}) {
    this.#weightOf = server;
  }

  get size(): number {
    return this.#size;
  }

  /** What must have been served to others before it is a waiting claim's turn. */
  turnOf(claim: Claim): Turn {
    const { server, person } = this.#find(claim);
    let own = 0;
    for (const { id, seconds } of person.waiting) if (id < claim.id) own += seconds;
    const served = person.served + own / person.weight;
    const behind = Math.max(0, served - server.clock);
    if (behind > 0) return { behind, served };
    let before = 0;
    for (const { served: its, waiting } of server.people.values()) {
      const [first] = waiting;
      if (first && first.id < claim.id && its <= served) before += first.seconds;
    }
    return { behind, served: server.served + before / server.weight };
  }

  /** Who shares the device, to be read only. */
  get servers(): ReadonlyMap<string, Server> {
    return this.#servers;
  }

  /** What had been served to the server that was chosen last. */
  get clock(): number {
    return this.#clock;
  }

  /** How many servers and people are remembered. */
  get remembered(): number {
    return [...this.#servers.values()].reduce((sum, { people }) => sum + 1 + people.size, 0);
  }

  /** The person's weight is from now on that of their newest claim. */
  add(claim: Claim): void {
    const server = this.#server(claim.server);
    const person = personIn(server, claim.person);
    if (server.waiting === 0) server.served = Math.max(server.served, this.#clock);
    if (person.waiting.length === 0) person.served = Math.max(person.served, server.clock);
    // Nearly always the newest; one that goes back to the queue keeps its place.
    const at = person.waiting.findLastIndex(({ id }) => id < claim.id) + 1;
    if (at === person.waiting.length) person.weight = claim.weight ?? 1;
    person.waiting.splice(at, 0, claim);
    person.open += 1;
    server.open += 1;
    server.waiting += 1;
    this.#size += 1;
  }

  /** False when it does not wait. */
  remove(claim: Pick<Claim, 'id' | 'server' | 'person'>): boolean {
    if (!this.#withdraw(claim)) return false;
    this.#close(claim);
    return true;
  }

  /** Takes the next claim out and charges it. People who may not run now are passed over and lose nothing. */
  take(mayRun: (claim: Claim) => boolean = () => true): Claim | undefined {
    const next = nextOf(this.#servers.values(), mayRun);
    if (!next) return undefined;
    const { server, person, claim } = next;
    // Never back: whoever is far below the others now, by what was given back to them, lowers nobody's start but their own.
    this.#clock = Math.max(this.#clock, server.served);
    server.clock = Math.max(server.clock, person.served);
    this.#begin(claim);
    return claim;
  }

  /**
   * Takes claims out before their turn, for what is taken next has room for them: those of the next `lookAhead` that
   * `joins` accepts, asked in their order. Each is charged, so whoever goes early now waits longer afterwards; and as
   * nobody from further back is asked, those who are passed over wait no longer than for what would soon have been
   * taken anyway. The clock stands: who comes back meanwhile starts level with those in turn.
   */
  join(lookAhead: number, joins: (claim: Claim) => boolean): Claim[] {
    const joined = this.order(lookAhead).filter(joins);
    for (const claim of joined) this.#begin(claim);
    return joined;
  }

  /** A taken claim is over and cost `seconds` in truth; 0 when it was not carried out. */
  settle(claim: Claim, seconds: number): void {
    const weight = this.#taken.get(claim.id);
    if (weight === undefined) return;
    this.#taken.delete(claim.id);
    this.#charge(claim, seconds - claim.seconds, weight);
    this.#close(claim);
  }

  /** The claims in the order in which they would be taken if nobody else came, as long as nothing is changed. */
  foreseen(): Generator<Claim, void> {
    return foresee(this.#servers.values());
  }

  /** The first `limit` of them. */
  order(limit: number): Claim[] {
    const order: Claim[] = [];
    if (limit <= 0) return order;
    for (const claim of this.foreseen()) if (order.push(claim) === limit) break;
    return order;
  }

  #begin(claim: Claim): void {
    const { weight } = this.#find(claim).person;
    this.#withdraw(claim);
    this.#taken.set(claim.id, weight);
    this.#charge(claim, claim.seconds, weight);
  }

  #charge(claim: Claim, seconds: number, weight: number): void {
    const { server, person } = this.#find(claim);
    server.served += seconds / server.weight;
    person.served += seconds / weight;
  }

  #withdraw({ server: serverId, person: personId, id }: Pick<Claim, 'id' | 'server' | 'person'>): boolean {
    const server = this.#servers.get(serverId);
    const person = server?.people.get(personId);
    const at = person?.waiting.findIndex((claim) => claim.id === id) ?? -1;
    if (!server || !person || at < 0) return false;
    person.waiting.splice(at, 1);
    server.waiting -= 1;
    this.#size -= 1;
    return true;
  }

  /** Where the last of a server's claims is closed, its people are level; where the last of all is, the servers are. */
  #close(claim: Pick<Claim, 'server' | 'person'>): void {
    const { server, person } = this.#find(claim);
    person.open -= 1;
    server.open -= 1;
    if (server.open === 0) {
      server.people.clear();
      server.clock = 0;
    }
    if (this.#size + this.#taken.size > 0) return;
    this.#servers.clear();
    this.#clock = 0;
  }

  /** Of an open claim. */
  #find(claim: Pick<Claim, 'server' | 'person'>): { server: Server; person: Person } {
    const server = this.#servers.get(claim.server)!;
    return { server, person: server.people.get(claim.person)! };
  }

  #server(id: string): Server {
    const known = this.#servers.get(id);
    if (known) return known;
    // Each time the number has doubled, so that forgetting costs no more than remembering.
    if (isPowerOfTwo(this.#servers.size)) forgetLevel(this.#servers, this.#clock);
    const weight = this.#weightOf(id);
    const server = { served: this.#clock, weight, people: new Map(), open: 0, waiting: 0, clock: 0 };
    this.#servers.set(id, server);
    return server;
  }
}

function personIn({ people, clock }: Server, id: string): Person {
  const known = people.get(id);
  if (known) return known;
  if (isPowerOfTwo(people.size)) forgetLevel(people, clock);
  const person = { served: clock, weight: 1, open: 0, waiting: [] };
  people.set(id, person);
  return person;
}

/** From the first on at which it is worth looking. */
const isPowerOfTwo = (size: number): boolean => size >= FORGET_FROM && (size & (size - 1)) === 0;
