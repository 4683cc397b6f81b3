// Where a request comes from and goes to, as far as that can be trusted.

import { isIP, isIPv6 } from 'node:net';
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

/** Who is at the other end of the connection: perhaps a proxy. */
export const peerOf = (c: Context): string => networkOf(getConnInfo(c).remote.address ?? '');

/**
 * Who asks. A proxy on this machine writes the address that it saw last into X-Forwarded-For; anybody else's word counts
 * for nothing. An IPv6 network of one household counts as one.
 */
export function callerOf(c: Context): string {
  const peer = peerOf(c);
  if (!isLoopback(peer)) return peer;
  const told = addressIn(c.req.header('x-forwarded-for')?.split(',').at(-1) ?? '');
  return isIP(told) === 0 ? peer : networkOf(told);
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Whether a proxy asks for somebody else. */
export const isForwarded = (c: Context): boolean =>
  FORWARDED.some((name) => c.req.header(name) !== undefined);

/** Without a port and brackets, as some proxies write them. */
function addressIn(text: string): string {
  const [, bracketed] = /^\[([^\]]+)\]/.exec(text.trim()) ?? [];
  return bracketed ?? text.trim().replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain) || isLoopback(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const missing = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...rest].slice(0, 4).join(':');
}
