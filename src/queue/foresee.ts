// The order in which waiting claims will be taken if nobody else comes, found one by one: only what is asked for is
// worked out. Changes nothing of what it reads.

import { Heap } from './heap.ts';
import type { Claim, Person, Server } from './shares.ts';

/** A person as they will stand once those before them were served. */
interface Turn {
  served: number;
  readonly weight: number;
  readonly waiting: readonly Claim[];
  /** How many of them were taken. */
  taken: number;
}

interface ServerTurn {
  served: number;
  readonly weight: number;
  readonly people: Heap<Turn>;
}

export function* foresee(servers: Iterable<Server>): Generator<Claim, void> {
  const turns = new Heap(
    [...servers].filter(({ waiting }) => waiting > 0).map(serverTurn),
    (a, b) => a.served < b.served || (a.served === b.served && headOf(a).id < headOf(b).id),
  );
  for (let server = turns.first; server; server = turns.first) {
    const person = server.people.first!;
    const claim = head(person);
    person.taken += 1;
    person.served += claim.seconds / person.weight;
    server.served += claim.seconds / server.weight;
    if (person.taken < person.waiting.length) server.people.moveFirst();
    else server.people.dropFirst();
    if (server.people.first) turns.moveFirst();
    else turns.dropFirst();
    yield claim;
  }
}

function serverTurn({ served, weight, people }: Server): ServerTurn {
  const waiting: Turn[] = [];
  for (const person of people.values()) if (person.waiting.length > 0) waiting.push(personTurn(person));
  return { served, weight, people: new Heap(waiting, isBefore) };
}

const personTurn = ({ served, weight, waiting }: Person): Turn => ({ served, weight, waiting, taken: 0 });

const isBefore = (a: Turn, b: Turn): boolean =>
  a.served < b.served || (a.served === b.served && head(a).id < head(b).id);

const head = ({ waiting, taken }: Turn): Claim => waiting[taken]!;

const headOf = ({ people }: ServerTurn): Claim => head(people.first!);
