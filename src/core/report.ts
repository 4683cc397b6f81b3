// Who used what, and how long people waited: the numbers of a usage report, and the port they come through.

import type { PersonRef } from './people.ts';
import type { Window } from './quota.ts';
import type { ServerRef } from './rules.ts';

export interface Use {
  requests: number;
  pictures: number;
  deviceSeconds: number;
}

/** What one person, channel or model used. */
export interface Share extends Use {
  /** The platform's id, or a model's name; with its platform in front ("discord/123") where several are in the report. */
  key: string;
  name: string;
}

/** Seconds from accepted to begun that half of the requests waited at most, and 95 of 100. */
export interface Waits {
  p50: number;
  p95: number;
}

export interface DayUse extends Use {
  /** 2026-11-23, in the report's time zone. */
  day: string;
  /** Of requests that began and were over on that day; absent when there are none. */
  waits?: Waits;
}

export const outcomes = ['done', 'failed', 'canceled', 'moderated'] as const;
export type Outcome = (typeof outcomes)[number];

/** One limit of the server and how much of it is used now. */
export interface LimitUse {
  /** "200 pictures a day for each person", in words. */
  text: string;
  used: number;
  amount: number;
}

export interface UsageReport {
  /** Absent: all servers of all platforms. */
  server?: ServerRef;
  timeZone: string;
  /** The first and the last day, 2026-11-01. */
  from: string;
  to: string;
  total: Use & { megapixelSteps: number };
  /** Every day from the first to the last, those without use as well. */
  days: DayUse[];
  /** The largest device time first. */
  people: Share[];
  channels: Share[];
  models: Share[];
  /** How many there are in all; the lists may name fewer. */
  peopleCount: number;
  channelCount: number;
  modelCount: number;
  /** Requests that ended so. */
  outcomes: Record<Outcome, number>;
  /** Of requests that began; absent when none did. */
  waits?: Waits;
  /** Limits of the whole server, as they stand now. */
  limits: LimitUse[];
}

export interface Amounts extends Use {
  megapixelSteps: number;
}

/** What use is summed by. */
export const facets = ['person', 'channel', 'model', 'outcome'] as const;
export type Facet = (typeof facets)[number];

/** The sum of one key of one facet, on one platform. */
export interface Sum extends Amounts {
  platform: string;
  facet: Facet;
  key: string;
}

/** Requests of a day that began, by the whole seconds from accepted to begun. */
export interface DayWaits {
  day: string;
  bySeconds: ReadonlyMap<number, number>;
}

/** What was used, in all and by each facet. */
export interface Sums {
  /** Days without use may be absent. */
  days: (Amounts & { day: string })[];
  sums: Sum[];
  /** A day may be there several times. */
  waits: DayWaits[];
}

/** A day of a server: its name in the server's time zone, and when it was. */
export interface Day extends Window {
  /** 2026-11-23. */
  name: string;
}

export interface SummedDay {
  server: ServerRef;
  day: string;
  /** The time zone in which it was a day. */
  zone: string;
  /** So many were over on it when it was summed. */
  requests: number;
}

/** A request is used on the day on which it was over. What is still open was not used yet. */
export interface UsageStore {
  servers(): Promise<ServerRef[]>;
  /** When the first request was accepted; undefined when none ever was. */
  since(server: ServerRef): Promise<Date | undefined>;
  /** The days of these servers that are summed, from one to another or all of them. */
  summed(servers: readonly ServerRef[], from?: string, to?: string): Promise<SummedDay[]>;
  /** How many requests were over in [from, to). */
  overIn(server: ServerRef, window: Window): Promise<number>;
  /** Sums a day and marks it as summed in one statement, in the place of what was summed of it before. */
  sum(server: ServerRef, day: Day, zone: string): Promise<void>;
  /** What a day that is not summed has so far, of servers that share it. */
  read(servers: readonly ServerRef[], day: Day): Promise<Sums>;
  /** Of the days that are summed, from one to another. */
  sums(servers: readonly ServerRef[], from: string, to: string): Promise<Sums>;
  /** No day of the server is summed any more. */
  drop(server: ServerRef): Promise<void>;
  /** No day that this person is in is summed any more. */
  dropOf(person: PersonRef): Promise<void>;
  /** By one person in [from, to), what is reserved for open requests included. */
  useOf(person: PersonRef, period: Window): Promise<Use>;
  /** As their latest request had it. */
  nameOf(person: PersonRef): Promise<string | undefined>;
}
