// The files that messages carry: a preview while the picture develops, the grid of finished pictures at the end, or
// each picture alone, made to fit into what Discord takes. Knows no network.

import sharp from 'sharp';
import { isOver, type ImageStore } from '../../queue/job.ts';
import type { View, ViewPicture } from '../chat.ts';
import { gridOf } from '../grid.ts';
import { isTooLarge } from './problems.ts';
import { altOf, shortAlt } from './wording.ts';

const MIB = 1024 * 1024;
/** What Discord takes per file from a bot in a server without boosts. */
export const ATTACHMENT_LIMIT = 10 * MIB;
/** What it takes in one request, less what is not file. */
const REQUEST_LIMIT = 24 * MIB;
/** What fits into one message together, with room for what is not file. */
export const MOST_BYTES = ATTACHMENT_LIMIT - 256 * 1024;
const QUALITIES = [92, 80, 65];
const SMALLEST = 64; // pixels

export interface MessageFile {
  name: string;
  bytes: Uint8Array;
  alt: string;
}

/** What a message shows of its view's pictures; `note` says what people should know of it. */
export interface Shown {
  files: MessageFile[];
  note?: string;
}

export interface Pictures {
  images: Pick<ImageStore, 'get'>;
  /** Where people reach the console, for pictures that do not fit. */
  publicUrl?: string | undefined;
}

export function previewFile(view: View): MessageFile | undefined {
  if (isOver(view.status) || !view.preview) return undefined;
  const { bytes, type, alt } = view.preview;
  return { name: `preview.${type.split('/')[1] ?? 'png'}`, bytes, alt: shortAlt(alt) };
}

/** The finished pictures that are still there, in one image of at most `limit` bytes. */
export async function gridShown(view: View, from: Pictures, limit: number): Promise<Shown> {
  const there = await thereOf(view.pictures, from.images);
  if (there.length === 0) return { files: [] };
  const grid = await gridOf(there.map(({ png }) => png));
  const pictures = there.map(({ picture }) => picture);
  const fitting = await fit(grid, Math.min(limit, REQUEST_LIMIT));
  const files = fitting ? [{ ...named('pictures', fitting, pictures), alt: altOf(pictures) }] : [];
  if (fitting?.ending === 'png') return { files };
  return { files, note: noteOf({ files, bytes: grid.byteLength, pictures, publicUrl: linked(view, from) }) };
}

/** A private picture is nothing for an address that everybody can open. */
const linked = (view: View, { publicUrl }: Pictures): string | undefined =>
  view.private ? undefined : publicUrl;

/** Each picture that is still there on its own. */
export async function picturesShown(view: View, from: Pictures, limit: number): Promise<Shown> {
  const there = await thereOf(view.pictures, from.images);
  const each = Math.min(limit, Math.floor(REQUEST_LIMIT / Math.max(1, there.length)));
  const files: MessageFile[] = [];
  for (const [i, { picture, png }] of there.entries()) {
    const fitting = await fit(png, each);
    if (fitting) files.push({ ...named(`picture-${i + 1}`, fitting, [picture]), alt: shortAlt(picture.alt) });
  }
  const larger = there.filter(({ png }) => png.byteLength > each);
  if (larger.length === 0) return { files };
  const bytes = Math.max(...larger.map(({ png }) => png.byteLength));
  const pictures = larger.map(({ picture }) => picture);
  return { files, note: noteOf({ files, bytes, pictures, publicUrl: linked(view, from) }) };
}

/**
 * Sends what `show` finds for a limit, and less when Discord says that it was too much after all, down to words
 * without a picture.
 */
export async function sendFitting<T>(
  show: (limit: number) => Promise<Shown>,
  limit: number,
  send: (shown: Shown) => Promise<T>,
): Promise<T> {
  for (let most = limit; ;) {
    const shown = await show(most);
    try {
      return await send(shown);
    } catch (error) {
      if (shown.files.length === 0 || !isTooLarge(error)) throw error;
      most = Math.floor(Math.min(most, Math.max(...shown.files.map(({ bytes }) => bytes.byteLength))) / 2);
    }
  }
}

interface Fitting {
  ending: 'png' | 'jpg';
  bytes: Uint8Array;
}

/** A PNG as it is when it fits, else a JPEG, else a smaller JPEG; undefined when none that people can see fits. */
export async function fit(png: Uint8Array, limit: number): Promise<Fitting | undefined> {
  if (png.byteLength <= limit) return { ending: 'png', bytes: png };
  const { width } = await sharp(png).metadata();
  for (let w = width; w >= Math.min(SMALLEST, width); w = Math.floor(w * 0.75))
    for (const quality of QUALITIES) {
      const bytes = await sharp(png).resize({ width: w }).jpeg({ quality }).toBuffer();
      if (bytes.byteLength <= limit) return { ending: 'jpg', bytes };
    }
  return undefined;
}

/** Discord hides a file of such a name until somebody wants to see it. */
const HIDDEN = 'SPOILER_';

function named(
  name: string,
  { ending, bytes }: Fitting,
  of: readonly ViewPicture[],
): { name: string; bytes: Uint8Array } {
  const hidden = of.some(({ spoiler }) => spoiler) ? HIDDEN : '';
  return { name: `${hidden}${name}.${ending}`, bytes };
}

async function thereOf(
  pictures: readonly ViewPicture[],
  images: Pictures['images'],
): Promise<{ picture: ViewPicture; png: Uint8Array }[]> {
  const read = await Promise.all(
    pictures.map(async (picture) => ({ picture, png: await images.get(picture.id) })),
  );
  return read.flatMap(({ picture, png }) => (png ? [{ picture, png }] : []));
}

interface Loss {
  files: MessageFile[];
  /** Of the largest as it was drawn. */
  bytes: number;
  pictures: readonly ViewPicture[];
  publicUrl: string | undefined;
}

function noteOf({ files, bytes, pictures, publicUrl }: Loss): string {
  const over = `${size(bytes)} is more than Discord takes here.`;
  const what = files.length > 0 ? `A smaller copy: ${over}` : `No picture fits here: ${over}`;
  if (publicUrl === undefined) return files.length > 0 ? what : `${what} Ask again with --n 1.`;
  return `${what} As drawn: ${pictures.map((picture, i) => linkTo(publicUrl, picture, i)).join(' ')}`;
}

/** Behind Discord's spoiler marks where the picture is to be hidden. */
function linkTo(publicUrl: string, { id, spoiler }: ViewPicture, i: number): string {
  const link = `[picture ${i + 1}](<${publicUrl.replace(/\/+$/, '')}/pictures/${encodeURIComponent(id)}.png>)`;
  return spoiler ? `||${link}||` : link;
}

const size = (bytes: number): string =>
  bytes >= MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
