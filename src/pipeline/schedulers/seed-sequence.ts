/**
 * Seeds for independent random streams, grown from one number and a place in a tree.
 * Source: numpy's SeedSequence, after M. E. O'Neill, "Developing a seed_seq Alternative" (2015): entropy is hashed
 * into a pool of 32-bit words, each word into every other, and the pool is hashed once more for the output.
 */

const INIT_A = 0x43b0d7e5;
const MULTIPLY_A = 0x931e8875;
const INIT_B = 0x8b51f9dd;
const MULTIPLY_B = 0x58f38ded;
const MIX_LEFT = 0xca01f9dd;
const MIX_RIGHT = 0x4973f715;

/**
 * The equal of `numpy.random.SeedSequence(entropy, spawn_key=key, pool_size=size).generate_state(count)`: unsigned
 * 32-bit numbers. `entropy` and the parts of `key` are whole numbers from 0 to 2^53.
 */
export function seedsFor(entropy: number, key: readonly number[], size: number, count: number): number[] {
  const words = wordsOf(entropy);
  // The place must not run into the entropy, which is why that fills the pool first.
  if (key.length > 0) while (words.length < size) words.push(0);
  const pool = poolOf([...words, ...key.flatMap(wordsOf)], size);
  let hash = INIT_B;
  return Array.from({ length: count }, (_, i) => {
    let value = pool[i % size]! ^ hash;
    hash = Math.imul(hash, MULTIPLY_B);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

/** 32-bit words, lowest first; zero is one word. */
function wordsOf(value: number): number[] {
  const low = value % 2 ** 32;
  const rest = (value - low) / 2 ** 32;
  return rest === 0 ? [low] : [low, ...wordsOf(rest)];
}

function poolOf(words: readonly number[], size: number): Int32Array {
  let hash = INIT_A;
  const hashed = (word: number): number => {
    const value = word ^ hash;
    hash = Math.imul(hash, MULTIPLY_A);
    const product = Math.imul(value, hash);
    return product ^ (product >>> 16);
  };
  const pool = Int32Array.from({ length: size }, (_, i) => hashed(words[i] ?? 0));
  for (let from = 0; from < size; from++)
    for (let to = 0; to < size; to++) if (from !== to) pool[to] = mix(pool[to]!, hashed(pool[from]!));
  for (const word of words.slice(size))
    for (let to = 0; to < size; to++) pool[to] = mix(pool[to]!, hashed(word));
  return pool;
}

function mix(a: number, b: number): number {
  const result = (Math.imul(MIX_LEFT, a) - Math.imul(MIX_RIGHT, b)) | 0;
  return result ^ (result >>> 16);
}
