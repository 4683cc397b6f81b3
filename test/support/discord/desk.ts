// A front desk that a test moves by hand: it takes Discord's intents and shows views, and draws nothing itself.

import { pino } from 'pino';
import sharp from 'sharp';
import type { Control, Intent, View } from '../../../src/bots/chat.ts';
import { DiscordChat, type Limits } from '../../../src/bots/discord/discord.ts';
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
      ...pictures.map((_, i) => button('vary', '🎨', `Vary ${i + 1}`, i)),
      button('rerun', '🔁', 'Again'),
      button('remove', '🗑️', 'Delete'),
    ],
  };
}

export class Desk {
  readonly intents: Intent[] = [];
  readonly posts: PostRef[] = [];
  readonly logged: string[] = [];
  readonly pictures = new Map<string, Uint8Array>();
  readonly fake: FakeDiscord;
  readonly chat: DiscordChat;
  /** A sentence to refuse the next request with. */
  refusal: string | undefined;

  private constructor(fake: FakeDiscord, token: string, limits: Partial<Limits>) {
    this.fake = fake;
    this.chat = new DiscordChat({
      token,
      apiUrl: fake.apiUrl,
      images: { get: async (id) => this.pictures.get(id) },
      cards: () => [emojiCard],
      schedulers: ['ddpm', 'ddim', 'euler'],
      log: pino({ level: 'info' }, { write: (line: string) => void this.logged.push(line) }),
      clock: () => new Date(),
      limits: { pace: { gapMs: 1, budget: 100, windowMs: 1 }, retryPauseMs: 1, ...limits },
    });
  }

  static on(
    fake: FakeDiscord,
    { token = TOKEN, ...limits }: Partial<Limits> & { token?: string } = {},
  ): Desk {
    return new Desk(fake, token, limits);
  }

  start(): Promise<void> {
    return this.chat.start((intent) => this.#serve(intent));
  }

  get post(): PostRef {
    const post = this.posts.at(-1);
    if (!post) throw new Error('Nothing has been posted yet.');
    return post;
  }

  async #serve(intent: Intent): Promise<void> {
    this.intents.push(intent);
    if (this.refusal !== undefined)
      return this.chat.whisper(intent.by, intent.place, this.refusal, intent.key);
    if (intent.kind === 'imagine') await this.show(intent, queued(intent.text));
    return undefined;
  }

  async show(intent: Intent, view: View): Promise<void> {
    const answers = 'post' in intent ? { answers: intent.post } : {};
    this.posts.push(await this.chat.post(intent.place, view, { key: intent.key, ...answers }));
  }

  /** The last view, with its pictures in the store. */
  async finish(view: View, count: number): Promise<void> {
    const last = done(view, count);
    const colors = ['red', 'green', 'blue', 'black'];
    for (const [i, { id }] of last.pictures.entries())
      this.pictures.set(id, await dot(colors[i] ?? 'white', 128));
    await this.chat.deliver(this.post, last);
  }
}
