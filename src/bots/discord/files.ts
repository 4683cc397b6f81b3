// The one file that a message carries: a preview while the picture develops, the grid of finished pictures at the end,
// made to fit into what Discord takes. Knows no network.

import sharp from 'sharp';
import { isOver, type ImageStore } from '../../queue/job.ts';
import type { View } from '../chat.ts';
import { gridOf } from '../grid.ts';
import { altOf, shortAlt } from './wording.ts';

/** What Discord takes per file from a bot in a server without boosts. */
export const ATTACHMENT_LIMIT = 10 * 1024 * 1024;
const QUALITIES = [92, 80, 65];
const SMALLEST = 64; // pixels

export interface MessageFile {
  name: string;
  bytes: Uint8Array;
  alt: string;
}

export function previewFile(view: View): MessageFile | undefined {
  if (isOver(view.status) || !view.preview) return undefined;
  const { bytes, type, alt } = view.preview;
  return { name: `preview.${type.split('/')[1] ?? 'png'}`, bytes, alt: shortAlt(alt) };
}

/** The finished pictures that are still there, in one image; undefined when there are none. */
export async function gridFile(
  view: View,
  images: Pick<ImageStore, 'get'>,
  limit: number,
): Promise<MessageFile | undefined> {
  const read = await Promise.all(
    view.pictures.map(async (picture) => ({ picture, png: await images.get(picture.id) })),
  );
  const there = read.flatMap(({ picture, png }) => (png ? [{ picture, png }] : []));
  if (there.length === 0) return undefined;
  const grid = await gridOf(there.map(({ png }) => png));
  return { ...(await fit(grid, limit)), alt: altOf(there.map(({ picture }) => picture)) };
}

/** A PNG as it is when it fits, else a JPEG, else a smaller JPEG. */
export async function fit(png: Uint8Array, limit: number): Promise<{ name: string; bytes: Uint8Array }> {
  if (png.byteLength <= limit) return { name: 'pictures.png', bytes: png };
  const { width } = await sharp(png).metadata();
  for (let w = width; ; w = Math.floor(w * 0.75))
    for (const quality of QUALITIES) {
      const bytes = await sharp(png).resize({ width: w }).jpeg({ quality }).toBuffer();
      const least = w * 0.75 < SMALLEST && quality === QUALITIES.at(-1);
      if (bytes.byteLength <= limit || least) return { name: 'pictures.jpg', bytes };
    }
}
