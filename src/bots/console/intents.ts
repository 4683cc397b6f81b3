// What a press or a reaction on a message means. The shapes come from outside and are checked here.

import { z } from 'zod';
import type { PostRef } from '../../core/posts.ts';
import type { Requester } from '../../queue/job.ts';
import type { Intent, Place } from '../chat.ts';

const key = z.string().regex(/^[\w-]{1,100}$/);
const index = z.int().min(0).max(3);

/** Far more than a prompt may have. */
export const MOST_LETTERS = 8000;

export const Typed = z.object({ text: z.string().max(MOST_LETTERS), key });

export const Pressed = z.discriminatedUnion('action', [
  z.object({ action: z.enum(['rerun', 'cancel', 'keep', 'share', 'report', 'remove']), key }),
  z.object({ action: z.literal('upscale'), index: index.optional(), key }),
  z.object({ action: z.enum(['vary', 'pick']), index, key }),
  z.object({ action: z.literal('remix'), text: z.string(), key }),
]);
export type Pressed = z.infer<typeof Pressed>;

export const Reacted = z.object({
  reaction: z.enum(['rerun', 'upscale', 'send', 'end', 'favorite']),
  on: z.boolean(),
  key,
});
export type Reacted = z.infer<typeof Reacted>;

export const Decided = z.object({ act: z.enum(['ask', 'approve', 'deny']), key });
export type Decided = z.infer<typeof Decided>;

/** What every intent over a message carries. */
export interface About {
  key: string;
  by: Requester;
  place: Place;
  admin?: true;
  post: PostRef;
}

export function pressIntent(press: Pressed, about: About): Intent {
  switch (press.action) {
    case 'upscale':
      return { ...about, kind: 'upscale', ...(press.index !== undefined && { index: press.index }) };
    case 'vary':
    case 'pick':
      return { ...about, kind: press.action, index: press.index };
    case 'remix':
      return { ...about, kind: 'remix', text: press.text };
    case 'rerun':
    case 'cancel':
    case 'keep':
    case 'share':
    case 'report':
    case 'remove':
      return { ...about, kind: press.action };
  }
}

/** Undefined for a reaction that is taken away and means nothing then. */
export function reactIntent({ reaction, on }: Reacted, about: About): Intent | undefined {
  if (reaction === 'favorite') return { ...about, kind: 'favorite', on };
  return on ? { ...about, kind: reaction } : undefined;
}
