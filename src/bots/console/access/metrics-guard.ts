// Who may read the numbers where people sign in: a program that has the owner's password (HTTP Basic authentication,
// any user name), as Prometheus' basic_auth sends it.

import type { MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import type { Access } from './access.ts';
import { tooMany } from './rate.ts';
import type { Tries } from './tries.ts';

interface Deps {
  access: Access;
  tries: Tries;
}

export function metricsGuard({ access, tries }: Deps): MiddlewareHandler {
  const auth = basicAuth({
    verifyUser: (_name, given, c) => {
      const right = access.isPassword(given);
      if (right) tries.right(c);
      return right;
    },
    realm: 'Darkroom',
    invalidUserMessage: { error: "Wrong password. It is CONSOLE_PASSWORD in the owner's settings." },
  });
  return async (c, next) => {
    // Who sends no password yet is only told that one is wanted.
    const wait = c.req.header('authorization') ? tries.take(c) : 0;
    return wait > 0 ? tooMany(c, wait, 'Too many wrong ones.') : auth(c, next);
  };
}
