// A front desk that a test moves by hand, on Slack: it takes the intents and shows views, and draws nothing itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import sharp from 'sharp';
import type { Control, Desk, Draft, Intent, Overview, View } from '../../../src/bots/chat.ts';
import { DEFAULT_REACTIONS, readReactions } from '../../../src/bots/reactions.ts';
import { SlackChat, type SlackDeps } from '../../../src/bots/slack/slack.ts';
import type { PostRef } from '../../../src/core/posts.ts';
import { UserError } from '../../../src/core/user-error.ts';
import { flexible } from '../cards.ts';
import { BOT, type FakeSlack } from './fake-slack.ts';

const STEPS = 25;

export interface Piece {
  post: PostRef;
  view: View;
}

/** A plain picture. */
export function plain(color: string): Promise<Uint8Array> {
  return sharp({ create: { width: 64, height: 64, channels: 3, background: color } })
    .png()
    .toBuffer();
}

/** What a SlackChat is made with where a test wants nothing else. */
export function slackDeps(fake: FakeSlack): SlackDeps {
  return {
    botToken: BOT.token,
    appToken: BOT.appToken,
    port: 0,
    apiUrl: fake.apiUrl,
    moderators: ['U9MODERATOR'],
    admins: ['U8ADMIN'],
    images: { get: async () => undefined },
    cards: () => [flexible, { ...flexible, name: 'other' }],
    styles: () => [{ name: 'ink', description: 'Black ink', prompt: '{prompt}, ink' }],
    schedulers: ['euler', 'ddim'],
    reactions: readReactions(DEFAULT_REACTIONS),
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    pace: { gapMs: 40, everyMs: 20, atOnce: 1, retryMs: 50 },
    previewEveryMs: 600_000,
    wait: (ms) => sleep(Math.min(ms, 10)),
  };
}

export class SlackDesk implements Desk {
  readonly chat: SlackChat;
  readonly intents: Intent[] = [];
  readonly pieces: Piece[] = [];
  readonly pictures = new Map<string, Uint8Array>();
  readonly logged: string[] = [];
  drafts: Draft | undefined = { prompt: 'a red heart', flags: '--steps 25' };
  overviews: Overview = { waiting: 0, running: 0, own: [], recent: [], favorites: [], marked: [] };
  /** Nothing is served before this is. */
  hold: Promise<void> = Promise.resolve();

  constructor(fake: FakeSlack, more: Partial<SlackDeps> = {}, deps: SlackDeps = slackDeps(fake)) {
    this.chat = new SlackChat({
      ...deps,
      images: { get: async (id) => this.pictures.get(id) },
      log: pino({ level: 'debug' }, { write: (line: string) => void this.logged.push(line) }),
      ...more,
    });
  }

  start(): Promise<void> {
    return this.chat.start(this);
  }

  step(step: number, piece = this.newest(), preview?: View['preview']): Promise<void> {
    return this.chat.update(piece.post, {
      ...piece.view,
      status: 'running',
      headline: `Developing, step ${step} of ${STEPS}`,
      progress: { step, of: STEPS },
      ...(preview && { preview }),
    });
  }

  /** The view of a piece that is done, with a picture in each color. */
  async done(colors: string[], { view }: Piece = this.newest()): Promise<View> {
    const ids = colors.map((_, i) => `${view.jobId}-${i}`);
    for (const [i, id] of ids.entries()) this.pictures.set(id, await plain(colors[i]!));
    const each = (action: 'upscale' | 'vary', emoji: string, name: string): Control[] =>
      ids.map((_, index) => ({ action, index, emoji, label: `${name} ${index + 1}` }));
    return {
      ...view,
      status: 'done',
      headline: 'Done in 4.2 s',
      pictures: ids.map((id, i) => ({ id, alt: `${view.prompt}: picture ${i + 1}` })),
      controls: [
        ...each('upscale', '⬆️', 'Upscale'),
        ...each('vary', '🎨', 'Vary'),
        { action: 'rerun', emoji: '🔁', label: 'Again' },
        { action: 'remix', emoji: '✏️', label: 'Remix' },
        ...(view.private ? [{ action: 'share', emoji: '📢', label: 'Share' } as const] : []),
        { action: 'remove', emoji: '🗑️', label: 'Delete' },
      ],
    };
  }

  async finish(colors: string[], piece = this.newest()): Promise<PostRef | undefined> {
    return this.chat.deliver(piece.post, await this.done(colors, piece));
  }

  newest(): Piece {
    const piece = this.pieces.at(-1);
    if (!piece) throw new Error('Nothing was asked for yet.');
    return piece;
  }

  async draft(): Promise<Draft | undefined> {
    return this.drafts;
  }

  async overview(): Promise<Overview> {
    return this.overviews;
  }

  /** As the front desk: a refusal is whispered. */
  async serve(intent: Intent, kept?: () => void): Promise<void> {
    this.intents.push(intent);
    await this.hold;
    if (intent.kind !== 'imagine') return;
    try {
      if (intent.text.includes('--steps 1000'))
        throw new UserError('--steps goes from 1 to 200, not <1000>.');
      kept?.();
      const view = this.#queued(intent);
      const post = await this.chat.post(intent.place, view, { key: intent.key });
      this.pieces.push({ view, post });
    } catch (error) {
      await this.chat.whisper(intent.by, intent.place, (error as Error).message, intent.key);
    }
  }

  #queued(intent: Intent & { kind: 'imagine' }): View {
    const hidden = intent.options?.private ?? intent.text.includes('--private');
    return {
      jobId: `job-${this.pieces.length + 1}`,
      status: 'queued',
      by: intent.by,
      prompt: intent.text,
      headline: 'Next in line',
      recipe: `/imagine ${intent.text} --seed 7 --steps ${STEPS}`,
      pictures: [],
      controls: [{ action: 'cancel', emoji: '❌', label: 'Cancel' }],
      ...(hidden && { private: true as const }),
    };
  }
}
