// Where a request comes from, as far as that can be trusted. A proxy's word counts only when the connection comes from
// this machine, and never about more than the address it saw.

import { isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** The hostname of a Host header, without its port. */
export function hostnameOf(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}

/** Whether a name or an address, also in brackets, is this machine's own. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Whom to count tries for. Behind a proxy on this machine it is the last address of X-Forwarded-For, which the proxy
 * itself wrote; an IPv6 network of one household counts as one.
 */
export function callerOf(c: Context): string {
  const peer = peerOf(c);
  const told = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
  return networkOf(isLoopbackHost(peer) && told ? told.slice(0, 64) : peer);
}

/** Whether a program on this machine asks, and no proxy for somebody else. */
export function isFromHere(c: Context): boolean {
  const host = hostnameOf(c.req.header('host'));
  const forwarded = FORWARDED.some((name) => c.req.header(name) !== undefined);
  return isLoopbackHost(peerOf(c)) && host !== undefined && isLoopbackHost(host) && !forwarded;
}

function peerOf(c: Context): string {
  return (getConnInfo(c).remote.address ?? '').replace(/^::ffff:/, '');
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const missing = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...rest].slice(0, 4).join(':');
}
