// How often Discord lets us edit messages, and what it says when that was too often. Knows no messages.

import { RateLimitError, type RateLimitData } from 'discord.js';
import type { Pace, Verdict } from '../edit-pace.ts';
import { isPassing } from './problems.ts';

/**
 * Discord publishes no number for edits; about five in five seconds and channel are known to pass. Of the fifty
 * requests a second that a bot has for everything, edits take half.
 */
export const EDIT_PACE: Pace = {
  gapMs: 2000,
  everyMs: 40,
  atOnce: 10,
  channel: { budget: 5, windowMs: 5000 },
  retryMs: 1000,
};

/** An edit is not kept waiting by the client, where it would grow old: it comes back, and a newer one may go. */
export const isEdit = ({ method, route }: RateLimitData): boolean =>
  method.toUpperCase() === 'PATCH' && route === '/channels/:id/messages/:id';

export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof RateLimitError)) return { again: isPassing(error) };
  const { retryAfter, timeToReset, sublimitTimeout, global } = error;
  return { again: true, quietMs: Math.max(retryAfter, timeToReset, sublimitTimeout), everywhere: global };
}
