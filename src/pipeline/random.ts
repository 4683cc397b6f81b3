/**
 * Gaussian noise as torch draws it on an x86 server's CPU, bit for bit: the same seed starts the same picture.
 *
 * Sources: M. Matsumoto and T. Nishimura, "Mersenne Twister" (1998); G. Box and M. Muller (1958); the single
 * precision logarithm, sine and cosine of the Cephes library, as torch's vector code evaluates them
 * (pytorch: aten/src/ATen/native/cpu/DistributionTemplates.h and avx_mathfun.h).
 * Knows nothing of latents, shapes or schedulers.
 */

const STATE_SIZE = 624;
const SHIFT_SIZE = 397;
const BLOCK = 16;
const HALF = BLOCK / 2;

const f32 = Math.fround;
const TWO_PI_F32 = f32(2 * Math.PI);
const UNIFORM_UNIT = 2 ** -24;

/** One stream of random numbers: the equal of `torch.Generator('cpu').manual_seed(seed)`. */
export class TorchGenerator {
  readonly #state = new Int32Array(STATE_SIZE);
  #next = STATE_SIZE;
  #cachedNormal: number | undefined;

  /** @param seed any integer; as in torch only its low 32 bits count, so 5 and 2**32 + 5 are the same stream. */
  constructor(seed: number | bigint) {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
      throw new RangeError(
        `A seed must be a whole number between -(2^53) and 2^53, or a bigint; got ${seed}.`,
      );
    }
    const state = this.#state;
    let word = Number(BigInt.asIntN(32, BigInt(seed)));
    state[0] = word;
    for (let i = 1; i < STATE_SIZE; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      state[i] = word;
    }
  }

  /** The next 32 random bits, as an unsigned integer. */
  uint32(): number {
    return this.#bits() >>> 0;
  }

  /** The next float32 in [0, 1), of 24 random bits: one element of `torch.rand`. */
  uniform32(): number {
    return (this.#bits() & 0xffffff) * UNIFORM_UNIT;
  }

  /** The next double in [0, 1), of 53 random bits. */
  uniform64(): number {
    const high = this.#bits() & 0x1fffff;
    return (high * 2 ** 32 + this.uint32()) * 2 ** -53;
  }

  /**
   * `count` standard normal float32 numbers, equal to a contiguous `torch.randn(count)`. Draws of fewer than 16
   * numbers take another path in torch, so two short draws are not one longer draw.
   */
  randn(count: number): Float32Array {
    return this.#normals(count, count);
  }

  /**
   * The numbers that, rounded to float16, equal `torch.randn(count, dtype=torch.float16)`. They are those of
   * `randn` where the count is a multiple of 16 or below 16; otherwise torch draws fewer bits and other last numbers.
   */
  randnFloat16(count: number): Float32Array {
    return this.#normals(count, count - (count % BLOCK));
  }

  /** @param first how many uniforms are drawn before those of an incomplete last block. */
  #normals(count: number, first: number): Float32Array {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`The count must be a whole number from 0 up; got ${count}.`);
    }
    const values = new Float32Array(count);
    if (count < BLOCK) {
      for (let i = 0; i < count; i++) values[i] = this.#scalarNormal();
      return values;
    }
    for (let i = 0; i < first; i++) values[i] = (this.#bits() & 0xffffff) * UNIFORM_UNIT;
    for (let i = 0; i + BLOCK <= count; i += BLOCK) boxMullerBlock(values, i);
    if (count % BLOCK !== 0) {
      // The last block overlaps the one before it and is drawn anew.
      const tail = count - BLOCK;
      for (let i = tail; i < count; i++) values[i] = this.uniform32();
      boxMullerBlock(values, tail);
    }
    return values;
  }

  /** Box-Muller in double precision; its second value waits for the next short draw, whatever comes between. */
  #scalarNormal(): number {
    if (this.#cachedNormal !== undefined) {
      const value = this.#cachedNormal;
      this.#cachedNormal = undefined;
      return value;
    }
    const turn = this.uniform64();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform64()));
    const angle = 2 * Math.PI * turn;
    this.#cachedNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  #bits(): number {
    if (this.#next === STATE_SIZE) {
      twist(this.#state);
      this.#next = 0;
    }
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }
}

/** The generator's recurrence: replaces all 624 words of the state. */
function twist(state: Int32Array): void {
  for (let i = 0; i < STATE_SIZE; i++) {
    const next = state[i + 1 < STATE_SIZE ? i + 1 : 0]!;
    const far = state[i + SHIFT_SIZE < STATE_SIZE ? i + SHIFT_SIZE : i + SHIFT_SIZE - STATE_SIZE]!;
    const mixed = (state[i]! & 0x80000000) | (next & 0x7fffffff);
    state[i] = far ^ (mixed >>> 1) ^ (next & 1 ? 0x9908b0df : 0);
  }
}

/** Turns 16 uniforms at `start` into 16 normals in place: radii from the first eight, angles from the others. */
function boxMullerBlock(values: Float32Array, start: number): void {
  for (let i = start; i < start + HALF; i++) {
    const radius = f32(Math.sqrt(-2 * logF32(1 - values[i]!)));
    const angle = f32(TWO_PI_F32 * values[i + HALF]!);
    const octant = (f32(angle * FOUR_OVER_PI) + 1) & ~1;
    const x = reduceAngle(angle, octant);
    const square = f32(x * x);
    const swapped = (octant & 2) !== 0;
    const sine = swapped ? cosPolynomial(square) : sinPolynomial(x, square);
    const cosine = swapped ? sinPolynomial(x, square) : cosPolynomial(square);
    // Adding zero turns -0 into +0, as torch's scale and shift by (1, 0) does.
    values[i] = radius * (octant === 2 || octant === 4 ? -cosine : cosine) + 0;
    values[i + HALF] = radius * ((octant & 4) !== 0 ? -sine : sine) + 0;
  }
}

// Below, `f32(a * b + c)` stands for one fused multiply-add: the product of two float32 numbers is exact in a
// double. Coefficients are those of Cephes, given as the float32 numbers they are rounded to.

const SQRT_HALF = f32(Math.SQRT1_2);
const LOG_P0 = f32(7.0376836292e-2);
const LOG_P1 = f32(-1.151461031e-1);
const LOG_P2 = f32(1.167699874e-1);
const LOG_P3 = f32(-1.2420140846e-1);
const LOG_P4 = f32(1.4249322787e-1);
const LOG_P5 = f32(-1.6668057665e-1);
const LOG_P6 = f32(2.0000714765e-1);
const LOG_P7 = f32(-2.4999993993e-1);
const LOG_P8 = f32(3.3333331174e-1);
const LN2_LOW = f32(-2.1219444e-4);
const LN2_HIGH = 0.693359375;

const floatView = new Float32Array(1);
const bitView = new Int32Array(floatView.buffer);

/** Natural logarithm of a positive, normal float32. */
function logF32(value: number): number {
  floatView[0] = value;
  const bits = bitView[0]!;
  let exponent = (bits >>> 23) - 126;
  bitView[0] = (bits & 0x7fffff) | 0x3f000000;
  const mantissa = floatView[0];
  let x = mantissa - 1;
  if (mantissa < SQRT_HALF) {
    exponent -= 1;
    x = f32(x + mantissa);
  }
  const z = f32(x * x);
  let y = f32(LOG_P0 * x + LOG_P1);
  y = f32(y * x + LOG_P2);
  y = f32(y * x + LOG_P3);
  y = f32(y * x + LOG_P4);
  y = f32(y * x + LOG_P5);
  y = f32(y * x + LOG_P6);
  y = f32(y * x + LOG_P7);
  y = f32(y * x + LOG_P8);
  y = f32(y * x);
  y = f32(y * z + f32(exponent * LN2_LOW));
  y = f32(y - 0.5 * z);
  return f32(exponent * LN2_HIGH + f32(x + y));
}

const FOUR_OVER_PI = f32(1.27323954473516);
const QUARTER_PI_1 = 0.78515625;
const QUARTER_PI_2 = f32(2.418756484985351e-4);
const QUARTER_PI_3 = f32(3.774894977445941e-8);

/** What is left of an angle after `octant` eighths of a turn, with pi/4 in three parts. */
function reduceAngle(angle: number, octant: number): number {
  const once = f32(angle - octant * QUARTER_PI_1);
  const twice = f32(once - octant * QUARTER_PI_2);
  return f32(twice - octant * QUARTER_PI_3);
}

const SIN_P0 = f32(-1.9515295891e-4);
const SIN_P1 = f32(8.3321608736e-3);
const SIN_P2 = f32(-1.6666654611e-1);

function sinPolynomial(x: number, square: number): number {
  let y = f32(SIN_P0 * square + SIN_P1);
  y = f32(y * square + SIN_P2);
  y = f32(y * square);
  return f32(y * x + x);
}

const COS_P0 = f32(2.443315711809948e-5);
const COS_P1 = f32(-1.388731625493765e-3);
const COS_P2 = f32(4.166664568298827e-2);

function cosPolynomial(square: number): number {
  let y = f32(COS_P0 * square + COS_P1);
  y = f32(y * square + COS_P2);
  y = f32(y * square);
  y = f32(y * square - 0.5 * square);
  return f32(y + 1);
}
