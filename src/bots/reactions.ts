// Which emoji on a message of ours means what, the same on every platform. An emoji is itself where a platform sends
// characters (Discord, the console) and a name between colons where it sends names (Slack, a server's own emoji).

import type { Reaction } from './chat.ts';

export type Reactions = ReadonlyMap<string, Reaction>;

const meanings: readonly Reaction[] = ['rerun', 'upscale', 'send', 'end', 'favorite'];

/** As REACTIONS would say it. */
export const DEFAULT_REACTIONS =
  '🔁=rerun, :repeat:=rerun, 🔄=rerun, :arrows_counterclockwise:=rerun, ⬆️=upscale, :arrow_up:=upscale, ' +
  '✉️=send, :email:=send, :envelope:=send, ❌=end, :x:=end, ⭐=favorite, :star:=favorite';

/** Emoji that look alike differ in an invisible character that asks for colour. */
const plain = (emoji: string): string => emoji.replaceAll('\ufe0f', '').trim();

/** "🔁=rerun, :repeat:=rerun" as a table. What is no such pair is left out: the settings have refused it before. */
export function readReactions(text: string): Reactions {
  const table = new Map<string, Reaction>();
  for (const pair of text.split(',')) {
    const [emoji = '', name = ''] = pair.split('=');
    const meaning = meanings.find((m) => m === name.trim());
    if (meaning && plain(emoji)) table.set(plain(emoji), meaning);
  }
  return table;
}

/** `emoji`: the character, or `:name:`. */
export function meaningOf(reactions: Reactions, emoji: string): Reaction | undefined {
  return reactions.get(plain(emoji));
}

/** The first emoji, as a character, for each meaning: what a page offers to press. */
export function firstEmoji(reactions: Reactions): ReadonlyMap<Reaction, string> {
  const first = new Map<Reaction, string>();
  for (const [emoji, meaning] of reactions)
    if (!emoji.startsWith(':') && !first.has(meaning)) first.set(meaning, emoji);
  return first;
}
