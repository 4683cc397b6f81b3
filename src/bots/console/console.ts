// The console: a chat page that the program serves itself, for the person at this machine and, where they sign in, for
// others. A platform like Discord or Slack, except that it keeps its own messages. Knows nothing of queues or models
// beyond their cards.

import type { PostRef } from '../../core/posts.ts';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { Cause, Chat, Desk, Place, Sheet, View, Words } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import type { AccessStore } from './access/access-store.ts';
import { Access } from './access/access.ts';
import { channelOf, OWNER_ID, PLATFORM, type Who } from './access/who.ts';
import { Conversation } from './conversation.ts';
import { Downloads } from './downloads.ts';
import { Feed } from './feed.ts';
import { listen } from './listen.ts';
import type { Listener } from './listen.ts';
import type { ConsoleLog } from './log.ts';
import type { MessageStore } from './messages.ts';
import type { Probes } from './probe-routes.ts';
import type { Reports } from './report-routes.ts';
import { routes } from './routes.ts';
import { Visitors } from './visitors.ts';

/** Files are kept in memory until they are fetched. */
const MOST_BYTES = 50 * 2 ** 20;
const HEARTBEAT_MS = 20_000;

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
  /** Whether a picture may be shown to this person. */
  maySeePicture: (id: string, by: Requester) => Promise<boolean>;
  host: string;
  /** The owner's. Where it is absent nobody signs in, and everyone who reaches the page is the owner. */
  password?: string;
  /** Who else was let in. */
  accounts: AccessStore;
  /** Where pictures, and nothing else where nobody signs in, may be asked for by others. */
  publicUrl?: string;
  /** What machines may ask. */
  probes?: Probes;
  /** What admins may read of all servers. */
  reports?: Reports;
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
  private readonly feed: Feed;
  private readonly conversation: Conversation;
  private readonly downloads: Downloads;
  private readonly access: Access | undefined;
  private listener: Listener | undefined;

  constructor(deps: ConsoleDeps) {
    this.deps = deps;
    const { messages, log, clock } = deps;
    this.feed = new Feed(clock);
    this.conversation = new Conversation({ messages, log, clock, feed: this.feed });
    this.downloads = new Downloads(clock);
    const { accounts: store, password } = deps;
    this.access = password === undefined ? undefined : new Access({ store, password, clock });
  }

  /** Rejects with a plain sentence when the port can not be had. */
  async start(desk: Desk): Promise<void> {
    const { deps, conversation, feed, downloads } = this;
    const access = this.access && { access: this.access };
    const left = ({ channel }: Who): void => feed.closeAll(channel);
    const app = routes({
      ...deps,
      ...access,
      left,
      heartbeatMs: deps.heartbeatMs ?? HEARTBEAT_MS,
      known: () => ({ schedulers: deps.schedulers, cards: deps.cards(), styles: deps.styles() }),
      conversation,
      downloads,
      feed,
      visitors: new Visitors({ ...access, desk, conversation, reactions: deps.reactions, left }),
    });
    this.listener = await listen((request, env) => app.fetch(request, env), deps.host, deps.port);
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
    await this.conversation.remove(post.channel, post.message);
  }

  async whisper(to: Requester, _place: Place, words: Words): Promise<void> {
    this.conversation.whisper(channelOf(to.id), words);
  }

  async direct(to: Requester, view: View, words: Words): Promise<void> {
    this.conversation.whisper(channelOf(to.id), words, view.pictures);
  }

  /** As a note to the owner, whose alone reports and decisions are, whatever channel was named. */
  async publish(_place: Place, sheet: Sheet): Promise<PostRef> {
    const channel = channelOf(OWNER_ID);
    return refTo(channel, this.note(channel, sheet));
  }

  async revise(_post: PostRef, sheet: Sheet): Promise<void> {
    this.note(channelOf(OWNER_ID), sheet);
  }

  async hand(to: Requester, _place: Place, sheet: Sheet): Promise<void> {
    this.note(channelOf(to.id), sheet);
  }

  private note(channel: string, { words, picture, files = [], presses = [] }: Sheet): string {
    const figure = picture && {
      src: this.downloads.add(channel, { name: 'chart.png', bytes: picture.png }),
      alt: picture.alt,
    };
    return this.conversation.whisper(channel, words, [], {
      ...(figure && { figure }),
      files: files.map((file) => ({ name: file.name, href: this.downloads.add(channel, file) })),
      presses,
    });
  }

  /** What this person typed here goes for good. */
  async forget(by: Pick<Requester, 'id'>): Promise<void> {
    const channel = channelOf(by.id);
    await this.deps.messages.forget(channel);
    this.feed.push(channel, { type: 'reset' });
  }

  async linkTo(post: PostRef): Promise<string> {
    return `/#${post.message}`;
  }

  async stop(): Promise<void> {
    this.feed.closeAll();
    await this.listener?.close();
    this.listener = undefined;
  }
}

function refTo(channel: string, message: string): PostRef {
  return { platform: PLATFORM, channel, message };
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
