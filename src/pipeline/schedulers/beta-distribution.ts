/**
 * Quantiles of the symmetric beta distribution, in double precision.
 * Source: NIST Digital Library of Mathematical Functions, 8.17.7: the incomplete beta function as a power series.
 */

/** The x below which a share of the distribution with both shapes `shape` lies. */
export function betaQuantile(share: number, shape: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  if (share > 0.5) return 1 - betaQuantile(1 - share, shape);
  // Half of the mass lies below one half, so the series is needed only where it converges fast.
  const mass = share * 2 * incomplete(0.5, shape);
  let [low, high] = [0, 0.5];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (incomplete(middle, shape) < mass) low = middle;
    else high = middle;
  }
}

/** The integral of (t(1 - t))^(shape - 1) from 0 to x, for x up to one half. */
function incomplete(x: number, shape: number): number {
  let term = 1;
  let sum = 0;
  for (let n = 0; Math.abs(term) > Number.EPSILON / 16; n++) {
    sum += term / (shape + n);
    term *= ((1 - shape + n) / (n + 1)) * x;
  }
  return x ** shape * sum;
}
