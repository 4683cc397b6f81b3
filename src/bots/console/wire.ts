// What the page is told: messages as JSON, and the events of the live feed. Knows nothing of connections.

import { withNames } from '../../core/admin/mention.ts';
import type { Line, Press, View, ViewPicture, Words } from '../chat.ts';
import type { Message, StoredView } from './messages.ts';

export type Preview = NonNullable<View['preview']>;

/** A message as it stands now, with the preview of this moment. */
export type LiveMessage = Message & { preview?: Preview };

export type WireMessage = { id: string; author: string; createdAt: string } & (
  | { kind: 'person'; text: string }
  | { kind: 'bot'; view: StoredView & { preview?: { src: string; alt: string } }; answers?: string }
);

/** For the person's eyes, and not kept. */
export interface Note {
  id: string;
  lines: readonly Line[];
  pictures: readonly ViewPicture[];
  /** A picture of ours that is none of a job's. */
  figure?: { src: string; alt: string };
  files?: readonly { name: string; href: string }[];
  presses?: readonly Press[];
}

export type FeedEvent =
  /** A message is new or has changed. */
  | { type: 'message'; message: LiveMessage }
  | { type: 'removed'; id: string }
  | { type: 'whisper'; note: Note }
  /** Too much was missed: read the history again. */
  | { type: 'reset' }
  /** Keeps the connection from looking dead. */
  | { type: 'beat' };

export function wireMessage(message: LiveMessage): WireMessage {
  const { id, author } = message;
  const base = { id, author, createdAt: message.createdAt.toISOString() };
  if (message.kind === 'person') return { ...base, kind: 'person', text: message.text };
  const { preview, answers } = message;
  return {
    ...base,
    kind: 'bot',
    view: preview ? { ...message.view, preview: { src: dataUrl(preview), alt: preview.alt } } : message.view,
    ...(answers === undefined ? {} : { answers }),
  };
}

export function linesOf(words: Words): readonly Line[] {
  const lines = typeof words === 'string' ? [{ text: words }] : words;
  return lines.map((line) => ({ ...line, text: withNames(line.text, nameOf) }));
}

const nameOf = (kind: string, id: string): string => `${kind === 'channel' ? '#' : '@'}${id}`;

/** One server-sent event, ready to be written. */
export function wireEvent(event: FeedEvent): string {
  switch (event.type) {
    case 'message':
      return frame('message', wireMessage(event.message));
    case 'removed':
      return frame('removed', { id: event.id });
    case 'whisper':
      return frame('whisper', event.note);
    case 'reset':
      return frame('reset', {});
    case 'beat':
      return ': beat\n\n';
  }
}

// JSON has no raw line breaks, so one data line always holds it.
function frame(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function dataUrl(preview: Preview): string {
  return `data:${preview.type};base64,${Buffer.from(preview.bytes).toString('base64')}`;
}
