// The stores as plain maps: for tests of what stands above them, and the yardstick of the contract tests.

import type { Post, PostRef, PostStore } from '../../src/core/posts.ts';
import type {
  ImageStore,
  Job,
  JobChange,
  JobStatus,
  JobStore,
  NewJob,
  Requester,
} from '../../src/queue/job.ts';
import { uuid7s } from '../../src/queue/uuid7.ts';

const oldestFirst = (a: Job, b: Job): number =>
  a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

const nextId = uuid7s();

export class MemoryJobs implements JobStore {
  readonly #rows = new Map<string, Job>();

  async insert(job: NewJob, now: Date): Promise<Job> {
    const made = [...this.#rows.values()].find((row) => row.key === job.key);
    if (made) return structuredClone(made);
    const row: Job = {
      ...structuredClone(job),
      id: nextId(now),
      status: 'queued',
      attempt: 0,
      images: [],
      createdAt: now,
    };
    this.#rows.set(row.id, row);
    return structuredClone(row);
  }

  async get(id: string): Promise<Job | undefined> {
    return structuredClone(this.#rows.get(id));
  }

  async move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined> {
    const row = this.#rows.get(id);
    if (!row || !from.includes(row.status)) return undefined;
    const { begin, ...fields } = structuredClone(change);
    Object.assign(row, fields);
    if (begin) row.attempt += 1;
    if (row.status === 'queued') delete row.startedAt;
    return structuredClone(row);
  }

  async queued(limit: number): Promise<Job[]> {
    return structuredClone(this.#with('queued').toSorted(oldestFirst).slice(0, limit));
  }

  async countQueued(): Promise<number> {
    return this.#with('queued').length;
  }

  async ahead(job: Job): Promise<number> {
    return this.#with('queued').filter((row) => oldestFirst(row, job) < 0).length;
  }

  async requeueRunning(): Promise<number> {
    const running = this.#with('running');
    for (const row of running) {
      row.status = 'queued';
      delete row.startedAt;
    }
    return running.length;
  }

  async history({ platform, id }: Pick<Requester, 'platform' | 'id'>, limit: number): Promise<Job[]> {
    const own = [...this.#rows.values()].filter(
      (row) => row.requester.platform === platform && row.requester.id === id,
    );
    return structuredClone(own.toSorted(oldestFirst).toReversed().slice(0, limit));
  }

  /** Not part of the port: what a database's posts can see of its jobs. The oldest first. */
  unfinished(): Job[] {
    return [...this.#with('queued'), ...this.#with('running')].toSorted(oldestFirst);
  }

  #with(status: JobStatus): Job[] {
    return [...this.#rows.values()].filter((row) => row.status === status);
  }
}

/** With `jobs` it knows which jobs there are, as a database does. */
export class MemoryPosts implements PostStore {
  readonly #rows = new Map<string, Post>();
  readonly #jobs: MemoryJobs | undefined;

  constructor(jobs?: MemoryJobs) {
    this.#jobs = jobs;
  }

  async link({ platform, channel, message }: PostRef, jobId: string): Promise<void> {
    if (this.#jobs && !(await this.#jobs.get(jobId))) throw new Error(`There is no job ${jobId}.`);
    const post = { platform, channel, message };
    const linked = this.#rows.get(keyOf(post));
    if (!linked) this.#rows.set(keyOf(post), { ...post, jobId, delivered: false });
    else if (linked.jobId !== jobId) Object.assign(linked, { jobId, delivered: false });
  }

  async jobOf(post: PostRef): Promise<string | undefined> {
    return this.#rows.get(keyOf(post))?.jobId;
  }

  async of(jobId: string): Promise<PostRef[]> {
    const own = [...this.#rows.values()].filter((post) => post.jobId === jobId);
    return own.map(({ platform, channel, message }) => ({ platform, channel, message }));
  }

  async markDelivered(post: PostRef): Promise<void> {
    const linked = this.#rows.get(keyOf(post));
    if (linked) linked.delivered = true;
  }

  async undelivered(): Promise<Post[]> {
    return structuredClone([...this.#rows.values()].filter((post) => !post.delivered));
  }

  async unposted(): Promise<string[]> {
    const posted = new Set([...this.#rows.values()].map((post) => post.jobId));
    return (this.#jobs?.unfinished() ?? []).map((job) => job.id).filter((id) => !posted.has(id));
  }

  async unlink(post: PostRef): Promise<void> {
    this.#rows.delete(keyOf(post));
  }
}

const keyOf = ({ platform, channel, message }: PostRef): string =>
  JSON.stringify([platform, channel, message]);

export class MemoryImages implements ImageStore {
  readonly #pictures = new Map<string, Uint8Array>();

  async put(id: string, png: Uint8Array): Promise<void> {
    this.#pictures.set(id, Uint8Array.from(png));
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    return this.#pictures.get(id);
  }

  async remove(id: string): Promise<void> {
    this.#pictures.delete(id);
  }
}
