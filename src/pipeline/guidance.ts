// From what the network predicts for each text to the one prediction that a picture follows: classifier-free guidance
// (Ho & Salimans 2022), prompts of several parts (Liu et al. 2022), rescaling (Lin et al. 2023). Schedulers never learn
// of prompts.

import type { Condition, Family, LatentShape, Moment, Row } from './families/family.ts';
import { OutOfMemory } from './problems.ts';

/** What a picture is guided by at one step. */
interface Steered {
  /** As the network takes them. */
  latents: Float32Array;
  extra?: Float32Array;
  /** At least one; a picture without guidance has exactly one. */
  parts: readonly { weight: number; condition: Condition }[];
  /** What it is guided away from; absent without guidance. */
  free?: Condition;
}

/** How many rows a run of the network may have. Lowered for the rest of the batch where the memory does not do. */
export interface RowLimit {
  most: number;
}

/** Eight pictures with guidance. More at once are hardly faster, and need memory for each. */
const ROWS = 16;

/** Larger pictures than the model was made for take the place of several. */
export function rowLimit(shape: LatentShape, usualPlaces: number): RowLimit {
  const share = Math.min(1, usualPlaces / (shape.height * shape.width));
  return { most: Math.max(1, Math.floor(ROWS * share)) };
}

/**
 * The prediction for every picture at one timestep. Pictures whose texts have as many tokens share runs of at most
 * `limit` rows; how rows are shared out does not change their numbers on a CPU.
 */
export async function predictions(
  family: Family,
  pictures: readonly Steered[],
  moment: Moment,
  rescale: number,
  limit: RowLimit,
): Promise<Float32Array[]> {
  const rows = pictures.flatMap(({ latents, extra, parts, free }) =>
    [...(free ? [free] : []), ...parts.map((part) => part.condition)].map((condition) => ({
      latents,
      ...(extra && { extra }),
      condition,
    })),
  );
  const predicted = await predictRows(family, rows, moment, limit);
  let at = 0;
  return pictures.map(({ parts, free }) => {
    const own = predicted.slice(at, (at += parts.length + (free ? 1 : 0)));
    if (!free) return own[0]!;
    const weights = parts.map((part) => part.weight);
    return guide(own[0]!, own.slice(1), weights, moment.guidanceScale, rescale);
  });
}

async function predictRows(
  family: Family,
  rows: readonly Row[],
  moment: Moment,
  limit: RowLimit,
): Promise<Float32Array[]> {
  const out: Float32Array[] = [];
  for (const tokens of new Set(rows.map((row) => row.condition.tokens))) {
    const places = [...rows.keys()].filter((i) => rows[i]!.condition.tokens === tokens);
    const alike = places.map((i) => rows[i]!);
    for (let at = 0; at < alike.length;) {
      const predicted = await oneRun(family, alike.slice(at), moment, limit);
      for (const numbers of predicted) out[places[at++]!] = numbers;
    }
  }
  return out;
}

/** The predictions for the first rows, as many as one run can have. */
async function oneRun(
  family: Family,
  rows: readonly Row[],
  moment: Moment,
  limit: RowLimit,
): Promise<Float32Array[]> {
  const first = rows.slice(0, limit.most);
  try {
    return await family.predict(first, moment);
  } catch (error) {
    if (!(error instanceof OutOfMemory) || first.length === 1) throw error;
    limit.most = Math.ceil(first.length / 2);
    return oneRun(family, rows, moment, limit);
  }
}

/** free + scale * sum of weight * (part - free). */
function guide(
  free: Float32Array,
  parts: readonly Float32Array[],
  weights: readonly number[],
  scale: number,
  rescale: number,
): Float32Array {
  const guided = new Float32Array(free.length);
  for (let k = 0; k < free.length; k++) {
    let away = 0;
    for (let p = 0; p < parts.length; p++) away += weights[p]! * (parts[p]![k]! - free[k]!);
    guided[k] = free[k]! + scale * away;
  }
  if (rescale === 0) return guided;
  const factor = rescale * (deviation(parts[0]!) / deviation(guided)) + 1 - rescale;
  return guided.map((value) => value * factor);
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
}
