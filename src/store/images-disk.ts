// Finished pictures as files. A picture gets its name only after all of its bytes are on the disk, so a name is
// either a whole picture or nothing, even when the process or the power ends in between. Knows no rows.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StorageFull, type ImageStore } from '../queue/job.ts';

// An id has no dot, so a temporary can never be taken for a picture.
const idPattern = /^[A-Za-z0-9_-]{1,80}$/;
const temporarySuffix = '.part';
const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

export class DiskImages implements ImageStore {
  readonly #folder: string;
  readonly #open: typeof open;

  private constructor(folder: string, openFile: typeof open) {
    this.#folder = folder;
    this.#open = openFile;
  }

  /** Makes the folder where it is missing, and removes what a crash left half written in it. */
  static async open(picturesDir: string, openFile: typeof open = open): Promise<DiskImages> {
    const folder = path.resolve(picturesDir);
    await mkdir(folder, { recursive: true });
    const leftovers = (await readdir(folder)).filter((name) => name.endsWith(temporarySuffix));
    await Promise.all(leftovers.map((name) => rm(path.join(folder, name), { force: true })));
    return new DiskImages(folder, openFile);
  }

  async put(id: string, png: Uint8Array): Promise<void> {
    if (!idPattern.test(id)) throw new Error(`"${id}" cannot be a picture's id: it must match ${idPattern}.`);
    const temporary = path.join(this.#folder, `${id}.${randomUUID()}${temporarySuffix}`);
    try {
      await this.#writeSynced(temporary, png);
      await rename(temporary, this.#fileOf(id));
      await this.#syncFolder();
    } catch (error) {
      await rm(temporary, { force: true });
      throw this.#explain(error);
    }
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    if (!idPattern.test(id)) return undefined;
    try {
      return await readFile(this.#fileOf(id));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    if (idPattern.test(id)) await rm(this.#fileOf(id), { force: true });
  }

  async list(): Promise<{ id: string; bytes: number; writtenAt: Date }[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.png'));
    const found = names.map(async (name) => {
      const file = await stat(path.join(this.#folder, name)).catch(() => undefined); // removed meanwhile
      return file && { id: name.slice(0, -'.png'.length), bytes: file.size, writtenAt: file.mtime };
    });
    return (await Promise.all(found)).filter((picture) => picture !== undefined);
  }

  #fileOf(id: string): string {
    return path.join(this.#folder, `${id}.png`);
  }

  async #writeSynced(file: string, bytes: Uint8Array): Promise<void> {
    const handle = await this.#open(file, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Makes the new name itself durable. Windows cannot open a folder, and does this on its own. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await this.#open(this.#folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #explain(error: unknown): unknown {
    if (!fullCodes.has(String(codeOf(error)))) return error;
    return new StorageFull(`The disk that holds ${this.#folder} is full: free some space, then ask again.`, {
      cause: error,
    });
  }
}
