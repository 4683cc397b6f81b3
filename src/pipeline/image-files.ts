// Picture files: PNG out, with the recipe in text chunks; any picture in. Knows no networks.

import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { RawImage } from './picture.ts';

const SIGNATURE_AND_HEADER = 33; // bytes: the signature (8) and the IHDR chunk (25)
const MAX_INPUT_PIXELS = 50_000_000;

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

/** Any picture as RGB of exactly this size: covered, cut at the edges, transparent parts on white. */
export async function decodeImage(bytes: Uint8Array, width: number, height: number): Promise<RawImage> {
  const data = await sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS })
    .rotate()
    .flatten({ background: '#fff' })
    .resize(width, height, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data };
}
