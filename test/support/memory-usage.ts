// What was used, out of the ledger's list; which days are summed is all that it keeps.

import type { PersonRef } from '../../src/core/people.ts';
import type { Window } from '../../src/core/quota.ts';
import {
  facets,
  type Amounts,
  type Day,
  type Facet,
  type Sum,
  type SummedDay,
  type Sums,
  type UsageStore,
  type Use,
} from '../../src/core/report.ts';
import type { ServerRef } from '../../src/core/rules.ts';
import type { MemoryEntry, MemoryLedger } from './memory-ledger.ts';
import type { MemoryJobs } from './memory-stores.ts';

interface Summed extends Sums {
  server: ServerRef;
  day: string;
  zone: string;
}

interface Request extends Amounts {
  entry: MemoryEntry;
}

export class MemoryUsage implements UsageStore {
  readonly #ledger: MemoryLedger;
  readonly #jobs: MemoryJobs;
  #summed: Summed[] = [];

  constructor(ledger: MemoryLedger, jobs: MemoryJobs) {
    this.#ledger = ledger;
    this.#jobs = jobs;
  }

  async servers(): Promise<ServerRef[]> {
    const names = new Set(
      this.#ledger.entries.map(({ server }) => JSON.stringify([server.platform, server.id])),
    );
    return [...names].toSorted().map((name) => {
      const [platform, id] = JSON.parse(name) as [string, string];
      return { platform, id };
    });
  }

  async since(server: ServerRef): Promise<Date | undefined> {
    const own = this.#ledger.entries.filter((entry) => isSame(entry.server, server));
    return own.map(({ countedAt }) => countedAt).toSorted((a, b) => a.getTime() - b.getTime())[0];
  }

  async summed(servers: readonly ServerRef[], from = '', to = '~'): Promise<SummedDay[]> {
    return this.#summedOf(servers, from, to).map(({ server, day, zone, days }) => ({
      server,
      day,
      zone,
      requests: days[0]?.requests ?? 0,
    }));
  }

  #summedOf(servers: readonly ServerRef[], from: string, to: string): Summed[] {
    return this.#summed.filter(
      ({ server, day }) => servers.some((each) => isSame(each, server)) && day >= from && day <= to,
    );
  }

  async overIn(server: ServerRef, { from, to }: Window): Promise<number> {
    return this.#over(server, from, to).length;
  }

  #over(server: ServerRef, from: Date, to: Date): MemoryEntry[] {
    return this.#ledger.entries.filter(
      ({ kind, at, server: own }) => kind !== 'reserve' && isSame(own, server) && at >= from && at < to,
    );
  }

  async sum(server: ServerRef, day: Day, zone: string): Promise<void> {
    const read = await this.read([server], day);
    this.#summed = this.#summed.filter((sum) => !isSame(sum.server, server) || sum.day !== day.name);
    this.#summed.push({ server, day: day.name, zone, ...read });
  }

  async read(servers: readonly ServerRef[], { from, to, name }: Day): Promise<Sums> {
    const each = servers.map((server) => this.#over(server, from, to).map((entry) => this.#request(entry)));
    const requests = each.flat();
    const sums = facets.flatMap((facet) =>
      each.flatMap((own, at) => sumsBy(facet, servers[at]!.platform, own)),
    );
    const bySeconds = new Map<number, number>();
    for (const { entry } of requests)
      if (entry.waitSeconds !== undefined)
        bySeconds.set(entry.waitSeconds, (bySeconds.get(entry.waitSeconds) ?? 0) + 1);
    return { days: [{ day: name, ...total(requests) }], sums, waits: [{ day: name, bySeconds }] };
  }

  async sums(servers: readonly ServerRef[], from: string, to: string): Promise<Sums> {
    const own = this.#summedOf(servers, from, to);
    return {
      days: own.flatMap(({ days }) => days),
      sums: own.flatMap(({ sums }) => sums),
      waits: own.flatMap(({ waits }) => waits),
    };
  }

  async drop(server: ServerRef): Promise<void> {
    this.#summed = this.#summed.filter((sum) => !isSame(sum.server, server));
  }

  async dropOf({ platform, id }: PersonRef): Promise<void> {
    this.#summed = this.#summed.filter(
      ({ sums }) =>
        !sums.some((sum) => sum.platform === platform && sum.facet === 'person' && sum.key === id),
    );
  }

  async useOf({ platform, id }: PersonRef, { from, to }: Window): Promise<Use> {
    const own = this.#ledger.entries.filter(
      ({ server, person, countedAt }) =>
        server.platform === platform && person === id && countedAt >= from && countedAt < to,
    );
    return {
      requests: own.filter(({ kind }) => kind !== 'settle').length,
      pictures: own.reduce((sum, { pictures }) => sum + pictures, 0),
      deviceSeconds: own.reduce((sum, { deviceSeconds }) => sum + deviceSeconds, 0),
    };
  }

  async nameOf(person: PersonRef): Promise<string | undefined> {
    const [latest] = await this.#jobs.history(person, 1);
    return latest?.requester.name;
  }

  #request(entry: MemoryEntry): Request {
    const reserve = this.#ledger.entries.find(
      ({ jobId, kind }) => jobId === entry.jobId && kind === 'reserve',
    );
    return {
      entry,
      requests: 1,
      pictures: entry.pictures + (reserve?.pictures ?? 0),
      deviceSeconds: entry.deviceSeconds + (reserve?.deviceSeconds ?? 0),
      megapixelSteps: entry.megapixelSteps + (reserve?.megapixelSteps ?? 0),
    };
  }
}

const isSame = (a: ServerRef, b: ServerRef): boolean => a.platform === b.platform && a.id === b.id;

function sumsBy(facet: Facet, platform: string, requests: readonly Request[]): Sum[] {
  const keys = new Set(requests.map((request) => keyOf(facet, request)));
  return [...keys].flatMap((key) => {
    if (key === undefined) return [];
    return [{ platform, facet, key, ...total(requests.filter((request) => keyOf(facet, request) === key)) }];
  });
}

function keyOf(facet: Facet, { entry }: Request): string | undefined {
  return entry[facet];
}

const total = (requests: readonly Amounts[]): Amounts => ({
  requests: requests.reduce((sum, each) => sum + each.requests, 0),
  pictures: requests.reduce((sum, each) => sum + each.pictures, 0),
  deviceSeconds: requests.reduce((sum, each) => sum + each.deviceSeconds, 0),
  megapixelSteps: requests.reduce((sum, each) => sum + each.megapixelSteps, 0),
});
