// All that is kept about a person: handed over as ZIP files, or taken away for good. Knows no platform; messages are
// taken away by whoever can.

import { zipSync, type Zippable } from 'fflate';
import { recipeLine } from '../pipeline/recipe.ts';
import type { ImageStore, Job, JobStore } from '../queue/job.ts';
import { possiblePictures, removePictures } from '../queue/pictures.ts';
import type { LedgerStore } from './ledger.ts';
import type { PeopleStore, PersonRef } from './people.ts';
import type { PostRef, PostStore } from './posts.ts';
import type { ReviewStore } from './reviews.ts';
import { isInput, isInputOf } from './sources.ts';

interface Deps {
  jobs: Pick<JobStore, 'pageOf' | 'erase' | 'sources'>;
  images: Pick<ImageStore, 'get' | 'remove'>;
  people: PeopleStore;
  posts: Pick<PostStore, 'of' | 'unlink'>;
  reviews: Pick<ReviewStore, 'forget'>;
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
  /** Messages that could not be taken away. */
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
  for await (const page of jobsOf(person, deps.jobs))
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
  if (bytes > 0) yield part();
  const words: Zippable = {
    'README.txt': encode(readme(tooLarge)),
    'requests.json': json(requests),
    'settings.json': json(await deps.people.defaultsOf(person)),
    'stars.json': json(await deps.people.marked(person, MOST_MARKS)),
    'usage.json': json(await deps.ledger.entriesOf(person)),
  };
  yield { name: 'darkroom-data.zip', bytes: zipSync(words, { mtime, level: 6 }), pictures: 0 };
}

function requestOf(job: Job): object {
  const { key: _, requester, params, ...rest } = job;
  return { ...rest, by: requester, recipe: recipeLine(params), params };
}

const readme = (tooLarge: readonly string[]): string =>
  [
    'All that Darkroom keeps about you.',
    '',
    'requests.json  what you asked for: the words, every parameter, when, where, and what became of it',
    'settings.json  what your requests take when they say nothing',
    'stars.json     the requests that you marked with a star',
    'usage.json     the account of what you used',
    'pictures/      in the other files: your pictures by their ids, and those you brought (input-…)',
    ...(tooLarge.length > 0
      ? ['', 'Too large for a message here, so ask for them with /show or at the console:', ...tooLarge]
      : []),
    '',
  ].join('\n');

/**
 * Takes away a person's requests, pictures, messages, settings and stars. The account keeps its amounts and names
 * nobody. What others made from theirs is the others'. Rejects when something could not be done: asking again goes on
 * from there.
 */
export async function forget(
  person: PersonRef,
  deps: Deps,
  {
    cancel,
    takeAway,
  }: { cancel: (jobId: string) => Promise<unknown>; takeAway: (post: PostRef) => Promise<void> },
): Promise<Forgotten> {
  const { jobs, images, people, posts, reviews, ledger } = deps;
  const forgotten: Forgotten = { requests: 0, pictures: 0, messages: 0, left: 0 };
  for await (const page of jobsOf(person, jobs)) {
    for (const job of page) {
      await cancel(job.id);
      for (const post of await posts.of(job.id)) {
        const gone = await takeAway(post).then(
          () => true,
          () => false,
        );
        forgotten[gone ? 'messages' : 'left'] += 1;
        await posts.unlink(post);
      }
      const brought: string[] = [];
      for (const id of (job.params.init?.images ?? []).filter(isInput)) {
        const png = await images.get(id);
        if (png && isInputOf(id, png, person)) brought.push(id);
      }
      await removePictures([...possiblePictures(job), ...job.images, ...brought], images);
      forgotten.pictures += job.images.length;
    }
    const ids = page.map(({ id }) => id);
    await people.forget(person, ids);
    await jobs.erase(ids); // last: a crash before it is mended by asking again
    forgotten.requests += ids.length;
  }
  await people.forget(person, []);
  await reviews.forget(person);
  await ledger.forget(person);
  return forgotten;
}
