// Who used what, and how long people waited: the numbers of a usage report, and the port they come through.

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

export interface DayUse extends Use {
  /** 2026-11-23, in the report's time zone. */
  day: string;
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
  /** How many people there are in all; `people` may name fewer. */
  peopleCount: number;
  /** Requests that ended so. */
  outcomes: Record<Outcome, number>;
  /** Seconds from accepted to begun, of requests that began; absent when none did. */
  waits?: { p50: number; p95: number };
  /** Limits of the whole server, as they stand now. */
  limits: LimitUse[];
}
