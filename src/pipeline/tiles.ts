// Runs an autoencoder over a large picture in tiles that overlap and are blended into each other, so that memory does not
// grow with the picture and no seam shows. The layout is that of diffusers' AutoencoderKL.

import type { LatentShape } from './families/family.ts';

/** Share of a tile that the next one covers again. */
const OVERLAP = 0.25;

/** Pixels or latents: [channels, height, width]. */
export interface Grid extends LatentShape {
  data: Float32Array;
}

/**
 * What `run` makes of `whole`, in tiles of `tile` places a side where it is larger than that, and at once otherwise.
 * `run` may make its input larger or smaller by a fixed factor.
 */
export async function inTiles(run: (part: Grid) => Promise<Grid>, whole: Grid, tile: number): Promise<Grid> {
  if (whole.height <= tile && whole.width <= tile) return run(whole);
  const stride = Math.floor(tile * (1 - OVERLAP));
  const rows: Grid[][] = [];
  for (let top = 0; top < whole.height; top += stride) {
    const row: Grid[] = [];
    for (let left = 0; left < whole.width; left += stride) row.push(await run(cut(whole, top, left, tile)));
    rows.push(row);
  }
  const first = rows[0]![0]!;
  const factor = first.width / Math.min(tile, whole.width);
  return join(rows, tile * factor, {
    channels: first.channels,
    height: whole.height * factor,
    width: whole.width * factor,
  });
}

function cut(whole: Grid, top: number, left: number, tile: number): Grid {
  const { channels } = whole;
  const height = Math.min(tile, whole.height - top);
  const width = Math.min(tile, whole.width - left);
  const data = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * whole.height + top + y) * whole.width + left;
      data.set(whole.data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { channels, height, width, data };
}

/** Each tile fades in over the one above it and the one on its left, and shows up to where the next begins. */
function join(rows: Grid[][], tile: number, whole: LatentShape): Grid {
  const data = new Float32Array(whole.channels * whole.height * whole.width);
  const blend = Math.floor(tile * OVERLAP);
  const shown = tile - blend;
  rows.forEach((row, r) => {
    row.forEach((part, k) => {
      const above = rows[r - 1]?.[k];
      const before = row[k - 1];
      if (above) fadeDown(above, part, blend);
      if (before) fadeRight(before, part, blend);
      const [height, width] = [Math.min(shown, part.height), Math.min(shown, part.width)];
      for (let c = 0; c < whole.channels; c++) {
        for (let y = 0; y < height; y++) {
          const from = (c * part.height + y) * part.width;
          const to = (c * whole.height + r * shown + y) * whole.width + k * shown;
          data.set(part.data.subarray(from, from + width), to);
        }
      }
    });
  });
  return { ...whole, data };
}

function fadeDown(above: Grid, below: Grid, blend: number): void {
  const extent = Math.min(above.height, below.height, blend);
  for (let c = 0; c < below.channels; c++)
    for (let y = 0; y < extent; y++)
      for (let x = 0; x < below.width; x++) {
        const from = (c * above.height + above.height - extent + y) * above.width + x;
        const to = (c * below.height + y) * below.width + x;
        below.data[to] = above.data[from]! * (1 - y / extent) + below.data[to]! * (y / extent);
      }
}

function fadeRight(left: Grid, right: Grid, blend: number): void {
  const extent = Math.min(left.width, right.width, blend);
  for (let c = 0; c < right.channels; c++)
    for (let y = 0; y < right.height; y++)
      for (let x = 0; x < extent; x++) {
        const from = (c * left.height + y) * left.width + left.width - extent + x;
        const to = (c * right.height + y) * right.width + x;
        right.data[to] = left.data[from]! * (1 - x / extent) + right.data[to]! * (x / extent);
      }
}
