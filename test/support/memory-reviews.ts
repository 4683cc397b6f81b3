// Reviews as a plain map.

import type { PostRef } from '../../src/core/posts.ts';
import type { NewReview, Review, ReviewState, ReviewStore } from '../../src/core/reviews.ts';
import type { Requester } from '../../src/queue/job.ts';
import { uuid7s } from '../../src/queue/uuid7.ts';

const nextId = uuid7s();

export class MemoryReviews implements ReviewStore {
  readonly #rows = new Map<string, Review>();

  async add(review: NewReview, now: Date): Promise<Review> {
    const row = { ...structuredClone(review), id: nextId(now), createdAt: now };
    this.#rows.set(row.id, row);
    return structuredClone(row);
  }

  async get(id: string): Promise<Review | undefined> {
    return structuredClone(this.#rows.get(id));
  }

  async move(
    id: string,
    from: ReviewState,
    change: { state: ReviewState; decidedBy?: string; post?: PostRef },
  ): Promise<Review | undefined> {
    const row = this.#rows.get(id);
    if (row?.state !== from) return undefined;
    Object.assign(row, structuredClone(change));
    return structuredClone(row);
  }

  async asked(where: { platform: string; server?: string }, limit: number): Promise<Review[]> {
    const here = ({ by, server, state }: Review): boolean =>
      state === 'asked' && by.platform === where.platform && server === where.server;
    return this.#where(here).slice(0, limit);
  }

  async of({ platform, id }: Pick<Requester, 'platform' | 'id'>): Promise<Review[]> {
    return this.#where(({ by }) => by.platform === platform && by.id === id);
  }

  async about(jobIds: readonly string[]): Promise<Review[]> {
    return this.#where(({ jobId }) => jobId !== undefined && jobIds.includes(jobId));
  }

  #where(wanted: (row: Review) => boolean): Review[] {
    return structuredClone([...this.#rows.values()].filter(wanted));
  }

  async empty(id: string): Promise<void> {
    const row = this.#rows.get(id);
    if (!row) return;
    Object.assign(row, { state: 'denied', reason: '', by: { ...row.by, name: '' } });
    delete row.request;
  }

  async dropOpen(before: Date): Promise<void> {
    for (const { id, state, createdAt } of this.#rows.values())
      if (state === 'open' && createdAt < before) this.#rows.delete(id);
  }

  async erase(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#rows.delete(id);
  }
}
