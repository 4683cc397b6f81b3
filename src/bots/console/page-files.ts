// The files of the page, served as they lie in the source tree: nothing is built or bundled. The library that draws
// the charts comes out of its package, packed once.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';

// The same folder from src/ and from dist/.
const FOLDER = new URL('../../../src/bots/console/page/', import.meta.url);
const CHARTS = 'echarts.js';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface PageFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}

/** The file, `chat/app.js` for one, or undefined when the page has none of this name. */
export async function readPageFile(name: string): Promise<PageFile | undefined> {
  const extension = /^[a-z-]+\/[a-z][a-z-]*\.(html|css|js|svg)$/.exec(name)?.[1];
  if (!extension) return undefined;
  try {
    return { bytes: new Uint8Array(await readFile(new URL(name, FOLDER))), type: TYPES[extension]! };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The answer to a request for a file of the page. */
export async function sendPageFile(c: Context, name: string): Promise<Response> {
  if (name === CHARTS) return sendCharts(c);
  const file = await readPageFile(name);
  if (!file) return c.notFound();
  return c.body(file.bytes, 200, { 'content-type': file.type, 'cache-control': 'no-cache' });
}

interface Charts {
  plain: Uint8Array<ArrayBuffer>;
  packed: Uint8Array<ArrayBuffer>;
  /** Changes with the package's version. */
  tag: string;
}

let charts: Promise<Charts> | undefined;

async function readCharts(): Promise<Charts> {
  const { resolve } = createRequire(import.meta.url);
  const plain = new Uint8Array(await readFile(resolve('echarts/dist/echarts.esm.min.mjs')));
  const about = JSON.parse(await readFile(resolve('echarts/package.json'), 'utf8')) as { version: string };
  const packed = new Uint8Array(await promisify(gzip)(plain));
  return { plain, packed, tag: `"echarts-${about.version}"` };
}

/** A megabyte: browsers keep it, and ask whether it is still the same version. */
async function sendCharts(c: Context): Promise<Response> {
  charts ??= readCharts().catch((error: unknown) => {
    charts = undefined; // to be read again
    throw error;
  });
  const { plain, packed, tag } = await charts;
  const headers = { etag: tag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
  if (c.req.header('if-none-match') === tag) return c.body(null, 304, headers);
  const packs = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
  return c.body(packs ? packed : plain, 200, {
    ...headers,
    'content-type': TYPES['js']!,
    ...(packs && { 'content-encoding': 'gzip' }),
  });
}
