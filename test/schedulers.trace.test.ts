/**
 * The schedulers against the published results of diffusers' own tests and of its classes on further
 * configurations, step by step.
 */
import { describe, expect, it } from 'vitest';
import { betaQuantile } from '../src/pipeline/schedulers/beta-distribution.ts';
import { absSum, parseCase, runCase, schedulerOf, traceCase } from '../src/pipeline/schedulers/trace.ts';
import first from './fixtures/schedulers.json' with { type: 'json' };
import derived from './fixtures/schedulers-derived.json' with { type: 'json' };
import more from './fixtures/schedulers-more.json' with { type: 'json' };

interface Expected {
  readonly id: string;
  readonly init_noise_sigma: number;
  readonly n_steps: number;
  readonly shape: readonly number[];
  readonly timesteps: readonly number[] | { readonly first: number[]; readonly last: number[] };
  readonly trace: readonly { i: number; t: number; abs_sum: number; head: number[] }[];
  readonly computed_sum: number;
  readonly computed_mean: number;
  readonly expected_sum?: number | null;
  readonly expected_mean?: number | null;
  readonly tol_sum?: number | null;
  readonly tol_mean?: number | null;
}

/** A step may differ from the reference by this share of the largest magnitude it is compared with. */
const TRACE_TOLERANCE = 2e-5;

/** Every gap is at most `share` of `size`: of the expected number itself unless said otherwise. */
function expectNear(
  actual: readonly number[],
  expected: readonly number[],
  share: number,
  size?: number,
): void {
  const far = expected
    .map((value, j) => ({ at: j, expected: value, got: actual[j] ?? Number.NaN }))
    .filter(({ expected: value, got }) => !(Math.abs(got - value) <= share * (size ?? Math.abs(value))));
  expect(far).toEqual([]);
}

/** Whole timesteps are equal; fractions come through a logarithm, whose last bit depends on the library. */
function expectTimesteps(actual: readonly number[], expected: readonly number[]): void {
  const far = expected.filter(
    (t, j) => !(Math.abs((actual[j] ?? Number.NaN) - t) <= 1e-6 * Math.abs(t) + 1e-6),
  );
  expect(far).toEqual([]);
}

const cases = [...first.cases, ...more.cases, ...derived.cases] as readonly unknown[] as readonly Expected[];

describe.each(cases.map((test) => [test.id, test] as const))('%s', (_id, expected) => {
  const test = parseCase(expected);
  const trace = runCase(test);
  const size = expected.shape.reduce((product, side) => product * side, 1);

  it('visits the same timesteps and starts with the same amount of noise', () => {
    const scheduler = schedulerOf(test);
    expect(scheduler.initNoiseSigma).toBeCloseTo(expected.init_noise_sigma, 3);
    const { timesteps } = expected;
    const ends = 'first' in timesteps ? timesteps : { first: timesteps, last: timesteps };
    expectTimesteps(scheduler.timesteps.slice(0, ends.first.length), ends.first);
    expectTimesteps(scheduler.timesteps.slice(-ends.last.length), ends.last);
    expect(trace).toHaveLength(expected.n_steps);
  });

  it('agrees with the reference after every recorded step', () => {
    expect(expected.trace.length).toBeGreaterThan(0);
    for (const recorded of expected.trace) {
      const { prev, t } = trace[recorded.i]!;
      expectTimesteps([t], [recorded.t]);
      expectNear([absSum(prev)], [recorded.abs_sum], TRACE_TOLERANCE);
      // Elements near zero are judged by the largest magnitude: of the head, or the mean of the whole sample.
      const largest = Math.max(...recorded.head.map(Math.abs), recorded.abs_sum / size);
      expectNear(Array.from(prev.slice(0, 4)), recorded.head, TRACE_TOLERANCE, largest);
    }
  });

  it('ends at the published sum and mean, or else at those of the reference run', () => {
    const sum = absSum(trace.at(-1)!.prev);
    const sumTolerance = expected.tol_sum ?? Math.max(2e-3, TRACE_TOLERANCE * expected.computed_sum);
    expect(Math.abs(sum - (expected.expected_sum ?? expected.computed_sum))).toBeLessThan(sumTolerance);
    const meanTolerance = expected.tol_mean ?? sumTolerance / size;
    expect(Math.abs(sum / size - (expected.expected_mean ?? expected.computed_mean))).toBeLessThan(
      meanTolerance,
    );
  });
});

describe('a printed trace', () => {
  const test = parseCase(cases[0]);

  it('holds timesteps, every step, and the sum and mean of the last', () => {
    const printed = traceCase(test);
    expect(printed.timesteps).toEqual(schedulerOf(test).timesteps);
    expect(printed.trace).toHaveLength(10);
    expect(printed.trace[0]!.head).toHaveLength(4);
    expect(printed.sum).toBe(printed.trace.at(-1)!.abs_sum);
    expect(printed.mean).toBeCloseTo(printed.sum / 768, 10);
  });

  it('says which fields of a case do not fit', () => {
    expect(() => parseCase({ ...test, shape: 'wide' })).toThrow(/not a scheduler case. shape:/);
  });
});

describe('betaQuantile', () => {
  // Computed with scipy.stats.beta.ppf.
  it.each([
    [0.001, 1.855873851745199e-5],
    [0.1, 0.03958440558878085],
    [0.25, 0.17568037865269498],
    [0.5, 0.5000000000000001],
    [0.7, 0.7659829961247643],
    [0.99, 0.9991387611784571],
  ])('puts the share %f at %f', (share, x) => {
    expect(Math.abs(betaQuantile(share, 0.6) / x - 1)).toBeLessThan(1e-12);
  });

  it('spans 0 to 1', () => {
    expect([betaQuantile(0, 0.6), betaQuantile(1, 0.6)]).toEqual([0, 1]);
  });
});
