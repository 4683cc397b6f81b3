// The console is a platform of its own, so it keeps its messages itself. This is the port; a store implements it.

import type { View } from '../chat.ts';

/** A view as it is kept: previews are for the moment and are never stored. */
export type StoredView = Omit<View, 'preview'>;

interface MessageBase {
  /** Sorts by time of creation. */
  id: string;
  channel: string;
  /** The name shown beside it. */
  author: string;
  createdAt: Date;
}

/** What a person typed. */
export interface PersonMessage extends MessageBase {
  kind: 'person';
  text: string;
}

/** What we show about one job. */
export interface BotMessage extends MessageBase {
  kind: 'bot';
  view: StoredView;
  /** The id of the message it came from, for a rerun or a variation. */
  answers?: string;
}

export type Message = PersonMessage | BotMessage;

export interface MessageStore {
  add(message: Message): Promise<void>;
  /** Replaces the view of a bot's message. Does nothing when the message is gone. */
  update(id: string, view: StoredView): Promise<void>;
  /** Everything that was typed in the channel goes. */
  forget(channel: string): Promise<void>;
  /** Does nothing when the message is gone. */
  remove(id: string): Promise<void>;
  get(id: string): Promise<Message | undefined>;
  /** The newest `limit` messages of the channel whose id sorts below `before`, the newest first. */
  recent(channel: string, limit: number, before?: string): Promise<Message[]>;
}
