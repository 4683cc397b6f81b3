/**
 * One prediction and one correction of UniPC: difference quotients over log-SNR, weighted so that the update is
 * exact for polynomials of its order.
 * Source: Zhao et al., "UniPC" (2023), equations 3 and 9 and appendix; B(h) is h (bh1) or e^h - 1 (bh2).
 */
import type { Settings } from './config.ts';
import { f32, weightedSum, type Term } from './float32.ts';
import type { Level } from './solver-levels.ts';

type UniPcSettings = Pick<Settings, 'predict_x0' | 'solver_type'>;

/** What prediction and correction share. */
interface Update {
  readonly base: Float32Array;
  /** Difference quotients against the newest prediction. */
  readonly quotients: readonly Float32Array[];
  /** Positions of the quotients, then 1 for the target. */
  readonly ratios: readonly number[];
  /** Right-hand sides of the order conditions. */
  readonly conditions: readonly number[];
  /** What the weighted quotients are multiplied by. */
  readonly factor: number;
}

/** The sample at level `to`; `past` and `predictions` are newest first, and `past` is as long as the order. */
export function predict(
  settings: UniPcSettings,
  to: Level,
  past: readonly Level[],
  predictions: readonly Float32Array[],
  x: Float32Array,
): Float32Array {
  const { base, quotients, ratios, conditions, factor } = updateOf(settings, to, past, predictions, x);
  const [first, ...rest] = quotients;
  if (first === undefined) return base;
  const weights = rest.length === 0 ? [0.5] : solve(ratios.slice(0, -1), conditions.slice(0, -1));
  const sum = weightedSum([weights[0]!, first], ...rest.map((q, k): Term => [weights[k + 1]!, q]));
  return weightedSum([1, base], [-factor, sum]);
}

/** The same step once the prediction at its target is known. */
export function correct(
  settings: UniPcSettings,
  to: Level,
  past: readonly Level[],
  predictions: readonly Float32Array[],
  x: Float32Array,
  atTarget: Float32Array,
): Float32Array {
  const { base, quotients, ratios, conditions, factor } = updateOf(settings, to, past, predictions, x);
  const weights = past.length === 1 ? [0.5] : solve(ratios, conditions);
  const change = weightedSum([1, atTarget], [-1, predictions[0]!]);
  const terms = [...quotients, change].map((q, k): Term => [weights[k]!, q]);
  const [first, ...rest] = terms;
  return weightedSum([1, base], [-factor, weightedSum(first!, ...rest)]);
}

function updateOf(
  settings: UniPcSettings,
  to: Level,
  past: readonly Level[],
  predictions: readonly Float32Array[],
  x: Float32Array,
): Update {
  const from = past[0]!;
  const newest = predictions[0]!;
  const h = f32(to.logSnr - from.logSnr);
  const hh = settings.predict_x0 ? -h : h;
  const growth = f32(Math.expm1(hh));
  const step = settings.solver_type === 'bh1' ? hh : growth;
  const older = past.slice(1).map((level) => f32(f32(level.logSnr - from.logSnr) / h));
  const quotients = older.map((ratio, k) => {
    const change = weightedSum([1, predictions[k + 1]!], [-1, newest]);
    return change.map((value) => value / ratio);
  });
  const [kept, grown] = settings.predict_x0
    ? [f32(to.noise / from.noise), to.signal]
    : [f32(to.signal / from.signal), to.noise];
  return {
    base: weightedSum([kept, x], [-f32(grown * growth), newest]),
    quotients,
    ratios: [...older, 1],
    conditions: conditionsOf(hh, growth, step, past.length),
    factor: f32(grown * step),
  };
}

/** k! phi_{k+1}(h) / B(h) for k from 1 to the order. */
function conditionsOf(h: number, growth: number, step: number, order: number): number[] {
  const conditions: number[] = [];
  let phi = f32(f32(growth / h) - 1);
  let factorial = 1;
  for (let k = 1; k <= order; k++) {
    conditions.push(f32(f32(phi * factorial) / step));
    factorial *= k + 1;
    phi = f32(f32(phi / h) - 1 / factorial);
  }
  return conditions;
}

/** Weights w with sum_j w_j r_j^k = b_k for each row k: a Vandermonde system, by elimination with pivots. */
function solve(ratios: readonly number[], right: readonly number[]): number[] {
  const size = right.length;
  const rows = right.map((b, k) => [...ratios.map((ratio) => ratio ** k), b]);
  for (let c = 0; c < size; c++) {
    const pivot = rows.slice(c).reduce((best, row) => (Math.abs(row[c]!) > Math.abs(best[c]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    for (const row of rows.slice(c)) {
      const share = row[c]! / pivot[c]!;
      for (let j = c; j <= size; j++) row[j] = row[j]! - share * pivot[j]!;
    }
    rows.splice(c, 0, pivot);
  }
  const weights = Array.from({ length: size }, () => 0);
  for (let c = size - 1; c >= 0; c--) {
    const row = rows[c]!;
    const known = weights.reduce((sum, weight, j) => (j > c ? sum + weight * row[j]! : sum), 0);
    weights[c] = (row[size]! - known) / row[c]!;
  }
  return weights;
}
