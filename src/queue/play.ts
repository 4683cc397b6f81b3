// The line played forward once: those who wait are drawn in their turn, and people come as is their habit. Changes
// nothing of what it reads. Knows no rows and no clock.

import type { Habits } from './habits.ts';
import { Heap } from './heap.ts';
import type { Person, Server } from './shares.ts';

export interface Scene {
  servers: ReadonlyMap<string, Server>;
  /** What had been served to the server that was chosen last. */
  clock: number;
  /** Seconds after which each place is free. */
  free: readonly number[];
  habits: Pick<Habits, 'away' | 'of' | 'sizes'>;
  /** In milliseconds. */
  now: number;
  random: () => number;
  /** So many requests are drawn. */
  steps: number;
}

interface Player {
  readonly team: Team;
  readonly rate: number;
  readonly weight: number;
  served: number;
  /** Device-seconds of each request that waits. */
  readonly waiting: number[];
  taken: number;
  /** Of those who are level, the first who came. */
  turn: number;
}

interface Team {
  readonly weight: number;
  readonly known: ReadonlyMap<string, Person>;
  readonly turns: Heap<Player>;
  readonly course: Course;
  served: number;
  clock: number;
  waiting: number;
  turn: number;
}

/** How far those were served whose turn it was, and when that was. */
export class Course {
  readonly #served: number[] = [];
  readonly #at: number[] = [];
  #over = false;

  note(served: number, at: number): void {
    if (this.#over || (this.#served.at(-1) ?? -1) >= served) return;
    this.#served.push(served);
    this.#at.push(at);
  }

  /** Nobody waited any more. */
  end(at: number): void {
    this.note(Infinity, at);
    this.#over = true;
  }

  /** Seconds until it is the turn of one to whom so much was served; undefined when it was not played so far. */
  reaches(served: number): number | undefined {
    let [low, high] = [0, this.#served.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#served[middle]! < served) low = middle + 1;
      else high = middle;
    }
    return this.#at[low];
  }
}

export interface Played {
  /** What had been served to whose turn it was, in each server. */
  servers: ReadonlyMap<string, Course>;
  /** What had been served to the server whose turn it was. */
  all: Course;
  /** Seconds that were played. */
  until: number;
}

const isBefore = <T extends { served: number; turn: number }>(a: T, b: T): boolean =>
  a.served < b.served || (a.served === b.served && a.turn < b.turn);

class Play {
  readonly #scene: Scene;
  readonly #teams = new Map<string, Team>();
  readonly #turns: Heap<Team>;
  readonly #coming = new Heap<{ at: number; player: Player }>([], (a, b) => a.at < b.at);
  readonly #free: number[];
  #level: number;
  readonly #course = new Course();
  #turn = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#free = [...scene.free];
    this.#level = scene.clock;
    for (const [id, server] of scene.servers) this.#teams.set(id, this.#team(id, server));
    this.#turns = new Heap(
      [...this.#teams.values()].filter(({ waiting }) => waiting > 0),
      isBefore,
    );
    for (const { server, person, rate } of scene.habits.away(scene.now))
      this.#comes(this.#player(person, this.#teamOf(server), rate), 0);
  }

  #team(id: string, { served, weight, clock, people, waiting }: Server): Team {
    const turns = new Heap<Player>([], isBefore);
    const team = { weight, known: people, turns, course: new Course(), served, clock, waiting, turn: 0 };
    const all = [...people].filter(([, { waiting: its }]) => its.length > 0);
    all.sort(([, a], [, b]) => (a.waiting[0]!.id < b.waiting[0]!.id ? -1 : 1));
    for (const [person, { waiting: its }] of all) {
      const player = this.#player(person, team, this.#scene.habits.of(id, person).rate);
      for (const { seconds } of its) player.waiting.push(seconds);
      player.turn = this.#turn++;
      turns.add(player);
    }
    team.turn = this.#turn++;
    return team;
  }

  #teamOf(id: string): Team {
    const known = this.#teams.get(id);
    if (known) return known;
    const [turns, course] = [new Heap<Player>([], isBefore), new Course()];
    const none = { served: 0, clock: 0, waiting: 0, turn: 0 };
    const team = { weight: 1, known: new Map<string, Person>(), turns, course, ...none };
    this.#teams.set(id, team);
    return team;
  }

  #player(id: string, team: Team, rate: number): Player {
    const { served = 0, weight = 1 } = team.known.get(id) ?? {};
    return { team, rate, weight, served, waiting: [], taken: 0, turn: 0 };
  }

  #comes(player: Player, after: number): void {
    this.#coming.add({ at: after - Math.log(1 - this.#scene.random()) / player.rate, player });
  }

  run(): Played {
    for (let step = 0; step < this.#scene.steps; step++) {
      let at = Math.min(...this.#free);
      if (!this.#turns.first) at = Math.max(at, this.#coming.first?.at ?? Infinity);
      if (at === Infinity) break;
      for (let next = this.#coming.first; next && next.at <= at; next = this.#coming.first) {
        this.#coming.dropFirst();
        this.#ask(next.player);
      }
      this.#draw(at);
    }
    const servers = new Map([...this.#teams].map(([id, { course }]) => [id, course]));
    return { servers, all: this.#course, until: Math.min(...this.#free) };
  }

  #ask(player: Player): void {
    const { team } = player;
    const { habits, random } = this.#scene;
    player.waiting.push(habits.sizes[Math.floor(random() * habits.sizes.length)]!);
    player.served = Math.max(player.served, team.clock);
    player.turn = this.#turn++;
    team.turns.add(player);
    team.waiting += 1;
    if (team.waiting > 1) return;
    team.served = Math.max(team.served, this.#level);
    team.turn = this.#turn++;
    this.#turns.add(team);
  }

  #draw(at: number): void {
    const team = this.#turns.first!;
    const player = team.turns.first!;
    this.#level = Math.max(this.#level, team.served);
    this.#course.note(this.#level, at);
    team.clock = Math.max(team.clock, player.served);
    team.course.note(player.served, at);
    const seconds = player.waiting[player.taken++]!;
    player.served += seconds / player.weight;
    team.served += seconds / team.weight;
    if (player.taken < player.waiting.length) team.turns.moveFirst();
    else {
      team.turns.dropFirst();
      this.#comes(player, at + seconds);
    }
    team.waiting -= 1;
    if (team.waiting > 0) this.#turns.moveFirst();
    else {
      this.#turns.dropFirst();
      team.course.end(at);
    }
    const free = this.#free;
    free[free.indexOf(Math.min(...free))] = at + seconds;
  }
}

export const play = (scene: Scene): Played => new Play(scene).run();
