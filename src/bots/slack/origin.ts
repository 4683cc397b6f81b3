// Where a form came from. It travels with the form, in Slack's keeping, so a form that is sent after a restart is still
// understood.

import { z } from 'zod';

const Origin = z.object({
  /** A place; without one the answer is a direct message. */
  channel: z.string().optional(),
  /** The key of the event that opened the form. */
  key: z.string().optional(),
  /** A message of ours that the form is about. */
  post: z.object({ channel: z.string(), message: z.string() }).optional(),
  /** A picture of somebody else's message: an address of Slack's, which needs our token, or of the web. */
  file: z.string().optional(),
  url: z.string().optional(),
});

export type Origin = z.infer<typeof Origin>;

export function writeOrigin(origin: Origin): string {
  return JSON.stringify(origin);
}

export function readOrigin(metadata: string): Origin {
  return Origin.parse(JSON.parse(metadata));
}
