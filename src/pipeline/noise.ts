// The noise that a picture starts from, and mixtures of two seeds' noises for variations.

import type { PictureTask } from './picture.ts';
import { TorchGenerator } from './random.ts';

/** `count` standard normal numbers, drawn from the picture's own generator. */
export function startingNoise(task: PictureTask, generator: TorchGenerator, count: number): Float32Array {
  const own = generator.randn(count);
  const { variation } = task;
  if (!variation) return own;
  return slerp(own, new TorchGenerator(variation.seed).randn(count), variation.strength);
}

/**
 * A new vector between two that have as many numbers: along the great circle from `from` (share 0) to `to` (share 1): a straight line would leave the shell that Gaussian noise
 * lies on, and pictures would turn grey. Source: K. Shoemake, "Animating Rotation with Quaternion Curves" (1985).
 */
export function slerp(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  // Where both point the same way there is no circle, and a straight line is right.
  const [a, b] =
    Math.sin(angle) < 1e-6
      ? [1 - share, share]
      : [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)];
  return from.map((value, i) => a * value + b * to[i]!);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
