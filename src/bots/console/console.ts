// The console: a chat page that the program serves itself, for the one person at this machine. A platform like
// Discord or Slack, except that it keeps its own messages. Knows nothing of queues or models beyond their cards.

import type { PostRef } from '../../core/posts.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { Cause, Chat, Intent, Place, View } from '../chat.ts';
import { Conversation } from './conversation.ts';
import { Feed } from './feed.ts';
import { listen } from './listen.ts';
import type { Listener } from './listen.ts';
import type { ConsoleLog } from './log.ts';
import type { MessageStore } from './messages.ts';
import { CHANNEL, routes } from './routes.ts';
import type { PressedAction } from './routes.ts';
import { HELP, readLine } from './typed-line.ts';

const PLATFORM = 'console';
const PLACE: Place = { platform: PLATFORM, channel: CHANNEL };
const PERSON: Requester = { platform: PLATFORM, id: 'local', name: 'You' };
const HEARTBEAT_MS = 20_000;
/** Typed lines whose keys are remembered, so that one sent twice is shown once. */
const REMEMBERED_KEYS = 500;

export interface ConsoleDeps {
  messages: MessageStore;
  images: Pick<ImageStore, 'get'>;
  /** The models people may ask for, the default one first. */
  cards: () => ModelCard[];
  /** Names that --scheduler takes. */
  schedulers: readonly string[];
  host: string;
  /** 0 takes any free one. */
  port: number;
  log: ConsoleLog;
  clock: () => Date;
  /** Between two signs of life on an idle connection. */
  heartbeatMs?: number;
}

export class ConsoleChat implements Chat {
  readonly platform = PLATFORM;
  private readonly deps: ConsoleDeps;
  private readonly feed = new Feed();
  private readonly conversation: Conversation;
  private readonly keysSeen = new Set<string>();
  private listener: Listener | undefined;
  private serve: (intent: Intent) => Promise<void> = async () => undefined;

  constructor(deps: ConsoleDeps) {
    this.deps = deps;
    const { messages, log, clock } = deps;
    this.conversation = new Conversation({ messages, log, clock, feed: this.feed });
  }

  /** Rejects with a plain sentence when the port can not be had. */
  async start(serve: (intent: Intent) => Promise<void>): Promise<void> {
    this.serve = serve;
    const app = routes({
      ...this.deps,
      heartbeatMs: this.deps.heartbeatMs ?? HEARTBEAT_MS,
      conversation: this.conversation,
      feed: this.feed,
      typed: (text, key) => this.typed(text, key),
      pressed: (message, action) => this.pressed(message, action),
    });
    this.listener = await listen((request) => app.fetch(request), this.deps.host, this.deps.port);
    this.deps.log.info({ url: this.url }, 'the console is open');
  }

  /** Where the page is. Only while started. */
  get url(): string {
    if (!this.listener) throw new Error('The console has no address before it is started.');
    return `http://${urlHost(this.deps.host)}:${this.listener.port}`;
  }

  /** How many pages are looking on. */
  get readers(): number {
    return this.feed.readers;
  }

  async post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    return refTo(place.channel, await this.conversation.post(place.channel, view, cause?.answers?.message));
  }

  async update(post: PostRef, view: View): Promise<void> {
    await this.conversation.update(post.message, view);
  }

  async deliver(post: PostRef, view: View): Promise<void> {
    await this.conversation.deliver(post.message, view);
  }

  async remove(post: PostRef): Promise<void> {
    await this.conversation.remove(post.message);
  }

  async whisper(_to: Requester, _place: Place, text: string): Promise<void> {
    this.conversation.whisper(text);
  }

  async stop(): Promise<void> {
    this.feed.closeAll();
    await this.listener?.close();
    this.listener = undefined;
  }

  private async typed(text: string, key: string): Promise<boolean> {
    const line = readLine(text);
    if (line.kind !== 'imagine') {
      this.conversation.whisper(line.kind === 'help' ? HELP : line.reply);
      return line.kind === 'help';
    }
    await this.showOnce(key, text.trim());
    await this.serve({ kind: 'imagine', key: keyOf(key), by: PERSON, place: PLACE, text: line.text });
    return true;
  }

  private async pressed(message: string, pressed: PressedAction): Promise<boolean> {
    if (!(await this.conversation.ours(message))) return false;
    const common = { key: keyOf(pressed.key), by: PERSON, place: PLACE, post: refTo(CHANNEL, message) };
    const { action, index = 0 } = pressed;
    await this.serve(action === 'vary' ? { ...common, kind: action, index } : { ...common, kind: action });
    return true;
  }

  // The same line sent again, because its answer was lost, is shown once. Whether it is drawn again is not ours to say.
  private async showOnce(key: string, text: string): Promise<void> {
    if (this.keysSeen.has(key)) return;
    this.keysSeen.add(key);
    const [oldest] = this.keysSeen;
    if (this.keysSeen.size > REMEMBERED_KEYS && oldest !== undefined) this.keysSeen.delete(oldest);
    try {
      await this.conversation.say(CHANNEL, PERSON.name, text);
    } catch (error) {
      this.keysSeen.delete(key);
      throw error;
    }
  }
}

function refTo(channel: string, message: string): PostRef {
  return { platform: PLATFORM, channel, message };
}

function keyOf(key: string): string {
  return `${PLATFORM}:${key}`;
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
