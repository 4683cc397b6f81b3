// Numbers, times and days of the report as people read them. Pure.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** "1,234". */
export const count = (amount) => whole.format(amount);

/** With one decimal where there are few: "0.5", "1,234". */
export const average = (amount) => (amount < 10 ? exact : whole).format(amount);

/** For axes: "2,500", "12k". */
export const tick = (amount) => (amount < 10_000 ? exact : compact).format(amount);

/** "1 picture", "1,234 pictures". */
export const counted = (amount, one, many = `${one}s`) => `${count(amount)} ${amount === 1 ? one : many}`;

/** In the two largest units that matter: "0.4 s", "43 s", "1 h 12 min". */
export function timeText(seconds) {
  if (seconds < 10) return `${exact.format(seconds)} s`;
  const all = Math.round(seconds);
  if (all < 60) return `${all} s`;
  return all < 3600 ? twoUnits(all, 'min', 's') : twoUnits(Math.round(all / 60), 'h', 'min');
}

function twoUnits(amount, large, small) {
  const rest = amount % 60;
  return `${count(Math.floor(amount / 60))} ${large}${rest ? ` ${rest} ${small}` : ''}`;
}

/** What somebody waited no longer than: waits are known in whole seconds, and none is nothing. */
export const within = (seconds) => timeText(Math.max(1, seconds));

/** The same as people say it: "4 s", "3 min", "2 h". */
export function waitText(wait) {
  const seconds = Math.max(1, wait);
  if (seconds < 90) return `${(seconds < 10 ? exact : whole).format(seconds)} s`;
  return seconds < 90 * 60 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** The unit in which the largest of these seconds is easily read. */
export function timeUnit(largest) {
  if (largest < 180) return { name: 'seconds', seconds: 1 };
  if (largest < 3 * 3600) return { name: 'minutes', seconds: 60 };
  return { name: 'hours', seconds: 3600 };
}

/** "63 %"; what is not nothing is never 0 %, and what is not all never 100 %. */
export function percent(part, of) {
  if (of <= 0) return part > 0 ? '100 %' : '0 %';
  const hundredths = (part / of) * 100;
  if (hundredths > 0 && hundredths < 0.5) return '<1 %';
  if (hundredths < 100 && hundredths >= 99.5) return '>99 %';
  return `${count(hundredths)} %`;
}

const dates = (options) => {
  const writer = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
  return (day) => writer.format(new Date(`${day}T00:00:00Z`)).replace(',', '');
};

/** "Saturday 14 November 2026". */
export const dayWords = dates({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
/** "Sat 14 Nov". */
export const shortDay = dates({ weekday: 'short', day: 'numeric', month: 'short' });
/** "14 Nov", for axes. */
export const axisDay = dates({ day: 'numeric', month: 'short' });

const yearOf = dates({ year: 'numeric' });
const monthOf = dates({ month: 'short' });
/** "Nov", and "2027" for January. */
export const monthName = (day) => (day.slice(5, 7) === '01' ? yearOf(day) : monthOf(day));

/** "discord" → "Discord". */
export const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1);
