// The gate behind which everything personal lies: finds out who asks, and refuses whom it does not know, writes that
// did not come from the page, and too many of them.

import type { Context, MiddlewareHandler } from 'hono';
import type { Access } from './access.ts';
import { Rate } from './rates.ts';
import { OWNER, type ConsoleEnv, type Who } from './who.ts';

export const CSRF_HEADER = 'x-csrf-token';
const MINUTE_MS = 60_000;
const WRITES_A_MINUTE = 60;
const UPLOADS_A_MINUTE = 20;

export interface GateDeps {
  access: Access;
  /** Whether the browser came over https. */
  isSecure: (c: Context) => boolean;
  clock: () => Date;
}

/** Where nobody signs in, everything is the owner's. */
export const openGate: MiddlewareHandler<ConsoleEnv> = async (c, next) => {
  c.set('who', OWNER);
  await next();
};

/** Who asks; undefined when nobody is signed in. */
export async function whoAsks(c: Context, { access, isSecure }: GateDeps): Promise<Who | undefined> {
  const session = await access.sessions.read(c, isSecure(c));
  return session && access.whoHas(session);
}

export function gate(deps: GateDeps): MiddlewareHandler<ConsoleEnv> {
  const writes = new Rate(WRITES_A_MINUTE, MINUTE_MS);
  const uploads = new Rate(UPLOADS_A_MINUTE, MINUTE_MS);
  return async (c, next) => {
    const who = await whoAsks(c, deps);
    if (!who?.session) {
      if (c.req.path === '/' && isRead(c)) return c.redirect('/sign-in', 303);
      return c.json({ error: 'Sign in first: open /sign-in.' }, 401);
    }
    if (!isRead(c)) {
      const token = c.req.header(CSRF_HEADER) ?? '';
      if (!deps.access.sessions.isCsrfToken(who.session, token))
        return c.json({ error: 'This did not come from the page as it is now. Load the page again.' }, 403);
      const rate = c.req.path === '/api/images' ? uploads : writes;
      const wait = rate.take(who.by.id, deps.clock().getTime());
      if (wait > 0) return tooMany(c, wait, 'That was a lot at once.');
    }
    c.set('who', who);
    await next();
    if (c.req.path === '/' || c.req.path.startsWith('/api/')) c.res.headers.set('cache-control', 'no-store');
  };
}

/** 429 with the time to wait, in the header and in words. */
export function tooMany(c: Context, waitMs: number, words: string): Response {
  const seconds = Math.ceil(waitMs / 1000);
  c.header('retry-after', String(seconds));
  return c.json({ error: `${words} ${tryAgain(seconds)}` }, 429);
}

export function tryAgain(seconds: number): string {
  if (seconds > 90) return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
  return `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
}

function isRead(c: Context): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD';
}

