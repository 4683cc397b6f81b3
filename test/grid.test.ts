import sharp from 'sharp';
import { expect, it } from 'vitest';
import { gridOf } from '../src/bots/grid.ts';

const picture = (background: string, width = 64, height = 64): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

it.each([
  [1, 256, 256],
  [2, 520, 256],
  [3, 520, 520],
  [4, 520, 520],
])('%i small pictures make a grid of %i x %i pixels', async (count, width, height) => {
  const pictures = await Promise.all(Array.from({ length: count }, () => picture('#c00')));
  expect(await sharp(await gridOf(pictures)).metadata()).toMatchObject({ width, height, format: 'png' });
});

it('keeps the order of reading', async () => {
  const colours = ['#f00', '#0f0', '#00f', '#000'];
  const grid = sharp(await gridOf(await Promise.all(colours.map((c) => picture(c)))));
  const { data, info } = await grid.raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  expect([at(128, 128), at(392, 128), at(128, 392), at(392, 392)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [0, 0, 0],
  ]);
});

it('leaves large pictures as large as they are', async () => {
  const pictures = await Promise.all([1, 2].map(() => picture('#fff', 300, 600)));
  expect(await sharp(await gridOf(pictures)).metadata()).toMatchObject({ width: 608, height: 600 });
});
