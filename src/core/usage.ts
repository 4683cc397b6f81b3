// The numbers of usage reports, out of the ledger. Days that are over are summed once and kept; a report adds them up and
// reads the days that are not over. Knows no tables and no messages.

import { DateTime } from 'luxon';
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
  type Sums,
  type UsageReport,
  type UsageStore,
  type Use,
} from './report.ts';
import { DIRECT, HOUSE, type Limit, type Rules, type ServerRef } from './rules.ts';
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

/** What was over at its end may be written a moment later. */
const CLOSES_AFTER = 10 * 60_000; // milliseconds
/** And much later after an outage: so long it is looked now and then whether a day's sum is still all there is. */
const MAY_GROW_FOR = 7 * 86_400_000;
const MOST_NAMED = 10;
const MOST_DAYS = 3700;
const NOTHING: Amounts = { requests: 0, pictures: 0, deviceSeconds: 0, megapixelSteps: 0 };
const NOBODY = 'people who were forgotten';

export class Usage {
  readonly #deps: Deps;
  /** The end of the last that was begun: sums are not made while somebody is forgotten, nor read while they are made. */
  #turn: Promise<unknown> = Promise.resolve();

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
      await this.#deps.ledger.forget(person);
      await this.#deps.usage.dropOf(person);
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn;
    return turn;
  }

  #rulesFor(server: ServerRef): Rules {
    return this.#deps.rulesOf(server.id === DIRECT ? HOUSE : server);
  }

  async #sumUpServer(server: ServerRef, now: Date): Promise<void> {
    const since = await this.#deps.usage.since(server);
    if (!since) return;
    const days = daysFrom(since, now, this.#rulesFor(server).timeZone);
    await this.#sumDays(server, days, now);
    await this.#sumGrown(server, days, now);
  }

  /** Sums those of these days, which lie one after the other, that are over. Returns those that are not. */
  async #sumDays(server: ServerRef, days: readonly Day[], now: Date): Promise<Day[]> {
    const { usage } = this.#deps;
    const zone = this.#rulesFor(server).timeZone;
    const [first, last] = [days[0], days.at(-1)];
    if (!first || !last) return [];
    // Every day of the server: one that was summed in another zone may lie before the first of this one.
    let summed = await usage.summed(server);
    if (summed.some((day) => day.zone !== zone)) {
      await usage.drop(server);
      summed = [];
    }
    const known = new Set(summed.map(({ day }) => day));
    const missing = days.filter(({ name }) => !known.has(name));
    for (const day of missing.filter((each) => isOver(each, now))) await usage.sum(server, day, zone);
    return missing.filter((day) => !isOver(day, now));
  }

  /** Sums those days anew that more was over on than was known when they were summed. */
  async #sumGrown(server: ServerRef, days: readonly Day[], now: Date): Promise<void> {
    const { usage } = this.#deps;
    const mayGrow = days.filter((day) => isOver(day, now) && day.to.getTime() + MAY_GROW_FOR > now.getTime());
    if (mayGrow.length === 0) return;
    const summed = await usage.summed(server, mayGrow[0]!.name, mayGrow.at(-1)!.name);
    for (const { day: name, zone, requests } of summed) {
      const day = mayGrow.find((each) => each.name === name);
      if (day && (await usage.overIn(server, day)) !== requests) await usage.sum(server, day, zone);
    }
  }

  async #report({ server, from, to, now }: ReportOf): Promise<UsageReport> {
    const zone = this.#rulesFor(server ?? HOUSE).timeZone;
    const asked = daysFrom(from, new Date(Math.max(from.getTime(), to.getTime() - 1)), zone);
    const names = asked.map(({ name }) => name);
    const [first, last] = [names[0]!, names.at(-1)!];
    const open: Sums[] = [];
    for (const each of server ? [server] : await this.#deps.usage.servers())
      for (const day of await this.#openDays(each, first, last, now))
        open.push(await this.#deps.usage.read(each, day));
    const closed = await this.#deps.usage.sums(server, first, last);
    const parts = [closed, ...open];
    const perDay = parts.flatMap(({ days }) => days);
    const sums = parts.flatMap((part) => part.sums);
    const waited = parts.flatMap((part) => part.waits);
    const people = sharesOf(sums, 'person', !server);
    const waits = waitsOf(waited);
    return {
      ...(server && { server }),
      timeZone: zone,
      from: first,
      to: last,
      total: perDay.reduce<Amounts>(plus, NOTHING),
      days: everyDay(names, perDay, waited),
      people: await Promise.all(people.slice(0, MOST_NAMED).map((share) => this.#named(share, server))),
      channels: sharesOf(sums, 'channel', !server).slice(0, MOST_NAMED),
      models: sharesOf(sums, 'model', false).slice(0, MOST_NAMED),
      peopleCount: people.length,
      outcomes: outcomesOf(sums),
      ...(waits && { waits }),
      limits: server ? await this.#limits(server, now) : [],
    };
  }

  /** After the others of the server's days from one to another are summed. */
  async #openDays(server: ServerRef, first: string, last: string, now: Date): Promise<Day[]> {
    const since = await this.#deps.usage.since(server);
    if (!since) return [];
    const zone = this.#rulesFor(server).timeZone;
    const begin = Math.max(since.getTime(), startOf(first, zone).getTime());
    const end = Math.min(now.getTime(), startOf(last, zone).getTime());
    const days = begin <= now.getTime() ? daysFrom(new Date(begin), new Date(end), zone) : [];
    return this.#sumDays(
      server,
      days.filter(({ name }) => name >= first && name <= last),
      now,
    );
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

/** The days from the one that `first` lies in to the one that `last` lies in. */
function daysFrom(first: Date, last: Date, zone: string): Day[] {
  const days: Day[] = [];
  let window = windowOf('day', zone, first);
  while (window.from <= last && days.length < MOST_DAYS) {
    days.push({ ...window, name: nameOfDay(window.from, zone) });
    window = windowOf('day', zone, window.to);
  }
  return days;
}

/** A zone that is not known is UTC, as in the windows of limits. */
const known = (zone: string): string => (DateTime.local({ zone }).isValid ? zone : 'UTC');

const nameOfDay = (at: Date, zone: string): string =>
  DateTime.fromJSDate(at, { zone: known(zone) }).toISODate() ?? '';

const startOf = (name: string, zone: string): Date =>
  DateTime.fromISO(name, { zone: known(zone) })
    .startOf('day')
    .toJSDate();

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
