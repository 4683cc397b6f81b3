// Who may read the numbers where people sign in: a program that has the owner's password (HTTP Basic authentication,
// any user name), as Prometheus' basic_auth sends it.

import type { MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import type { Access } from './access.ts';
import { callerOf } from './address.ts';
import { tooMany, type Rate } from './rate.ts';

interface Deps {
  access: Access;
  /** Wrong secrets, by where they come from. */
  tries: Rate;
  clock: () => Date;
}

export function metricsGuard({ access, tries, clock }: Deps): MiddlewareHandler {
  const auth = basicAuth({
    verifyUser: (_name, given, c) => {
      const right = access.isPassword(given);
      if (right) tries.giveBack(callerOf(c));
      return right;
    },
    realm: 'Darkroom',
    invalidUserMessage: { error: "Wrong password. It is CONSOLE_PASSWORD in the owner's settings." },
  });
  return async (c, next) => {
    // Who sends no password yet is only told that one is wanted.
    const wait = c.req.header('authorization') ? tries.take(callerOf(c), clock().getTime()) : 0;
    return wait > 0 ? tooMany(c, wait, 'Too many wrong ones.') : auth(c, next);
  };
}
