// What every picture store promises, and what the one on disk promises when the process or the disk fails it.

import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageFull, type ImageStore } from '../src/queue/job.ts';
import { DiskImages } from '../src/store/images-disk.ts';
import { MemoryImages } from './support/memory-stores.ts';
import { runModule } from './support/run-module.ts';

const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'darkroom-images-'));
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const files = (folder: string): string[] => readdirSync(folder).toSorted();

const kinds: [string, () => Promise<ImageStore>][] = [
  ['in memory', async () => new MemoryImages()],
  ['on disk', () => DiskImages.open(newFolder())],
];

describe.each(kinds)('pictures %s', (_kind, newStore) => {
  it('come back as they were put', async () => {
    const images = await newStore();
    const large = new Uint8Array(300_000).map((_, i) => i % 251);
    await images.put('large', large);
    await images.put('empty', bytes());
    expect(Buffer.compare((await images.get('large'))!, large)).toBe(0);
    expect(await images.get('empty')).toHaveLength(0);
    expect(await images.get('other')).toBeUndefined();
  });

  it('are replaced by a second picture of the same id, and gone once removed', async () => {
    const images = await newStore();
    await images.put('a', bytes(1));
    await images.put('a', bytes(2));
    expect([...(await images.get('a'))!]).toEqual([2]);
    await images.remove('a');
    await images.remove('a');
    expect(await images.get('a')).toBeUndefined();
  });

  it('may be put twice at once', async () => {
    const images = await newStore();
    await Promise.all([images.put('a', bytes(1, 1)), images.put('a', bytes(2, 2))]);
    expect(['1,1', '2,2']).toContain([...(await images.get('a'))!].join());
  });
});

describe('pictures on disk', () => {
  it.each(['', '../escape', 'a/b', 'a.png', 'ä', 'x'.repeat(81), 'a\0'])('refuse %j as an id', async (id) => {
    const folder = newFolder();
    writeFileSync(path.join(folder, 'escape.png'), 'not ours');
    const images = await DiskImages.open(path.join(folder, 'pictures'));
    await expect(images.put(id, bytes(1))).rejects.toThrow("cannot be a picture's id");
    expect(await images.get(id)).toBeUndefined();
    await images.remove(id);
    expect(readdirSync(folder)).toEqual(['escape.png', 'pictures']);
    expect(files(path.join(folder, 'pictures'))).toEqual([]);
  });

  it('take an id of eighty letters, digits, _ and -', async () => {
    const images = await DiskImages.open(newFolder());
    const id = `Aa0_-${'x'.repeat(75)}`;
    await images.put(id, bytes(9));
    expect(await images.get(id)).toBeDefined();
  });

  it('say that the disk is full and leave nothing half written', async () => {
    const folder = newFolder();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const fullDisk: typeof open = async (file, flags) => {
      const handle = await open(file, flags);
      handle.writeFile = async () => {
        await handle.write(bytes(1, 2, 3));
        throw full;
      };
      return handle;
    };
    await (await DiskImages.open(folder)).put('a', bytes(1));
    const images = await DiskImages.open(folder, fullDisk);
    const failure = await images.put('a', bytes(1, 2, 3, 4)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageFull);
    expect(failure).toMatchObject({
      cause: full,
      message: expect.stringMatching(/is full: free some space/),
    });
    expect(files(folder)).toEqual(['a.png']);
    expect([...(await images.get('a'))!]).toEqual([1]);
  });

  it('survive a SIGKILL in the middle of a write: the old picture is whole, the new one absent', async () => {
    const folder = newFolder();
    const child = runModule(
      `
      import { open } from 'node:fs/promises';
      import { DiskImages } from './src/store/images-disk.ts';
      const stuck = async (file, flags) => {
        const handle = await open(file, flags);
        handle.writeFile = async (bytes) => {
          await handle.write(bytes.subarray(0, bytes.length / 2));
          await handle.sync();
          console.log('half');
          await new Promise(() => setInterval(() => {}, 1000));
        };
        return handle;
      };
      const folder = process.argv.at(-1);
      await (await DiskImages.open(folder)).put('old', new Uint8Array(1000).fill(1));
      const images = await DiskImages.open(folder, stuck);
      void images.put('old', new Uint8Array(2000).fill(2));
      void images.put('new', new Uint8Array(2000).fill(2));
      `,
      [folder],
    );
    await child.nextLine();
    await child.nextLine();
    await child.kill();
    expect(files(folder)).toHaveLength(3);
    const images = await DiskImages.open(folder);
    expect(files(folder)).toEqual(['old.png']);
    expect(await images.get('old')).toEqual(Buffer.alloc(1000, 1));
    expect(await images.get('new')).toBeUndefined();
  });

  it('are each whole or absent, and all that were acknowledged are there, after a SIGKILL at any time', async () => {
    const folder = newFolder();
    const child = runModule(
      `
      import { DiskImages } from './src/store/images-disk.ts';
      const images = await DiskImages.open(process.argv.at(-1));
      for (let i = 0; ; i += 1) {
        await images.put('p' + i, new Uint8Array(400_000).fill(i % 256));
        console.log(i);
      }
      `,
      [folder],
    );
    let acknowledged = -1;
    while (acknowledged < 12) acknowledged = Number(await child.nextLine());
    await child.kill();
    const images = await DiskImages.open(folder);
    expect(files(folder).length).toBeGreaterThan(acknowledged);
    for (let i = 0; i < files(folder).length; i += 1)
      expect(
        Buffer.compare((await images.get(`p${i}`))!, Buffer.alloc(400_000, i % 256)),
        `picture ${i}`,
      ).toBe(0);
  });
});
