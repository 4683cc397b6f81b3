// Days of a report in words, and which of them an axis names. A day is "2026-11-23"; its time zone is the report's, so
// that no clock is asked here.

const format = (options: Intl.DateTimeFormatOptions): ((day: string) => string) => {
  const writer = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
  return (day) => writer.format(new Date(`${day}T00:00:00Z`)).replace(',', '');
};

const long = format({ day: 'numeric', month: 'long', year: 'numeric' });
const withoutYear = format({ day: 'numeric', month: 'long' });
const named = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const weekday = format({ weekday: 'short', day: 'numeric' });
const monthOnly = format({ month: 'short' });
const shortMonth = format({ day: 'numeric', month: 'short' });

/** "Saturday 14 November 2026". */
export const dayWords = named;

/** "1–30 November 2026", "28 October – 3 November 2026", "Monday 23 November 2026". */
export function periodWords(from: string, to: string): string {
  if (from === to) return named(from);
  if (from.slice(0, 7) === to.slice(0, 7)) return `${Number(from.slice(8))}–${long(to)}`;
  return `${from.slice(0, 4) === to.slice(0, 4) ? withoutYear(from) : long(from)} – ${long(to)}`;
}

const FEW = 8;
const DAY_WIDTH = 62;
const MANY = 100;
const MONTH_WIDTH = 44;

/**
 * The names below an axis by the index of their day, so many that none touches another in `width` pixels: every day
 * of a week, every few days of a month, the months of a year, where January is named by its year.
 */
export function axisNames(days: readonly string[], width: number): Map<number, string> {
  const names = new Map<number, string>();
  if (days.length === 1)
    return names.set(0, format({ weekday: 'short', day: 'numeric', month: 'short' })(days[0]!));
  if (days.length > MANY) {
    const firsts = [...days.keys()].filter((index) => days[index]!.endsWith('-01'));
    const step = everyNth(firsts.length, MONTH_WIDTH, width, [1, 2, 3, 6]);
    for (const index of firsts) {
      const day = days[index]!;
      if ((Number(day.slice(5, 7)) - 1) % step === 0)
        names.set(index, day.slice(5, 7) === '01' ? day.slice(0, 4) : monthOnly(day));
    }
    return names;
  }
  const step = days.length <= FEW ? 1 : everyNth(days.length, DAY_WIDTH, width, [1, 2, 3, 4, 5, 7, 10, 14]);
  for (let index = 0; index < days.length; index += step)
    names.set(index, (days.length <= FEW ? weekday : shortMonth)(days[index]!));
  return names;
}

/** The smallest of the steps at which names so wide have room. */
function everyNth(many: number, each: number, width: number, steps: readonly number[]): number {
  const least = (many * each) / width;
  return steps.find((step) => step >= least) ?? 12 * Math.ceil(least / 12);
}
