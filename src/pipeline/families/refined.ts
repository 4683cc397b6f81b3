// A base model and its refiner as one family: the base draws while there is much noise, the refiner the rest.
// Source: Podell et al., "SDXL" (2023), section 2.5, as diffusers' "ensemble of expert denoisers".

import type { Condition, Encoded, Family, Row } from './family.ts';

/** The refiner takes over below this timestep of 1000: it was trained on that last fifth only. */
const REFINED_BELOW = 200;

export function refined(base: Family, refiner: Family): Family {
  /** What the refiner is told where the base is told something else. */
  const told = new WeakMap<Condition, Condition>();
  const pair = (side: Encoded['prompts'], fine: Encoded['prompts']): void => {
    for (const [text, condition] of side) told.set(condition, fine.get(text)!);
  };
  return {
    ...base,
    startsAnewBelow: REFINED_BELOW,
    async encode(texts, size) {
      const [encoded, fine] = [await base.encode(texts, size), await refiner.encode(texts, size)];
      pair(encoded.prompts, fine.prompts);
      pair(encoded.negatives, fine.negatives);
      return encoded;
    },
    predict(rows, moment) {
      if (moment.timestep >= REFINED_BELOW) return base.predict(rows, moment);
      // What an inpainting base is given beside the latents, an ordinary refiner does not take.
      const finer = ({ latents, condition }: Row): Row => ({ latents, condition: told.get(condition)! });
      return refiner.predict(rows.map(finer), moment);
    },
  };
}
