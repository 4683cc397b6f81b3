// Signing in and out over HTTP. The form works without scripts; the page that is behind it needs them.

import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { readPageFile } from '../page-files.ts';
import type { ConsoleLog } from '../log.ts';
import { callerOf } from './address.ts';
import { tryAgain, whoAsks, type GateDeps } from './gate.ts';
import type { SignInLimits } from './sign-in-limits.ts';
import type { ConsoleEnv } from './who.ts';

export const SIGN_IN = '/sign-in';
const BODY_LIMIT = 4 * 1024;
const MOST_LETTERS = 512;
/** Stands in the file where a sentence belongs when there is one. */
const SENTENCE = '<!-- sentence -->';

export interface SignInDeps extends GateDeps {
  limits: SignInLimits;
  log: ConsoleLog;
}

/** What may be asked by anybody. Everything that needs a session comes after the gate. */
export function signInRoutes(app: Hono<ConsoleEnv>, deps: SignInDeps): void {
  const { access, limits, log, clock, isSecure } = deps;
  app.get(SIGN_IN, async (c) => ((await whoAsks(c, deps)) ? c.redirect('/', 303) : form(c)));
  const limit = bodyLimit({ maxSize: BODY_LIMIT, onError: (c) => form(c, 'That is too long for a token.', 413) });
  app.post(SIGN_IN, limit, async (c) => {
    const address = callerOf(c);
    const wait = limits.take(address, clock().getTime());
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      c.header('retry-after', String(seconds));
      return form(c, `Too many tries. ${tryAgain(seconds)}`, 429);
    }
    const { token } = await c.req.parseBody();
    const typed = typeof token === 'string' ? token.trim().slice(0, MOST_LETTERS) : '';
    const known = await access.recognise(typed);
    if (!known) {
      log.warn({ address }, 'a sign-in to the console was refused');
      return form(c, 'That token is not known here. Ask the person who runs this Darkroom for one.', 401);
    }
    limits.succeeded(address);
    await access.sessions.begin(c, known.name, known.tokenHash, isSecure(c));
    log.info({ address, name: known.name }, 'somebody signed in to the console');
    return c.redirect('/', 303);
  });
  app.get('/api/session', async (c) => {
    const who = await whoAsks(c, deps);
    c.header('cache-control', 'no-store');
    if (!who?.session) return c.json({ signedIn: false });
    const { by, admin = false, session } = who;
    return c.json({ signedIn: true, name: by.name, admin, csrf: access.sessions.csrfToken(session) });
  });
}

/** Behind the gate. */
export function signOutRoute(app: Hono<ConsoleEnv>, { access, isSecure }: SignInDeps): void {
  app.post('/api/sign-out', (c) => {
    access.sessions.end(c, isSecure(c));
    c.header('clear-site-data', '"cache"');
    return c.json({ signedIn: false });
  });
}

async function form(c: Context, sentence?: string, status: 200 | 401 | 413 | 429 = 200): Promise<Response> {
  const file = await readPageFile('sign-in.html');
  const html = Buffer.from(file?.bytes ?? []).toString();
  const said = sentence === undefined ? '' : `<p class="refusal" id="refusal" role="alert">${sentence}</p>`;
  return c.html(html.replace(SENTENCE, said), status, {
    'cache-control': 'no-store',
    // With no-referrer a browser would not say that its form is ours.
    'referrer-policy': 'same-origin',
  });
}
