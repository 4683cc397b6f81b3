// People, roles and channels in words of ours, as Slack shows them: a channel by Slack's own link; people and user groups,
// which are its roles, by their names alone, since Slack has no mention of them that does not ping. Knows no messages.

import { mentionsIn } from '../../core/admin/mention.ts';
import type { Line, Words } from '../chat.ts';
import type { People } from './people.ts';

export type Part = string | { channel: string };

/** A text of ours in parts: what stands as it is, and channels of Slack's. */
export function partsOf(text: string): Part[] {
  return mentionsIn(text).map((part) => {
    if (typeof part === 'string') return part;
    if (part.kind !== 'channel') return `@${part.id}`;
    return /^[A-Z0-9]+$/.test(part.id) ? { channel: part.id } : `#${part.id}`;
  });
}

/** The same words with names of people and user groups in the place of their marks. */
export async function withPeople(words: Words, people: People): Promise<Line[]> {
  const lines = typeof words === 'string' ? [{ text: words }] : words;
  const parts = lines.flatMap(({ text }) => mentionsIn(text));
  const ids = new Set(
    parts.flatMap((part) => (typeof part !== 'string' && part.kind === 'person' ? [part.id] : [])),
  );
  const names = new Map(
    await Promise.all([...ids].map(async (id) => [id, await people.nameOf(id)] as const)),
  );
  return lines.map((line) => ({ ...line, text: named(line.text, names, people) }));
}

function named(text: string, names: ReadonlyMap<string, string>, people: People): string {
  return mentionsIn(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      // A name that looks like a mark is none.
      if (part.kind === 'channel') return `<channel:${part.id}>`;
      const name = part.kind === 'person' ? (names.get(part.id) ?? part.id) : people.groupNameOf(part.id);
      return `@${name.replaceAll(/[<>]/g, '')}`;
    })
    .join('');
}
