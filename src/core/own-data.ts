// All that is kept about a person, as ZIP files. Knows no platform.

import { zipSync, type Zippable } from 'fflate';
import { recipeLine } from '../pipeline/recipe.ts';
import type { ImageStore, Job, JobStore } from '../queue/job.ts';
import type { LedgerStore } from './ledger.ts';
import type { PeopleStore, PersonRef } from './people.ts';
import type { Review, ReviewStore } from './reviews.ts';
import { isInput, isInputOf } from './sources.ts';

interface Deps {
  jobs: Pick<JobStore, 'pageOf'>;
  images: Pick<ImageStore, 'get'>;
  people: Pick<PeopleStore, 'defaultsOf' | 'marked'>;
  reviews: Pick<ReviewStore, 'of' | 'about'>;
  ledger: Pick<LedgerStore, 'entriesOf'>;
}

/** One ZIP file; each can be opened alone. */
export interface Part {
  name: string;
  bytes: Uint8Array;
  pictures: number;
}

const PAGE = 200;
const MOST_MARKS = 100_000;
/** The same archive for the same data. */
const mtime = new Date(Date.UTC(2000, 0, 1));
/** What a ZIP file has beside the bytes of an entry. */
const ENTRY_BYTES = 400;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => encode(`${JSON.stringify(value, null, 2)}\n`);

/** All jobs of a person in pages, the newest first. */
export async function* jobsOf(person: PersonRef, jobs: Pick<JobStore, 'pageOf'>): AsyncGenerator<Job[]> {
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
  const ids: string[] = [];
  for await (const page of jobsOf(person, deps.jobs)) {
    reported.push(...(await deps.reviews.about(page.map(({ id }) => id))).map(reportOf));
    for (const job of page.filter(({ params }) => !params.forgotten)) {
      requests.push(requestOf(job));
      ids.push(...job.images, ...inputsOf(job));
    }
  }
  const asked = await deps.reviews.of(person);
  ids.push(...asked.flatMap(({ request }) => (request ? inputsOf(request) : [])));
  for (const id of new Set(ids)) {
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
  if (bytes > 0) yield part();
  const words: Zippable = {
    'README.txt': encode(readme(tooLarge)),
    'requests.json': json(requests),
    'settings.json': json(await deps.people.defaultsOf(person)),
    'moderation.json': json([...asked.map(askedOf), ...reported]),
    'stars.json': json(await deps.people.marked(person, MOST_MARKS)),
    'usage.json': json(await deps.ledger.entriesOf(person)),
  };
  yield { name: 'darkroom-data.zip', bytes: zipSync(words, { mtime, level: 6 }), pictures: 0 };
}

/** Pictures that were brought for it. */
export const inputsOf = ({ params }: Pick<Job, 'params'>): string[] =>
  (params.init?.images ?? []).filter(isInput);

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
