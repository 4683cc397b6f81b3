// Latents to a small picture without the decoder: a linear map fitted when the model was exported, from one latent
// place to a square of pixels. Cheap enough to be done at every step.

import type { RawImage } from './picture.ts';

export interface PreviewProjection {
  /** One row a latent channel, 3 * patch * patch columns: [row][column][red, green, blue] of its square. */
  factors: number[][];
  bias: number[];
  /** Pixels a side of one latent place. */
  patch: number;
}

/** `latents` is [channels, height, width] in the network's own scale. */
export type Previewer = (latents: Float32Array, height: number, width: number) => RawImage;

/** Where a folder brings no projection: the average of the latents as grey. */
function grey(channels: number): PreviewProjection {
  const row = [1 / channels, 1 / channels, 1 / channels];
  return { factors: Array.from({ length: channels }, () => row), bias: [0, 0, 0], patch: 1 };
}

export function previewer(channels: number, projection = grey(channels)): Previewer {
  const { patch } = projection;
  const bias = Float32Array.from(projection.bias, (b) => (b + 1) * 127.5);
  const factors = projection.factors.map((row) => Float32Array.from(row, (f) => f * 127.5));
  const square = new Float32Array(bias.length);
  return (latents, height, width) => {
    const data = new Uint8ClampedArray(width * patch * height * patch * 3);
    const area = height * width;
    for (let place = 0; place < area; place++) {
      square.set(bias);
      for (let c = 0; c < channels; c++) {
        const value = latents[c * area + place]!;
        const row = factors[c]!;
        for (let k = 0; k < square.length; k++) square[k]! += value * row[k]!;
      }
      const top = Math.floor(place / width) * patch;
      const left = (place % width) * patch * 3;
      for (let y = 0; y < patch; y++) {
        const line = square.subarray(y * patch * 3, (y + 1) * patch * 3);
        data.set(line, (top + y) * width * patch * 3 + left);
      }
    }
    return { width: width * patch, height: height * patch, data: new Uint8Array(data.buffer) };
  };
}
