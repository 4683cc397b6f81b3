// The period of a report in words, as days of a time zone.

import { DateTime } from 'luxon';
import { windowOf } from './quota.ts';
import { UserError } from './user-error.ts';

export interface ReportPeriod {
  from: Date;
  /** The first moment after it. */
  to: Date;
  label: string;
}

const MOST_DAYS = 366;
const ALLOWED =
  'A period is today, yesterday, week, month, last week, last month, 30d (up to 366d), 2026-11, or 2026-11-01..2026-11-15.';

/** Whole days, the present one included where it reaches that far. Throws a UserError that says what there is. */
export function periodOf(text: string, zone: string, now: Date): ReportPeriod {
  const label = text.trim().toLowerCase().replace(/\s+/gu, ' ');
  const today = DateTime.fromJSDate(now, { zone }).startOf('day');
  const span = spanOf(label, today);
  if (!span) throw new UserError(ALLOWED);
  const [from, last] = span;
  const to = DateTime.min(last, today.plus({ days: 1 }));
  if (from >= to) throw new UserError('That has not begun yet.');
  if (to.diff(from, 'days').days > MOST_DAYS) throw new UserError(`A report covers up to ${MOST_DAYS} days.`);
  const begin = (day: DateTime): Date => windowOf('day', zone, day.toJSDate()).from;
  return { from: begin(from), to: begin(to), label };
}

/** The first day and the one after the last. */
function spanOf(label: string, today: DateTime): [DateTime, DateTime] | undefined {
  const tomorrow = today.plus({ days: 1 });
  const [, last, unit] = /^(last )?(week|month)$/.exec(label) ?? [];
  if (unit) {
    const begun = today.startOf(unit as 'week' | 'month');
    return last ? [begun.minus({ [unit]: 1 }), begun] : [begun, tomorrow];
  }
  if (label === 'today') return [today, tomorrow];
  if (label === 'yesterday') return [today.minus({ days: 1 }), today];
  const [, days] = /^(\d{1,3}) ?d(?:ays?)?$/.exec(label) ?? [];
  if (days) return Number(days) > 0 ? [tomorrow.minus({ days: Number(days) }), tomorrow] : undefined;
  const zone = today.zone;
  const [, month] = /^(\d{4}-\d\d)$/.exec(label) ?? [];
  if (month) {
    const begun = DateTime.fromISO(month, { zone });
    return begun.isValid ? [begun, begun.plus({ months: 1 })] : undefined;
  }
  const [, first, final] = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/.exec(label) ?? [];
  if (!first) return undefined;
  const begun = DateTime.fromISO(first, { zone });
  const ended = DateTime.fromISO(final ?? first, { zone });
  return begun.isValid && ended.isValid ? [begun, ended.plus({ days: 1 })] : undefined;
}
