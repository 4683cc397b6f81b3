// The files of the page, served as they lie in the source tree: nothing is built or bundled.

import { readFile } from 'node:fs/promises';

// The same folder from src/ and from dist/.
const FOLDER = new URL('../../../src/bots/console/page/', import.meta.url);

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

/** The file, or undefined when the page has none of this name. */
export async function readPageFile(name: string): Promise<PageFile | undefined> {
  const extension = /^[a-z][a-z-]*\.(html|css|js|svg)$/.exec(name)?.[1];
  if (!extension) return undefined;
  try {
    return { bytes: new Uint8Array(await readFile(new URL(name, FOLDER))), type: TYPES[extension]! };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
