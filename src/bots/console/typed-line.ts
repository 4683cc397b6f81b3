// What a typed line means. Knows which commands there are, and nothing of how they are carried out.

export type TypedLine =
  /** What follows "/imagine", options and all. */
  | { kind: 'imagine'; text: string }
  | { kind: 'help' }
  /** Not something we can do; `reply` says what is. */
  | { kind: 'unknown'; reply: string };

export const HELP = [
  '/imagine and a few words: four pictures develop. For example: /imagine a red heart',
  'Options go after the words: --seed 7, --steps 25, --size 128x128, --n 1, --no blue. Type -- to see them all.',
  'Under each message: 🔁 draws again with a new seed, ❌ cancels or deletes.',
  'Arrow up brings back your last line.',
].join('\n');

export function readLine(line: string): TypedLine {
  const [, command, rest] = /^\s*(?:\/(\S*))?\s*([^]*)$/.exec(line) ?? [];
  switch (command?.toLowerCase()) {
    case 'imagine':
      return { kind: 'imagine', text: (rest ?? '').trim() };
    case 'help':
      return { kind: 'help' };
    case undefined:
      return { kind: 'unknown', reply: `To draw it, put /imagine in front: /imagine ${example(rest)}` };
    default:
      return {
        kind: 'unknown',
        reply: `There is no /${short(command ?? '')} here. Try /imagine a red heart, or /help.`,
      };
  }
}

function example(words: string | undefined): string {
  return short((words ?? '').trim()) || 'a red heart';
}

function short(text: string): string {
  const letters = Array.from(text);
  return letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : text;
}
