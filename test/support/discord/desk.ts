// A front desk that a test moves by hand: it takes Discord's intents and shows views, and draws nothing itself.

import { pino } from 'pino';
import sharp from 'sharp';
import type { Control, Desk as Served, Draft, Intent, Overview, View } from '../../../src/bots/chat.ts';
import { DiscordChat, type DiscordDeps, type Limits } from '../../../src/bots/discord/discord.ts';
import { DEFAULT_REACTIONS, readReactions } from '../../../src/bots/reactions.ts';
import type { PostRef } from '../../../src/core/posts.ts';
import { emojiCard } from '../cards.ts';
import { FakeDiscord, TOKEN } from './fake-discord.ts';
import { IDS } from './payloads.ts';

const STEPS = 25;

export async function dot(color: string, size = 32): Promise<Uint8Array> {
  return sharp({ create: { width: size, height: size, channels: 3, background: color } })
    .png()
    .toBuffer();
}

const button = (action: Control['action'], emoji: string, label: string, index?: number): Control => ({
  action,
  emoji,
  label,
  ...(index !== undefined && { index }),
});

export function queued(prompt: string, jobId = 'job-1'): View {
  return {
    jobId,
    status: 'queued',
    by: { platform: 'discord', id: IDS.ada, name: 'Ada' },
    prompt,
    headline: 'Next in line',
    recipe: `/imagine ${prompt} --seed 7`,
    pictures: [],
    controls: [button('cancel', '❌', 'Cancel')],
  };
}

export function running(view: View, step: number, preview?: Uint8Array): View {
  return {
    ...view,
    status: 'running',
    headline: `Developing, step ${step} of ${STEPS}`,
    progress: { step, of: STEPS },
    ...(preview && {
      preview: { bytes: preview, type: 'image/png', alt: `${view.prompt}: a preview at step ${step}` },
    }),
  };
}

export function done(view: View, count: number): View {
  const pictures = Array.from({ length: count }, (_, i) => ({
    id: `${view.jobId}-${i}`,
    alt: `${view.prompt}: drawn by the model emoji, picture ${i + 1} of ${count}`,
  }));
  return {
    ...view,
    status: 'done',
    headline: 'Done in 4.2 s',
    pictures,
    controls: [
      ...pictures.map((_, i) => button('upscale', '⬆️', `Larger ${i + 1}`, i)),
      ...pictures.map((_, i) => button('vary', '🎨', `Vary ${i + 1}`, i)),
      button('rerun', '🔁', 'Again'),
      button('remix', '✏️', 'Change'),
      ...(view.private ? [button('share', '📢', 'Share')] : []),
      button('remove', '🗑️', 'Delete'),
    ],
  };
}

/** What a test may set of the platform. */
export type Set = Partial<Limits> & Partial<Pick<DiscordDeps, 'token' | 'guild' | 'publicUrl' | 'clock'>>;

export class Desk implements Served {
  readonly intents: Intent[] = [];
  readonly posts: PostRef[] = [];
  readonly logged: string[] = [];
  readonly pictures = new Map<string, Uint8Array>();
  readonly fake: FakeDiscord;
  readonly chat: DiscordChat;
  /** A sentence to refuse the next request with. */
  refusal: string | undefined;

  /** By the message that shows it. */
  readonly drafts = new Map<string, Draft>();
  known: Overview = { waiting: 0, running: 0, own: [], recent: [], favorites: [], marked: [] };
  /** What /show finds. */
  found: View | undefined;
  /** Whether the next requests are private although they do not say so. */
  privately = false;

  constructor(
    fake: FakeDiscord,
    { token = TOKEN, guild, publicUrl, clock = () => new Date(), ...limits }: Set = {},
  ) {
    this.fake = fake;
    this.chat = new DiscordChat({
      token,
      guild,
      publicUrl,
      apiUrl: fake.apiUrl,
      images: { get: async (id) => this.pictures.get(id) },
      cards: () => [emojiCard],
      styles: () => [{ name: 'comic', description: 'Bold lines', prompt: '{prompt}, comic' }],
      schedulers: ['ddpm', 'ddim', 'euler'],
      reactions: readReactions(`${DEFAULT_REACTIONS}, :darkroom:=rerun`),
      log: pino({ level: 'info' }, { write: (line: string) => void this.logged.push(line) }),
      clock,
      limits: { pace: { gapMs: 1, everyMs: 0, atOnce: 100, retryMs: 1 }, retryPauseMs: 1, ...limits },
    });
  }

  start(): Promise<void> {
    return this.chat.start(this);
  }

  get post(): PostRef {
    const post = this.posts.at(-1);
    if (!post) throw new Error('Nothing has been posted yet.');
    return post;
  }

  async serve(intent: Intent): Promise<void> {
    this.intents.push(intent);
    if (this.refusal !== undefined)
      return this.chat.whisper(intent.by, intent.place, this.refusal, intent.key);
    if (intent.kind === 'imagine') await this.show(intent, this.viewOf(intent.text));
    if (intent.kind === 'show' && this.found) await this.show(intent, this.found);
    return undefined;
  }

  async draft(post: PostRef): Promise<Draft | undefined> {
    return this.drafts.get(post.message);
  }

  async overview(): Promise<Overview> {
    return this.known;
  }

  viewOf(prompt: string, jobId?: string): View {
    return { ...queued(prompt, jobId), ...(this.privately && { private: true as const }) };
  }

  async show(intent: Intent, view: View): Promise<void> {
    const answers = 'post' in intent ? { answers: intent.post } : {};
    this.posts.push(await this.chat.post(intent.place, view, { key: intent.key, ...answers }));
  }

  /** The last view, with its pictures in the store. */
  async finish(view: View, count: number, pictureOf = (i: number) => dot(colors[i] ?? 'white', 128)) {
    const last = done(view, count);
    for (const [i, { id }] of last.pictures.entries()) this.pictures.set(id, await pictureOf(i));
    const moved = await this.chat.deliver(this.post, last);
    if (moved) this.posts.push(moved);
    return moved;
  }
}

const colors = ['red', 'green', 'blue', 'black'];
