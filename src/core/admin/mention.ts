// People, roles and channels in text: as Slack, Discord and the console write them, and as one mark of ours that every
// platform can show in its own way. Knows no names.

export const mentioned = ['person', 'role', 'channel'] as const;
export type MentionKind = (typeof mentioned)[number];

export interface Mention {
  kind: MentionKind;
  /** The platform's. */
  id: string;
}

/** How somebody or something is called in an answer. `mark` leaves that to the platform. */
export type Named = (kind: MentionKind, id: string) => string;

/** Who is meant by a plain "@ada" or "#art"; undefined: nobody that the platform knows. */
export type Mentions = (sign: '@' | '#', name: string) => Mention | undefined;

/** A plain name is an id, as on the console. */
export const namesAreIds: Mentions = (sign, name) => ({
  kind: sign === '#' ? 'channel' : 'person',
  id: name,
});

const MARK = /<(person|role|channel):([^\s<>|]+)>/g;

/** `<person:ID>`: what `mentionsIn` finds again. */
export const mark: Named = (kind, id) => `<${kind}:${id}>`;

/** A text of ours in parts: what stands as it is, and whom it names. */
export function mentionsIn(text: string): (string | Mention)[] {
  const parts: (string | Mention)[] = [];
  let end = 0;
  for (const { index, 0: whole, 1: kind, 2: id } of text.matchAll(MARK)) {
    if (index > end) parts.push(text.slice(end, index));
    parts.push({ kind: kind as MentionKind, id: id! });
    end = index + whole.length;
  }
  return end < text.length ? [...parts, text.slice(end)] : parts;
}

/** The same text with names in place of marks. */
export function withNames(text: string, named: Named): string {
  return mentionsIn(text)
    .map((part) => (typeof part === 'string' ? part : named(part.kind, part.id)))
    .join('');
}

const forms: [RegExp, MentionKind][] = [
  [/^<@&([^\s<>|]+)>$/, 'role'], // Discord
  [/^<!subteam\^([^\s<>|]+)(?:\|[^<>]*)?>$/, 'role'], // Slack
  [/^<@!?([^\s<>|&!]+)(?:\|[^<>]*)?>$/, 'person'],
  [/^<#([^\s<>|]+)(?:\|[^<>]*)?>$/, 'channel'],
  [/^<?person:([^\s<>|]+)>?$/, 'person'],
  [/^<?role:([^\s<>|]+)>?$/, 'role'],
  [/^<?channel:([^\s<>|]+)>?$/, 'channel'],
];

/** One word as a mention; undefined when it is none. */
export function readMention(word: string, mentions: Mentions = namesAreIds): Mention | undefined {
  for (const [form, kind] of forms) {
    const id = form.exec(word)?.[1];
    if (id !== undefined) return { kind, id };
  }
  const plain = /^([@#])([^\s<>|]+)$/.exec(word);
  return plain ? mentions(plain[1] as '@' | '#', plain[2]!) : undefined;
}
