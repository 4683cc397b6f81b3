// Pictures in and out, beside numbers that Pillow gives.

import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, MAX_INPUT_PIXELS } from '../src/pipeline/image-files.ts';
import { cover } from '../src/pipeline/resize.ts';
import type { RawImage } from '../src/pipeline/picture.ts';

const grey = (width: number, height: number, values: number[]): RawImage => ({
  width,
  height,
  data: Uint8Array.from(values.flatMap((v) => [v, v, v])),
});
const values = ({ data }: RawImage): number[] => [...data].filter((_, i) => i % 3 === 0);

describe('an image of another size', () => {
  const blob = grey(4, 4, [0, 0, 0, 0, 0, 200, 100, 0, 0, 50, 255, 0, 0, 0, 0, 0]);

  it('has the bytes that Pillow gives it, larger and smaller', () => {
    const larger = values(cover(blob, 8, 8));
    expect(larger.slice(16, 32)).toEqual([0, 36, 130, 165, 94, 24, 3, 0, 0, 40, 148, 232, 209, 113, 28, 0]);
    expect(values(cover(blob, 3, 3))).toEqual([19, 38, 0, 32, 192, 52, 0, 39, 26]);
  });

  it('is cut evenly where its shape differs', () => {
    const wide = grey(4, 2, [9, 50, 60, 9, 9, 70, 80, 9]);
    expect(values(cover(wide, 2, 2))).toEqual([50, 60, 70, 80]);
  });

  it('is itself where the size is the same', () => {
    const same = grey(2, 2, [1, 2, 3, 4]);
    expect(cover(same, 2, 2)).toEqual(same);
  });
});

describe('an image file', () => {
  it.each([1, 3, 4] as const)('of %i channels becomes RGB', async (channels) => {
    const raw = { width: 2, height: 2, channels: channels === 1 ? (1 as const) : channels };
    const pixels = Uint8Array.from({ length: 4 * channels }, () => 255);
    const bytes = await sharp(pixels, { raw }).png().toBuffer();
    const { data } = await decodeImage(bytes, 2, 2);
    expect([...data]).toEqual(Array(12).fill(255));
  });

  it('is refused by its header alone where it has more pixels than are taken', async () => {
    const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    png.writeUInt32BE(8000, 16);
    png.writeUInt32BE(MAX_INPUT_PIXELS / 8000 + 1, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const error: unknown = await decodeImage(png, 1, 1).catch((e: unknown) => e);
    expect((error as Error).cause).toMatchObject({ message: expect.stringContaining('pixel limit') });
    expect(MAX_INPUT_PIXELS).toBe(40_000_000);
  });

  it('with a blemish that programs pass over is read, and a torn one is not', async () => {
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#2a6' } })
      .jpeg()
      .toBuffer();
    const blemish = Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(5, 1), jpeg.subarray(2)]);
    expect((await decodeImage(blemish, 2, 2)).data).toHaveLength(12);
    await expect(decodeImage(jpeg.subarray(0, -60), 2, 2)).rejects.toThrow('can not be read');
  });

  it('has white where it is transparent', async () => {
    const bytes = await sharp(new Uint8Array(4), { raw: { width: 1, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodeImage(bytes, 1, 1)).data]).toEqual([255, 255, 255]);
  });
});
