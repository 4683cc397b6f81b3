// Where a request comes from and goes to, as far as that can be trusted.

import { isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** The hostname of a Host header, without its port. */
export function hostnameOf(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}

/** Whether a name or an address, also in brackets, is this machine's own. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Whom to count tries for. A proxy on this machine writes the address that it saw last into X-Forwarded-For; anybody
 * else's word counts for nothing. An IPv6 network of one household counts as one.
 */
export function callerOf(c: Context): string {
  const peer = (getConnInfo(c).remote.address ?? '').replace(/^::ffff:/, '');
  const told = isLoopback(peer) ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return networkOf(told ? told.slice(0, 64) : peer);
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const missing = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...rest].slice(0, 4).join(':');
}
