// Pictures as a chat shows them: up to four in one image, two in a row, none so small that people have to squint.
// Knows no platform.

import sharp from 'sharp';

/** Pixels a side that one picture of a grid has at least. */
const LEAST = 256;
const GAP = 8;

/** One PNG of all pictures, in the order of reading. Pictures of one job have one size. */
export async function gridOf(pngs: readonly Uint8Array[]): Promise<Uint8Array> {
  const { width, height } = await sharp(pngs[0]).metadata();
  const scale = Math.max(1, Math.ceil(LEAST / Math.min(width, height)));
  const [w, h] = [width * scale, height * scale];
  const columns = pngs.length === 1 ? 1 : 2;
  const rows = Math.ceil(pngs.length / columns);
  const tiles = await Promise.all(
    pngs.map(async (png, i) => ({
      input: await sharp(png).resize(w, h, { kernel: 'lanczos3' }).png().toBuffer(),
      left: (i % columns) * (w + GAP),
      top: Math.floor(i / columns) * (h + GAP),
    })),
  );
  const size = { width: columns * (w + GAP) - GAP, height: rows * (h + GAP) - GAP };
  return sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(tiles)
    .png()
    .toBuffer();
}
