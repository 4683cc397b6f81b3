// Pictures that people give us to start from, made harmless: fetched by the rules of web-file.ts, known by their bytes
// and not by what they are called, and written anew as a plain PNG. Knows nothing of who asks, or what is drawn.

import sharp from 'sharp';
import { MAX_INPUT_PIXELS as MAX_PIXELS } from '../pipeline/image-files.ts';
import { UserError } from './user-error.ts';
import { readWebFile, type WebRules, type WebSource } from './web-file.ts';

/** Where the platforms keep what is attached there. */
export const DEFAULT_IMAGE_HOSTS: readonly string[] = [
  'cdn.discordapp.com',
  'media.discordapp.net',
  'files.slack.com',
];

const MAX_BYTES = 20 * 2 ** 20;
const MAX_SIDE = 2048;
const FORMATS = 'Send a PNG, JPEG, WebP, GIF or AVIF file.';

/** A reader of pictures at these hosts (see WebRules). Rejects with a UserError where there is none to be had. */
export function createImageReader(
  rules: Pick<WebRules, 'hosts' | 'lookup' | 'deadline'>,
): (source: WebSource) => Promise<Uint8Array> {
  const limits = { maxBytes: MAX_BYTES, timeoutMs: 15_000, maxRedirects: 3 };
  return async (source) => checkedPng(await readWebFile(source, { ...limits, ...rules }));
}

/**
 * The first frame as PNG without metadata: upright, at most 2048 pixels a side, transparent parts on white. A UserError
 * for everything that is no picture, broken, or too large.
 */
export async function checkedPng(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length > MAX_BYTES)
    throw new UserError(
      `That picture is larger than ${MAX_BYTES / 2 ** 20} MB, which is the most that I take.`,
    );
  if (!isPicture(bytes)) throw new UserError(whatElse(bytes));
  try {
    refuseHuge(await sharp(bytes, { limitInputPixels: false }).metadata());
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .png()
      .toBuffer();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`That picture is damaged or incomplete. ${FORMATS}`, { cause: error });
  }
}

/** By the header alone, before anything is decoded. */
function refuseHuge({ width, height }: { width: number; height: number }): void {
  if (width * height > MAX_PIXELS)
    throw new UserError(
      `That picture is ${width}×${height} pixels, and ${MAX_PIXELS / 1e6} million together are the most that I take. Make it smaller.`,
    );
}

/** By the marks that the five formats begin with. */
function isPicture(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 40)).toString('latin1');
  return (
    head.startsWith('\x89PNG\r\n\x1a\n') ||
    head.startsWith('\xff\xd8\xff') ||
    /^GIF8[79]a/.test(head) ||
    /^RIFF[^]{4}WEBP/.test(head) ||
    /^[^]{4}ftyp[^]*avi[fs]/.test(head)
  );
}

function whatElse(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 1024)).toString('utf8').trimStart().toLowerCase();
  if (text.includes('<svg')) return `That is an SVG drawing, which I do not take. ${FORMATS}`;
  if (text.startsWith('<'))
    return 'That address gave me a web page and no picture; perhaps one has to sign in there. Attach the picture itself.';
  return `That is not a picture that I can read. ${FORMATS}`;
}
