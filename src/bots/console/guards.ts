// Who may talk to the console: a browser on this machine, on our own page. A web page from elsewhere must reach
// neither by a name of its own that points here (DNS rebinding) nor by posting across origins.

import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
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

/**
 * Refuses a Host header that is not this machine or the configured host. Under the public address there are pictures
 * only that everyone may see, to which links lead: the page has no login.
 */
export function knownHost(
  host: string,
  publicUrl?: string,
  isPublic: (pictureId: string) => Promise<boolean> = async () => false,
): MiddlewareHandler {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  return async (c, next) => {
    const asked = hostnameOf(c.req.header('host'));
    if (asked !== undefined && isKnown(asked, host)) return next();
    const [, picture] = /^\/pictures\/([\w-]+)\.png$/.exec(c.req.path) ?? [];
    if (asked !== undefined && asked === publicHost && picture && c.req.method === 'GET')
      return (await isPublic(picture)) ? next() : c.json({ error: 'There is nothing here.' }, 404);
    return c.json(
      { error: 'This page answers only under localhost or the address set as HOST in .env.' },
      403,
    );
  };
}

/** Refuses a POST from another page than ours, and one that a plain form could make. */
export const ownPage: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== `http://${c.req.header('host')}`) {
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

function hostnameOf(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}

function isKnown(asked: string, host: string): boolean {
  if (LOOPBACK.includes(asked) || asked === host.toLowerCase() || asked === `[${host.toLowerCase()}]`)
    return true;
  // Listening on every address: any of them will do. A rebound name is never written in numbers.
  return EVERYWHERE.includes(host) && isIP(asked.replace(/^\[|\]$/g, '')) !== 0;
}
