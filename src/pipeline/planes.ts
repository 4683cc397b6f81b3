// Between bytes and the numbers that networks take: planes are [3, height, width] in [-1, 1].

import type { RawImage } from './picture.ts';
import type { Grid } from './tiles.ts';

/** Bytes 0 to 255 become -1 to 1: 0 is -1, 127.5 would be 0. */
export function toPlanes({ width, height, data }: RawImage): Grid {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) planes[c * area + i] = data[3 * i + c]! / 127.5 - 1;
  return { channels: 3, height, width, data: planes };
}

/** The first three planes: -1 becomes 0 and 1 becomes 255, rounded to the nearest, what is beyond is cut off. */
export function toBytes({ width, height, data: planes }: Grid): RawImage {
  const area = width * height;
  const data = new Uint8Array(3 * area);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) {
      const value = Math.round((planes[c * area + i]! + 1) * 127.5);
      data[3 * i + c] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return { width, height, data };
}
