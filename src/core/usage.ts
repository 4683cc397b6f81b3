// The numbers of usage reports, out of the ledger. Days that are over are summed once and kept; a report adds them up and
// reads the days that are not over. Knows no tables and no messages.

import { daysFrom, latestToday, startOfDay } from './days.ts';
import { FORGOTTEN, type LedgerStore } from './ledger.ts';
import type { PersonRef } from './people.ts';
import { amountOf, limitText, windowBefore, windowOf, type Window } from './quota.ts';
import {
  outcomes,
  type Amounts,
  type Day,
  type DayUse,
  type Facet,
  type LimitUse,
  type Outcome,
  type Share,
  type Sum,
  type SummedDay,
  type Sums,
  type UsageReport,
  type UsageStore,
  type Use,
} from './report.ts';
import { DIRECT, HOUSE, serverKey, type Limit, type Rules, type ServerRef } from './rules.ts';
import { Turns } from './turns.ts';
import { waitsByDay, waitsOf } from './waits.ts';

interface Deps {
  usage: UsageStore;
  ledger: Pick<LedgerStore, 'used' | 'forget'>;
  /** Of requests that come from no server, HOUSE's are asked for. */
  rulesOf: (server: ServerRef) => Rules;
}

export interface ReportOf {
  /** Absent: all servers of all platforms, each in its own days. */
  server?: ServerRef;
  /** The days that lie in [from, to) in the server's time zone, or the house's; those that touch it are whole. */
  from: Date;
  to: Date;
  now: Date;
}

/** A server and when the first request was accepted. */
interface Begun {
  server: ServerRef;
  since: Date;
}

/** What was over at its end may be written a moment later. */
const CLOSES_AFTER = 10 * 60_000; // milliseconds
/** And much later after an outage: so long it is looked now and then whether a day's sum is still all there is. */
const MAY_GROW_FOR = 7 * 86_400_000;
const MOST_NAMED = 10;
const NOTHING: Amounts = { requests: 0, pictures: 0, deviceSeconds: 0, megapixelSteps: 0 };
const NOBODY = 'people who were forgotten';

export class Usage {
  readonly #deps: Deps;
  /** Sums are not made while somebody is forgotten, nor read while they are made. */
  readonly #turns = new Turns();
  /** Of each server that was ever asked for anything, by its key: it never changes, also when a person is forgotten. */
  readonly #since = new Map<string, Date>();
  /** What was last read of days that are over: they stay as they are until something is summed or dropped. */
  #closed: { key: string; sums: Sums } | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  report(of: ReportOf): Promise<UsageReport> {
    return this.#inTurn(() => this.#report(of));
  }

  /** Those that anything was ever asked for in. */
  servers(): Promise<ServerRef[]> {
    return this.#deps.usage.servers();
  }

  /** What a person used, and what is reserved for their open requests, by when they asked. */
  useOf(person: PersonRef, period: Window): Promise<Use> {
    return this.#deps.usage.useOf(person, period);
  }

  /**
   * Sums all days that are over, of every server, and those anew for which something came late. To be called now and then:
   * reports are quick then, and whole.
   */
  async sumUp(now: Date): Promise<void> {
    const servers = await this.#deps.usage.servers();
    for (const server of servers) await this.#inTurn(() => this.#sumUpServer(server, now));
  }

  /** Neither the ledger nor its sums name this person from now on. */
  forget(person: PersonRef): Promise<void> {
    return this.#inTurn(async () => {
      this.#closed = undefined;
      await this.#deps.ledger.forget(person);
      await this.#deps.usage.dropOf(person);
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take('sums', act);
  }

  #rulesFor(server: ServerRef): Rules {
    return this.#deps.rulesOf(server.id === DIRECT ? HOUSE : server);
  }

  async #sumUpServer(server: ServerRef, now: Date): Promise<void> {
    const since = await this.#sinceOf(server);
    if (!since) return;
    const days = daysFrom(since, now, this.#rulesFor(server).timeZone);
    await this.#sumDays(server, days, await this.#deps.usage.summed([server]), now);
    await this.#sumGrown(server, days, now);
  }

  async #sinceOf(server: ServerRef): Promise<Date | undefined> {
    const key = serverKey(server);
    const since = this.#since.get(key) ?? (await this.#deps.usage.since(server));
    if (since) this.#since.set(key, since);
    return since;
  }

  /** Sums those of these days that are over and not among the summed ones. Returns those that are not over. */
  async #sumDays(
    server: ServerRef,
    days: readonly Day[],
    summed: readonly SummedDay[],
    now: Date,
  ): Promise<Day[]> {
    const { usage } = this.#deps;
    const zone = this.#rulesFor(server).timeZone;
    const stale = summed.some((day) => day.zone !== zone);
    if (stale) {
      this.#closed = undefined;
      await usage.drop(server);
    }
    const known = new Set(stale ? [] : summed.map(({ day }) => day));
    const missing = days.filter(({ name }) => !known.has(name));
    for (const day of missing.filter((each) => isOver(each, now))) await this.#sum(server, day, zone);
    return missing.filter((day) => !isOver(day, now));
  }

  /** Sums those days anew that more was over on than was known when they were summed. */
  async #sumGrown(server: ServerRef, days: readonly Day[], now: Date): Promise<void> {
    const { usage } = this.#deps;
    const mayGrow = days.filter((day) => isOver(day, now) && day.to.getTime() + MAY_GROW_FOR > now.getTime());
    if (mayGrow.length === 0) return;
    const summed = await usage.summed([server], mayGrow[0]!.name, mayGrow.at(-1)!.name);
    for (const { day: name, zone, requests } of summed) {
      const day = mayGrow.find((each) => each.name === name);
      if (day && (await usage.overIn(server, day)) !== requests) await this.#sum(server, day, zone);
    }
  }

  async #sum(server: ServerRef, day: Day, zone: string): Promise<void> {
    this.#closed = undefined;
    await this.#deps.usage.sum(server, day, zone);
  }

  async #closedPart(servers: readonly ServerRef[], first: string, last: string): Promise<Sums> {
    const key = JSON.stringify([servers.map(serverKey), first, last]);
    if (this.#closed?.key !== key)
      this.#closed = { key, sums: await this.#deps.usage.sums(servers, first, last) };
    return this.#closed.sums;
  }

  async #report({ server, from, to, now }: ReportOf): Promise<UsageReport> {
    const zone = this.#rulesFor(server ?? HOUSE).timeZone;
    const asked = daysFrom(from, new Date(Math.max(from.getTime(), to.getTime() - 1)), zone);
    const names = asked.map(({ name }) => name);
    const [first, last] = [names[0]!, names.at(-1)!];
    // A server in the east may be in a day that the house has not reached: what is drawn there now counts on the last.
    const until = !server && to > now && latestToday(now) > last ? latestToday(now) : last;
    const servers = server ? [server] : await this.#deps.usage.servers();
    const open = await this.#openParts(servers, first, until, now);
    const closed = await this.#closedPart(servers, first, until);
    const parts = [closed, ...open].map((part) => endingOn(last, part));
    const perDay = parts.flatMap(({ days }) => days);
    const sums = parts.flatMap((part) => part.sums);
    const waited = parts.flatMap((part) => part.waits);
    const people = sharesOf(sums, 'person', !server);
    const channels = sharesOf(sums, 'channel', !server);
    const models = sharesOf(sums, 'model', false);
    const waits = waitsOf(waited);
    return {
      ...(server && { server }),
      timeZone: zone,
      from: first,
      to: last,
      total: perDay.reduce<Amounts>(plus, NOTHING),
      days: everyDay(names, perDay, waited),
      people: await Promise.all(people.slice(0, MOST_NAMED).map((share) => this.#named(share, server))),
      channels: channels.slice(0, MOST_NAMED),
      models: models.slice(0, MOST_NAMED),
      peopleCount: people.length,
      channelCount: channels.length,
      modelCount: models.length,
      outcomes: outcomesOf(sums),
      ...(waits && { waits }),
      limits: server ? await this.#limits(server, now) : [],
    };
  }

  /** What the days from one to another hold that are not over, after the others are summed. */
  async #openParts(servers: readonly ServerRef[], first: string, last: string, now: Date): Promise<Sums[]> {
    const { usage } = this.#deps;
    const summed = groupedBy(await usage.summed(servers, first, last), ({ server }) => serverKey(server));
    const begun: Begun[] = [];
    for (const server of servers) {
      const since = await this.#sinceOf(server);
      if (since) begun.push({ server, since });
    }
    const parts: Sums[] = [];
    for (const [zone, own] of groupedBy(begun, ({ server }) => this.#rulesFor(server).timeZone)) {
      const days = daysSince(own, first, last, zone, now);
      const open = new Map<Day, ServerRef[]>();
      for (const { server, since } of own) {
        const lived = days.filter(({ to }) => to > since);
        for (const day of await this.#sumDays(server, lived, summed.get(serverKey(server)) ?? [], now))
          open.set(day, [...(open.get(day) ?? []), server]);
      }
      for (const [day, sharing] of open) parts.push(await usage.read(sharing, day));
    }
    return parts;
  }

  async #named(share: Share, server?: ServerRef): Promise<Share> {
    const slash = share.key.indexOf('/');
    const platform = server?.platform ?? share.key.slice(0, slash);
    const id = server ? share.key : share.key.slice(slash + 1);
    if (id === FORGOTTEN) return { ...share, name: NOBODY };
    return { ...share, name: (await this.#deps.usage.nameOf({ platform, id })) ?? id };
  }

  async #limits(server: ServerRef, now: Date): Promise<LimitUse[]> {
    const rules = this.#rulesFor(server);
    const ofServer = rules.limits.filter(({ who }) => who === 'server');
    return Promise.all(ofServer.map((limit) => this.#limitUse(server, limit, rules.timeZone, now)));
  }

  async #limitUse(server: ServerRef, limit: Limit, zone: string, now: Date): Promise<LimitUse> {
    const { unit, per, burst, model } = limit;
    const account = { server, ...(model !== undefined && { model }) };
    const usedIn = async ({ from, to }: Window): Promise<number> =>
      (await this.#deps.ledger.used(account, from, to))[unit];
    const window = windowOf(per, zone, now);
    const before = burst === undefined ? 0 : await usedIn(windowBefore(per, zone, window));
    return {
      text: limitText(limit),
      used: await usedIn(window),
      amount: amountOf({ ...limit, granted: 0 }, before),
    };
  }
}

const isOver = ({ to }: Day, now: Date): boolean => to.getTime() + CLOSES_AFTER <= now.getTime();

function groupedBy<T>(all: readonly T[], keyOfEach: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(keyOfEach(each));
    if (group) group.push(each);
    else groups.set(keyOfEach(each), [each]);
  }
  return groups;
}

/** The days from one to another that had come by now, from the first on that any of these servers was asked on. */
function daysSince(begun: readonly Begun[], first: string, last: string, zone: string, now: Date): Day[] {
  const since = Math.min(...begun.map((each) => each.since.getTime()));
  const begin = Math.max(since, startOfDay(first, zone).getTime());
  const end = Math.min(now.getTime(), startOfDay(last, zone).getTime());
  const days = begin <= now.getTime() ? daysFrom(new Date(begin), new Date(end), zone) : [];
  return days.filter(({ name }) => name >= first && name <= last);
}

/** What is of later days counts on this one. */
function endingOn(last: string, { days, sums, waits }: Sums): Sums {
  const within = <T extends { day: string }>(each: T): T => (each.day > last ? { ...each, day: last } : each);
  return { days: days.map(within), sums, waits: waits.map(within) };
}

const plus = (a: Amounts, b: Amounts): Amounts => ({
  requests: a.requests + b.requests,
  pictures: a.pictures + b.pictures,
  deviceSeconds: a.deviceSeconds + b.deviceSeconds,
  megapixelSteps: a.megapixelSteps + b.megapixelSteps,
});

const useIn = ({ requests, pictures, deviceSeconds }: Use): Use => ({ requests, pictures, deviceSeconds });

function everyDay(names: readonly string[], used: Sums['days'], waited: Sums['waits']): DayUse[] {
  const byDay = new Map<string, Amounts>();
  for (const { day, ...amounts } of used) byDay.set(day, plus(byDay.get(day) ?? NOTHING, amounts));
  const waitsOn = waitsByDay(waited);
  return names.map((day) => {
    const waits = waitsOn.get(day);
    return { day, ...useIn(byDay.get(day) ?? NOTHING), ...(waits && { waits }) };
  });
}

/** The largest device time first. */
function sharesOf(sums: readonly Sum[], facet: Facet, ofSeveral: boolean): Share[] {
  const byKey = new Map<string, { sum: Amounts; name: string }>();
  for (const sum of sums) {
    if (sum.facet !== facet) continue;
    const key = ofSeveral ? `${sum.platform}/${sum.key}` : sum.key;
    byKey.set(key, { sum: plus(byKey.get(key)?.sum ?? NOTHING, sum), name: sum.key });
  }
  const shares = [...byKey].map(([key, { sum, name }]) => ({ key, name, ...useIn(sum) }));
  return shares.toSorted(
    (a, b) => b.deviceSeconds - a.deviceSeconds || b.requests - a.requests || (a.key < b.key ? -1 : 1),
  );
}

function outcomesOf(sums: readonly Sum[]): Record<Outcome, number> {
  const counted: Record<Outcome, number> = { done: 0, failed: 0, canceled: 0, moderated: 0 };
  for (const { facet, key, requests } of sums) {
    const outcome = facet === 'outcome' ? outcomes.find((each) => each === key) : undefined;
    if (outcome) counted[outcome] += requests;
  }
  return counted;
}
