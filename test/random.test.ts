/**
 * The noise generator against torch's: published vectors, compared bit for bit through their SHA-256.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TorchGenerator } from '../src/pipeline/random.ts';
import fixture from './fixtures/schedulers.json' with { type: 'json' };

const { vectors, sequence_one_generator_seed0: sequence } = fixture.rng;

function sha256(values: Float32Array | Uint16Array): string {
  return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
}

/** Rounds to the nearest float16, halves to even; enough for numbers of ordinary size and for subnormals. */
function toHalfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const units = size / 2 ** (exponent - 10);
  const floor = Math.floor(units);
  const up = units - floor > 0.5 || (units - floor === 0.5 && floor % 2 === 1);
  const mantissa = floor + (up ? 1 : 0);
  return sign | (mantissa + (exponent + 14) * 1024);
}

describe('the noise generator', () => {
  it.each(vectors.filter(({ dtype }) => dtype === 'float32'))(
    "draws torch's $n normal numbers for seed $seed, bit for bit",
    ({ seed, n, sha256_le_bytes, head }) => {
      const values = new TorchGenerator(seed).randn(n);
      expect(Array.from(values.slice(0, head.length))).toEqual(head);
      expect(sha256(values)).toBe(sha256_le_bytes);
    },
  );

  it.each(vectors.filter(({ dtype }) => dtype === 'float16'))(
    "draws torch's $n float16 numbers for seed $seed, bit for bit once rounded",
    ({ seed, n, sha256_le_bytes }) => {
      const values = new TorchGenerator(seed).randnFloat16(n);
      expect(sha256(Uint16Array.from(values, toHalfBits))).toBe(sha256_le_bytes);
    },
  );

  it('draws the same numbers for both precisions where whole blocks are asked for', () => {
    expect(new TorchGenerator(8).randnFloat16(64)).toEqual(new TorchGenerator(8).randn(64));
    expect(new TorchGenerator(8).randnFloat16(7)).toEqual(new TorchGenerator(8).randn(7));
  });

  it('keeps its place over draws of different lengths, and the second value of a short draw over long ones', () => {
    const generator = new TorchGenerator(0);
    const drawn = sequence.map(({ n }) => sha256(generator.randn(n)));
    expect(drawn).toEqual(sequence.map(({ sha256_le_bytes }) => sha256_le_bytes));
  });

  it('counts only the low 32 bits of a seed', () => {
    const five = new TorchGenerator(5).randn(32);
    expect(new TorchGenerator(2 ** 32 + 5).randn(32)).toEqual(five);
    expect(new TorchGenerator(5n - 2n ** 64n).randn(32)).toEqual(five);
    expect(new TorchGenerator(-1).randn(32)).toEqual(new TorchGenerator(0xffffffff).randn(32));
    expect(new TorchGenerator(6).randn(32)).not.toEqual(five);
  });

  it('starts a longer draw with the shorter one, so that a picture does not depend on its neighbours', () => {
    expect(new TorchGenerator(3).randn(64).slice(0, 32)).toEqual(new TorchGenerator(3).randn(32));
  });

  it('gives in two draws of whole blocks what it gives in one', () => {
    const generator = new TorchGenerator(3);
    const parts = [...generator.randn(48), ...generator.randn(16)];
    expect(parts).toEqual(Array.from(new TorchGenerator(3).randn(64)));
  });

  it('is the reference Mersenne Twister', () => {
    const generator = new TorchGenerator(5489);
    let last = 0;
    for (let i = 0; i < 10_000; i++) last = generator.uint32();
    expect(last).toBe(4123659995);
  });

  it("draws torch's uniform numbers", () => {
    const generator = new TorchGenerator(0);
    const drawn = [generator.uniform32(), generator.uniform32(), generator.uniform32()];
    expect(drawn).toEqual([0.49625658988952637, 0.7682217955589294, 0.08847743272781372]);
  });

  it('is standard normal: mean 0, variance 1, and two parts in a thousand beyond three', () => {
    const values = new TorchGenerator(11).randn(1_000_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const beyond = values.filter((value) => Math.abs(value) > 3).length / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.004);
    expect(Math.abs(variance - 1)).toBeLessThan(0.006);
    expect(Math.abs(beyond - 0.0027)).toBeLessThan(0.0003);
  });

  it('refuses seeds and counts that are not whole numbers', () => {
    expect(() => new TorchGenerator(1.5)).toThrow(RangeError);
    expect(() => new TorchGenerator(Number.NaN)).toThrow(/whole number/);
    expect(() => new TorchGenerator(0).randn(-1)).toThrow(/from 0 up/);
    expect(new TorchGenerator(0).randn(0)).toHaveLength(0);
  });
});
