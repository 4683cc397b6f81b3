// Picture files: PNG out, with the recipe in text chunks; any picture in. Knows no networks.

import { crc32 } from 'node:zlib';
import sharp, { type OutputInfo } from 'sharp';
import type { RawImage } from './picture.ts';
import { ModelProblem } from './problems.ts';
import { cover } from './resize.ts';

const SIGNATURE_AND_HEADER = 33; // bytes: the signature (8) and the IHDR chunk (25)
/** Of a picture that somebody gives: decoded, its bytes take 160 megabytes. */
export const MAX_INPUT_PIXELS = 40_000_000;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** iTXt, because people write in every language. Source: PNG specification, third edition, 11.3.3.4. */
function textChunk(keyword: string, text: string): Buffer {
  const flags = Buffer.from([0, 0, 0, 0]); // not compressed, no language, no translated keyword
  return chunk(
    'iTXt',
    Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), flags, Buffer.from(text, 'utf8')]),
  );
}

/** A PNG of 8 bits a channel, with a text chunk for each keyword (1 to 79 Latin letters) in the order given. */
export async function encodePng(image: RawImage, texts: Record<string, string>): Promise<Uint8Array> {
  const { width, height, data } = image;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return Buffer.concat([
    png.subarray(0, SIGNATURE_AND_HEADER),
    ...chunks,
    png.subarray(SIGNATURE_AND_HEADER),
  ]);
}

/**
 * Any picture (its first frame, upright by its EXIF orientation) as RGB of exactly `width` x `height` pixels: resized by
 * Lanczos' filter until it covers them, cut evenly at the edges, transparent parts on white. Throws a ModelProblem where
 * the bytes are no picture, damaged, or of more than `MAX_INPUT_PIXELS`.
 */
export async function decodeImage(bytes: Uint8Array, width: number, height: number): Promise<RawImage> {
  const { data, info } = await pixelsOf(bytes);
  return cover({ width: info.width, height: info.height, data }, width, height);
}

async function pixelsOf(bytes: Uint8Array): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' })
      .rotate()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new ModelProblem('The image to start from can not be read: send a PNG, JPEG or WebP file.', {
      cause: error,
    });
  }
}
