// A front desk that a test moves by hand, on Slack: it takes the intents and shows views, and draws nothing itself.

import { pino } from 'pino';
import sharp from 'sharp';
import type { Intent, View } from '../../../src/bots/chat.ts';
import { SlackChat, type SlackDeps } from '../../../src/bots/slack/slack.ts';
import type { PostRef } from '../../../src/core/posts.ts';
import { UserError } from '../../../src/core/user-error.ts';
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

export class SlackDesk {
  readonly chat: SlackChat;
  readonly intents: Intent[] = [];
  readonly pieces: Piece[] = [];
  readonly pictures = new Map<string, Uint8Array>();
  readonly logged: string[] = [];

  constructor(fake: FakeSlack, more: Partial<SlackDeps> = {}) {
    this.chat = new SlackChat({
      botToken: BOT.token,
      appToken: BOT.appToken,
      apiUrl: fake.apiUrl,
      images: { get: async (id) => this.pictures.get(id) },
      cards: () => [],
      log: pino({ level: 'debug' }, { write: (line: string) => void this.logged.push(line) }),
      clock: () => new Date(),
      pace: { everyMs: 20, perMessageMs: 40 },
      ...more,
    });
  }

  start(): Promise<void> {
    return this.chat.start((intent) => this.#serve(intent));
  }

  step(step: number, piece = this.newest()): Promise<void> {
    return this.chat.update(piece.post, {
      ...piece.view,
      status: 'running',
      headline: `Developing, step ${step} of ${STEPS}`,
      progress: { step, of: STEPS },
    });
  }

  /** The newest piece is done, with a picture in each color. */
  async finish(colors: string[], piece = this.newest()): Promise<void> {
    const ids = colors.map((_, i) => `${piece.view.jobId}-${i}`);
    for (const [i, id] of ids.entries()) this.pictures.set(id, await plain(colors[i]!));
    const vary = ids.map((_, index) => ({
      action: 'vary' as const,
      index,
      emoji: '🎨',
      label: `Vary ${index + 1}`,
    }));
    await this.chat.deliver(piece.post, {
      ...piece.view,
      status: 'done',
      headline: 'Done in 4.2 s',
      pictures: ids.map((id, i) => ({ id, alt: `${piece.view.prompt}: picture ${i + 1}` })),
      controls: [
        ...vary,
        { action: 'rerun', emoji: '🔁', label: 'Again' },
        { action: 'remove', emoji: '🗑️', label: 'Delete' },
      ],
    });
  }

  newest(): Piece {
    const piece = this.pieces.at(-1);
    if (!piece) throw new Error('Nothing was asked for yet.');
    return piece;
  }

  /** As the front desk: a refusal is whispered. */
  async #serve(intent: Intent): Promise<void> {
    const again = this.intents.some(({ key }) => key === intent.key);
    this.intents.push(intent);
    if (intent.kind !== 'imagine' || again) return;
    try {
      if (intent.text.includes('--steps 1000'))
        throw new UserError('--steps goes from 1 to 200, not <1000>.');
      const view = this.#queued(intent);
      const post = await this.chat.post(intent.place, view, { key: intent.key });
      this.pieces.push({ view, post });
    } catch (error) {
      await this.chat.whisper(intent.by, intent.place, (error as Error).message, intent.key);
    }
  }

  #queued(intent: Intent & { kind: 'imagine' }): View {
    return {
      jobId: `job-${this.pieces.length + 1}`,
      status: 'queued',
      by: intent.by,
      prompt: intent.text,
      headline: 'Next in line',
      recipe: `/imagine ${intent.text} --seed 7 --steps ${STEPS}`,
      pictures: [],
      controls: [{ action: 'cancel', emoji: '❌', label: 'Cancel' }],
    };
  }
}
