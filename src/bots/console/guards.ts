// Which requests reach the console at all: those of a browser on our own page, under a name of this machine or the
// public address. A web page from elsewhere must reach neither by a name of its own that points here (DNS rebinding)
// nor by posting across origins. Who asks is found out later, at the gate.

import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { hostnameOf, isForwarded, isLoopback } from './access/address.ts';
import { isRead } from './access/gate.ts';

const EVERYWHERE = ['0.0.0.0', '::', '[::]'];

const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
};

/** Under which names the page is found. */
export interface Doors {
  host: string;
  publicUrl?: string;
  /** Whether a picture may be shown to anybody who has its id. */
  isPublic?: (pictureId: string) => Promise<boolean>;
  /** People sign in, so that the page may be found under the public address as well. */
  signsIn: boolean;
}

/**
 * Refuses a Host header that is not this machine, the configured host or the public address. Where nobody signs in,
 * that has nothing but the pictures that everyone may see.
 */
export function doors({ host, publicUrl, isPublic, signsIn }: Doors): MiddlewareHandler {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  return async (c, next) => {
    const asked = hostnameOf(c.req.header('host'));
    if (asked !== undefined && isKnown(asked, host)) {
      // A proxy that hides under which name it was asked would make everyone the owner.
      if (signsIn || !isForwarded(c)) return next();
      return c.json(
        { error: 'A proxy asks for somebody else: set CONSOLE_PASSWORD in .env to let others in.' },
        403,
      );
    }
    if (asked === undefined || asked !== publicHost)
      return c.json(
        { error: 'This page answers only under localhost or the address set as HOST in .env.' },
        403,
      );
    if (signsIn || (await isPublicPicture(c, isPublic))) return next();
    return pictureOf(c) === undefined
      ? c.json({ error: 'The page is here once CONSOLE_PASSWORD is set in .env.' }, 403)
      : c.json({ error: 'There is nothing here.' }, 404);
  };
}

/** Whether it asks for a picture that everyone may see: links in chats lead to those. */
export async function isPublicPicture(c: Context, isPublic: Doors['isPublic']): Promise<boolean> {
  const picture = c.req.method === 'GET' ? pictureOf(c) : undefined;
  return picture !== undefined && (await isPublic?.(picture)) === true;
}

const pictureOf = (c: Context): string | undefined => /^\/pictures\/([\w-]+)\.png$/.exec(c.req.path)?.[1];

/** Refuses a write from another page than ours, and one that a plain form could make. */
export const ownPage =
  (publicUrl?: string): MiddlewareHandler =>
  async (c, next) => {
    if (isRead(c)) return next();
    const origin = c.req.header('origin');
    const own = [
      `http://${c.req.header('host')}`,
      ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin]),
    ];
    if (origin !== undefined && !own.includes(origin)) {
      return c.json(
        { error: 'This came from another page, so it was refused. Use the Darkroom page itself.' },
        403,
      );
    }
    if (!/^(application\/json|image\/[\w.+-]+)(;|$)/i.test(c.req.header('content-type') ?? '')) {
      return c.json(
        { error: 'Send JSON with content-type: application/json, or a picture with its own.' },
        415,
      );
    }
    return next();
  };

function isKnown(asked: string, host: string): boolean {
  if (isLoopback(asked) || asked === host.toLowerCase() || asked === `[${host.toLowerCase()}]`) return true;
  // Listening on every address: any of them will do. A rebound name is never written in numbers.
  return EVERYWHERE.includes(host) && isIP(asked.replace(/^\[|\]$/g, '')) !== 0;
}
