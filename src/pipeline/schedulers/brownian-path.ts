/**
 * One Brownian motion over an interval of time, which can be asked for its increments in any order: every point has
 * its own seed, so what one step draws does not depend on the steps before it.
 * Source: Li et al., "Scalable Gradients for Stochastic Differential Equations" (2020), section 4, Brownian trees;
 * noise and arithmetic as torchsde's BrownianTree on the CPU. Knows no samplers.
 */
import { TorchGenerator } from '../random.ts';
import { scale, weightedSum } from './float32.ts';
import { seedsFor } from './seed-sequence.ts';

const POOL_SIZE = 24;
/** Points that agree in so many decimals are one. */
const DECIMALS = 6;

/** So many nodes keep their halves: enough for the way down to the points that are asked for one after the other. */
const REMEMBERED = 64;

/** A node of the tree. */
interface Interval {
  readonly start: number;
  readonly end: number;
  readonly increment: Float32Array;
  /** Place in the tree: how deep, and the path there as binary digits. */
  readonly depth: number;
  readonly place: number;
}

export class BrownianPath {
  readonly #seed: number;
  readonly #root: Interval;
  /** Halves of the nodes that were passed last, the latest last. Those that are forgotten are drawn again the same. */
  readonly #halves = new Map<string, readonly [Interval, Interval]>();

  /** From `start` to `end`, `start` being the lesser, with `size` independent numbers; `seed` from 0 to 2^53. */
  constructor(start: number, end: number, size: number, seed: number) {
    this.#seed = seed;
    const [first] = seedsFor(seed, [], POOL_SIZE, 1);
    const increment = scale(Math.sqrt(end - start), normals(first!, size));
    this.#root = { start: rounded(start), end: rounded(end), increment, depth: 0, place: 0 };
  }

  /** What the motion gains between two times, the lesser first; times outside of the interval mean its ends. */
  increment(from: number, to: number): Float32Array {
    const { start, end, increment } = this.#root;
    const within = (time: number): number => Math.min(Math.max(rounded(time), start), end);
    const [first, ...rest] = this.#parts(this.#root, within(from), within(to));
    if (first === undefined) return new Float32Array(increment.length);
    return rest.reduce((sum, part) => weightedSum([1, sum], [1, part]), first.slice());
  }

  /** The increments of the largest nodes that fill the time between two points, in order. */
  #parts(node: Interval, from: number, to: number): Float32Array[] {
    if (from >= to) return [];
    if (from === node.start && to === node.end) return [node.increment];
    const [left, right] = this.#halvesOf(node);
    return [
      ...this.#parts(left, from, Math.min(to, left.end)),
      ...this.#parts(right, Math.max(from, left.end), to),
    ];
  }

  #halvesOf(node: Interval): readonly [Interval, Interval] {
    const key = `${node.depth} ${node.place}`;
    const halves = this.#halves.get(key) ?? this.#halve(node);
    this.#halves.delete(key);
    this.#halves.set(key, halves);
    const [oldest] = this.#halves.keys();
    if (this.#halves.size > REMEMBERED) this.#halves.delete(oldest!);
    return halves;
  }

  /** A Brownian bridge: the value halfway is normal around the mean of both ends. */
  #halve({ start, end, increment, depth, place }: Interval): readonly [Interval, Interval] {
    const middle = rounded(0.5 * (end + start));
    const [seed] = seedsFor(this.#seed, [place, depth], POOL_SIZE, 1);
    const perTime = 1 / (end - start);
    const spread = Math.sqrt((middle - start) * (end - middle) * perTime);
    const mean = scale(perTime, scale(middle - start, increment));
    const left = weightedSum([1, mean], [spread, normals(seed!, increment.length)]);
    const right = weightedSum([1, increment], [-1, left]);
    return [
      { start, end: middle, increment: left, depth: depth + 1, place: 2 * place },
      { start: middle, end, increment: right, depth: depth + 1, place: 2 * place + 1 },
    ];
  }
}

function normals(seed: number, size: number): Float32Array {
  return new TorchGenerator(seed).randn(size);
}

function rounded(time: number): number {
  return Number(time.toFixed(DECIMALS));
}
