// Those who share the device, and which of them is next: servers, the people in each, and what waits of each person.
// Knows no time; FairQueue keeps the accounts.

/** A request for the device. */
export interface Claim {
  /** Sorts by time of creation. */
  id: string;
  server: string;
  person: string;
  /** Predicted device-seconds. */
  seconds: number;
  /** The person's share beside the others in the server, above 0; 1 where absent. */
  weight?: number;
}

/** One who shares a level with others. */
export interface Share {
  /** Device-seconds given so far, over the weight. */
  served: number;
  weight: number;
  /** Claims that wait, and those that were taken and are not settled. */
  open: number;
}

export interface Person extends Share {
  /** The oldest first. */
  waiting: Claim[];
}

export interface Server extends Share {
  people: Map<string, Person>;
  waiting: number;
  /** What had been served to the person who was chosen last. */
  clock: number;
}

export interface Next {
  server: Server;
  person: Person;
  claim: Claim;
}

/** The least served person who may run, in the least served server that has one; the older claim where all is equal. */
export function nextOf(servers: Iterable<Server>, mayRun: (claim: Claim) => boolean): Next | undefined {
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
    const claim = person.waiting[0];
    if (!claim || (best && person.served > best.person.served) || !mayRun(claim)) continue;
    if (!best || person.served < best.person.served || claim.id < best.claim.id)
      best = { server, person, claim };
  }
  return best;
}

/** Drops those who have nothing open and would start level with the others anyway. */
export function forgetLevel(shares: Map<string, Share>, clock: number): void {
  for (const [id, { open, served }] of shares) if (open === 0 && served <= clock) shares.delete(id);
}
