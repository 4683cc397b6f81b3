// Who asks, as every route of the console sees it. Knows nothing of how that was found out.

import type { HttpBindings } from '@hono/node-server';
import type { Requester } from '../../../queue/job.ts';

export const PLATFORM = 'console';

export interface Who {
  by: Requester;
  /** Runs this Darkroom. */
  admin?: true;
  /** This person's own conversation. */
  channel: string;
}

/** What the console's routes hand on from one to the next. */
export interface ConsoleEnv {
  Bindings: HttpBindings;
  /** `token`: what the cookie holds, where people sign in. */
  Variables: { who: Who; token?: string };
}

/** The owner keeps this id with and without a sign-in, and with it the pictures. */
export const OWNER_ID = 'local';

/** Everyone has a conversation to themselves. */
export const channelOf = (id: string): string => (id === OWNER_ID ? 'main' : `people/${id}`);

/** Somebody who was invited. */
export const guest = (name: string): Who => ({
  by: { platform: PLATFORM, id: name, name },
  channel: channelOf(name),
});

const ownerAs = (name: string): Who => ({
  by: { platform: PLATFORM, id: OWNER_ID, name },
  admin: true,
  channel: channelOf(OWNER_ID),
});

/** The person at this machine, where nobody signs in. */
export const HERE = ownerAs('You');
/** The same person, where others are about. */
export const OWNER = ownerAs('Owner');
