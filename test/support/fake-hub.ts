// A hub on a free port of this machine, with one model and every bad habit that a server can have.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What happens to one request for a file; the requests after the last one are answered well. */
export type Mishap =
  /** So many bytes; the connection breaks when `arrived` says that they are there. */
  | { cut: number }
  /** So many bytes, then nothing. */
  | { stall: number }
  /** Something else than what is in the file, of the same length. */
  | { wrong: true }
  /** More than there is. */
  | { longer: true }
  /** The whole file, whatever range was asked for. */
  | { deafToRanges: true }
  /** Another range than the one asked for. */
  | { otherRange: true }
  /** Sent on to the same file under another name of this machine, as hubs do with large files. */
  | { sentOn: true }
  | { status: number };

export interface FakeHub {
  url: string;
  /** What was asked for: method, path, range. */
  asked: string[];
  /** The Authorization headers that came, empty for none. */
  tokens: string[];
  /** What goes wrong with the next requests for a file. */
  mishaps: Record<string, Mishap[]>;
  files: Record<string, Buffer>;
  /** Changes what the hub says of the model. */
  says: (answer: HubAnswer) => unknown;
  /** So many bytes of a file are on the receiver's disk. */
  arrived(path: string, bytes: number): void;
  stop(): Promise<void>;
}

export interface HubAnswer {
  sha: string;
  gated: boolean | string;
  cardData: { license?: string };
  siblings: { rfilename: string; size?: number; blobId?: string; lfs?: { sha256: string; size: number } }[];
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export async function fakeHub(id: string, files: Record<string, Buffer>): Promise<FakeHub> {
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cuts: { path: string; upTo: number; response: ServerResponse }[] = [];
  const hub: FakeHub = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    tokens: [],
    mishaps: {},
    files,
    says: (told) => told,
    arrived(path, bytes) {
      for (const cut of cuts) if (cut.path === path && bytes >= cut.upTo) cut.response.destroy();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const place = decodeURIComponent(request.url!);
    hub.asked.push([place, request.headers.range].filter(Boolean).join(' '));
    hub.tokens.push(request.headers.authorization ?? '');
    if (place.startsWith(`/api/models/${id}`)) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(hub.says(known())));
      return;
    }
    const path = /\/resolve\/[^/]+\/(.+)$/.exec(place)?.[1] ?? '';
    const file = place.startsWith(`/${id}/resolve/`) ? hub.files[path] : undefined;
    const mishap = hub.mishaps[path]?.shift();
    if (mishap && 'status' in mishap) response.writeHead(mishap.status).end('no');
    else if (mishap && 'sentOn' in mishap)
      response.writeHead(302, { location: `http://localhost:${port}${request.url}` }).end();
    else if (!file) response.writeHead(404).end('no such file');
    else {
      const from = give(file, mishap, request, response);
      if (mishap && 'cut' in mishap) cuts.push({ path, upTo: from + mishap.cut, response });
    }
  }

  function known(): HubAnswer {
    return {
      sha: COMMIT,
      gated: false,
      cardData: { license: 'openrail' },
      siblings: Object.entries(hub.files).map(([rfilename, bytes]) => {
        const large = /\.onnx(_data)?$/.test(rfilename);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const pointer = Buffer.from(`oid sha256:${sha256}`);
        return {
          rfilename,
          size: bytes.length,
          blobId: gitName(large ? pointer : bytes),
          ...(large && { lfs: { sha256, size: bytes.length } }),
        };
      }),
    };
  }

  return hub;
}

const gitName = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Gives the first byte's place. */
function give(
  file: Buffer,
  mishap: Mishap | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): number {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const ignoring = mishap !== undefined && 'deafToRanges' in mishap;
  const from = asked === undefined || ignoring ? 0 : Number(asked);
  if (from > 0 && from >= file.length) {
    response.writeHead(416).end();
    return from;
  }
  const shift = mishap && 'otherRange' in mishap ? 1 : 0;
  let body = file.subarray(from);
  if (mishap && 'wrong' in mishap) body = Buffer.alloc(body.length, 'x');
  if (mishap && 'longer' in mishap) body = Buffer.concat([body, Buffer.alloc(64, 'x')]);
  const headers = { 'content-length': body.length };
  if (from > 0)
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${from + shift}-${file.length - 1}/${file.length}`,
    });
  else response.writeHead(200, headers);
  if (mishap && 'cut' in mishap) response.write(body.subarray(0, mishap.cut));
  else if (mishap && 'stall' in mishap) response.write(body.subarray(0, mishap.stall));
  else response.end(body);
  return from;
}
