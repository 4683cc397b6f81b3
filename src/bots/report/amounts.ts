// Numbers of a report as people read them. Pure; knows no report.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

/** "1,234". */
export const count = (amount: number): string => whole.format(amount);

/** "1,234.5": with one decimal at most, where it is not a number of things. */
export const amountOf = (amount: number): string => exact.format(amount);

/** For axes: "2,500", "12K", "1.5M". */
export const tick = (amount: number): string =>
  amount < 10_000 ? exact.format(amount) : compact.format(amount).toUpperCase();

/** "picture", "pictures". */
export const nounOf = (amount: number, one: string, many = `${one}s`): string =>
  Math.round(amount) === 1 ? one : many;

/** "1 picture", "1,234 pictures". */
export const counted = (amount: number, one: string, many?: string): string =>
  `${count(amount)} ${nounOf(amount, one, many)}`;

/** "63 %"; what is not nothing is never 0 %, and what is not all never 100 %. */
export function percent(part: number, of: number): string {
  if (of <= 0) return part > 0 ? '100 %' : '0 %';
  const hundredths = (part / of) * 100;
  if (hundredths > 0 && hundredths < 0.5) return '<1 %';
  if (hundredths < 100 && hundredths >= 99.5) return '>99 %';
  return `${count(hundredths)} %`;
}
