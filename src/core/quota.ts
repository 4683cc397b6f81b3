// Calendar windows and the limits that hold for one person, in numbers and in words. Pure: knows neither what was used
// nor who may change a limit.

import { DateTime } from 'luxon';
import { lasts, type Limit, type Period, type Rules, type Unit } from './rules.ts';

export interface Window {
  from: Date;
  /** The first moment after it. */
  to: Date;
}

/** Whose limits are asked for. */
export interface Bearer {
  /** The platform's id. */
  person: string;
  roles?: readonly string[];
  /** Absent: limits of every model. */
  model?: string;
}

/** A limit that holds, and what grants add to its amount. */
export interface Held extends Limit {
  granted: number;
}

const HOUR = 3_600_000; // milliseconds

/** A zone that is not known is UTC. */
function inZone(at: Date, zone: string): DateTime {
  const local = DateTime.fromJSDate(at, { zone }).setLocale('en');
  return local.isValid ? local : DateTime.fromJSDate(at, { zone: 'utc' }).setLocale('en');
}

/**
 * The calendar hour, day or month in the zone that `at` lies in. A day in which clocks change has 23 or 25 hours; an
 * hour that clocks repeat is two hours.
 */
export function windowOf(period: Period, zone: string, at: Date): Window {
  const local = inZone(at, zone);
  if (period === 'hour') return hourOf(local, at);
  const from = firstOf(local, period);
  const to = firstOf(from.startOf(period).plus({ [period]: 1 }), period);
  return { from: from.toJSDate(), to: to.toJSDate() };
}

/** By the offset of this very moment: what is set on a local time falls into the wrong one of two repeated hours. */
function hourOf(local: DateTime, at: Date): Window {
  const offset = local.offset * 60_000;
  const from = Math.floor((at.getTime() + offset) / HOUR) * HOUR - offset;
  return { from: new Date(from), to: new Date(from + HOUR) };
}

/** Where clocks go back over midnight there are two of it, and the first counts. */
function firstOf(local: DateTime, period: 'day' | 'month'): DateTime {
  const start = local.startOf(period);
  const earlier = start.minus({ hours: 1 });
  return earlier.hasSame(start, period) ? earlier : start;
}

/** The window before one. */
export const windowBefore = (period: Period, zone: string, { from }: Window): Window =>
  windowOf(period, zone, new Date(from.getTime() - 1));

/**
 * The limits that hold now: each of the whole server, and for each unit, period and model one on the person. That is
 * the most generous of those for everyone and for the person's roles, or the one for the person alone instead. Of two
 * with the same amount the one with the larger burst is taken; a burst belongs to its own limit.
 */
export function limitsOn(rules: Rules, { person, roles = [], model }: Bearer, at: Date): Held[] {
  const concerned = rules.limits.filter(
    (limit) => limit.model === undefined || model === undefined || limit.model === model,
  );
  const ofServer = concerned.filter(({ who }) => who === 'server');
  const shared = new Set<string>(['everyone', ...roles.map((role) => `role:${role}`)]);
  const own = concerned.filter(({ who }) => who === `person:${person}`);
  const common = concerned.filter(({ who }) => shared.has(who));
  const ofPerson = new Map<string, Limit>();
  for (const limit of [...mostGenerous(common), ...mostGenerous(own)]) ofPerson.set(kindOf(limit), limit);
  return [
    ...ofServer.map((limit) => ({ ...limit, granted: 0 })),
    ...[...ofPerson.values()].map((limit) => ({
      ...limit,
      granted: grantedOf(rules, person, limit.unit, at),
    })),
  ];
}

const kindOf = ({ unit, per, model }: Limit): string => JSON.stringify([unit, per, model]);

function mostGenerous(limits: readonly Limit[]): Limit[] {
  const best = new Map<string, Limit>();
  for (const limit of limits) {
    const known = best.get(kindOf(limit));
    if (!known || isMore(limit, known)) best.set(kindOf(limit), limit);
  }
  return [...best.values()];
}

const isMore = (a: Limit, b: Limit): boolean =>
  a.amount > b.amount || (a.amount === b.amount && (a.burst ?? 0) > (b.burst ?? 0));

function grantedOf({ grants }: Rules, person: string, unit: Unit, at: Date): number {
  const held = grants.filter((grant) => grant.person === person && grant.unit === unit);
  return held.filter((grant) => lasts(grant, at)).reduce((sum, { amount }) => sum + amount, 0);
}

/** What may be used in a window when `before` was used in the one before it. */
export function amountOf({ amount, granted, burst = 0 }: Held, before: number): number {
  return amount + granted + Math.min(burst, Math.max(0, amount - before));
}

/**
 * "50 pictures a day for each person", "2 h of device time a month of the model sdxl for the whole server". Roles and
 * people are named by their ids, but for what the caller calls them.
 */
export function limitText(limit: Limit, whom = whomOf(limit)): string {
  const { unit, per, amount, model } = limit;
  const thing = unit === 'pictures' ? quantity(unit, amount) : `${quantity(unit, amount)} of device time`;
  const each = per === 'hour' ? 'an hour' : `a ${per}`;
  return `${thing} ${each}${model === undefined ? '' : ` of the model ${model}`} for ${whom}`;
}

function whomOf({ who }: Limit): string {
  if (who === 'server') return 'the whole server';
  if (who === 'everyone') return 'each person';
  const id = who.slice(who.indexOf(':') + 1);
  return who.startsWith('role:') ? `each person with the role ${id}` : `the person ${id}`;
}

/** "1 picture", "50 pictures"; "45 s", "1 h 30 min". */
export function quantity(unit: Unit, amount: number): string {
  if (unit === 'seconds') return timeText(amount);
  return `${amount} ${amount === 1 ? 'picture' : 'pictures'}`;
}

/** "41 of 50 pictures", "30 min of 2 h of device time". */
export function share(unit: Unit, used: number, amount: number): string {
  if (unit === 'pictures') return `${used} of ${quantity(unit, amount)}`;
  return `${timeText(used)} of ${timeText(amount)} of device time`;
}

/** In the two largest units that matter: "0.4 s", "43 s", "1 h 12 min", "1,234 h 5 min". */
export function timeText(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(whole, 60, 'min', 's');
  return twoUnits(Math.round(whole / 60), 60, 'h', 'min');
}

function twoUnits(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${Math.floor(amount / size).toLocaleString('en-GB')} ${large}${rest ? ` ${rest} ${small}` : ''}`;
}

export const thisPeriod: Record<Period, string> = { hour: 'this hour', day: 'today', month: 'this month' };

/** "at 14:00 (Europe/Berlin)", "at midnight (UTC)", "on 1 December". */
export function renewalText(period: Period, zone: string, at: Date): string {
  const local = inZone(at, zone);
  if (period === 'month') return `on ${local.toFormat('d LLLL')}`;
  const time = local.toFormat('HH:mm');
  return `at ${time === '00:00' ? 'midnight' : time} (${local.zoneName ?? 'UTC'})`;
}

/** "21 November at 14:00 (Europe/Berlin)". */
export const momentText = (zone: string, at: Date): string => {
  const local = inZone(at, zone);
  return `${local.toFormat("d LLLL yyyy 'at' HH:mm")} (${local.zoneName ?? 'UTC'})`;
};
