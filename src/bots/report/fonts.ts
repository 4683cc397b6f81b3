// The font of pictures of ours, which comes along: a container without any font draws the same letters. Where it
// lacks a script, fonts of the system help out. Knows no report.

import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { lettersOf } from './names.ts';

export const FONT = 'DejaVu Sans';

const files = {
  normal: fileURLToPath(new URL('../../../assets/fonts/DejaVuSans.ttf', import.meta.url)),
  bold: fileURLToPath(new URL('../../../assets/fonts/DejaVuSans-Bold.ttf', import.meta.url)),
};
export type Weight = keyof typeof files;

let loading: Promise<unknown> | undefined;

/** What is written into an SVG or into sharp's markup. */
export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * From here on SVG drawn by sharp in this process finds the font: naming its file once is what makes it known. A thread
 * that drew SVG with text before may not look again, so this comes first.
 */
export function loadFonts(): Promise<unknown> {
  loading ??= Promise.all([measured('x', 12, 'normal'), measured('x', 12, 'bold')]).catch(
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** Pixels from the first ink to the last; `size` is the font's, in pixels. */
async function measured(text: string, size: number, weight: Weight): Promise<number> {
  const font = `${FONT} ${weight === 'bold' ? 'Bold ' : ''}${size}`;
  const drawn = sharp({
    text: { text: escapeXml(text), font, fontfile: files[weight], dpi: 72, wrap: 'none' },
  });
  const { info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  return info.width;
}

const LONGEST = 200;

/** As much of the text as fits into `width` pixels, with an ellipsis for what is missing. */
export async function fitted(
  text: string,
  width: number,
  size: number,
  weight: Weight = 'normal',
): Promise<string> {
  const letters = lettersOf(text.slice(0, LONGEST)).slice(0, Math.ceil((width / size) * 5));
  const starts = async (many: number): Promise<string | undefined> => {
    const whole = many === letters.length && text.length <= LONGEST && lettersOf(text).length === many;
    const start = whole ? text : `${letters.slice(0, many).join('').trimEnd()}…`;
    return (await measured(start, size, weight)) <= width ? start : undefined;
  };
  let [best, low, high] = ['…', 1, letters.length];
  const all = await starts(high);
  if (all !== undefined) return all;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const start = await starts(middle);
    if (start === undefined) high = middle - 1;
    else [best, low] = [start, middle + 1];
  }
  return best;
}
