// Fetches a file that a person pointed at, and nothing that they should not reach through us: from listed hosts, by
// https, at public addresses only. The connection goes to the very address that was checked, so a name that changes
// its mind in between (DNS rebinding) gains nothing. Knows nothing of pictures.

import { lookup as systemLookup } from 'node:dns/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { isLoopback, isPublic } from './public-address.ts';
import { UserError } from './user-error.ts';

export interface WebSource {
  url: string;
  /** The header that the platform's own files need; only the url's own host gets it. */
  authorization?: string;
}

export interface Address {
  address: string;
  family: number;
}

export interface WebRules {
  /**
   * Exact names, `.example.com` for its subdomains, `*` for every public host. A name of this machine (localhost,
   * 127.0.0.1, [::1]) is allowed only when it stands here itself, and then by http too. With a port behind it a name
   * means that port alone.
   */
  hosts: readonly string[];
  maxBytes: number;
  /** For everything together, redirects too. */
  timeoutMs: number;
  maxRedirects: number;
  /** All addresses of a name. */
  lookup?: (name: string) => Promise<Address[]>;
  /** Aborts after so many milliseconds. */
  deadline?: (ms: number) => AbortSignal;
}

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The file's bytes. Every refusal is a UserError. */
export async function readWebFile(source: WebSource, rules: WebRules): Promise<Uint8Array> {
  const signal = (rules.deadline ?? AbortSignal.timeout.bind(AbortSignal))(rules.timeoutMs);
  let { authorization } = source;
  let url = allowedUrl(source.url, undefined, rules);
  for (let redirects = 0; ; redirects += 1) {
    try {
      const answer = await open(url, authorization, rules, signal);
      const { location } = answer.headers;
      if (!isRedirect(answer) || location === undefined) return await bodyOf(answer, url, rules);
      answer.destroy();
      if (redirects === rules.maxRedirects)
        throw new UserError(`${url.host} only sends me from one address to the next. ${ATTACH}`);
      const next = allowedUrl(location, url, rules);
      if (next.origin !== url.origin) authorization = undefined;
      url = next;
    } catch (error) {
      if (error instanceof UserError) throw error;
      const trouble = signal.aborted
        ? `${url.host} did not send the file within ${rules.timeoutMs / 1000} seconds. Try again later, or attach the picture.`
        : `I could not read from ${url.host}. Check the address, or attach the picture.`;
      throw new UserError(trouble, { cause: error });
    }
  }
}

const ATTACH = 'Attach the picture instead.';

/** The address, if it may be asked at all; its name may still lead to a wrong place. */
function allowedUrl(text: string, base: URL | undefined, { hosts }: WebRules): URL {
  if (!URL.canParse(text, base?.href))
    throw new UserError('That is not an address. It must look like https://example.com/picture.png.');
  const url = new URL(text, base);
  const from = base ? `${base.host} sends me on, but the next` : 'The';
  const own = OWN_NAMES.has(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && own))
    throw new UserError(`${from} address must begin with https://, and not with ${url.protocol}`);
  if (url.username || url.password)
    throw new UserError(`${from} address may not hold a name or a password. ${ATTACH}`);
  if (!hosts.some((host) => isNamed(url, own, host.toLowerCase()))) {
    const list = hosts.map((host) => (host === '*' ? 'every public host' : host)).join(', ');
    throw new UserError(
      `${from} address leads to ${url.host}, and I may read only from: ${list || 'no host at all'}. ${ATTACH}`,
    );
  }
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal)) refuseOutside(url.hostname, [literal]); // such a host is connected to without a lookup
  return url;
}

function isNamed({ hostname, host }: URL, own: boolean, entry: string): boolean {
  if (entry === hostname || entry === host) return true;
  if (own) return false;
  return entry === '*' || (entry.startsWith('.') && hostname.endsWith(entry));
}

function refuseOutside(hostname: string, addresses: readonly string[]): void {
  const fits = OWN_NAMES.has(hostname) ? isLoopback : isPublic;
  if (addresses.length > 0 && addresses.every(fits)) return;
  throw new UserError(`${hostname} is not on the public internet, so I do not read from it. ${ATTACH}`);
}

const systemAddresses = (name: string): Promise<Address[]> => systemLookup(name, { all: true });

/** What the socket asks for its address: it gets checked ones or a refusal. */
function checkedLookup(resolve: (name: string) => Promise<Address[]>): LookupFunction {
  const checked = callbackify(async (name: string) => {
    const found = await resolve(name);
    refuseOutside(
      name,
      found.map(({ address }) => address),
    );
    return found;
  });
  return (name, { all }, done) =>
    checked(name, (error, found) => {
      if (error) done(error, '');
      else if (all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    });
}

function open(
  url: URL,
  authorization: string | undefined,
  rules: WebRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { get } = url.protocol === 'https:' ? https : http;
    const headers = { 'accept-encoding': 'identity', ...(authorization && { authorization }) };
    // A connection of its own: one that is kept open was made under somebody else's rules.
    const connection = { agent: false, lookup: checkedLookup(rules.lookup ?? systemAddresses), signal };
    get(url, { ...connection, headers }, resolve).on('error', reject);
  });
}

function isRedirect({ statusCode }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0);
}

async function bodyOf(answer: IncomingMessage, { host }: URL, { maxBytes }: WebRules): Promise<Uint8Array> {
  try {
    if (answer.statusCode !== 200) throw new UserError(meaningOf(answer.statusCode ?? 0, host));
    const tooLarge = `That file is larger than ${Math.round(maxBytes / 2 ** 20)} MB, which is the most that I read.`;
    if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw new UserError(tooLarge);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > maxBytes) throw new UserError(tooLarge);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } finally {
    answer.destroy();
  }
}

function meaningOf(status: number, host: string): string {
  if (status === 404 || status === 410)
    return `There is no file at that address on ${host}, or no longer. ${ATTACH}`;
  if (status === 401 || status === 403) return `${host} does not let me see that file. ${ATTACH}`;
  return `${host} did not give me the file (status ${status}). Try again later, or attach the picture.`;
}
