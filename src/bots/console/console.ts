// The console: a chat page that the program serves itself, for the one person at this machine. A platform like
// Discord or Slack, except that it keeps its own messages. Knows nothing of queues or models beyond their cards.

import type { PostRef } from '../../core/posts.ts';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { Cause, Chat, Desk, Intent, Place, Sheet, View, Words } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import { readLine } from '../typed-line.ts';
import { Conversation } from './conversation.ts';
import { Downloads } from './downloads.ts';
import { Feed } from './feed.ts';
import { help } from './help.ts';
import { pressIntent, reactIntent, type About } from './intents.ts';
import { listen } from './listen.ts';
import type { Listener } from './listen.ts';
import type { ConsoleLog } from './log.ts';
import { CHANNEL, type Person } from './message-routes.ts';
import type { MessageStore } from './messages.ts';
import type { Probes } from './probe-routes.ts';
import { routes } from './routes.ts';

const PLATFORM = 'console';
const PLACE: Place = { platform: PLATFORM, channel: CHANNEL };
const PERSON: Requester = { platform: PLATFORM, id: 'local', name: 'You' };
/** Files are kept in memory until they are fetched. */
const MOST_BYTES = 50 * 2 ** 20;
const HEARTBEAT_MS = 20_000;
/** Typed lines whose keys are remembered, so that one sent twice is shown once. */
const REMEMBERED_KEYS = 500;
const ANSWERED_BY_MESSAGE: ReadonlySet<Intent['kind']> = new Set(['imagine', 'again', 'show']);

export interface ConsoleDeps {
  messages: MessageStore;
  images: Pick<ImageStore, 'get'>;
  /** The models people may ask for, the default one first. */
  cards: () => ModelCard[];
  /** Names that --scheduler takes. */
  schedulers: readonly string[];
  /** What --style takes. */
  styles: () => readonly Style[];
  reactions: Reactions;
  /** Keeps a picture that the person brings; its id. Rejects with a UserError for what is none, or has too many pixels. */
  keepImage: (bytes: Uint8Array, by: Requester) => Promise<string>;
  /** Whether a picture may be shown to anybody who has its id. */
  isPublic?: (id: string) => Promise<boolean>;
  host: string;
  /** Asked of everyone, where it is set. */
  password?: string;
  /** Where pictures, and nothing else, may be asked for by others. */
  publicUrl?: string;
  /** What machines may ask. */
  probes?: Probes;
  /** 0 takes any free one. */
  port: number;
  log: ConsoleLog;
  clock: () => Date;
  /** Between two signs of life on an idle connection. */
  heartbeatMs?: number;
}

export class ConsoleChat implements Chat {
  readonly platform = PLATFORM;
  readonly mostBytes = MOST_BYTES;
  private readonly deps: ConsoleDeps;
  private readonly feed = new Feed();
  private readonly conversation: Conversation;
  private readonly downloads: Downloads;
  private readonly keysSeen = new Set<string>();
  private listener: Listener | undefined;

  constructor(deps: ConsoleDeps) {
    this.deps = deps;
    const { messages, log, clock } = deps;
    this.conversation = new Conversation({ messages, log, clock, feed: this.feed });
    this.downloads = new Downloads(clock);
  }

  /** Rejects with a plain sentence when the port can not be had. */
  async start(desk: Desk): Promise<void> {
    const { deps, conversation, feed } = this;
    const app = routes({
      ...deps,
      heartbeatMs: deps.heartbeatMs ?? HEARTBEAT_MS,
      keepImage: (bytes) => deps.keepImage(bytes, PERSON),
      known: () => ({ schedulers: deps.schedulers, cards: deps.cards(), styles: deps.styles() }),
      conversation,
      downloads: this.downloads,
      feed,
      person: this.person(desk),
    });
    this.listener = await listen((request) => app.fetch(request), deps.host, deps.port);
    deps.log.info({ url: this.url }, 'the console is open');
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

  async deliver(post: PostRef, view: View): Promise<undefined> {
    await this.conversation.deliver(post.message, view);
  }

  async remove(post: PostRef): Promise<void> {
    await this.conversation.remove(post.message);
  }

  async whisper(_to: Requester, _place: Place, words: Words): Promise<void> {
    this.conversation.whisper(words);
  }

  async direct(_to: Requester, view: View, words: Words): Promise<void> {
    this.conversation.whisper(words, view.pictures);
  }

  /** As a note: what it says can be asked for again. */
  async publish(place: Place, sheet: Sheet): Promise<PostRef> {
    return refTo(place.channel, this.note(sheet));
  }

  async revise(_post: PostRef, sheet: Sheet): Promise<void> {
    this.note(sheet);
  }

  async hand(_to: Requester, _place: Place, sheet: Sheet): Promise<void> {
    this.note(sheet);
  }

  private note({ words, picture, files = [], presses = [] }: Sheet): string {
    const figure = picture && {
      src: this.downloads.add({ name: 'chart.png', bytes: picture.png }),
      alt: picture.alt,
    };
    return this.conversation.whisper(words, [], {
      ...(figure && { figure }),
      files: files.map((file) => ({ name: file.name, href: this.downloads.add(file) })),
      presses,
    });
  }

  /** What was typed here goes for good. */
  async forget(): Promise<void> {
    await this.deps.messages.forget();
    this.feed.push({ type: 'reset' });
  }

  async linkTo(post: PostRef): Promise<string> {
    return `/#${post.message}`;
  }

  async stop(): Promise<void> {
    this.feed.closeAll();
    await this.listener?.close();
    this.listener = undefined;
  }

  private person(desk: Desk): Person {
    const { conversation } = this;
    const about = async (message: string, key: string): Promise<About | undefined> =>
      (await conversation.ours(message)) && {
        key: keyOf(key),
        by: PERSON,
        place: PLACE,
        admin: true as const,
        post: refTo(CHANNEL, message),
      };
    return {
      type: (text, key) => this.typed(desk, text, key),
      async press(message, press) {
        const known = await about(message, press.key);
        if (known) await desk.serve(pressIntent(press, known));
        return known !== undefined;
      },
      async react(message, reaction) {
        const known = await about(message, reaction.key);
        const intent = known && reactIntent(reaction, known);
        if (intent) await desk.serve(intent);
        return known !== undefined;
      },
      decide: (review, { act, key }) =>
        desk.serve({ kind: 'review', review, act, key: keyOf(key), by: PERSON, place: PLACE, admin: true }),
      draft: (message) => desk.draft(refTo(CHANNEL, message), PERSON),
      overview: () => desk.overview(PERSON),
    };
  }

  private async typed(desk: Desk, text: string, key: string): Promise<boolean> {
    const line = readLine(text);
    if (line.kind === 'help' || line.kind === 'unknown') {
      this.conversation.whisper(line.kind === 'help' ? help(this.deps.reactions) : line.reply);
      return line.kind === 'help';
    }
    // What is answered by a note alone leaves nothing to be answered in the conversation.
    if (ANSWERED_BY_MESSAGE.has(line.kind)) await this.showOnce(key, text.trim());
    await desk.serve({ ...line, key: keyOf(key), by: PERSON, place: PLACE, admin: true });
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
