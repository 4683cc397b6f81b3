// The console's messages as they stand at this moment: the stored ones, with the newest view of those still drawing
// laid over them. Tells the feed of every change. Knows no HTTP and nothing of intents.

import type { View, ViewPicture, Words } from '../chat.ts';
import { isOver } from '../../queue/job.ts';
import type { Feed } from './feed.ts';
import type { ConsoleLog } from './log.ts';
import { uuid7s } from '../../queue/uuid7.ts';
import type { BotMessage, Message, MessageStore, StoredView } from './messages.ts';
import { linesOf } from './wire.ts';
import type { LiveMessage, Note, Preview } from './wire.ts';

const BOT_NAME = 'Darkroom';
/** How far back a message without its job's link may lie. */
const ORPHANS_AMONG = 20;

interface Live {
  message: BotMessage;
  preview?: Preview;
  /** The last write about this message; the next one waits for it, so an older view never lands on a newer. */
  writing: Promise<void>;
  /** It was removed while somebody still held it. */
  gone?: true;
}

export interface ConversationDeps {
  messages: MessageStore;
  feed: Feed;
  log: ConsoleLog;
  clock: () => Date;
}

export class Conversation {
  private readonly deps: ConversationDeps;
  private readonly nextId: () => string;
  private readonly live = new Map<string, Live>();
  /** Ids of jobs that are older than this process sort before it. */
  private readonly start: string;

  constructor(deps: ConversationDeps) {
    this.deps = deps;
    const next = uuid7s();
    this.nextId = () => next(deps.clock());
    this.start = this.nextId();
  }

  /** A line that a person typed. */
  async say(channel: string, author: string, text: string): Promise<string> {
    const message: Message = { ...this.begin(channel, author), kind: 'person', text };
    await this.deps.messages.add(message);
    this.deps.feed.push(channel, { type: 'message', message });
    return message.id;
  }

  /** A new message of ours: kept first, then shown. */
  async post(channel: string, view: View, answers?: string): Promise<string> {
    const orphan = await this.orphan(channel, view.jobId);
    if (orphan !== undefined) return orphan;
    const message: BotMessage = { ...this.begin(channel, BOT_NAME), kind: 'bot', view: withoutPreview(view) };
    if (answers !== undefined) message.answers = answers;
    await this.deps.messages.add(message);
    if (!isOver(view.status)) this.live.set(message.id, liveOf(message, view.preview));
    this.deps.feed.push(channel, { type: 'message', message: shown(message, view.preview) });
    return message.id;
  }

  // A process that was killed between keeping a message and linking it to its job left it for us to find: a message
  // that waits and that nobody keeps true.
  private async orphan(channel: string, jobId: string): Promise<string | undefined> {
    if (jobId > this.start) return undefined;
    const recent = await this.deps.messages.recent(channel, ORPHANS_AMONG);
    const waits = (message: Message): boolean =>
      message.kind === 'bot' && message.view.jobId === jobId && !isOver(message.view.status);
    return recent.find((message) => waits(message) && !this.live.has(message.id))?.id;
  }

  /** Shows a later view. Kept only when the status has changed: steps are many and soon stale. */
  async update(id: string, view: View): Promise<void> {
    const live = await this.find(id);
    if (live && !isLate(live, view)) {
      const changed = live.message.view.status !== view.status;
      this.show(live, view);
      if (changed) await this.write(live).catch((error: unknown) => this.warn(id, error));
    }
    this.forgetIfOver(id);
  }

  /** Keeps and shows the last view. Rejects when it could not be kept. */
  async deliver(id: string, view: View): Promise<void> {
    const live = await this.find(id);
    if (live && !isLate(live, view)) {
      live.message = { ...live.message, view: withoutPreview(view) };
      await this.write(live);
      if (!live.gone) this.show(live, view);
    }
    this.forgetIfOver(id);
  }

  async remove(channel: string, id: string): Promise<void> {
    const live = this.live.get(id);
    if (live) live.gone = true;
    this.live.delete(id);
    await live?.writing.catch(() => undefined);
    await this.deps.messages.remove(id);
    this.deps.feed.push(channel, { type: 'removed', id });
  }

  /** A note for the person's eyes: shown to whoever looks on now, and not kept. */
  whisper(
    channel: string,
    words: Words,
    pictures: readonly ViewPicture[] = [],
    more: Partial<Note> = {},
  ): string {
    const note = { id: this.nextId(), lines: linesOf(words), pictures, ...more };
    this.deps.feed.push(channel, { type: 'whisper', note });
    return note.id;
  }

  /** A message of ours, or undefined when the channel has none with this id. */
  async ours(channel: string, id: string): Promise<BotMessage | undefined> {
    const message = this.live.get(id)?.message ?? (await this.deps.messages.get(id));
    return message?.kind === 'bot' && message.channel === channel ? message : undefined;
  }

  /** Up to `limit` messages older than `before`, the oldest first, and whether there are older ones still. */
  async history(
    channel: string,
    limit: number,
    before?: string,
  ): Promise<{ messages: LiveMessage[]; more: boolean }> {
    const stored = await this.deps.messages.recent(channel, limit + 1, before);
    const page = stored.slice(0, limit).toReversed();
    return { messages: page.map((message) => this.asItStands(message)), more: stored.length > limit };
  }

  private begin(
    channel: string,
    author: string,
  ): { id: string; channel: string; author: string; createdAt: Date } {
    return { id: this.nextId(), channel, author, createdAt: this.deps.clock() };
  }

  private asItStands(message: Message): LiveMessage {
    const live = this.live.get(message.id);
    return live ? shown(live.message, live.preview) : message;
  }

  // After a restart the message is only in the store; the first later view opens it again.
  private async find(id: string): Promise<Live | undefined> {
    const known = this.live.get(id);
    if (known) return known;
    const stored = await this.deps.messages.get(id);
    if (stored?.kind !== 'bot') return undefined;
    const opened = this.live.get(id) ?? liveOf(stored);
    this.live.set(id, opened);
    return opened;
  }

  // A step that brings no preview leaves the last one standing.
  private show(live: Live, view: View): void {
    live.message = { ...live.message, view: withoutPreview(view) };
    if (view.preview) live.preview = view.preview;
    else if (view.status !== 'running') delete live.preview;
    const { message, preview } = live;
    this.deps.feed.push(message.channel, { type: 'message', message: shown(message, preview) });
  }

  private write(live: Live): Promise<void> {
    const { id, view } = live.message;
    live.writing = live.writing.catch(() => undefined).then(() => this.deps.messages.update(id, view));
    return live.writing;
  }

  private forgetIfOver(id: string): void {
    const live = this.live.get(id);
    if (live && isOver(live.message.view.status)) this.live.delete(id);
  }

  private warn(id: string, error: unknown): void {
    this.deps.log.warn(
      { err: error, message: id },
      'a console message could not be kept; its last view will be',
    );
  }
}

function liveOf(message: BotMessage, preview?: Preview): Live {
  return { message, writing: Promise.resolve(), ...(preview ? { preview } : {}) };
}

function shown(message: BotMessage, preview: Preview | undefined): LiveMessage {
  return preview ? { ...message, preview } : message;
}

function withoutPreview(view: View): StoredView {
  const { preview: _, ...stored } = view;
  return stored;
}

/** A step that arrives after the end. */
function isLate(live: Live, view: View): boolean {
  return isOver(live.message.view.status) && !isOver(view.status);
}
