// The job rows in SQLite or Postgres. Every change is one statement whose `where` names the statuses it may leave, so
// who changes the row first wins. Knows no queue and no fairness.

import {
  overStatuses,
  type Descent,
  type Job,
  type JobChange,
  type JobParams,
  type JobStatus,
  type JobStore,
  type NewJob,
  type Requester,
} from '../queue/job.ts';
import { DIRECT } from '../core/rules.ts';
import type { Db } from './client.ts';
import type { Job as JobRow } from './generated/sqlite/client.ts';
import { isDuplicate } from './duplicate.ts';
import { Together } from './together.ts';
import { uuid7s } from '../queue/uuid7.ts';

const oldestFirst = [{ createdAt: 'asc' as const }, { id: 'asc' as const }];
const newestFirst = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];

const nextId = uuid7s();

export class PrismaJobs implements JobStore {
  readonly #db: Db;
  readonly #inserts = new Together<NewRow, Job>((rows) => this.#insertAll(rows));

  constructor(db: Db) {
    this.#db = db;
  }

  insert(job: NewJob, now: Date): Promise<Job> {
    return this.#inserts.add(toRow(job, now));
  }

  /** Rows that came together are written together, for one sync of the disk; each alone when that is refused. */
  async #insertAll(rows: readonly NewRow[]): Promise<PromiseSettledResult<Job>[]> {
    if (rows.length === 1) return Promise.allSettled(rows.map((row) => this.#insertOne(row)));
    try {
      const made = await this.#db.job.createManyAndReturn({ data: [...rows] });
      const byId = new Map(made.map((row) => [row.id, toJob(row)]));
      return rows.map(({ id }) => ({ status: 'fulfilled', value: byId.get(id)! }));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const results: PromiseSettledResult<Job>[] = [];
      for (const row of rows) results.push(...(await this.#insertAll([row])));
      return results;
    }
  }

  async #insertOne(row: NewRow): Promise<Job> {
    try {
      return toJob(await this.#db.job.create({ data: row }));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return toJob(await this.#db.job.findUniqueOrThrow({ where: { key: row.key } }));
    }
  }

  async get(id: string): Promise<Job | undefined> {
    const row = await this.#db.job.findUnique({ where: { id } });
    return row ? toJob(row) : undefined;
  }

  async move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined> {
    const { begin, spare, params, flagged, ...fields } = change;
    const [row] = await this.#db.job.updateManyAndReturn({
      where: { id, status: { in: [...from] } },
      data: {
        ...fields,
        ...(params && { params: { ...params } }),
        ...(flagged && { flagged }),
        ...(begin && { attempt: { increment: 1 } }),
        ...(spare && { attempt: { decrement: 1 } }),
        ...(change.status === 'queued' && { startedAt: null }),
      },
    });
    return row && toJob(row);
  }

  async queued(): Promise<Job[]> {
    const rows = await this.#db.job.findMany({ where: { status: 'queued' }, orderBy: oldestFirst });
    return rows.map(toJob);
  }

  async requeueRunning(): Promise<number> {
    const { count } = await this.#db.job.updateMany({
      where: { status: 'running' },
      data: { status: 'queued', startedAt: null },
    });
    return count;
  }

  async withKey(key: string): Promise<Job | undefined> {
    const row = await this.#db.job.findUnique({ where: { key } });
    return row ? toJob(row) : undefined;
  }

  async sources(): Promise<string[]> {
    const where = { status: { in: ['queued' as const, 'running' as const] } };
    const rows = await this.#db.job.findMany({ where, select: { params: true } });
    return rows.flatMap(({ params }) => (params as unknown as JobParams).init?.images ?? []);
  }

  async history(
    { platform, id }: Pick<Requester, 'platform' | 'id'>,
    limit: number,
    statuses?: readonly JobStatus[],
  ): Promise<Job[]> {
    const where = { platform, requesterId: id, ...(statuses && { status: { in: [...statuses] } }) };
    const rows = await this.#db.job.findMany({ where, orderBy: newestFirst, take: limit });
    return rows.map(toJob);
  }

  async pageOf(
    { platform, id }: Pick<Requester, 'platform' | 'id'>,
    limit: number,
    before?: string,
  ): Promise<Job[]> {
    const where = { platform, requesterId: id, ...(before !== undefined && { id: { lt: before } }) };
    const rows = await this.#db.job.findMany({ where, orderBy: { id: 'desc' }, take: limit });
    return rows.map(toJob);
  }

  async shownBefore(
    { platform, id }: { platform: string; id: string },
    before: Date,
    limit: number,
  ): Promise<Job[]> {
    const where = {
      platform,
      server: id === DIRECT ? null : id,
      status: 'done' as const,
      finishedAt: { lt: before },
      images: { not: [] },
    };
    const orderBy = [{ finishedAt: 'asc' as const }, { id: 'asc' as const }];
    const rows = await this.#db.job.findMany({ where, orderBy, take: limit });
    return rows.map(toJob);
  }

  async erase(ids: readonly string[]): Promise<void> {
    await this.#db.job.deleteMany({ where: { id: { in: [...ids] }, status: { in: [...overStatuses] } } });
  }

  async lastDone(limit: number): Promise<Job[]> {
    const where = { status: 'done' as const };
    const rows = await this.#db.job.findMany({ where, orderBy: newestFirst, take: limit });
    return rows.map(toJob);
  }

  async withoutPictures(ids: readonly string[]): Promise<string[]> {
    const where = { id: { in: [...ids] }, status: { in: ['canceled' as const, 'failed' as const] } };
    return (await this.#db.job.findMany({ where, select: { id: true } })).map(({ id }) => id);
  }

  async publish(id: string): Promise<Job | undefined> {
    const [row] = await this.#db.job.updateManyAndReturn({ where: { id }, data: { private: false } });
    return row && toJob(row);
  }
}

type NewRow = ReturnType<typeof toRow>;

function toRow(job: NewJob, now: Date) {
  return {
    id: nextId(now),
    key: job.key,
    platform: job.requester.platform,
    requesterId: job.requester.id,
    requesterName: job.requester.name,
    server: job.server ?? null,
    channel: job.channel,
    params: { ...job.params },
    private: job.private ?? false,
    relaxed: job.relaxed ?? false,
    weight: job.weight ?? 1,
    predicted: job.predictedSeconds ?? 0,
    flaggedAs: job.flaggedAs ?? null,
    parentChannel: job.parentChannel ?? null,
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
    ...(row.server !== null && { server: row.server }),
    channel: row.channel,
    params: row.params as unknown as JobParams,
    ...(row.parentChannel !== null && { parentChannel: row.parentChannel }),
    ...(row.parentId !== null && {
      parent: { jobId: row.parentId, how: row.parentHow as Descent },
    }),
    ...(row.private && { private: true }),
    ...(row.relaxed && { relaxed: true }),
    ...(row.weight !== 1 && { weight: row.weight }),
    ...(row.predicted > 0 && { predictedSeconds: row.predicted }),
    ...(row.flaggedAs !== null && { flaggedAs: row.flaggedAs as 'spoiler' | 'withheld' }),
    images: row.images as string[],
    ...(row.flagged !== null && { flagged: row.flagged as number[] }),
    ...(row.deviceSeconds !== null && { deviceSeconds: row.deviceSeconds }),
    ...(row.error !== null && { error: row.error }),
    createdAt: row.createdAt,
    ...(row.startedAt && { startedAt: row.startedAt }),
    ...(row.finishedAt && { finishedAt: row.finishedAt }),
  };
}
