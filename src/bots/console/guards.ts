// Who may talk to the console: a browser on this machine, on our own page. A web page from elsewhere must reach
// neither by a name of its own that points here (DNS rebinding) nor by posting across origins.

import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { timingSafeEqual } from 'hono/utils/buffer';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** What machines ask, and learn nothing about people by. */
const PROBES = ['/healthz', '/readyz'];
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

/** Who is let in where. */
export interface Doors {
  host: string;
  publicUrl?: string;
  isPublic?: (pictureId: string) => Promise<boolean>;
  /** The owner's, who is asked for it everywhere but at what is for everyone. */
  password?: string;
  clock: () => Date;
}

/**
 * Refuses a Host header that is not this machine or the configured host. Under the public address there are pictures
 * that everyone may see, to which links lead; and the page, where the owner is asked for a password.
 */
export function doors({ host, publicUrl, isPublic, password, clock }: Doors): MiddlewareHandler {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  const auth = password === undefined ? undefined : owner(password, clock);
  return async (c, next) => {
    const asked = hostnameOf(c.req.header('host'));
    const isHere = asked !== undefined && isKnown(asked, host);
    if (isHere && (!auth || PROBES.includes(c.req.path))) return next();
    const isThere = asked !== undefined && asked === publicHost;
    const [, picture] = /^\/pictures\/([\w-]+)\.png$/.exec(c.req.path) ?? [];
    if (isThere && picture && c.req.method === 'GET' && (await isPublic?.(picture))) return next();
    if (auth && (isHere || isThere)) return auth(c, next);
    if (isThere && picture) return c.json({ error: 'There is nothing here.' }, 404);
    return c.json(
      { error: 'This page answers only under localhost or the address set as HOST in .env.' },
      403,
    );
  };
}

/** Refuses a POST from another page than ours, and one that a plain form could make. */
export const ownPage =
  (publicUrl?: string): MiddlewareHandler =>
  async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
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

const FAILURES = 10;
const WITHIN_MS = 60_000;

/**
 * Lets in who has the owner's password (HTTP Basic authentication, any user name). After ten wrong ones within a minute
 * nobody is asked until the minute is over, so that nobody tries them all.
 */
function owner(password: string, clock: () => Date): MiddlewareHandler {
  let failures: number[] = [];
  const auth = basicAuth({
    verifyUser: async (_name, given) => {
      const right = await timingSafeEqual(given, password);
      if (!right) failures.push(clock().getTime());
      return right;
    },
    realm: 'Darkroom',
    invalidUserMessage: { error: "Wrong password. It is CONSOLE_PASSWORD in the owner's settings." },
  });
  return (c, next) => {
    const now = clock().getTime();
    failures = failures.filter((at) => at + WITHIN_MS > now);
    if (failures.length < FAILURES) return auth(c, next);
    c.header('retry-after', String(Math.ceil((failures[0]! + WITHIN_MS - now) / 1000)));
    return Promise.resolve(c.json({ error: 'Too many wrong passwords. Wait a minute.' }, 429));
  };
}

function hostnameOf(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}

function isKnown(asked: string, host: string): boolean {
  if (LOOPBACK.includes(asked) || asked === host.toLowerCase() || asked === `[${host.toLowerCase()}]`)
    return true;
  // Listening on every address: any of them will do. A rebound name is never written in numbers.
  return EVERYWHERE.includes(host) && isIP(asked.replace(/^\[|\]$/g, '')) !== 0;
}
