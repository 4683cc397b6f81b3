// A picture of which nothing but its colors can be told, for Slack has no spoilers. Knows nothing but bytes.

import sharp from 'sharp';

/** So few pixels are left of the longer side. */
const LEFT = 10;

/** A PNG of the same size. */
export async function blurred(png: Uint8Array): Promise<Uint8Array> {
  const { width, height } = await sharp(png).metadata();
  const few = await sharp(png).resize({ width: LEFT, height: LEFT, fit: 'inside' }).png().toBuffer();
  return sharp(few).resize({ width, height, fit: 'fill', kernel: 'cubic' }).png().toBuffer();
}
