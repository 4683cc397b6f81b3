// A view, or words for one person, as Discord's text: what people wrote stands as they typed it, pings nobody and fits.
// Pure; knows no network and no files' bytes.

import { mentionsIn, type Mention } from '../../core/admin/mention.ts';
import { isOver, type Requester } from '../../queue/job.ts';
import type { Line, View, ViewPicture, Words } from '../chat.ts';
import { PLATFORM } from './people.ts';

export const MAX_CONTENT = 2000;
const MAX_ALT = 1024;
const MAX_RECIPE = 1300;
const MAX_CODE = 1500;
const MAX_HEADLINE = 600;
const MAX_NOTE = 900;
const BAR = 10;
/** Room that a prompt has in any case. */
const LEAST_PROMPT = 120;

/** Everything that Discord would format, ping, link or unfurl stands as it was typed. */
export function escapeText(text: string): string {
  return text.replace(/[\\`*_~|<>[\]()#@]/g, '\\$&').replace(/:(?=\/\/)/g, '\\:');
}

const signs: Record<Mention['kind'], string> = { person: '@', role: '@&', channel: '#' };

/** The same with people, roles and channels shown as Discord's own; a message that pings nobody has to carry it. */
export function withMentions(text: string): string {
  return mentionsIn(text)
    .map((part) => (typeof part === 'string' ? escapeText(part) : mentionOf(part)))
    .join('');
}

/** Whoever is not Discord's has no mention there. */
const mentionOf = ({ kind, id }: Mention): string =>
  /^\d{1,20}$/.test(id) ? `<${signs[kind]}${id}>` : escapeText(id);

/** At most `most` characters, the last of them an ellipsis when something is left out. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const letter of text) {
    if (kept.length + letter.length >= most) break;
    kept += letter;
  }
  return `${kept}…`;
}

/** As much of the text as fits into `room` once it is written as `write` does; escaping may double it. */
function fitted(text: string, room: number, write: (text: string) => string): string {
  for (let most = Math.max(1, room); ; most = Math.floor(most * 0.8)) {
    const written = write(shorten(text, most));
    if (written.length <= room || most <= 1) return written;
  }
}

/** Backticks that stand together would end it early, so an invisible space comes between them. */
export function codeSpan(text: string): string {
  const safe = text.replace(/`(?=`)/g, '`\u200b');
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``;
}

function bar({ step, of }: { step: number; of: number }): string {
  const share = of > 0 ? Math.min(1, step / of) : 0;
  const full = Math.round(share * BAR);
  return `${'▰'.repeat(full)}${'▱'.repeat(BAR - full)} ${Math.round(share * 100)} %`;
}

/** `note`: ours, about the files of the message. */
export function contentOf(view: View, note?: string): string {
  const above = [
    fitted(view.headline, MAX_HEADLINE, escapeText),
    ...(view.progress && !isOver(view.status) ? [bar(view.progress)] : []),
    ...(note === undefined ? [] : [shorten(note, MAX_NOTE)]),
  ].join('\n');
  const who = ` · ${nameOf(view.by)}`;
  const rest = MAX_CONTENT - above.length - who.length - '****\n\n'.length;
  const recipe = recipeIn(view, Math.min(MAX_RECIPE, rest - LEAST_PROMPT));
  const prompt = fitted(view.prompt, rest - recipe.length, escapeText);
  return `**${prompt}**${who}\n${above}\n${recipe}`;
}

/** The recipe whole, for what is cut would draw something else; or what brings the message back, recipe and all. */
function recipeIn({ recipe, jobId }: View, room: number): string {
  const whole = codeSpan(recipe);
  return whole.length <= room ? whole : codeSpan(`/show ${jobId}`);
}

/** Discord shows its own people by their present name; who asked elsewhere has the name they had there. */
function nameOf({ platform, id, name }: Requester): string {
  return platform === PLATFORM ? `<@${id}>` : fitted(name, 80, escapeText);
}

/** Names each picture of a grid, in the order of reading. */
export function altOf(pictures: readonly ViewPicture[]): string {
  const [only] = pictures;
  if (pictures.length === 1 && only) return shorten(only.alt, MAX_ALT);
  const head = `${pictures.length} pictures in rows of two.`;
  const each = Math.floor((MAX_ALT - head.length) / pictures.length) - ' 1: .'.length;
  return `${head}${pictures.map(({ alt }, i) => ` ${i + 1}: ${shorten(alt, each)}.`).join('')}`;
}

export const shortAlt = (alt: string): string => shorten(alt, MAX_ALT);

/** Words in as few messages as hold them. */
export function pagesOf(words: Words): string[] {
  return typeof words === 'string'
    ? [fitted(words, MAX_CONTENT, withMentions)]
    : joinLines(words.map(lineOf));
}

function lineOf({ text, code, href }: Line): string {
  const link = href === undefined ? '' : ` · [go to it](<${href}>)`;
  const copied = code === undefined ? '' : ` ${codeSpan(code)}`;
  const shown = copied.length <= MAX_CODE ? copied : ' (too long to be shown here)';
  return fitted(text, MAX_CONTENT - shown.length - link.length, withMentions) + shown + link;
}

const CUT = 'There is more than one message holds.';

/** Words in one message; what does not fit gives way to a sentence that says so. */
export function oneMessageOf(words: readonly Line[]): string {
  const lines = words.map(lineOf);
  const whole = lines.join('\n');
  if (whole.length <= MAX_CONTENT) return whole;
  const kept: string[] = [];
  let room = MAX_CONTENT - CUT.length;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, CUT].join('\n');
}

/** Lines of ours, none longer than a message, in as few messages as hold them. */
export function joinLines(lines: readonly string[]): string[] {
  const pages: string[] = [];
  for (const line of lines) {
    const page = pages.at(-1);
    const longer = page === undefined ? undefined : `${page}\n${line}`;
    if (longer === undefined || longer.length > MAX_CONTENT) pages.push(line);
    else pages[pages.length - 1] = longer;
  }
  return pages;
}
