// Takes away for good what is kept about a person. Knows no platform; messages are taken away by whoever can.

import { overStatuses, type ImageStore, type Job, type JobStore } from '../queue/job.ts';
import { possiblePictures, removePictures } from '../queue/pictures.ts';
import type { LedgerStore } from './ledger.ts';
import { inputsOf, jobsOf } from './own-data.ts';
import type { PeopleStore, PersonRef } from './people.ts';
import type { PostRef, PostStore } from './posts.ts';
import type { Review, ReviewStore } from './reviews.ts';
import { isInputOf } from './sources.ts';

interface Deps {
  jobs: Pick<JobStore, 'pageOf' | 'erase' | 'move'>;
  images: Pick<ImageStore, 'get' | 'remove'>;
  people: Pick<PeopleStore, 'forget'>;
  posts: Pick<PostStore, 'of' | 'unlink'>;
  reviews: Pick<ReviewStore, 'of' | 'about' | 'empty' | 'erase'>;
  ledger: Pick<LedgerStore, 'forget'>;
}

export interface Forgotten {
  requests: number;
  pictures: number;
  messages: number;
  /** Messages that could not be taken away, to be tried again when it is asked again. */
  left: number;
}

/** How what stands on a platform goes. Each rejects where it can not be done now. */
export interface Hands {
  cancel: (jobId: string) => Promise<unknown>;
  takeAway: (post: PostRef) => Promise<void>;
  /** A message to moderators says nothing of the person any more. */
  blank: (post: PostRef) => Promise<void>;
}

/**
 * Takes away a person's requests, pictures, messages, settings and stars, and what moderators were asked about them. The
 * account keeps its amounts and names nobody. What others made from theirs is the others'. Where a message stays, an
 * empty row stays with it, so that asking again tries again. Rejects when something could not be done: asking again
 * goes on from there.
 */
export async function forget(person: PersonRef, deps: Deps, hands: Hands): Promise<Forgotten> {
  const { jobs, people, posts, reviews, ledger } = deps;
  const forgotten: Forgotten = { requests: 0, pictures: 0, messages: 0, left: 0 };
  for await (const page of jobsOf(person, jobs)) {
    const ids = page.map(({ id }) => id);
    const kept = new Set(await forgetReviews(await reviews.about(ids), deps, hands, forgotten));
    for (const job of page) {
      await hands.cancel(job.id);
      for (const post of await posts.of(job.id)) {
        if (await done(hands.takeAway(post), forgotten)) await posts.unlink(post);
        else kept.add(job.id);
      }
      await removeFiles(job, person, deps);
      forgotten.pictures += job.images.length;
      if (kept.has(job.id)) await hollow(job, jobs);
    }
    await people.forget(person, ids);
    const gone = ids.filter((id) => !kept.has(id));
    await jobs.erase(gone); // last: a crash before it is mended by asking again
    forgotten.requests += gone.length;
  }
  const asked = await reviews.of(person);
  for (const { request } of asked)
    if (request) await removePictures(await broughtFor(request, person, deps), deps.images);
  await forgetReviews(asked, deps, hands, forgotten);
  await people.forget(person, []);
  await ledger.forget(person);
  return forgotten;
}

/** Counts a message as gone or left, and says which. */
async function done(act: Promise<void>, forgotten: Forgotten): Promise<boolean> {
  const gone = await act.then(
    () => true,
    () => false,
  );
  forgotten[gone ? 'messages' : 'left'] += 1;
  return gone;
}

/** Returns the jobs of those whose message stays. */
async function forgetReviews(
  all: readonly Review[],
  { reviews }: Pick<Deps, 'reviews'>,
  { blank }: Hands,
  forgotten: Forgotten,
): Promise<string[]> {
  const kept: string[] = [];
  for (const { id, post, jobId } of all)
    if (!post || (await done(blank(post), forgotten))) await reviews.erase([id]);
    else {
      await reviews.empty(id);
      if (jobId !== undefined) kept.push(jobId);
    }
  return kept;
}

async function removeFiles(job: Job, person: PersonRef, { images }: Pick<Deps, 'images'>): Promise<void> {
  const brought = await broughtFor(job, person, { images });
  await removePictures([...possiblePictures(job), ...job.images, ...brought], images);
}

/** Pictures that this person brought for a request. */
async function broughtFor(
  request: Pick<Job, 'params'>,
  person: PersonRef,
  { images }: Pick<Deps, 'images'>,
): Promise<string[]> {
  const brought: string[] = [];
  for (const id of inputsOf(request)) {
    const png = await images.get(id);
    if (png && isInputOf(id, png, person)) brought.push(id);
  }
  return brought;
}

/** Leaves of a request that it is over and whose it was: no words, no pictures, and nobody may draw it again. */
async function hollow({ id, params }: Job, jobs: Pick<JobStore, 'move'>): Promise<void> {
  const { init: _, ...rest } = params;
  const empty = { ...rest, prompt: '', negativePrompt: '', forgotten: true as const };
  for (const status of overStatuses) await jobs.move(id, [status], { status, params: empty, images: [] });
}
