// One number for all that decides a model's pictures, to tell in a recipe which model drew it.

import { createHash, type Hash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

const BLOCK = 1 << 20; // bytes
/** Larger files are known by their size and so many blocks, spread evenly: reading 20 GB would take a minute. */
const BLOCKS = 64;

/**
 * SHA-256 over the given files and over every file in the given folders, sorted by name: graphs, external weights,
 * vocabularies, configurations. Where the model stands does not count.
 */
export async function modelHash(folders: readonly string[], files: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) await update(hash, file, path.basename(file));
  for (const folder of new Set(folders)) {
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.isDirectory());
    for (const { name } of names.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      await update(hash, path.join(folder, name), `${path.basename(folder)}/${name}`);
  }
  return hash.digest('hex');
}

async function update(hash: Hash, file: string, name: string): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    hash.update(`${name}\0${size}\0`);
    const count = Math.min(BLOCKS, Math.ceil(size / BLOCK));
    const stride = count * BLOCK >= size ? BLOCK : (size - BLOCK) / (count - 1);
    const block = Buffer.alloc(BLOCK);
    for (let i = 0; i < count; i++) {
      const { bytesRead } = await handle.read(block, 0, BLOCK, Math.floor(i * stride));
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
