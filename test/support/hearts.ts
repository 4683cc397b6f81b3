// Small pictures that look like what the model draws, finished and still in noise.

import sharp from 'sharp';

/** A heart in a hue, and how much of it has come out of the noise (0 to 1). */
export async function heart(hue: number, size = 128, clear = 1): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="${size}" height="${size}">
    <rect width="32" height="32" fill="#fff"/>
    <path d="M16 28C5 20 3 15 3 11a6.5 6.5 0 0 1 13-2 6.5 6.5 0 0 1 13 2c0 4-2 9-13 17z" fill="hsl(${hue} 75% 48%)"/>
    <path d="M7 9a4 4 0 0 1 4-3" stroke="#fff" stroke-opacity=".6" stroke-width="1.6" fill="none" stroke-linecap="round"/>
  </svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let state = hue + 1;
  const pixels = data.map((value) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return value * clear + (1 - clear) * ((state / 2_147_483_648) * 200 + 28);
  });
  const raw = { width: info.width, height: info.height, channels: 3 as const };
  return sharp(pixels, { raw }).png().toBuffer();
}

/** Of the four hearts. */
export const HUES = [0, 350, 8, 340];

/** Four hearts in one small image, as a preview shows them. */
export async function sketch(clear: number): Promise<Uint8Array> {
  const parts = await Promise.all(HUES.map((hue) => heart(hue, 32, clear)));
  const places = parts.map((part, i) => ({
    input: Buffer.from(part),
    left: (i % 2) * 32,
    top: i < 2 ? 0 : 32,
  }));
  return sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } })
    .composite(places)
    .png()
    .toBuffer();
}
