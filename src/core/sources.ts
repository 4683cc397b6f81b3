// A picture that somebody wants to start from, as ids of the image store: fetched and kept where it comes from
// elsewhere. Knows neither platforms nor the network; how an address is read is handed in.

import { createHash } from 'node:crypto';
import { jobOfPicture, type ImageStore, type Job, type JobStore, type Requester } from '../queue/job.ts';
import { maySee } from './access.ts';
import type { PostRef } from './posts.ts';
import type { ImageSource } from './prompt-line.ts';
import { UserError } from './user-error.ts';

export interface SourceDeps {
  images: ImageStore;
  jobs: Pick<JobStore, 'get'>;
  /** A picture on the web, as `checkedPng` gives it. Rejects with a UserError for an address that is not allowed. */
  readImage: (source: { url: string; authorization?: string }) => Promise<Uint8Array>;
  /** Any picture as a PNG of reasonable size. Rejects with a UserError for what is not one. */
  checkedPng: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** The job that a message shows. */
  jobOn: (post: PostRef) => Promise<Job | undefined>;
}

/** Pictures to start from. */
export interface Source {
  ids: string[];
  /** One of them is its person's alone. */
  private?: boolean;
  /** Pixels of the first, where they are known. */
  size?: [width: number, height: number];
  /** Puts what was fetched into the store, once it is certain that it is needed. */
  keep?: () => Promise<void>;
}

const MOST = 4;
const OF_OTHERS = 'That picture is of the person who brought it. Attach one of your own.';
const GONE = 'That picture is gone, so there is nothing to start from.';

/** Rejects with a UserError when there is no such picture for this person. */
export async function sourceOf(asked: ImageSource, by: Requester, deps: SourceDeps): Promise<Source> {
  switch (asked.from) {
    case 'web': {
      const png = await deps.readImage(asked);
      const id = inputId(png, by);
      return { ids: [id], size: sizeOf(png), keep: () => deps.images.put(id, png) };
    }
    case 'store':
      return stored(asked.ids, by, deps);
    case 'post': {
      const job = await deps.jobOn(asked.post);
      const id = job && maySee(job, by) ? job.images[asked.index] : undefined;
      if (id === undefined) throw new UserError(GONE);
      return stored([id], by, deps);
    }
  }
}

/** A picture that a person gave us, for later requests. Given twice it is kept once. */
export async function keepSource(bytes: Uint8Array, by: Requester, deps: SourceDeps): Promise<string> {
  const png = await deps.checkedPng(bytes);
  const id = inputId(png, by);
  await deps.images.put(id, png);
  return id;
}

/** Made of the person and the bytes, so that whoever reads it in a recipe can not use the picture by it. */
function inputId(png: Uint8Array, { platform, id }: Pick<Requester, 'platform' | 'id'>): string {
  const hash = createHash('sha256').update(`${platform}/${id}\n`).update(png);
  return `${INPUT}${hash.digest('hex').slice(0, 32)}`;
}

const INPUT = 'input-';
/** Whether this person brought this picture. */
export const isInputOf = (id: string, png: Uint8Array, by: Pick<Requester, 'platform' | 'id'>): boolean =>
  isInput(id) && inputId(png, by) === id;
/** Brought by somebody, and not drawn by us. */
export const isInput = (id: string): boolean => id.startsWith(INPUT);

async function stored(ids: string[], by: Requester, { images, jobs }: SourceDeps): Promise<Source> {
  if (ids.length > MOST) throw new UserError(`A request can start from ${MOST} pictures at the most.`);
  const found = await Promise.all(
    ids.map(async (id) => {
      const png = await images.get(id);
      const job = isInput(id) ? undefined : await jobs.get(jobOfPicture(id));
      if (!png || (!isInput(id) && !(job && maySee(job, by)))) throw new UserError(GONE);
      if (isInput(id) && inputId(png, by) !== id) throw new UserError(OF_OTHERS);
      return { png, private: job?.private ?? false };
    }),
  );
  const [first] = found;
  if (!first) throw new UserError(GONE);
  return { ids, size: sizeOf(first.png), private: found.some((each) => each.private) };
}

/** Width and height stand in the first chunk of every PNG. */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return [view.getUint32(16), view.getUint32(20)];
}
