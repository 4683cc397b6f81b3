// The job rows in SQLite or Postgres. Every change is one statement whose `where` names the statuses it may leave, so
// who changes the row first wins. Knows no queue and no fairness.

import type { Job, JobChange, JobParams, JobStatus, JobStore, NewJob, Requester } from '../queue/job.ts';
import type { Db } from './client.ts';
import type { Job as JobRow } from './generated/sqlite/client.ts';
import { isDuplicate } from './duplicate.ts';
import { uuid7s } from '../queue/uuid7.ts';

const oldestFirst = [{ createdAt: 'asc' as const }, { id: 'asc' as const }];
const newestFirst = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];

const nextId = uuid7s();

export class PrismaJobs implements JobStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async insert(job: NewJob, now: Date): Promise<Job> {
    try {
      return toJob(await this.#db.job.create({ data: toRow(job, now) }));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return toJob(await this.#db.job.findUniqueOrThrow({ where: { key: job.key } }));
    }
  }

  async get(id: string): Promise<Job | undefined> {
    const row = await this.#db.job.findUnique({ where: { id } });
    return row ? toJob(row) : undefined;
  }

  async move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined> {
    const { begin, ...fields } = change;
    const [row] = await this.#db.job.updateManyAndReturn({
      where: { id, status: { in: [...from] } },
      data: {
        ...fields,
        ...(begin && { attempt: { increment: 1 } }),
        ...(change.status === 'queued' && { startedAt: null }),
      },
    });
    return row && toJob(row);
  }

  async queued(limit: number): Promise<Job[]> {
    const rows = await this.#db.job.findMany({
      where: { status: 'queued' },
      orderBy: oldestFirst,
      take: limit,
    });
    return rows.map(toJob);
  }

  countQueued(): Promise<number> {
    return this.#db.job.count({ where: { status: 'queued' } });
  }

  ahead({ id, createdAt }: Job): Promise<number> {
    return this.#db.job.count({
      where: { status: 'queued', OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] },
    });
  }

  async requeueRunning(): Promise<number> {
    const { count } = await this.#db.job.updateMany({
      where: { status: 'running' },
      data: { status: 'queued', startedAt: null },
    });
    return count;
  }

  async history({ platform, id }: Pick<Requester, 'platform' | 'id'>, limit: number): Promise<Job[]> {
    const where = { platform, requesterId: id };
    const rows = await this.#db.job.findMany({ where, orderBy: newestFirst, take: limit });
    return rows.map(toJob);
  }
}

function toRow(job: NewJob, now: Date) {
  return {
    id: nextId(now),
    key: job.key,
    platform: job.requester.platform,
    requesterId: job.requester.id,
    requesterName: job.requester.name,
    channel: job.channel,
    params: { ...job.params },
    parentId: job.parent?.jobId ?? null,
    parentHow: job.parent?.how ?? null,
    images: [],
    createdAt: now,
  };
}

// The casts trust columns that only this file writes.
function toJob(row: JobRow): Job {
  return {
    id: row.id,
    key: row.key,
    status: row.status,
    attempt: row.attempt,
    requester: { platform: row.platform, id: row.requesterId, name: row.requesterName },
    channel: row.channel,
    params: row.params as unknown as JobParams,
    ...(row.parentId !== null && {
      parent: { jobId: row.parentId, how: row.parentHow as 'rerun' | 'variation' },
    }),
    images: row.images as string[],
    ...(row.error !== null && { error: row.error }),
    createdAt: row.createdAt,
    ...(row.startedAt && { startedAt: row.startedAt }),
    ...(row.finishedAt && { finishedAt: row.finishedAt }),
  };
}
