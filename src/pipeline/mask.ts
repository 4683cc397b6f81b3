// Which part of a picture is drawn anew: white in the mask. Sizes and thresholds as in diffusers' inpainting.

import type { LatentShape } from './families/family.ts';
import type { RawImage } from './picture.ts';

/** 1 where the picture is drawn anew, 0 where it is kept; one value per pixel, row by row. */
export function maskOf({ data }: RawImage): Uint8Array {
  return Uint8Array.from({ length: data.length / 3 }, (_, i) => {
    // ITU-R 601 luma in fixed point, as Pillow makes grey of colours.
    const luma = (data[3 * i]! * 19595 + data[3 * i + 1]! * 38470 + data[3 * i + 2]! * 7471 + 0x8000) >> 16;
    return luma / 255 < 0.5 ? 0 : 1;
  });
}

/** The mask in latent space: of each square of pixels the first one counts. */
export function latentMask(
  mask: Uint8Array,
  width: number,
  shape: LatentShape,
  factor: number,
): Float32Array {
  return Float32Array.from({ length: shape.height * shape.width }, (_, i) => {
    const [y, x] = [Math.floor(i / shape.width), i % shape.width];
    return mask[y * factor * width + x * factor]!;
  });
}

/** The picture without what is drawn anew: grey in its place. */
export function withoutMasked(planes: Float32Array, mask: Uint8Array): Float32Array {
  return planes.map((value, i) => (mask[i % mask.length] ? 0 : value));
}

/** `inside` where the mask is 1 and `outside` where it is 0; the mask covers one channel, the others have one more each. */
export function blend(inside: Float32Array, outside: Float32Array, mask: Float32Array): Float32Array {
  return inside.map((value, i) => {
    const share = mask[i % mask.length]!;
    return (1 - share) * outside[i]! + share * value;
  });
}
