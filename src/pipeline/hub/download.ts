// One file from a server to the disk, all of it or none: goes on where a broken connection ended, gives up on a server
// that stalls, and believes neither sizes nor contents. Knows no hubs.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ModelProblem } from '../problems.ts';
import { refusalOf, said } from './repository.ts';

export interface Source {
  url: string;
  headers: Record<string, string>;
  /** Bytes, where they are known. */
  size?: number;
  /** Hexadecimal, where it is known. */
  sha256?: string;
  /** The name that git gives the contents, where it is known. */
  blobId?: string;
}

export interface DownloadOptions {
  fetch: typeof fetch;
  /** Without a byte for so long, a connection is given up. */
  stallMs: number;
  /** Between two tries; grows with the number of tries without a byte. */
  pause(ms: number): Promise<void>;
  /** Bytes of the file that are on the disk. */
  onProgress(bytes: number): void;
}

/** So many tries in a row without a byte are enough. */
const TRIES = 6;
const FIRST_PAUSE_MS = 500;
/** The whole file is fetched once more where its checksum is wrong; a second time is no accident. */
const WRONG = 2;

/** The connection broke or the answer was of no use: another try may help. */
class Broken extends Error {
  override name = 'Broken';
}

/** Throws a ModelProblem when it can not be had; what came until then stays for the next time. */
export async function download(source: Source, file: string, options: DownloadOptions): Promise<void> {
  for (let wrong = 1; ; wrong++) {
    await fetchAll(source, file, options);
    if (await isRight(source, file)) return;
    await rm(file);
    if (wrong === WRONG)
      throw new ModelProblem(
        `${source.url} is not what it should be: its checksum is wrong, ${WRONG} times. Try again later, or another source.`,
      );
  }
}

async function fetchAll(source: Source, file: string, options: DownloadOptions): Promise<void> {
  let failures = 0;
  // What a server gives, takes back and gives again is no progress.
  let most = 0;
  while (!(await isWhole(source, file))) {
    const before = await sizeOf(file);
    most = Math.max(most, before);
    try {
      await fetchRest(source, file, before, options);
      if (source.size === undefined) return;
    } catch (error) {
      if (!(error instanceof Broken)) throw explained(error, file);
      failures = (await sizeOf(file)) > most ? 1 : failures + 1;
      if (failures === TRIES)
        throw new ModelProblem(
          `${source.url} can not be fetched: ${error.message}. What came is kept; try again.`,
          { cause: error },
        );
      await options.pause(FIRST_PAUSE_MS * 2 ** (failures - 1));
    }
  }
}

/** A file that is too long is somebody else's. */
async function isWhole({ size }: Source, file: string): Promise<boolean> {
  const stats = await statOf(file);
  if (size === undefined || !stats) return false;
  if (stats.size > size) await rm(file);
  return stats.size === size;
}

/** Asks for what is missing and appends it. */
async function fetchRest(source: Source, file: string, have: number, options: DownloadOptions) {
  const stall = new AbortController();
  const patience = setTimeout(
    () => stall.abort(new Broken(`nothing came for ${options.stallMs / 1000} seconds`)),
    options.stallMs,
  );
  try {
    const response = await ask(source, have, options.fetch, stall.signal);
    const start = await startOf(response, have, file);
    await append(file, start, source, response, (bytes) => {
      patience.refresh();
      options.onProgress(bytes);
    });
  } catch (error) {
    throw stall.signal.aborted ? stall.signal.reason : error;
  } finally {
    clearTimeout(patience);
  }
}

async function ask(source: Source, have: number, get: typeof fetch, signal: AbortSignal): Promise<Response> {
  const range = have > 0 && { range: `bytes=${have}-` };
  // Sizes are those of the file, not of something packed.
  const headers = { ...source.headers, 'accept-encoding': 'identity', ...range };
  try {
    return await get(source.url, { headers, signal });
  } catch (error) {
    throw new Broken(said(error), { cause: error });
  }
}

/** Where in the file the answer begins. */
async function startOf(response: Response, have: number, file: string): Promise<number> {
  const { status } = response;
  if (status === 200) return 0;
  const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (status === 206 && Number(from) === have) return have;
  await response.body?.cancel();
  if ([401, 403, 404].includes(status)) throw new ModelProblem(refusalOf(status, response.url));
  // What is here does not fit to what is there.
  if (status === 206 || status === 416) await rm(file, { force: true });
  throw new Broken(`the server answered with ${status}`);
}

async function append(
  file: string,
  start: number,
  { size }: Source,
  { body }: Response,
  onBytes: (have: number) => void,
): Promise<void> {
  const handle = await open(file, start === 0 ? 'w' : 'a');
  let have = start;
  try {
    for await (const chunk of chunksOf(body)) {
      have += chunk.length;
      if (size !== undefined && have > size) {
        await handle.truncate(0);
        throw new Broken(`the server sent more than the ${size} bytes that it should have`);
      }
      await handle.writeFile(chunk);
      onBytes(have);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (size !== undefined && have < size) throw new Broken('the connection ended early');
}

async function* chunksOf(body: Response['body']): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) yield chunk;
  } catch (error) {
    throw new Broken(said(error), { cause: error });
  }
}

/** A sentence in the place of what the system says of a full disk. Other errors are given back. */
export function explained(error: unknown, file: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  return new ModelProblem(`The disk is full: ${file} could not be written. Make room and try again.`, {
    cause: error,
  });
}

/** What is not known is not doubted. */
async function isRight({ sha256, blobId }: Source, file: string): Promise<boolean> {
  if (sha256 !== undefined) return (await digest(createHash('sha256'), file)) === sha256;
  if (blobId === undefined) return true;
  return (await digest(createHash('sha1').update(`blob ${await sizeOf(file)}\0`), file)) === blobId;
}

async function digest(hash: Hash, file: string): Promise<string> {
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const statOf = (file: string): Promise<Stats | undefined> => stat(file).catch(() => undefined);

async function sizeOf(file: string): Promise<number> {
  return (await statOf(file))?.size ?? 0;
}
