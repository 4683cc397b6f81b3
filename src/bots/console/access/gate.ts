// The gate behind which everything personal lies: finds out who asks, and refuses whom it does not know, writes that
// did not come from the page, and too many of them.

import type { Context, MiddlewareHandler } from 'hono';
import { csrfTokenOf, isSame, type Access } from './access.ts';
import { Rate, tooMany } from './rate.ts';
import { readToken } from './session-cookie.ts';
import { HERE, type ConsoleEnv, type Who } from './who.ts';

export const CSRF_HEADER = 'x-csrf-token';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WRITES_A_MINUTE = 120;
const UPLOADS_A_DAY = 300;

export interface GateDeps {
  access: Access;
  /** Whether the browser came over https. */
  isSecure: (c: Context) => boolean;
  clock: () => Date;
}

/** Where nobody signs in, everything is the owner's. */
export const openGate: MiddlewareHandler<ConsoleEnv> = async (c, next) => {
  c.set('who', HERE);
  await next();
};

/** Who asks, and what their cookie holds; undefined when nobody is signed in. */
export async function whoAsks(
  c: Context,
  { access, isSecure }: GateDeps,
): Promise<{ who: Who; token: string } | undefined> {
  const token = readToken(c, isSecure(c));
  const who = token === undefined ? undefined : await access.whoHas(token);
  return token !== undefined && who ? { who, token } : undefined;
}

/** `isOpen`: what nobody need sign in for; nobody is told who asks then. */
export function gate(
  deps: GateDeps,
  isOpen: (c: Context) => Promise<boolean>,
): MiddlewareHandler<ConsoleEnv> {
  const writes = new Rate(WRITES_A_MINUTE, MINUTE_MS);
  const uploads = new Rate(UPLOADS_A_DAY, DAY_MS);
  return async (c, next) => {
    const known = await whoAsks(c, deps);
    if (!known) {
      if (await isOpen(c)) return next();
      if (isRead(c) && c.req.header('accept')?.includes('text/html')) return c.redirect('/sign-in', 303);
      return c.json({ error: 'Sign in first: open /sign-in.' }, 401);
    }
    const { who, token } = known;
    if (!isRead(c)) {
      if (!isSame(c.req.header(CSRF_HEADER) ?? '', csrfTokenOf(token)))
        return c.json({ error: 'This did not come from the page as it is now. Load the page again.' }, 403);
      const now = deps.clock().getTime();
      const wait = writes.take(who.by.id, now) || (isUpload(c) ? uploads.take(who.by.id, now) : 0);
      if (wait > 0) return tooMany(c, wait, 'That was a lot at once.');
    }
    c.set('who', who);
    c.set('token', token);
    await next();
  };
}

const isUpload = (c: Context): boolean => c.req.path === '/api/images';

export const isRead = (c: Context): boolean => c.req.method === 'GET' || c.req.method === 'HEAD';
