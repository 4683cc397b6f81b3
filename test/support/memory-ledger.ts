// The ledger as a plain list, and what a database's triggers do to it, by hand.

import {
  FORGOTTEN,
  type Account,
  type LedgerEntry,
  type LedgerStore,
  type Refused,
  type Used,
} from '../../src/core/ledger.ts';
import type { PersonRef } from '../../src/core/people.ts';
import { DIRECT, type ServerRef } from '../../src/core/rules.ts';
import { isOver, type Job } from '../../src/queue/job.ts';

export interface MemoryEntry extends LedgerEntry {
  person: string;
}

/** What a test says of a reservation that no job row stands behind. */
interface Reserved extends Used {
  server: ServerRef;
  person: string;
  model: string;
  /** When its request was accepted. */
  at: Date;
}

export class MemoryLedger implements LedgerStore {
  readonly entries: MemoryEntry[] = [];
  /** How often a sum was asked for. */
  asked = 0;
  #made = 0;

  async used({ server, person, model }: Account, from: Date, to: Date): Promise<Used> {
    this.asked += 1;
    const sum = { pictures: 0, seconds: 0 };
    for (const entry of this.entries) {
      if (entry.relaxed) continue;
      if (entry.server.platform !== server.platform || entry.server.id !== server.id) continue;
      if (person !== undefined && entry.person !== person) continue;
      if (model !== undefined && entry.model !== model) continue;
      if (entry.countedAt < from || entry.countedAt >= to) continue;
      sum.pictures += entry.pictures;
      sum.seconds += entry.deviceSeconds;
    }
    return sum;
  }

  async refuse({ server, channel, person, model, at }: Refused): Promise<void> {
    const base = this.#entry({ server, person, model, at, pictures: 0, seconds: 0 });
    this.entries.push({ ...base, kind: 'refuse', channel, outcome: 'moderated' });
  }

  async entriesOf({ platform, id }: PersonRef): Promise<LedgerEntry[]> {
    const own = this.entries.filter((entry) => entry.server.platform === platform && entry.person === id);
    const sorted = own.toSorted((a, b) => a.countedAt.getTime() - b.countedAt.getTime() || inOrder(a, b));
    return structuredClone(sorted).map((row) => {
      const { person: _, ...entry } = row;
      return entry;
    });
  }

  async forget({ platform, id }: PersonRef): Promise<void> {
    for (const entry of this.entries)
      if (entry.server.platform === platform && entry.person === id) entry.person = FORGOTTEN;
  }

  /** Not part of the port: what is reserved when a request is accepted. */
  reserve(reserved: Reserved): MemoryEntry {
    const entry = this.#entry(reserved);
    this.entries.push(entry);
    return entry;
  }

  /** Not part of the port: what it took in truth. The difference is an entry of its own, at the same time. */
  settle(reserved: MemoryEntry, truth: Used): void {
    this.entries.push({
      ...reserved,
      kind: 'settle',
      pictures: truth.pictures - reserved.pictures,
      deviceSeconds: truth.seconds - reserved.deviceSeconds,
      outcome: 'done',
    });
  }

  /** Not part of the port: the trigger on a new row. */
  inserted(job: Job): void {
    const { count, steps } = job.params;
    this.entries.push({
      jobId: job.id,
      kind: 'reserve',
      at: job.createdAt,
      countedAt: job.createdAt,
      server: { platform: job.requester.platform, id: job.server ?? DIRECT },
      channel: job.parentChannel ?? job.channel,
      person: job.requester.id,
      model: job.params.model,
      pictures: count,
      steps,
      megapixelSteps: megapixelSteps(job, steps, count),
      deviceSeconds: job.predictedSeconds ?? 0,
      relaxed: job.relaxed ?? false,
    });
  }

  /** Not part of the port: the trigger on a row that was not over. */
  moved(job: Job): void {
    const reserve = this.entries.find(({ jobId, kind }) => jobId === job.id && kind === 'reserve');
    if (!reserve || !isOver(job.status)) return;
    const steps = job.params.stop ?? job.params.steps;
    const { startedAt, finishedAt } = job;
    const pictures = job.images.length;
    this.entries.push({
      ...reserve,
      kind: 'settle',
      at: finishedAt ?? job.createdAt,
      pictures: pictures - reserve.pictures,
      steps,
      megapixelSteps: megapixelSteps(job, steps, pictures) - reserve.megapixelSteps,
      deviceSeconds: (job.deviceSeconds ?? 0) - reserve.deviceSeconds,
      outcome: job.status === 'failed' && job.flagged?.length ? 'moderated' : job.status,
      ...(startedAt && { waitSeconds: Math.round(secondsBetween(job.createdAt, startedAt)) }),
      ...(startedAt && finishedAt && { runSeconds: secondsBetween(startedAt, finishedAt) }),
    });
  }

  #entry({ server, person, model, at, pictures, seconds }: Reserved): MemoryEntry {
    this.#made += 1;
    return {
      jobId: `entry-${this.#made}`,
      kind: 'reserve',
      at,
      countedAt: at,
      server,
      channel: 'channel',
      person,
      model,
      pictures,
      steps: 0,
      megapixelSteps: 0,
      deviceSeconds: seconds,
      relaxed: false,
    };
  }
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1000;

const megapixelSteps = ({ params }: Job, steps: number, pictures: number): number =>
  (params.width * params.height * steps * pictures) / 1e6;

const nameOf = ({ jobId, kind }: LedgerEntry): string => `${jobId} ${kind}`;
const inOrder = (a: LedgerEntry, b: LedgerEntry): number =>
  nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b));
