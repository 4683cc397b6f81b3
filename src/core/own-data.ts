// All that is kept about a person: handed over as ZIP files, or taken away for good. Knows no platform; messages are
// taken away by whoever can.

import { zipSync, type Zippable } from 'fflate';
import { recipeLine } from '../pipeline/recipe.ts';
import { overStatuses, type ImageStore, type Job, type JobStore } from '../queue/job.ts';
import { possiblePictures, removePictures } from '../queue/pictures.ts';
import type { LedgerStore } from './ledger.ts';
import type { PeopleStore, PersonRef } from './people.ts';
import type { PostRef, PostStore } from './posts.ts';
import type { Review, ReviewStore } from './reviews.ts';
import { isInput, isInputOf } from './sources.ts';

interface Deps {
  jobs: Pick<JobStore, 'pageOf' | 'erase' | 'move'>;
  images: Pick<ImageStore, 'get' | 'remove'>;
  people: PeopleStore;
  posts: Pick<PostStore, 'of' | 'unlink'>;
  reviews: Pick<ReviewStore, 'of' | 'about' | 'empty' | 'erase'>;
  ledger: Pick<LedgerStore, 'forget' | 'entriesOf'>;
}

/** One ZIP file; each can be opened alone. */
export interface Part {
  name: string;
  bytes: Uint8Array;
  pictures: number;
}

export interface Forgotten {
  requests: number;
  pictures: number;
  messages: number;
  /** Messages that could not be taken away, to be tried again when it is asked again. */
  left: number;
}

const PAGE = 200;
const MOST_MARKS = 100_000;
/** The same archive for the same data. */
const mtime = new Date(Date.UTC(2000, 0, 1));
/** What a ZIP file has beside the bytes of an entry. */
const ENTRY_BYTES = 400;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => encode(`${JSON.stringify(value, null, 2)}\n`);

async function* jobsOf(person: PersonRef, jobs: Deps['jobs']): AsyncGenerator<Job[]> {
  for (let page = await jobs.pageOf(person, PAGE); page.length > 0;) {
    yield page;
    page = await jobs.pageOf(person, PAGE, page.at(-1)!.id);
  }
}

/** Everything in parts of about `mostBytes` each, of which one at a time is in memory. */
export async function* exportOf(
  person: PersonRef,
  deps: Deps,
  { mostBytes }: { mostBytes: number },
): AsyncGenerator<Part> {
  const requests: object[] = [];
  const reported: object[] = [];
  const tooLarge: string[] = [];
  const seen = new Set<string>();
  let files: Zippable = {};
  let bytes = 0;
  let count = 0;
  const part = (): Part => {
    count += 1;
    const made = {
      name: `darkroom-data-${count}.zip`,
      bytes: zipSync(files, { mtime, level: 0 }),
      pictures: 0,
    };
    made.pictures = Object.keys(files).length;
    files = {};
    bytes = 0;
    return made;
  };
  for await (const page of jobsOf(person, deps.jobs)) {
    reported.push(...(await deps.reviews.about(page.map(({ id }) => id))).map(reportOf));
    for (const job of page) {
      requests.push(requestOf(job));
      for (const id of [...job.images, ...(job.params.init?.images ?? []).filter(isInput)]) {
        if (seen.has(id)) continue;
        seen.add(id);
        const png = await deps.images.get(id);
        if (!png || (isInput(id) && !isInputOf(id, png, person))) continue; // what others brought is theirs
        if (png.length + ENTRY_BYTES > mostBytes) {
          tooLarge.push(id);
          continue;
        }
        if (bytes + png.length + ENTRY_BYTES > mostBytes) yield part();
        files[`pictures/${id}.png`] = png;
        bytes += png.length + ENTRY_BYTES;
      }
    }
  }
  if (bytes > 0) yield part();
  const words: Zippable = {
    'README.txt': encode(readme(tooLarge)),
    'requests.json': json(requests),
    'settings.json': json(await deps.people.defaultsOf(person)),
    'moderation.json': json([...(await deps.reviews.of(person)).map(askedOf), ...reported]),
    'stars.json': json(await deps.people.marked(person, MOST_MARKS)),
    'usage.json': json(await deps.ledger.entriesOf(person)),
  };
  yield { name: 'darkroom-data.zip', bytes: zipSync(words, { mtime, level: 6 }), pictures: 0 };
}

function requestOf(job: Job): object {
  const { key: _, requester, params, ...rest } = job;
  return { ...rest, by: requester, recipe: recipeLine(params), params };
}

/** What somebody asked moderators, or reported; not who decided, which is about others. */
function askedOf({ kind, state, server, channel, request, jobId, reason, createdAt }: Review): object {
  const place = { ...(server !== undefined && { server }), channel };
  if (kind === 'picture') return { what: 'a picture that you reported', jobId, ...place, state, createdAt };
  const params = request?.params;
  const words = params && { recipe: recipeLine(params), params };
  return { what: 'a request that a rule refused', reason, ...place, ...words, state, createdAt };
}

/** What others reported; not who. */
const reportOf = ({ state, jobId, createdAt }: Review): object => ({
  what: 'a picture of yours that somebody reported',
  jobId,
  state,
  createdAt,
});

const readme = (tooLarge: readonly string[]): string =>
  [
    'All that Darkroom keeps about you.',
    '',
    'requests.json  what you asked for: the words, every parameter, when, where, and what became of it',
    'settings.json  what your requests take when they say nothing',
    'stars.json     the requests that you marked with a star',
    'moderation.json  what moderators were asked about your requests and pictures, and what you reported',
    'usage.json     the account of what you used',
    'pictures/      in the other files: your pictures by their ids, and those you brought (input-…)',
    ...(tooLarge.length > 0
      ? ['', 'Too large for a message here, so ask for them with /show or at the console:', ...tooLarge]
      : []),
    '',
  ].join('\n');

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
  await forgetReviews(await reviews.of(person), deps, hands, forgotten);
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
  const brought: string[] = [];
  for (const id of (job.params.init?.images ?? []).filter(isInput)) {
    const png = await images.get(id);
    if (png && isInputOf(id, png, person)) brought.push(id);
  }
  await removePictures([...possiblePictures(job), ...job.images, ...brought], images);
}

/** Leaves nothing of a request but whose it was and that it is over. */
async function hollow({ id, params }: Job, jobs: Pick<JobStore, 'move'>): Promise<void> {
  const { init: _, ...rest } = params;
  const empty = { ...rest, prompt: '', negativePrompt: '' };
  for (const status of overStatuses) await jobs.move(id, [status], { status, params: empty, images: [] });
}
