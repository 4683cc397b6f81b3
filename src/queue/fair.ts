// Who is next: start-time fair queueing (Goyal, Vin and Cheng 1996) in two levels, servers and the people in each, on
// predicted device-seconds. Whoever was given the least so far, by weight, is next; who comes back after a rest starts
// level with the others and has saved nothing up. Knows no rows and no clocks.

export interface Claim {
  /** Sorts by time of creation. */
  id: string;
  server: string;
  person: string;
  /** Predicted device-seconds. */
  seconds: number;
}

export interface Weights {
  server?: (server: string) => number;
  person?: (person: string) => number;
}

/** One who shares a level with others. */
interface Share {
  /** Device-seconds given so far, over the weight. */
  served: number;
  readonly weight: number;
}

interface Person extends Share {
  /** The oldest first. */
  waiting: Claim[];
}

interface Server extends Share {
  people: Map<string, Person>;
  waiting: number;
  /** What had been served to the person who was chosen last. */
  clock: number;
}

export class FairQueue {
  readonly #servers = new Map<string, Server>();
  readonly #weights: Required<Weights>;
  #clock = 0;
  #size = 0;

  constructor(weights: Weights = {}) {
    this.#weights = { server: () => 1, person: () => 1, ...weights };
  }

  get size(): number {
    return this.#size;
  }

  add(claim: Claim): void {
    const server = this.#server(claim.server);
    const person = this.#person(server, claim.person);
    if (server.waiting === 0) server.served = Math.max(server.served, this.#clock);
    if (person.waiting.length === 0) person.served = Math.max(person.served, server.clock);
    // Nearly always the newest; one that goes back to the queue keeps its place.
    const at = person.waiting.findLastIndex(({ id }) => id < claim.id) + 1;
    person.waiting.splice(at, 0, claim);
    server.waiting += 1;
    this.#size += 1;
  }

  /** False when it does not wait. */
  remove({ server: serverId, person: personId, id }: Pick<Claim, 'id' | 'server' | 'person'>): boolean {
    const server = this.#servers.get(serverId);
    const person = server?.people.get(personId);
    const at = person?.waiting.findIndex((claim) => claim.id === id) ?? -1;
    if (!server || !person || at < 0) return false;
    person.waiting.splice(at, 1);
    server.waiting -= 1;
    this.#size -= 1;
    return true;
  }

  /** Takes the next claim out and charges it. People who may not run now are passed over and lose nothing. */
  take(mayRun: (claim: Claim) => boolean = () => true): Claim | undefined {
    const next = nextOf([...this.#servers.values()], mayRun);
    if (!next) return undefined;
    const { server, person, claim } = next;
    this.#clock = server.served;
    server.clock = person.served;
    this.remove(claim);
    this.#charge(claim, claim.seconds);
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
    for (const claim of joined) {
      this.remove(claim);
      this.#charge(claim, claim.seconds);
    }
    return joined;
  }

  /** A taken claim cost `seconds` in truth; 0 when it was not carried out. */
  settle(claim: Claim, seconds: number): void {
    this.#charge(claim, seconds - claim.seconds);
  }

  #charge({ server: serverId, person: personId }: Claim, seconds: number): void {
    const server = this.#server(serverId);
    const person = this.#person(server, personId);
    server.served += seconds / server.weight;
    person.served += seconds / person.weight;
  }

  /** The first `limit` claims in the order in which they would be taken if nobody else came. */
  order(limit: number): Claim[] {
    const servers = [...this.#servers.values()].filter(({ waiting }) => waiting > 0).map(copyOf);
    const order: Claim[] = [];
    while (order.length < limit) {
      const next = nextOf(servers, () => true);
      if (!next) break;
      const { server, person, claim } = next;
      person.waiting = person.waiting.slice(1);
      server.waiting -= 1;
      server.served += claim.seconds / server.weight;
      person.served += claim.seconds / person.weight;
      order.push(claim);
    }
    return order;
  }

  #server(id: string): Server {
    const known = this.#servers.get(id);
    if (known) return known;
    const weight = this.#weights.server(id);
    const server: Server = { served: this.#clock, weight, people: new Map(), waiting: 0, clock: 0 };
    this.#servers.set(id, server);
    return server;
  }

  #person(server: Server, id: string): Person {
    const known = server.people.get(id);
    if (known) return known;
    const person: Person = { served: server.clock, weight: this.#weights.person(id), waiting: [] };
    server.people.set(id, person);
    return person;
  }
}

interface Next {
  server: Server;
  person: Person;
  claim: Claim;
}

/** The least served person who may run, in the least served server that has one; the older claim where all is equal. */
function nextOf(servers: Server[], mayRun: (claim: Claim) => boolean): Next | undefined {
  let best: Next | undefined;
  for (const server of servers) {
    if (server.waiting === 0 || (best && server.served > best.server.served)) continue;
    const found = nextIn(server, mayRun);
    if (!found) continue;
    if (!best || server.served < best.server.served || found.claim.id < best.claim.id) best = found;
  }
  return best;
}

function nextIn(server: Server, mayRun: (claim: Claim) => boolean): Next | undefined {
  let best: Next | undefined;
  for (const person of server.people.values()) {
    const [claim] = person.waiting;
    if (!claim || (best && person.served > best.person.served) || !mayRun(claim)) continue;
    if (!best || person.served < best.person.served || claim.id < best.claim.id)
      best = { server, person, claim };
  }
  return best;
}

function copyOf(server: Server): Server {
  const people = new Map([...server.people].map(([id, person]) => [id, { ...person }]));
  return { ...server, people };
}
