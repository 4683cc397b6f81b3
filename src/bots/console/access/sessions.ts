// What a browser holds once somebody has signed in: a signed cookie, and the token that its writes must carry. Nothing
// is kept here, so sessions outlive a restart; whose they are is asked anew on each request, elsewhere.

import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { sameHash } from './accounts.ts';

const COOKIE = 'darkroom';
const DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

export interface Session {
  /** Random; different each time that somebody signs in. */
  id: string;
  /** The account's name. */
  name: string;
  /** Binds it to the token that it was begun with: a new token under the same name ends it. */
  mark: string;
  /** Milliseconds since 1970. */
  until: number;
}

export class Sessions {
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #clock: () => Date;

  /** `key`: at least 32 random bytes that nobody else has. */
  constructor(key: Uint8Array<ArrayBuffer>, clock: () => Date) {
    this.#key = key;
    this.#clock = clock;
  }

  /** Signs in: the cookie goes out with the answer. */
  async begin(c: Context, name: string, tokenHash: string, secure: boolean): Promise<void> {
    const id = randomBytes(32).toString('base64url');
    const until = this.#clock().getTime() + DAYS * DAY_MS;
    const value = [id, until, this.#mark(tokenHash), Buffer.from(name).toString('base64url')].join('.');
    const options = { ...cookieOptions(secure), maxAge: (DAYS * DAY_MS) / 1000 };
    await setSignedCookie(c, COOKIE, value, this.#key, options);
  }

  /** The session of a request; undefined when there is none, it is not ours, or its time is over. */
  async read(c: Context, secure: boolean): Promise<Session | undefined> {
    const value = await getSignedCookie(c, this.#key, COOKIE, secure ? 'host' : undefined);
    if (!value) return undefined;
    const [id = '', time, mark = '', name = ''] = value.split('.');
    const until = Number(time);
    if (!(until > this.#clock().getTime())) return undefined;
    return { id, until, mark, name: Buffer.from(name, 'base64url').toString() };
  }

  /** Whether it was begun with the token that the account has now. */
  belongs({ mark }: Session, tokenHash: string): boolean {
    return sameHash(mark, this.#mark(tokenHash));
  }

  /** Signs out: the browser forgets the cookie. */
  end(c: Context, secure: boolean): void {
    deleteCookie(c, COOKIE, cookieOptions(secure));
  }

  /** What every write of this session must carry. */
  csrfToken({ id }: Session): string {
    return this.#hmac(`csrf:${id}`);
  }

  isCsrfToken(session: Session, token: string): boolean {
    return sameHash(token, this.csrfToken(session));
  }

  #mark(tokenHash: string): string {
    return this.#hmac(`mark:${tokenHash}`);
  }

  #hmac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function cookieOptions(secure: boolean) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    ...(secure && { prefix: 'host' }),
  } as const;
}
