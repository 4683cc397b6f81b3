// Which message shows which job, in SQLite or Postgres.

import type { Post, PostRef, PostStore } from '../core/posts.ts';
import type { Db } from './client.ts';
import { isDuplicate } from './duplicate.ts';

const refOf = ({ platform, channel, message }: PostRef): PostRef => ({ platform, channel, message });

export class PrismaPosts implements PostStore {
  readonly #db: Db;
  readonly #now: () => Date;

  constructor(db: Db, now: () => Date) {
    this.#db = db;
    this.#now = now;
  }

  /**
   * A message that was linked to another job before shows this one from now on, and owes its last view. Two statements
   * and no transaction: on SQLite all of the program's statements share a connection, so whatever else is written
   * between the beginning of a transaction and its end would be undone with it.
   */
  async link(post: PostRef, jobId: string): Promise<void> {
    const ref = refOf(post);
    try {
      await this.#db.post.create({
        data: { ...ref, jobId, createdAt: this.#now() },
        select: { jobId: true },
      });
      await this.#db.job.updateMany({ where: { id: jobId }, data: { answered: true } });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      await this.#db.post.updateMany({
        where: { ...ref, jobId: { not: jobId } },
        data: { jobId, delivered: false },
      });
    }
  }

  async jobOf(post: PostRef): Promise<string | undefined> {
    const row = await this.#db.post.findFirst({ where: refOf(post), select: { jobId: true } });
    return row?.jobId;
  }

  async of(jobId: string): Promise<PostRef[]> {
    const rows = await this.#db.post.findMany({ where: { jobId }, orderBy: { createdAt: 'asc' } });
    return rows.map(refOf);
  }

  async markDelivered(post: PostRef): Promise<void> {
    await this.#db.post.updateMany({ where: refOf(post), data: { delivered: true } });
  }

  async undelivered(): Promise<Post[]> {
    const rows = await this.#db.post.findMany({
      where: { delivered: false },
      orderBy: [{ createdAt: 'asc' }, { jobId: 'asc' }],
    });
    return rows.map((row) => ({ ...refOf(row), jobId: row.jobId, delivered: row.delivered }));
  }

  async unposted(): Promise<string[]> {
    const rows = await this.#db.job.findMany({
      // One whose message is linked was answered, also where the program did not live to say so.
      where: { answered: false, status: { not: 'canceled' }, posts: { none: {} } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      select: { id: true },
    });
    return rows.map((row) => row.id);
  }

  async unlink(post: PostRef): Promise<void> {
    await this.#db.post.deleteMany({ where: refOf(post) });
  }
}
