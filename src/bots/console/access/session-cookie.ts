// What a browser holds of a session: a cookie that no script can read and no other site can send. Over https it has
// the prefix that keeps everyone but this very host from setting it.

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { SESSION_DAYS } from './access.ts';

const NAME = 'darkroom';

const HIDDEN = { path: '/', httpOnly: true, sameSite: 'Strict' } as const;

const optionsOf = (secure: boolean) => (secure ? ({ ...HIDDEN, secure, prefix: 'host' } as const) : HIDDEN);

export function readToken(c: Context, secure: boolean): string | undefined {
  return getCookie(c, NAME, secure ? 'host' : undefined);
}

export function giveToken(c: Context, token: string, secure: boolean): void {
  setCookie(c, NAME, token, { ...optionsOf(secure), maxAge: SESSION_DAYS * 24 * 60 * 60 });
}

export function takeToken(c: Context, secure: boolean): void {
  deleteCookie(c, NAME, optionsOf(secure));
}
