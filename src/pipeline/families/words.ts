// What text encoders gave for one text, put together as one condition.

import type { JoinedWords } from '../prompt/emphasis.ts';
import type { Condition } from './family.ts';

/** Each token's vectors of all encoders one after the other; pooled is the last encoder's. */
export function sideBySide(all: readonly JoinedWords[]): Condition {
  const { tokens } = all[0]!;
  const width = all.reduce((sum, each) => sum + each.width, 0);
  const words = new Float32Array(tokens * width);
  let left = 0;
  for (const each of all) {
    for (let t = 0; t < tokens; t++)
      words.set(each.data.subarray(t * each.width, (t + 1) * each.width), t * width + left);
    left += each.width;
  }
  const pooled = all.at(-1)!.pooled;
  return { words, tokens, width, ...(pooled && { pooled }) };
}
