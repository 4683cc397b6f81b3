// What every family does with the rows of a run: lays them end to end for the network and cuts its output apart again.

import type { Network, Values } from '../onnx.ts';
import { ModelProblem } from '../problems.ts';
import type { Row } from './family.ts';

/** Arrays end to end. */
export function concat(arrays: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(arrays.reduce((n, a) => n + a.length, 0));
  let at = 0;
  for (const a of arrays) {
    out.set(a, at);
    at += a.length;
  }
  return out;
}

/**
 * `concat` for what mostly stays the same from step to step: the same arrays again give the same array again, whose
 * conversion for the network is then known.
 */
export function remembering(): (arrays: readonly Float32Array[]) => Float32Array {
  let last: readonly Float32Array[] = [];
  let joined: Float32Array = new Float32Array();
  return (arrays) => {
    if (arrays.length !== last.length || arrays.some((a, i) => a !== last[i])) {
      last = arrays;
      joined = concat(arrays);
    }
    return joined;
  };
}

/** The output cut into one prediction per row. Throws a ModelProblem where there are too few numbers or no numbers. */
export function rowsOf({ file }: Network, data: Float32Array, rows: readonly Row[]): Float32Array[] {
  const each = rows[0]!.latents.length;
  if (data.length !== rows.length * each)
    throw new ModelProblem(
      `${file} gave ${data.length} numbers for ${rows.length} latents of ${each}: it is not one of the supported kinds.`,
    );
  if (!Number.isFinite(data.reduce((sum, value) => sum + value, 0)))
    throw new ModelProblem(
      'The model gave numbers that are not finite, so there is no picture: check the model folder, or its precision.',
    );
  return rows.map((_, i) => data.slice(i * each, (i + 1) * each));
}

/** A scalar, a batch of one, or one number per row: as the file declares it. */
export function timestepFeed(network: Network, timestep: number, rows: number): Values {
  const [batch] = network.inputs.get('timestep')?.shape ?? [];
  const count = batch === undefined || batch === 1 ? 1 : rows;
  return { data: Array<number>(count).fill(timestep), dims: [count] };
}
