// How long pictures are kept: those that are too old, and the oldest of those for which there is no room, are removed.
// Rows stay, so that what is removed can be drawn again. Knows no clock and no disk.

import type { Logger } from 'pino';
import { jobOfPicture, type ImageStore, type JobStore } from '../queue/job.ts';
import { removePictures } from '../queue/pictures.ts';
import type { ServerRef } from './rules.ts';

export interface Policy {
  keepDays?: number;
  /** Bytes that all pictures together may have. */
  budget?: number;
}

interface Deps {
  images: ImageStore;
  jobs: Pick<JobStore, 'move' | 'sources'>;
  log: Logger;
}

/** A job's pictures, which go together, or one that somebody gave us. */
interface Group {
  owner: string;
  ids: string[];
  bytes: number;
  /** Of the newest, in milliseconds. */
  writtenAt: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Removes what the policy does not keep, but for pictures that a job starts from. Returns how many. */
export async function sweep({ images, jobs, log }: Deps, policy: Policy, now: Date): Promise<number> {
  const { keepDays, budget = Infinity } = policy;
  if (keepDays === undefined && budget === Infinity) return 0;
  const tooOld = keepDays === undefined ? -Infinity : now.getTime() - keepDays * DAY_MS;
  const needed = new Set(await jobs.sources());
  const groups = grouped(await images.list()).toSorted((a, b) => a.writtenAt - b.writtenAt);
  let total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  let removed = 0;
  for (const { owner, ids, bytes, writtenAt } of groups) {
    if (writtenAt >= tooOld && total <= budget) break;
    if (ids.some((id) => needed.has(id))) continue;
    // The row first: after a crash in between, files that no row names are removed by the next sweep.
    await jobs.move(owner, ['done'], { status: 'done', images: [] });
    await removePictures(ids, images);
    total -= bytes;
    removed += ids.length;
  }
  if (removed > 0) log.info({ removed, bytes: total }, 'old pictures are removed');
  return removed;
}

/** A page of rows at a time. */
const PAGE = 200;

/** The same for servers that keep pictures for fewer days than others. Returns how many pictures are removed. */
export async function sweepServer(
  { images, jobs, log }: Deps & { jobs: Pick<JobStore, 'shownBefore'> },
  { server, keepDays }: { server: ServerRef; keepDays: number },
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - keepDays * DAY_MS);
  const needed = new Set(await jobs.sources());
  let removed = 0;
  for (;;) {
    const old = await jobs.shownBefore(server, before, PAGE);
    const free = old.filter((job) => !job.images.some((id) => needed.has(id)));
    for (const { id, images: ids } of free) {
      await jobs.move(id, ['done'], { status: 'done', images: [] });
      await removePictures(ids, images);
      removed += ids.length;
    }
    // A page of pictures that waiting jobs start from is for the next sweep.
    if (old.length < PAGE || free.length === 0) break;
  }
  if (removed > 0) log.info({ removed, server }, 'old pictures of a server are removed');
  return removed;
}

function grouped(pictures: { id: string; bytes: number; writtenAt: Date }[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { id, bytes, writtenAt } of pictures) {
    const owner = jobOfPicture(id);
    const group = groups.get(owner) ?? { owner, ids: [], bytes: 0, writtenAt: 0 };
    group.ids.push(id);
    group.bytes += bytes;
    group.writtenAt = Math.max(group.writtenAt, writtenAt.getTime());
    groups.set(owner, group);
  }
  return [...groups.values()];
}
