// Names that people gave themselves, made fit to stand in a table or a picture. Pure.

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Letters that take two columns where all letters are equally wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** On one line, without what is invisible, turns the writing around or stacks up; `key` where nothing is left. */
export function plainName(name: string, key: string): string {
  const plain = name
    .replaceAll(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu, (sign) =>
      /\s/.test(sign) ? ' ' : '',
    )
    .replaceAll(/(\p{M}{2})\p{M}+/gu, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /[^\s\u200d]/.test(plain) ? plain : key;
}

/** Letters as people count them: an emoji is one, whatever it is made of. */
export const lettersOf = (text: string): string[] =>
  [...segments.segment(text)].map(({ segment }) => segment);

/** How many columns of a fixed-width font it takes. */
export const columnsOf = (text: string): number =>
  lettersOf(text).reduce((sum, letter) => sum + (WIDE.test(letter) ? 2 : 1), 0);

/** At most so many columns, with an ellipsis for what is missing. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  for (const letter of lettersOf(text)) {
    if (columnsOf(kept + letter) >= columns) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}
