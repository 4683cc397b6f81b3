// A front desk that a test moves by hand: it takes the console's intents and shows views, and draws nothing itself.

import type { Desk, Draft, Entry, Intent, Overview } from '../../src/bots/chat.ts';
import { ConsoleChat } from '../../src/bots/console/console.ts';
import type { ConsoleDeps } from '../../src/bots/console/console.ts';
import { DEFAULT_REACTIONS, readReactions } from '../../src/bots/reactions.ts';
import { historyWords, sentWords } from '../../src/bots/replies.ts';
import { draftOf } from '../../src/bots/views.ts';
import type { PostRef } from '../../src/core/posts.ts';
import { UserError } from '../../src/core/user-error.ts';
import type { Job } from '../../src/queue/job.ts';
import { emojiCard } from './cards.ts';
import {
  canceledView,
  doneView,
  failedView,
  jobOf,
  queuedView,
  runningView,
  STEPS,
} from './console-views.ts';
import { heart, HUES, sketch } from './hearts.ts';
import { MemoryAccounts } from './memory-accounts.ts';
import { MemoryMessages } from './memory-messages.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const reactions = readReactions(DEFAULT_REACTIONS);
const styles = [{ name: 'ink', description: 'Black ink on paper', prompt: '{prompt}, black ink' }];

/** What a console needs, with pictures and messages in memory and any free port. */
export function consoleDeps(
  more: Partial<ConsoleDeps> = {},
): ConsoleDeps & { pictures: Map<string, Uint8Array> } {
  const pictures = new Map<string, Uint8Array>();
  return {
    pictures,
    messages: new MemoryMessages(),
    accounts: new MemoryAccounts(),
    maySeePicture: async () => false,
    images: { get: async (id) => pictures.get(id) },
    async keepImage(bytes) {
      if (bytes.length < 100) throw new UserError('That is not a picture that I can read.');
      const id = `brought-${pictures.size + 1}`;
      pictures.set(id, bytes);
      return id;
    },
    cards: () => [emojiCard],
    schedulers: ['ddpm', 'ddim', 'euler', 'euler-karras', 'dpm++2m'],
    styles: () => styles,
    reactions,
    host: '127.0.0.1',
    port: 0,
    log: silent,
    clock: () => new Date(),
    ...more,
  };
}

interface Piece {
  post: PostRef;
  job: Job;
}

export class ScriptedDesk implements Desk {
  readonly chat: ConsoleChat;
  readonly deps: ReturnType<typeof consoleDeps>;
  readonly intents: Intent[] = [];
  private readonly pieces: Piece[] = [];
  private readonly favorites = new Set<string>();

  constructor(more: Partial<ConsoleDeps> = {}) {
    this.deps = consoleDeps(more);
    this.chat = new ConsoleChat(this.deps);
  }

  start(): Promise<void> {
    return this.chat.start(this);
  }

  /** The newest job's message shows a step, with a preview of it. */
  async step(step: number): Promise<void> {
    const { post, job } = this.newest();
    await this.chat.update(post, runningView(job, step, await sketch(step / STEPS)));
  }

  /** The newest job is done, with all its pictures. */
  async finish(): Promise<void> {
    const piece = this.newest();
    const images = HUES.slice(0, piece.job.params.count).map((_, index) => `${piece.job.id}-${index}`);
    for (const [index, id] of images.entries()) this.deps.pictures.set(id, await heart(HUES[index] ?? 0));
    piece.job = { ...piece.job, images };
    await this.chat.deliver(piece.post, doneView(piece.job, images));
  }

  async fail(): Promise<void> {
    const { post, job } = this.newest();
    await this.chat.deliver(post, failedView(job));
  }

  async draft(post: PostRef): Promise<Draft | undefined> {
    const piece = this.find(post);
    return piece && draftOf(piece.job.params);
  }

  async overview(): Promise<Overview> {
    const entries = await Promise.all(this.pieces.map((piece) => this.entry(piece)));
    const favorites = entries.filter(({ jobId }) => this.favorites.has(jobId));
    return { waiting: 0, running: 0, own: [], recent: entries, favorites, marked: [...this.favorites] };
  }

  async serve(intent: Intent): Promise<void> {
    this.intents.push(intent);
    switch (intent.kind) {
      case 'imagine':
        return this.begin(intent, intent.text);
      case 'remix':
        return this.begin(intent, intent.text, intent.post);
      case 'rerun':
      case 'vary':
      case 'upscale':
        return this.begin(intent, this.at(intent.post).job.params.prompt, intent.post);
      case 'pick':
      case 'cancel':
        await this.chat.deliver(intent.post, canceledView(this.at(intent.post).job));
        return;
      case 'remove':
      case 'end':
        return this.chat.remove(intent.post);
      case 'favorite':
        this.favorites[intent.on ? 'add' : 'delete'](this.at(intent.post).job.id);
        return;
      case 'send': {
        const { job } = this.at(intent.post);
        return this.chat.direct(intent.by, doneView(job, job.images), sentWords(job));
      }
      case 'history':
        return this.chat.whisper(intent.by, intent.place, historyWords((await this.overview()).recent));
      case 'admin':
      case 'again':
      case 'info':
      case 'keep':
      case 'mydata':
      case 'queue':
      case 'recipe':
      case 'report':
      case 'review':
      case 'settings':
      case 'share':
      case 'show':
      case 'usage':
        return; // tests look at the intent alone
    }
  }

  private async begin(intent: Intent, text: string, answers?: PostRef): Promise<void> {
    if (text.includes('--steps 1000')) {
      await this.chat.whisper(intent.by, intent.place, 'Steps go from 1 to 200.');
      return;
    }
    const job = jobOf(text, `job-${this.pieces.length + 1}`);
    const cause = { key: intent.key, ...(answers && { answers }) };
    this.pieces.push({ job, post: await this.chat.post(intent.place, queuedView(job), cause) });
  }

  private async entry({ job, post }: Piece): Promise<Entry> {
    const { prompt, headline, pictures } = doneView(job, job.images);
    const href = await this.chat.linkTo(post);
    return { jobId: job.id, prompt, headline, at: job.createdAt, pictures, href };
  }

  private newest(): Piece {
    const piece = this.pieces.at(-1);
    if (!piece) throw new Error('Nothing was asked for yet.');
    return piece;
  }

  private at(post: PostRef): Piece {
    const piece = this.find(post);
    if (!piece) throw new Error(`There is no message ${post.message}.`);
    return piece;
  }

  private find(post: PostRef): Piece | undefined {
    return this.pieces.find((each) => each.post.message === post.message);
  }
}
