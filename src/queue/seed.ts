/** Seeds are unsigned 32-bit numbers: torch's CPU generator uses no more. */
export const SEEDS = 2 ** 32;

/** The seed of picture `index` of a job: consecutive, wrapping around. */
export const seedOf = (seed: number, index: number): number => (seed + index) % SEEDS;
