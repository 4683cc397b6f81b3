// Renders the icon sets to the training set: data/images.u8 (N x 128 x 128 x 3 bytes, on white) and
// data/records.json (one {concept, style, tags} per image, in the same order).
//
//   cd training && npm install && node prepare.mjs
//
// Prints at the end: "2801 images of 1410 concepts" (the sets' versions are pinned in package.json).
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';

const DRAWN = 120; // the icon, in pixels
const MARGIN = 4; // on every side, so that no outline touches the border: 128 in all
const SETS = { noto: 'noto', fluent: 'fluent-emoji-flat' }; // style word -> package

const require = createRequire(import.meta.url);
const COMPONENT = 2; // emojibase's group of skin tones and hair styles

/**
 * One entry a concept. People who differ only in gender, hair or direction would be hundreds of near-copies of
 * few concepts, and country flags are details too small for this size, so both stay out.
 */
function wanted({ label, group }) {
  if (group === undefined || group === COMPONENT) return false;
  if (/^(flag: |Japanese |input |mx )/i.test(label)) return false;
  if (label.includes(': ')) return label.startsWith('keycap');
  if (/^(man|woman)$/.test(label)) return true;
  return !/^(man|men|woman|women|people) /.test(label);
}

function iconOf(set, hexcode) {
  const hex = hexcode.toLowerCase();
  const name = set.chars[hex] ?? set.chars[hex.replaceAll('-fe0f', '')] ?? set.chars[`${hex}-fe0f`];
  const icon = name && (set.icons.icons[name] ?? set.icons.icons[set.icons.aliases?.[name]?.parent]);
  if (!icon) return undefined;
  const width = icon.width ?? set.icons.width;
  const height = icon.height ?? set.icons.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${DRAWN}" height="${DRAWN}">${icon.body}</svg>`;
}

const render = (svg) =>
  sharp(Buffer.from(svg), { density: 300 })
    .resize(DRAWN, DRAWN, { fit: 'contain', background: '#fff' })
    .flatten({ background: '#fff' })
    .extend({ top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN, background: '#fff' })
    .removeAlpha()
    .raw()
    .toBuffer();

const concepts = require('emojibase-data/en/data.json').filter(wanted);
const records = [];
const images = [];
for (const [style, name] of Object.entries(SETS)) {
  const set = {
    icons: require(`@iconify-json/${name}/icons.json`),
    chars: require(`@iconify-json/${name}/chars.json`),
  };
  for (const { label, hexcode, tags } of concepts) {
    const svg = iconOf(set, hexcode);
    if (!svg) continue;
    images.push(await render(svg));
    records.push({ concept: label.toLowerCase(), style, tags: tags ?? [] });
  }
}
mkdirSync('data', { recursive: true });
writeFileSync('data/images.u8', Buffer.concat(images));
writeFileSync('data/records.json', JSON.stringify(records));
console.log(`${records.length} images of ${new Set(records.map((r) => r.concept)).size} concepts`);
