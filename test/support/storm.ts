// What storms over a platform need: many jobs at once on a desk that does nothing but count, views of them, and chance
// that is the same every time. Knows no platform.

import type { Chat, Desk, Intent, Overview, View } from '../../src/bots/chat.ts';
import type { PostRef } from '../../src/core/posts.ts';
import type { JobStatus } from '../../src/queue/job.ts';

const NOTHING: Overview = { waiting: 0, running: 0, own: [], recent: [], favorites: [], marked: [] };

export class CountingDesk implements Desk {
  readonly served: Intent[] = [];
  /** A job's message, by its prompt. */
  readonly posts = new Map<string, PostRef>();
  readonly #chat: () => Chat;

  constructor(chat: () => Chat) {
    this.#chat = chat;
  }

  async serve(intent: Intent): Promise<void> {
    this.served.push(intent);
    if (intent.kind !== 'imagine') return;
    const view = viewOf(intent.text, 'queued', 'Queued');
    this.posts.set(intent.text, await this.#chat().post(intent.place, view, { key: intent.key }));
  }

  async draft(): Promise<undefined> {
    return undefined;
  }

  async overview(): Promise<Overview> {
    return NOTHING;
  }
}

export function viewOf(prompt: string, status: JobStatus, headline: string): View {
  return {
    jobId: `job-${prompt.replaceAll(' ', '-')}`,
    status,
    by: { platform: 'test', id: 'U1', name: 'Ada' },
    prompt,
    headline,
    recipe: `/imagine ${prompt} --seed 7`,
    pictures: [],
    controls: [],
  };
}

/** Whole numbers below a bound, in the same order for the same seed. Source: George Marsaglia's xorshift (2003). */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
