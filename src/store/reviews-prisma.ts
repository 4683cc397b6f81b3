// Reviews in SQLite or Postgres.

import { DbNull } from '@prisma/client/runtime/client';
import type { PostRef } from '../core/posts.ts';
import type { NewReview, Review, ReviewState, ReviewStore } from '../core/reviews.ts';
import type { Requester } from '../queue/job.ts';
import { uuid7s } from '../queue/uuid7.ts';
import type { Db } from './client.ts';
import type { Review as ReviewRow } from './generated/sqlite/client.ts';

const nextId = uuid7s();

export class PrismaReviews implements ReviewStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async add({ by, request, ...rest }: NewReview, now: Date): Promise<Review> {
    const data = {
      id: nextId(now),
      ...rest,
      platform: by.platform,
      personId: by.id,
      personName: by.name,
      ...(request && { request: JSON.parse(JSON.stringify(request)) as object }),
      createdAt: now,
    };
    return toReview(await this.#db.review.create({ data }));
  }

  async get(id: string): Promise<Review | undefined> {
    const row = await this.#db.review.findUnique({ where: { id } });
    return row ? toReview(row) : undefined;
  }

  async move(
    id: string,
    from: ReviewState,
    { post, ...change }: { state: ReviewState; decidedBy?: string; post?: PostRef },
  ): Promise<Review | undefined> {
    const [row] = await this.#db.review.updateManyAndReturn({
      where: { id, state: from },
      data: { ...change, ...(post && { post: { ...post } }) },
    });
    return row && toReview(row);
  }

  async asked({ platform, server }: { platform: string; server?: string }, take: number): Promise<Review[]> {
    const where = { platform, server: server ?? null, state: 'asked' };
    return (await this.#db.review.findMany({ where, orderBy: { id: 'asc' }, take })).map(toReview);
  }

  async of({ platform, id: personId }: Pick<Requester, 'platform' | 'id'>): Promise<Review[]> {
    const rows = await this.#db.review.findMany({ where: { platform, personId }, orderBy: { id: 'asc' } });
    return rows.map(toReview);
  }

  async about(jobIds: readonly string[]): Promise<Review[]> {
    const where = { jobId: { in: [...jobIds] } };
    return (await this.#db.review.findMany({ where, orderBy: { id: 'asc' } })).map(toReview);
  }

  async empty(id: string): Promise<void> {
    const data = { state: 'denied', personName: '', reason: '', request: DbNull };
    await this.#db.review.updateMany({ where: { id }, data });
  }

  async dropOpen(before: Date): Promise<void> {
    await this.#db.review.deleteMany({ where: { state: 'open', createdAt: { lt: before } } });
  }

  async erase(ids: readonly string[]): Promise<void> {
    await this.#db.review.deleteMany({ where: { id: { in: [...ids] } } });
  }
}

// The casts trust columns that only this file writes.
function toReview(row: ReviewRow): Review {
  return {
    id: row.id,
    kind: row.kind as Review['kind'],
    state: row.state as ReviewState,
    by: { platform: row.platform, id: row.personId, name: row.personName },
    ...(row.server !== null && { server: row.server }),
    channel: row.channel,
    ...(row.request !== null && { request: row.request as unknown as NonNullable<Review['request']> }),
    ...(row.jobId !== null && { jobId: row.jobId }),
    reason: row.reason,
    ...(row.post !== null && { post: row.post as unknown as PostRef }),
    ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
    createdAt: row.createdAt,
  };
}
