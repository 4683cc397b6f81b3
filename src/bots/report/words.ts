// A usage report in lines, and what one person used and has left. Names of people and channels stand as they are
// given: a platform makes them safe. Pure; knows no platform.

import type { Standing } from '../../core/admission.ts';
import { renewalText, share, thisPeriod, timeText } from '../../core/quota.ts';
import {
  outcomes,
  type LimitUse,
  type Outcome,
  type Share,
  type UsageReport,
  type Use,
} from '../../core/report.ts';
import type { Line } from '../chat.ts';
import { count, counted, percent } from './amounts.ts';
import { periodWords } from './days.ts';
import { emptyWords, totalWords, useWords, waitWords } from './sentences.ts';

export type Facet = 'person' | 'channel' | 'model';

const MOST = 10;
const MOST_OF_EACH = 3;
const BAR = 10;

const titles: Record<Facet, { one: string; many: string }> = {
  person: { one: 'person', many: 'People' },
  channel: { one: 'channel', many: 'Channels' },
  model: { one: 'model', many: 'Models' },
};

const outcomeNames: Record<Outcome, string> = {
  done: 'done',
  failed: 'failed',
  canceled: 'canceled',
  moderated: 'not allowed',
};

/** Totals, the ten that used the most of what is asked for (or three of each), waits, outcomes and limits. */
export function reportWords(report: UsageReport, by?: Facet): Line[] {
  const head: Line = { text: `Usage, ${periodWords(report.from, report.to)} (${report.timeZone}):` };
  const empty = emptyWords(report);
  const wait = waitWords(report);
  return [
    head,
    { text: empty ?? totalWords(report) },
    ...(empty === undefined ? sharesWords(report, by) : []),
    ...(wait === undefined ? [] : [{ text: wait }]),
    ...outcomeWords(report),
    ...report.limits.map(limitLine),
  ];
}

function sharesWords(report: UsageReport, by?: Facet): Line[] {
  const facets: Record<Facet, { shares: Share[]; of: number }> = {
    person: { shares: report.people, of: report.peopleCount },
    channel: { shares: report.channels, of: report.channelCount },
    model: { shares: report.models, of: report.modelCount },
  };
  const asked = by ? [by] : (['person', 'channel', 'model'] as const);
  return asked.flatMap((facet) => {
    const { shares, of } = facets[facet];
    const shown = shares.slice(0, by ? MOST : MOST_OF_EACH);
    if (shown.length > 0) return [headOf(facet, shown.length, of), ...sharesLines(shown, report.total)];
    return by ? [{ text: `No ${titles[facet].one} is named in these days.` }] : [];
  });
}

const headOf = (facet: Facet, shown: number, of: number): Line => ({
  text: `${titles[facet].many} by device time${of > shown ? `, the first ${shown} of ${count(of)}` : ''}:`,
});

/** The numbers stand in columns as wide as the widest of each. */
function sharesLines(shares: readonly Share[], total: Use): Line[] {
  const cells = shares.map(({ deviceSeconds, pictures }) => [
    timeText(deviceSeconds),
    percent(deviceSeconds, total.deviceSeconds),
    counted(pictures, 'picture'),
  ]);
  const widths = [0, 1, 2].map((at) => Math.max(...cells.map((row) => row[at]!.length)));
  return shares.map(({ name }, rank) => ({
    text: `${rank + 1}. ${name}`,
    code: cells[rank]!.map((cell, at) => cell.padStart(widths[at]!)).join('  '),
  }));
}

/** "Of 1,204 requests: 1,130 done (94 %), 12 failed (1 %)." */
function outcomeWords(report: UsageReport): Line[] {
  const ended = outcomes.filter((outcome) => report.outcomes[outcome] > 0);
  const all = ended.reduce((sum, outcome) => sum + report.outcomes[outcome], 0);
  const parts = ended.map((outcome) => {
    const many = report.outcomes[outcome];
    return `${count(many)} ${outcomeNames[outcome]} (${percent(many, all)})`;
  });
  return all === 0 ? [] : [{ text: `Of ${counted(all, 'request')} that ended: ${parts.join(', ')}.` }];
}

const limitLine = ({ text, used, amount }: LimitUse): Line => ({
  text: `Limit: ${text}`,
  code: bar(used, amount),
});

/** "████░░░░░░ 41 %". What is not nothing shows, and what is not all leaves a gap. */
function bar(used: number, amount: number): string {
  const part = amount > 0 ? used / amount : used > 0 ? 1 : 0;
  const whole = Math.round(part * BAR);
  const most = part >= 1 ? BAR : BAR - 1;
  const filled = Math.min(most, part > 0 ? Math.max(1, whole) : 0);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${amount > 0 ? percent(used, amount) : 'nothing allowed'}`;
}

/** What one person used, what is left of each limit on them, and when it renews. */
export function usageWords({
  today,
  month,
  standings,
  timeZone,
}: {
  today: Use;
  month: Use;
  standings: readonly Standing[];
  timeZone: string;
}): Line[] {
  return [
    { text: `Today you used ${useWords(today)}.` },
    { text: `This month you used ${useWords(month)}.` },
    ...(standings.length === 0
      ? [{ text: 'Nothing limits what you may draw.' }]
      : standings.map((standing) => standingLine(standing, timeZone))),
  ];
}

function standingLine({ limit, text, used, amount, renewsAt }: Standing, timeZone: string): Line {
  if (amount === 0) return { text: `${text}: nothing is allowed.` };
  const model = limit.model === undefined ? '' : ` of the model ${limit.model}`;
  const whose = limit.who === 'server' ? 'All together have used' : 'You have used';
  const left = Math.max(0, amount - used);
  const rest = limit.unit === 'seconds' ? timeText(left) : count(left);
  const renewal = renewalText(limit.per, timeZone, renewsAt);
  return {
    text: `${whose} ${share(limit.unit, used, amount)}${model} ${thisPeriod[limit.per]}: ${left > 0 ? rest : 'nothing'} left, renewed ${renewal}.`,
    code: bar(used, amount),
  };
}
