// Fair shares of the device: by hand, and with a thousand people.

import { describe, expect, it } from 'vitest';
import { FairQueue, type Claim } from '../src/queue/fair.ts';
import { randomFrom } from './support/random.ts';

let made = 0;
const claim = (server: string, person: string, seconds = 1): Claim => ({
  id: String(made++).padStart(8, '0'),
  server,
  person: `${server}/${person}`,
  seconds,
});

const taken = (queue: FairQueue): string[] => {
  const names: string[] = [];
  for (let next = queue.take(); next; next = queue.take()) names.push(next.person);
  return names;
};

const jain = (shares: number[]): number =>
  shares.reduce((sum, x) => sum + x, 0) ** 2 / (shares.length * shares.reduce((sum, x) => sum + x * x, 0));

describe('the fair queue', () => {
  it('takes one person in the order of asking', () => {
    const queue = new FairQueue();
    const asked = [claim('a', 'ada'), claim('a', 'ada'), claim('a', 'ada')];
    for (const one of asked.toReversed()) queue.add(one);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([...asked, undefined]);
  });

  it('lets servers take turns, and the people in each', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 4; i++) queue.add(claim('a', 'ada'));
    queue.add(claim('a', 'bob'));
    queue.add(claim('b', 'cyd'));
    queue.add(claim('b', 'cyd'));
    expect(taken(queue)).toEqual(['a/ada', 'b/cyd', 'a/bob', 'b/cyd', 'a/ada', 'a/ada', 'a/ada']);
  });

  it('counts seconds, not requests', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 2; i++) queue.add(claim('a', 'slow', 4));
    for (let i = 0; i < 6; i++) queue.add(claim('b', 'fast', 1));
    expect(taken(queue)).toEqual([
      'a/slow',
      ...Array<string>(4).fill('b/fast'),
      'a/slow',
      'b/fast',
      'b/fast',
    ]);
  });

  it('gives a server with twice the weight twice the seconds', () => {
    const queue = new FairQueue({ server: (id) => (id === 'big' ? 2 : 1) });
    for (let i = 0; i < 30; i++) {
      queue.add(claim('big', 'a'));
      queue.add(claim('small', 'b'));
    }
    const first = Array.from({ length: 30 }, () => queue.take()!.server);
    expect(first.filter((server) => server === 'big')).toHaveLength(20);
  });

  it('lets nobody save up by resting', () => {
    const queue = new FairQueue();
    queue.add(claim('rested', 'ada'));
    queue.take();
    for (let i = 0; i < 100; i++) queue.add(claim('busy', 'bob'));
    for (let i = 0; i < 90; i++) queue.take();
    for (let i = 0; i < 10; i++) queue.add(claim('rested', 'ada'));
    const next = Array.from({ length: 10 }, () => queue.take()!.server);
    expect(next.filter((server) => server === 'rested').length).toBeLessThanOrEqual(6);
  });

  it('passes over who may not run now, without charging them', () => {
    const queue = new FairQueue();
    queue.add(claim('a', 'ada'));
    queue.add(claim('a', 'bob'));
    expect(queue.take(({ person }) => person !== 'a/ada')?.person).toBe('a/bob');
    expect(queue.take(() => false)).toBeUndefined();
    expect(queue.size).toBe(1);
    expect(queue.take()?.person).toBe('a/ada');
  });

  it('charges what it cost in truth, and nothing for what was not carried out', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 6; i++) {
      queue.add(claim('a', 'ada'));
      queue.add(claim('b', 'bob'));
    }
    queue.settle(queue.take()!, 3); // a's took three times what was thought
    expect(Array.from({ length: 4 }, () => queue.take()!.server)).toEqual(['b', 'b', 'b', 'a']);
    const lost = new FairQueue();
    const [one, two] = [claim('a', 'ada'), claim('b', 'bob')];
    lost.add(one);
    lost.add(two);
    lost.settle(lost.take()!, 0);
    lost.add(one);
    expect(lost.take()).toEqual(one);
  });

  it('takes some before their turn, in the order of turns and from no further back, and charges them', () => {
    const queue = new FairQueue();
    for (const name of ['ada', 'bob', 'cyd', 'dan', 'eve']) queue.add(claim(name, name));
    queue.add(claim('bob', 'bob'));
    expect(queue.take()?.person).toBe('ada/ada');
    const asked: string[] = [];
    const joins = ({ person }: Claim): boolean => asked.push(person) > 1;
    expect(queue.join(3, joins).map(({ person }) => person)).toEqual(['cyd/cyd', 'dan/dan']);
    expect(asked).toEqual(['bob/bob', 'cyd/cyd', 'dan/dan']);
    queue.add(claim('cyd', 'cyd'));
    expect(taken(queue)).toEqual(['bob/bob', 'eve/eve', 'bob/bob', 'cyd/cyd']);
  });

  it('forgets what is canceled', () => {
    const queue = new FairQueue();
    const [one, two] = [claim('a', 'ada'), claim('a', 'ada')];
    queue.add(one);
    queue.add(two);
    expect(queue.remove(one)).toBe(true);
    expect(queue.remove(one)).toBe(false);
    expect(queue.remove(claim('nowhere', 'nobody'))).toBe(false);
    expect([queue.size, queue.take(), queue.size]).toEqual([1, two, 0]);
  });

  it('tells the order beforehand', () => {
    const random = randomFrom(3);
    const queue = new FairQueue({ server: (id) => 1 + (Number(id) % 3) });
    for (let i = 0; i < 300; i++)
      queue.add(claim(String(Math.floor(random() * 5)), String(Math.floor(random() * 4)), 0.2 + random()));
    for (let i = 0; i < 20; i++) queue.take();
    const told = queue.order(1000);
    expect(told).toHaveLength(280);
    expect(told.slice(0, 7)).toEqual(queue.order(7));
    expect(told.map(({ id }) => id)).toEqual(Array.from({ length: 280 }, () => queue.take()!.id));
  });
});

/**
 * A thousand people in fifty servers, some of whom always want more, on four places for `hours`. Up to `most` requests
 * of the same kind are drawn together, which is a little quicker.
 */
function simulate(hours: number, seed: number, most: number) {
  const random = randomFrom(seed);
  const queue = new FairQueue();
  const servers = 50;
  const greedy = 20; // servers in which somebody always wants more
  const places = Array.from({ length: 4 }, () => ({ freeAt: 0 }));
  const given = new Map<string, number>();
  const waits: { seconds: number; wait: number; server: number }[] = [];
  const asked = new Map<string, number>();
  const sizes: number[] = [];
  const ask = (server: number, now: number): void => {
    // Greedy servers have from one to twenty people, and long and short requests.
    const people = server < greedy ? 1 + server : 27; // a thousand in all
    const seconds = server % 2 ? 2 + random() * 2 : 8 + random() * 24;
    const one = claim(String(server), String(Math.floor(random() * people)), seconds);
    asked.set(one.id, now);
    queue.add(one);
  };
  for (let server = 0; server < greedy; server++) for (let i = 0; i < 30; i++) ask(server, 0);
  let nextCasual = 0;
  for (let now = 0; now < hours * 3600;) {
    const place = places.reduce((a, b) => (a.freeAt <= b.freeAt ? a : b));
    now = place.freeAt;
    // The other servers ask now and then: together for a tenth of the device.
    for (; nextCasual <= now; nextCasual += 80 * random() + 40)
      ask(greedy + Math.floor(random() * (servers - greedy)), nextCasual);
    const next = queue.take();
    if (!next) throw new Error('The greedy always have something.');
    // Three servers' requests are of a kind that nobody else asks for.
    const kind = ({ server }: Claim): number => Math.max(3, Number(server) % 10);
    let room = most - 1;
    const joins = (one: Claim): boolean => kind(one) === kind(next) && room-- > 0;
    const batch = [next, ...(room > 0 ? queue.join(16, joins) : [])];
    const gain = batch.length > 1 ? 0.9 : 1;
    const truths = batch.map(({ seconds }) => seconds * (0.8 + 0.4 * random()) * gain);
    place.freeAt = now + truths.reduce((sum, truth) => sum + truth, 0);
    sizes.push(batch.length);
    batch.forEach((one, i) => {
      const [server, truth] = [Number(one.server), truths[i]!];
      queue.settle(one, truth);
      given.set(one.server, (given.get(one.server) ?? 0) + truth);
      waits.push({ seconds: one.seconds, wait: now - asked.get(one.id)!, server });
      if (server < greedy) ask(server, now);
    });
  }
  const shares = Array.from({ length: greedy }, (_, server) => given.get(String(server)) ?? 0);
  return { shares, waits, greedy, sizes };
}

describe.each([1, 4])('a thousand people in fifty servers, up to %i requests at once,', (most) => {
  const { shares, waits, greedy, sizes } = simulate(8, 1, most);

  it('are drawn together where they can', () => {
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(Math.max(...sizes)).toBe(most);
    expect(mean).toBeGreaterThan(most === 1 ? 0.99 : 2);
  });

  it('get equal device time where they always want more', () => {
    expect(jain(shares)).toBeGreaterThan(0.98);
  });

  it('are all served', () => {
    expect(Math.min(...shares)).toBeGreaterThan(0.9 * Math.max(...shares));
  });

  it('do not wait behind the long requests of others', () => {
    const casual = waits.filter(({ server, seconds }) => server >= greedy && seconds < 5).map((w) => w.wait);
    casual.sort((a, b) => a - b);
    expect(casual.length).toBeGreaterThan(100);
    // One job of a greedy server ends within half a minute; the newcomer is next, or next but a few newcomers.
    expect(casual[Math.floor(casual.length * 0.99)]).toBeLessThan(60 * most);
  });
});

describe('the people of one server', () => {
  it('get equal device time while they all want more, however long their requests are', () => {
    const random = randomFrom(7);
    const queue = new FairQueue();
    const ask = (person: number): void =>
      queue.add(claim('one', String(person), person < 10 ? 2 + random() : 10 + 20 * random()));
    for (let person = 0; person < 20; person++) for (let i = 0; i < 3; i++) ask(person);
    const given = new Map<string, number>();
    for (let turn = 0; turn < 5000; turn++) {
      const next = queue.take()!;
      const truth = next.seconds * (0.8 + 0.4 * random());
      queue.settle(next, truth);
      given.set(next.person, (given.get(next.person) ?? 0) + truth);
      ask(Number(next.person.split('/')[1]));
    }
    expect(given.size).toBe(20);
    expect(jain([...given.values()])).toBeGreaterThan(0.98);
  });

  it('forgets who is level with the others, however many come and go', () => {
    const queue = new FairQueue();
    const random = randomFrom(5);
    for (let visitor = 0; visitor < 100_000; visitor++) {
      queue.add(claim(`s${visitor % 50}`, String(visitor), 1 + random()));
      if (visitor % 3 > 0) continue;
      for (let turn = 0; turn < 3; turn++) {
        const next = queue.take();
        if (next) queue.settle(next, next.seconds);
      }
    }
    for (let next = queue.take(); next; next = queue.take()) queue.settle(next, next.seconds);
    queue.add(claim('s', 'last'));
    expect(queue.remembered).toBeLessThan(1000);
  });

  it('remembers what was given while anybody waits, whoever else comes and goes', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 4; i++) queue.add(claim('a', 'ada', 10));
    const begun = queue.take()!;
    queue.settle(begun, 10);
    for (let visitor = 0; visitor < 500; visitor++) queue.add(claim('a', `visitor${visitor}`, 0.01));
    const order = Array.from({ length: 500 }, () => queue.take()!.person);
    expect(order.slice(0, 499)).not.toContain('a/ada');
  });

  it('gives back what a job did not take at the weight at which it was taken', () => {
    const queue = new FairQueue();
    queue.add({ ...claim('a', 'ada', 10), weight: 4 });
    queue.add({ ...claim('a', 'ada', 1), weight: 1 });
    queue.add(claim('a', 'bob', 1));
    queue.add(claim('a', 'bob', 1));
    const first = queue.take()!;
    expect(first.person).toBe('a/ada');
    queue.settle(first, 0);
    expect(taken(queue)).toEqual(['a/ada', 'a/bob', 'a/bob']);
  });
});
