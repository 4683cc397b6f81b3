// The stores as plain maps: for tests of what stands above them, and the yardstick of the contract tests.

import type { PeopleStore, PersonRef } from '../../src/core/people.ts';
import { DIRECT } from '../../src/core/rules.ts';
import type { ImagineFields } from '../../src/core/prompt-line.ts';
import type { Post, PostRef, PostStore } from '../../src/core/posts.ts';
import {
  isOver,
  type ImageStore,
  type Job,
  type JobChange,
  type JobStatus,
  type JobStore,
  type NewJob,
  type Requester,
} from '../../src/queue/job.ts';
import { uuid7s } from '../../src/queue/uuid7.ts';
import type { MemoryLedger } from './memory-ledger.ts';

const oldestFirst = (a: Job, b: Job): number =>
  a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

const nextId = uuid7s();

/** With a ledger it keeps the account, as a database's triggers do. */
export class MemoryJobs implements JobStore {
  readonly #rows = new Map<string, Job>();
  readonly #ledger: MemoryLedger | undefined;

  constructor(ledger?: MemoryLedger) {
    this.#ledger = ledger;
  }

  async insert(job: NewJob, now: Date): Promise<Job> {
    const made = [...this.#rows.values()].find((row) => row.key === job.key);
    if (made) return structuredClone(made);
    const { private: isPrivate, ...rest } = structuredClone(job);
    const row: Job = {
      ...rest,
      ...(isPrivate && { private: true }),
      id: nextId(now),
      status: 'queued',
      attempt: 0,
      images: [],
      createdAt: now,
    };
    this.#rows.set(row.id, row);
    this.#ledger?.inserted(row);
    return structuredClone(row);
  }

  async get(id: string): Promise<Job | undefined> {
    return structuredClone(this.#rows.get(id));
  }

  async move(id: string, from: readonly JobStatus[], change: JobChange): Promise<Job | undefined> {
    const row = this.#rows.get(id);
    if (!row || !from.includes(row.status)) return undefined;
    const { begin, spare, ...fields } = structuredClone(change);
    const wasOver = isOver(row.status);
    Object.assign(row, fields);
    if (begin) row.attempt += 1;
    if (spare) row.attempt -= 1;
    if (row.status === 'queued') delete row.startedAt;
    if (!wasOver) this.#ledger?.moved(row);
    return structuredClone(row);
  }

  async queued(): Promise<Job[]> {
    return structuredClone(this.#with('queued').toSorted(oldestFirst));
  }

  async requeueRunning(): Promise<number> {
    const running = this.#with('running');
    for (const row of running) {
      row.status = 'queued';
      delete row.startedAt;
    }
    return running.length;
  }

  async withKey(key: string): Promise<Job | undefined> {
    return structuredClone([...this.#rows.values()].find((row) => row.key === key));
  }

  async sources(): Promise<string[]> {
    return [...this.#with('queued'), ...this.#with('running')].flatMap(
      ({ params }) => params.init?.images ?? [],
    );
  }

  async history(
    { platform, id }: Pick<Requester, 'platform' | 'id'>,
    limit: number,
    statuses?: readonly JobStatus[],
  ): Promise<Job[]> {
    const own = [...this.#rows.values()].filter(
      ({ requester, status }) =>
        requester.platform === platform && requester.id === id && (statuses?.includes(status) ?? true),
    );
    return structuredClone(own.toSorted(oldestFirst).toReversed().slice(0, limit));
  }

  async pageOf(
    requester: Pick<Requester, 'platform' | 'id'>,
    limit: number,
    before = '\uffff',
  ): Promise<Job[]> {
    const all = await this.history(requester, Infinity);
    return all.filter(({ id }) => id < before).slice(0, limit);
  }

  async shownBefore(
    { platform, id: serverId }: { platform: string; id: string },
    before: Date,
    limit: number,
  ): Promise<Job[]> {
    const old = this.#with('done').filter(
      ({ requester, server = DIRECT, images, finishedAt }) =>
        requester.platform === platform && server === serverId && images.length > 0 && finishedAt! < before,
    );
    return structuredClone(old.toSorted(oldestFirst).slice(0, limit));
  }

  async erase(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (isOver(this.#rows.get(id)?.status ?? 'queued')) this.#rows.delete(id);
  }

  async lastDone(limit: number): Promise<Job[]> {
    return structuredClone(this.#with('done').toSorted(oldestFirst).toReversed().slice(0, limit));
  }

  async publish(id: string): Promise<Job | undefined> {
    const row = this.#rows.get(id);
    delete row?.private;
    return structuredClone(row);
  }

  async withoutPictures(ids: readonly string[]): Promise<string[]> {
    const empty = [...this.#with('canceled'), ...this.#with('failed')].map(({ id }) => id);
    return empty.filter((id) => ids.includes(id));
  }

  /** Not part of the port: what a database's posts can see of its jobs. The oldest first. */
  notCanceled(): Job[] {
    return [...this.#rows.values()].filter(({ status }) => status !== 'canceled').toSorted(oldestFirst);
  }

  #with(status: JobStatus): Job[] {
    return [...this.#rows.values()].filter((row) => row.status === status);
  }
}

/** With `jobs` it knows which jobs there are, as a database does. */
export class MemoryPosts implements PostStore {
  readonly #rows = new Map<string, Post>();
  readonly #answered = new Set<string>();
  readonly #jobs: MemoryJobs | undefined;

  constructor(jobs?: MemoryJobs) {
    this.#jobs = jobs;
  }

  async link({ platform, channel, message }: PostRef, jobId: string): Promise<void> {
    if (this.#jobs && !(await this.#jobs.get(jobId))) throw new Error(`There is no job ${jobId}.`);
    const post = { platform, channel, message };
    this.#answered.add(jobId);
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
    return (this.#jobs?.notCanceled() ?? []).map((job) => job.id).filter((id) => !this.#answered.has(id));
  }

  async unlink(post: PostRef): Promise<void> {
    this.#rows.delete(keyOf(post));
  }
}

export class MemoryPeople implements PeopleStore {
  readonly #defaults = new Map<string, ImagineFields>();
  /** The latest mark last. */
  readonly #marks = new Map<string, string[]>();

  async defaultsOf(person: PersonRef): Promise<ImagineFields> {
    return structuredClone(this.#defaults.get(nameOf(person)) ?? {});
  }

  async setDefaults(person: PersonRef, defaults: ImagineFields): Promise<void> {
    this.#defaults.set(nameOf(person), structuredClone(defaults));
  }

  async mark(person: PersonRef, jobId: string, on: boolean): Promise<void> {
    const marks = this.#marks.get(nameOf(person)) ?? [];
    const others = marks.filter((id) => id !== jobId);
    if (on && marks.includes(jobId)) return;
    this.#marks.set(nameOf(person), on ? [...others, jobId] : others);
  }

  async forget(person: PersonRef, jobIds: readonly string[]): Promise<void> {
    this.#defaults.delete(nameOf(person));
    this.#marks.delete(nameOf(person));
    for (const [name, ids] of this.#marks)
      this.#marks.set(
        name,
        ids.filter((id) => !jobIds.includes(id)),
      );
  }

  async marked(person: PersonRef, limit: number): Promise<string[]> {
    return (this.#marks.get(nameOf(person)) ?? []).toReversed().slice(0, limit);
  }
}

const nameOf = ({ platform, id }: PersonRef): string => JSON.stringify([platform, id]);

const keyOf = ({ platform, channel, message }: PostRef): string =>
  JSON.stringify([platform, channel, message]);

export class MemoryImages implements ImageStore {
  readonly #pictures = new Map<string, { png: Uint8Array; writtenAt: Date }>();
  /** What the pictures' files would be dated. */
  now = (): Date => new Date();

  async put(id: string, png: Uint8Array): Promise<void> {
    this.#pictures.set(id, { png: Uint8Array.from(png), writtenAt: this.now() });
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    return this.#pictures.get(id)?.png;
  }

  async remove(id: string): Promise<void> {
    this.#pictures.delete(id);
  }

  async list(): Promise<{ id: string; bytes: number; writtenAt: Date }[]> {
    return [...this.#pictures].map(([id, { png, writtenAt }]) => ({ id, bytes: png.length, writtenAt }));
  }
}
