// Who asks, as every route of the console sees it. Knows nothing of how that was found out.

import type { HttpBindings } from '@hono/node-server';
import type { Requester } from '../../../queue/job.ts';
import type { Session } from './sessions.ts';

export const PLATFORM = 'console';

export interface Who {
  by: Requester;
  /** Runs this Darkroom: the person at this machine, or who signed in with CONSOLE_ADMIN_TOKEN. */
  admin?: true;
  /** This person's own conversation. */
  channel: string;
  /** Absent where nobody signs in. */
  session?: Session;
}

/** What the console's routes hand on from one to the next. */
export interface ConsoleEnv {
  Bindings: HttpBindings;
  Variables: { who: Who };
}

/** The owner keeps this id with and without a sign-in, and with it the pictures. */
export const OWNER_ID = 'local';

/** The person at this machine, where nobody signs in. */
export const OWNER: Who = whoIs({ platform: PLATFORM, id: OWNER_ID, name: 'You' }, true);
/** The same person, where others are about. */
export const ADMIN: Who = whoIs({ platform: PLATFORM, id: OWNER_ID, name: 'Admin' }, true);

/** Somebody who was invited. */
export function guest(name: string): Who {
  return whoIs({ platform: PLATFORM, id: name, name }, false);
}

/** Everyone has a conversation to themselves. */
export function channelOf(id: string): string {
  return id === OWNER_ID ? 'main' : `console/${id}`;
}

function whoIs(by: Requester, admin: boolean): Who {
  return { by, channel: channelOf(by.id), ...(admin && { admin: true }) };
}
