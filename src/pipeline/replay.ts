// Whether a picture that is drawn again from its recipe will have the same pixels.

import type { Provenance } from './provenance.ts';

/** `exact`, or a sentence that says what may be different and why. Either record may come from an older version. */
export function replayOf(then: Partial<Provenance>, now: Provenance): string {
  const reasons = differences(then, now);
  if (reasons.length === 0) return 'exact';
  return `may differ, because ${reasons.join(' and ')}`;
}

function differences(then: Partial<Provenance>, now: Provenance): string[] {
  const reasons: string[] = [];
  if (then.modelHash !== now.modelHash)
    reasons.push(
      then.modelHash ? "the model's files are others" : 'nothing is known of the model it was drawn with',
    );
  if (then.unseeded)
    reasons.push("the model's encoder of images draws noise of its own, which no seed decides");
  const [before, kind] = [kindOf(then.device), kindOf(now.device)];
  if (before !== kind) reasons.push(`it was drawn on ${before ?? 'an unknown device'} and this is ${kind}`);
  else if (kind !== 'cpu') reasons.push(`${kind} does not add up numbers in the same order each time`);
  else if (then.platform !== now.platform)
    reasons.push(`it was drawn on ${then.platform ?? 'an unknown platform'} and this is ${now.platform}`);
  if (then.runtime !== now.runtime)
    reasons.push(`it was drawn by ${then.runtime ?? 'an unknown runtime'} and this is ${now.runtime}`);
  if (then.version !== now.version)
    reasons.push(
      `it was drawn by Darkroom ${then.version ?? 'of unknown version'} and this is ${now.version}`,
    );
  return reasons;
}

const kindOf = (device: string | undefined): string | undefined => device?.split(':')[0];
