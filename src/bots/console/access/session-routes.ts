// Signing in and out over HTTP.
//   GET    /api/session  200 {signsIn: true}, and where somebody is signed in {name, admin, csrf} as well
//   POST   /api/session  {"secret": "a password or a key"}: 200 with a cookie and that; 401; 429 after ten a minute
//   DELETE /api/session  200, and the cookie is worth nothing any more

import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { ConsoleLog } from '../log.ts';
import { csrfTokenOf } from './access.ts';
import { callerOf } from './address.ts';
import { whoAsks, type GateDeps } from './gate.ts';
import { tooMany } from './rate.ts';
import { giveToken, readToken, takeToken } from './session-cookie.ts';
import type { Tries } from './tries.ts';
import type { ConsoleEnv, Who } from './who.ts';

const BODY_LIMIT = 4 * 1024;
const Secret = z.object({ secret: z.string().max(512) });

export interface SessionDeps extends GateDeps {
  tries: Tries;
  log: ConsoleLog;
  /** Somebody has signed out, perhaps in one of several browsers. */
  left: (who: Who) => void;
}

/** What may be asked by anybody: everything that needs a session comes after the gate. */
export function signInRoutes(app: Hono<ConsoleEnv>, deps: SessionDeps): void {
  const { access, tries, log, isSecure } = deps;
  app.use('/api/session', noStore);
  app.get('/api/session', async (c) => {
    const known = await whoAsks(c, deps);
    return c.json(known ? shown(known) : { signsIn: true });
  });
  const limit = bodyLimit({
    maxSize: BODY_LIMIT,
    onError: (c) => c.json({ error: 'That is too long for a password or a key.' }, 413),
  });
  app.post('/api/session', limit, async (c) => {
    const body = Secret.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.json({ error: 'Send {"secret": "a password or a key"}.' }, 400);
    const wait = tries.take(c);
    if (wait > 0) return tooMany(c, wait, 'Too many wrong ones.');
    const begun = await access.signIn(body.data.secret.trim());
    if (!begun) {
      log.warn({ caller: callerOf(c) }, 'a sign-in to the console was refused');
      return c.json({ error: 'That is not known here. Whoever runs this Darkroom can invite you.' }, 401);
    }
    tries.right(c);
    const old = readToken(c, isSecure(c));
    if (old !== undefined) await access.signOut(old);
    giveToken(c, begun.token, isSecure(c));
    return c.json(shown(begun));
  });
}

/** Behind the gate. */
export function signOutRoute(app: Hono<ConsoleEnv>, deps: SessionDeps): void {
  const { access, isSecure, left } = deps;
  app.delete('/api/session', async (c) => {
    const token = c.get('token');
    if (token !== undefined) await access.signOut(token);
    takeToken(c, isSecure(c));
    left(c.get('who'));
    c.header('clear-site-data', '"cache"');
    return c.json({ signedOut: true });
  });
}

const shown = ({ who, token }: { who: Who; token: string }) => ({
  signsIn: true,
  name: who.by.name,
  admin: who.admin ?? false,
  csrf: csrfTokenOf(token),
});

const noStore = async (c: Context, next: () => Promise<void>): Promise<void> => {
  await next();
  c.res.headers.set('cache-control', 'no-store');
};
