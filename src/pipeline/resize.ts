// Pictures to another size with Pillow's arithmetic, which is what diffusers resizes with: separable, horizontal first, in
// fixed point. (sharp enlarges by cubic interpolation, whatever kernel it is asked for.)
// Sources: C. Duchon, "Lanczos Filtering in One and Two Dimensions" (1979); R. Keys, "Cubic Convolution Interpolation"
// (1981). Knows no files.

import type { RawImage } from './picture.ts';

/** A window over the input, `reach` pixels to each side. */
interface Kernel {
  reach: number;
  weight(x: number): number;
}

/** Fixed point: eight bits are the pixel's, two are left for overshoot. */
const PRECISION = 32 - 8 - 2;
const HALF = 1 << (PRECISION - 1);

/** The input pixels that one output pixel is made of, and their shares. */
interface Taps {
  first: number;
  shares: Int32Array;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const lanczos: Kernel = { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) };

export const bicubic: Kernel = {
  reach: 2,
  weight(x) {
    const a = -0.5;
    const t = Math.abs(x);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  },
};

/** For each of `count` output pixels that together stand for `length` of `size` input pixels, from `start` on. */
function taps(size: number, start: number, length: number, count: number, kernel: Kernel): Taps[] {
  const scale = length / count;
  const spread = Math.max(1, scale); // a picture made smaller is smoothed as much
  return Array.from({ length: count }, (_, i) => {
    const center = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - kernel.reach * spread + 0.5));
    const end = Math.min(size, Math.trunc(center + kernel.reach * spread + 0.5));
    const weights = Array.from({ length: end - first }, (_unused, k) =>
      kernel.weight((first + k - center + 0.5) / spread),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    const fixed = (w: number): number => Math.trunc((w / sum) * 2 ** PRECISION + (w < 0 ? -0.5 : 0.5));
    return { first, shares: Int32Array.from(weights, fixed) };
  });
}

const clip = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

function horizontal({ width, height, data }: RawImage, columns: Taps[]): RawImage {
  const out = new Uint8Array(columns.length * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns.length; x++) {
      const { first, shares } = columns[x]!;
      for (let c = 0; c < 3; c++) {
        let sum = HALF;
        for (let k = 0, at = (y * width + first) * 3 + c; k < shares.length; k++, at += 3)
          sum += data[at]! * shares[k]!;
        out[(y * columns.length + x) * 3 + c] = clip(sum >> PRECISION);
      }
    }
  }
  return { width: columns.length, height, data: out };
}

function vertical({ width, data }: RawImage, rows: Taps[]): RawImage {
  const line = width * 3;
  const out = new Uint8Array(line * rows.length);
  rows.forEach(({ first, shares }, y) => {
    for (let x = 0; x < line; x++) {
      let sum = HALF;
      for (let k = 0, at = first * line + x; k < shares.length; k++, at += line)
        sum += data[at]! * shares[k]!;
      out[y * line + x] = clip(sum >> PRECISION);
    }
  });
  return { width, height: rows.length, data: out };
}

/** The picture at exactly this size, filled: what is too wide or too high for it is cut off evenly at both ends. */
export function cover(image: RawImage, width: number, height: number, kernel = lanczos): RawImage {
  const scale = Math.max(width / image.width, height / image.height);
  const [seenWidth, seenHeight] = [width / scale, height / scale];
  const left = (image.width - seenWidth) / 2;
  const top = (image.height - seenHeight) / 2;
  const wide =
    image.width === width ? image : horizontal(image, taps(image.width, left, seenWidth, width, kernel));
  return image.height === height ? wide : vertical(wide, taps(image.height, top, seenHeight, height, kernel));
}
