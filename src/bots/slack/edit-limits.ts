// How often Slack lets us edit messages, and what it says when that was too often. Knows no messages.

import type { Pace, Verdict } from '../edit-pace.ts';
import { isPassing, quietFor } from './failures.ts';

/** chat.update is counted for the whole workspace: fifty a minute, and two of them are left for slow ones that pile up. */
export const EDIT_PACE: Pace = { gapMs: 3000, everyMs: 1250, atOnce: 1, retryMs: 2000 };

export function verdictOn(error: unknown): Verdict {
  const quietMs = quietFor(error);
  return quietMs === undefined ? { again: isPassing(error) } : { again: true, quietMs, everywhere: true };
}
