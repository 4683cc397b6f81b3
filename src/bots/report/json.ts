// A usage report for programs and for the page. Pure; knows no platform.

import type { DayUse, LimitUse, Outcome, Share, UsageReport, Use, Waits } from '../../core/report.ts';
import { serverKey } from '../../core/rules.ts';
import { periodWords } from './days.ts';
import { plainName } from './names.ts';
import { bestDayWords, emptyWords, totalWords, waitWords } from './sentences.ts';
import type { Facet } from './words.ts';

/** What is once in it stays: fields are only ever added. Times are seconds, days are 2026-11-23. */
export interface ReportJson {
  /** "all", or a platform and the server's id: "discord/123". */
  server: string;
  /** `words` is "1–30 November 2026". */
  period: { from: string; to: string; timeZone: string; words: string };
  /** `people`, `channels` and `models` are how many there are in all. */
  total: Use & { megapixelSteps: number; people: number; channels: number; models: number };
  /** Every day of the period; `waits` where a request began. */
  days: DayUse[];
  /** The ten with the largest device time; with `by` only the list that it names is there. */
  people?: Share[];
  channels?: Share[];
  models?: Share[];
  /** Requests that ended so; `moderated` is not allowed. */
  outcomes: Record<Outcome, number>;
  /** Null where no request began. */
  waits: Waits | null;
  limits: LimitUse[];
  sentences: {
    /** Only where nothing was drawn. */
    empty?: string;
    total: string;
    bestDay?: string;
    waits?: string;
  };
}

export function reportJson(report: UsageReport, by?: Facet): ReportJson {
  const { server, from, to, timeZone, total, days, people, channels, models, waits } = report;
  const lists: [Facet, Partial<ReportJson>][] = [
    ['person', { people: named(people) }],
    ['channel', { channels: named(channels) }],
    ['model', { models: named(models) }],
  ];
  const [empty, bestDay, waited] = [emptyWords(report), bestDayWords(report), waitWords(report)];
  return {
    server: server ? serverKey(server) : 'all',
    period: { from, to, timeZone, words: periodWords(from, to) },
    total: {
      ...total,
      people: report.peopleCount,
      channels: report.channelCount,
      models: report.modelCount,
    },
    days,
    ...Object.assign(
      {},
      ...lists.filter(([facet]) => by === undefined || facet === by).map(([, list]) => list),
    ),
    outcomes: report.outcomes,
    waits: waits ?? null,
    limits: report.limits,
    sentences: {
      ...(empty !== undefined && { empty }),
      total: totalWords(report),
      ...(bestDay !== undefined && { bestDay }),
      ...(waited !== undefined && { waits: waited }),
    },
  };
}

const named = (shares: readonly Share[]): Share[] =>
  shares.map((share) => ({ ...share, name: plainName(share.name, share.key) }));
