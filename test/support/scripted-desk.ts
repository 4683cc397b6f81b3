// A front desk that a test moves by hand: it takes the console's intents and shows views, and draws nothing itself.

import sharp from 'sharp';
import type { Action, Control, Intent, View } from '../../src/bots/chat.ts';
import { ConsoleChat } from '../../src/bots/console/console.ts';
import type { ConsoleDeps } from '../../src/bots/console/console.ts';
import type { PostRef } from '../../src/core/posts.ts';
import type { ModelCard } from '../../src/pipeline/model-card.ts';
import { emojiCard } from './cards.ts';
import { MemoryMessages } from './memory-messages.ts';

const STEPS = 25;

const card: ModelCard = { ...emojiCard, imageToImage: false };

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What a console needs, with pictures and messages in memory and any free port. */
export function consoleDeps(
  more: Partial<ConsoleDeps> = {},
): ConsoleDeps & { pictures: Map<string, Uint8Array> } {
  const pictures = new Map<string, Uint8Array>();
  return {
    pictures,
    messages: new MemoryMessages(),
    images: { get: async (id) => pictures.get(id) },
    cards: () => [card],
    schedulers: ['ddpm', 'ddim', 'euler', 'euler-karras', 'dpm++2m'],
    host: '127.0.0.1',
    port: 0,
    log: silent,
    clock: () => new Date(),
    ...more,
  };
}

/** A view of a job that waits. */
export function queuedView(prompt: string, jobId = 'job-1'): View {
  return {
    jobId,
    status: 'queued',
    by: { platform: 'console', id: 'local', name: 'You' },
    prompt,
    headline: 'Queued, you are next',
    recipe: `/imagine ${prompt} --seed 7 --steps ${STEPS} --guidance 5 --scheduler ddim --size 128x128 --n 4 --model emoji`,
    pictures: [],
    controls: [control('cancel', '❌', 'Cancel')],
  };
}

export function runningView(queued: View, step: number, preview?: Uint8Array): View {
  return {
    ...queued,
    status: 'running',
    headline: `Drawing, step ${step} of ${STEPS}`,
    progress: { step, of: STEPS },
    ...(preview
      ? { preview: { bytes: preview, type: 'image/png', alt: `${queued.prompt}, still developing` } }
      : {}),
  };
}

export function doneView(queued: View, pictures: string[]): View {
  return {
    ...queued,
    status: 'done',
    headline: 'Done in 4.2 s',
    pictures: pictures.map((id, index) => ({
      id,
      alt: `${queued.prompt}, picture ${index + 1} of ${pictures.length}, made by a diffusion model`,
    })),
    controls: [
      control('rerun', '🔁', 'New seed'),
      ...pictures.map((_, index) => ({ ...control('vary', '🎨', `Vary ${index + 1}`), index })),
      control('remove', '🗑️', 'Delete'),
    ],
  };
}

export function canceledView(queued: View): View {
  return {
    ...queued,
    status: 'canceled',
    headline: 'Canceled',
    controls: [control('rerun', '🔁', 'Draw it after all')],
  };
}

export function failedView(queued: View): View {
  return {
    ...queued,
    status: 'failed',
    headline: 'This could not be drawn: the device ran out of memory. Try fewer pictures with --n 1.',
    controls: [control('rerun', '🔁', 'Try again'), control('remove', '🗑️', 'Delete')],
  };
}

/** A heart in a hue, and how much of it has come out of the noise (0 to 1). */
export async function heart(hue: number, size = 128, clear = 1): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="${size}" height="${size}">
    <rect width="32" height="32" fill="#fff"/>
    <path d="M16 28C5 20 3 15 3 11a6.5 6.5 0 0 1 13-2 6.5 6.5 0 0 1 13 2c0 4-2 9-13 17z" fill="hsl(${hue} 75% 48%)"/>
    <path d="M7 9a4 4 0 0 1 4-3" stroke="#fff" stroke-opacity=".6" stroke-width="1.6" fill="none" stroke-linecap="round"/>
  </svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let state = hue + 1;
  const pixels = data.map((value) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return value * clear + (1 - clear) * ((state / 2_147_483_648) * 200 + 28);
  });
  const raw = { width: info.width, height: info.height, channels: 3 as const };
  return sharp(pixels, { raw }).png().toBuffer();
}

const HUES = [0, 350, 8, 340];

/** Four hearts in one small image, as a preview shows them. */
export async function sketch(clear: number): Promise<Uint8Array> {
  const parts = await Promise.all(HUES.map((hue) => heart(hue, 32, clear)));
  const places = parts.map((part, i) => ({
    input: Buffer.from(part),
    left: (i % 2) * 32,
    top: i < 2 ? 0 : 32,
  }));
  return sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } })
    .composite(places)
    .png()
    .toBuffer();
}

interface Piece {
  post: PostRef;
  view: View;
}

export class ScriptedDesk {
  readonly chat: ConsoleChat;
  readonly deps: ReturnType<typeof consoleDeps>;
  readonly intents: Intent[] = [];
  private readonly pieces: Piece[] = [];

  constructor(more: Partial<ConsoleDeps> = {}) {
    this.deps = consoleDeps(more);
    this.chat = new ConsoleChat(this.deps);
  }

  start(): Promise<void> {
    return this.chat.start((intent) => this.serve(intent));
  }

  /** The newest job's message shows a step, with a preview of it. */
  async step(step: number): Promise<void> {
    const { post, view } = this.newest();
    await this.chat.update(post, runningView(view, step, await sketch(step / STEPS)));
  }

  /** The newest job is done, with four pictures. */
  async finish(): Promise<void> {
    const { post, view } = this.newest();
    const ids = HUES.map((_, index) => `${view.jobId}-${index}`);
    for (const [index, id] of ids.entries()) this.deps.pictures.set(id, await heart(HUES[index] ?? 0));
    await this.chat.deliver(post, doneView(view, ids));
  }

  async fail(): Promise<void> {
    const { post, view } = this.newest();
    await this.chat.deliver(post, failedView(view));
  }

  private async serve(intent: Intent): Promise<void> {
    this.intents.push(intent);
    switch (intent.kind) {
      case 'imagine':
        await this.begin(intent, intent.text);
        return;
      case 'rerun':
      case 'vary':
        await this.begin(intent, this.at(intent.post).view.prompt, intent.post);
        return;
      case 'cancel':
        await this.chat.deliver(intent.post, canceledView(this.at(intent.post).view));
        return;
      case 'remove':
        await this.chat.remove(intent.post);
        return;
    }
  }

  private async begin(intent: Intent, text: string, answers?: PostRef): Promise<void> {
    if (text.includes('--steps 1000')) {
      await this.chat.whisper(intent.by, intent.place, 'Steps go from 1 to 200.');
      return;
    }
    const view = queuedView(text.replace(/\s*--.*$/, ''), `job-${this.pieces.length + 1}`);
    this.pieces.push({
      view,
      post: await this.chat.post(intent.place, view, { key: intent.key, ...(answers && { answers }) }),
    });
  }

  private newest(): Piece {
    const piece = this.pieces.at(-1);
    if (!piece) throw new Error('Nothing was asked for yet.');
    return piece;
  }

  private at(post: PostRef): Piece {
    const piece = this.pieces.find((each) => each.post.message === post.message);
    if (!piece) throw new Error(`There is no message ${post.message}.`);
    return piece;
  }
}

function control(action: Action, emoji: string, label: string): Control {
  return { action, emoji, label };
}
