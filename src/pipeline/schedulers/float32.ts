/**
 * Elementwise float32 arithmetic in the order in which torch would do it: each product and each sum is rounded,
 * which keeps a sampling loop equal to its reference step by step.
 */

/** Rounds a double to the nearest float32. */
export const f32 = Math.fround;

/** A coefficient and the array it multiplies. */
export type Term = readonly [coefficient: number, values: Float32Array];

/** `c0*a0 + c1*a1 + ...`, summed from left to right. */
export function weightedSum(first: Term, ...rest: readonly Term[]): Float32Array {
  const sum = scale(...first);
  for (const [coefficient, values] of rest) {
    const c = f32(coefficient);
    sameLength(sum, values);
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + f32(c * values[j]!);
  }
  return sum;
}

/** `c*a`. */
export function scale(coefficient: number, values: Float32Array): Float32Array {
  const c = f32(coefficient);
  return values.map((value) => c * value);
}

/** `a/c`, a true division: not the same float32 number as multiplying by 1/c. */
export function divide(values: Float32Array, divisor: number): Float32Array {
  const d = f32(divisor);
  return values.map((value) => value / d);
}

/** Every element within -limit..limit. */
export function clamp(values: Float32Array, limit: number): Float32Array {
  const bound = f32(limit);
  return values.map((value) => Math.min(Math.max(value, -bound), bound));
}

/** The element at `index`; a RangeError that says what is allowed where there is none. */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`Step ${index} is outside 0..${values.length - 1}.`);
  return value;
}

function sameLength(a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length) {
    throw new RangeError(
      `Arrays of ${a.length} and ${b.length} numbers cannot be added: lengths must be equal.`,
    );
  }
}
