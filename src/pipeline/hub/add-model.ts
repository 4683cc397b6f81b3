// Brings a model into the folder of models, whole or not at all: it is gathered beside them and renamed at the end. What
// was interrupted goes on where it ended.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ModelProblem } from '../problems.ts';
import { download, explained, type DownloadOptions } from './download.ts';
import { headersFor, urlOf, type Asking, type HubFile, type Repository } from './repository.ts';
import { wantedPaths } from './wanted.ts';

/** Where models are gathered, inside of the folder of models. Nothing in it counts as a model. */
const GATHERING = '.downloads';

export interface Place {
  modelsDir: string;
  /** The folder's name to be. */
  name: string;
}

export interface FetchOptions extends Asking, Pick<DownloadOptions, 'pause'> {
  /** Bytes of all files that are here, of all there are, and the file that is being fetched. */
  onProgress(done: number, total: number, file: string): void;
}

/** The files to fetch and their bytes together, as far as the hub says. */
export function planOf(repository: Repository): { files: HubFile[]; bytes: number } {
  const wanted = new Set(wantedPaths(repository.files.map((file) => file.path)));
  // Last, so that an unfinished folder looks like none.
  const rank = (file: HubFile): number => Number(file.path === 'model_index.json');
  const files = repository.files
    .filter((file) => wanted.has(file.path))
    .toSorted((a, b) => rank(a) - rank(b));
  return { files, bytes: files.reduce((sum, file) => sum + (file.size ?? 0), 0) };
}

/** Throws a ModelProblem where the name is taken. */
export function checkFree({ modelsDir, name }: Place): void {
  if (existsSync(path.join(modelsDir, name)))
    throw new ModelProblem(
      `There is already a model ${name}: remove it first (npm run models -- remove ${name}), or give the new one another name (--name).`,
    );
}

/** Downloads a model. Gives the folder's path; throws a ModelProblem. */
export async function fetchModel(
  repository: Repository,
  place: Place,
  options: FetchOptions,
): Promise<string> {
  checkFree(place);
  const { files, bytes } = planOf(repository);
  const folder = gatheringFolder(place, `${JSON.stringify([repository.address, repository.commit])}\n`);
  checkRoom(folder, files);
  let before = 0;
  for (const file of files) {
    const target = path.join(folder, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    const onProgress = (have: number): void => options.onProgress(before + have, bytes, file.path);
    const source = {
      ...file,
      url: urlOf(repository, file.path),
      headers: headersFor(repository.address.base, options),
    };
    await download(source, target, { ...options, onProgress });
    before += file.size ?? 0;
    onProgress(0);
  }
  return settle(folder, place);
}

/**
 * Copies a model from another folder: real files in the place of links, and only what is needed. Gives the new folder's
 * path; throws a ModelProblem.
 */
export function copyModel(from: string, place: Place): string {
  checkFree(place);
  const paths = readdirSync(from, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(from, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((file) => file.split(path.sep).join('/'));
  const files = wantedPaths(paths).map((file) => ({
    path: file,
    size: statSync(path.join(from, file)).size,
  }));
  const folder = gatheringFolder(place, `${from}\n`);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  checkRoom(folder, files);
  for (const file of files) {
    const target = path.join(folder, file.path);
    try {
      cpSync(path.join(from, file.path), target, { dereference: true });
    } catch (error) {
      // A copy is not taken up again.
      rmSync(folder, { recursive: true, force: true });
      throw explained(error, target);
    }
  }
  return settle(folder, place);
}

/** Where a folder's files come from. No model's name begins with a point. */
const noteOf = (folder: string): string =>
  path.join(path.dirname(folder), `.${path.basename(folder)}.source`);

/** A folder for what comes from one source; what another source left there goes. */
function gatheringFolder({ modelsDir, name }: Place, source: string): string {
  const folder = path.join(modelsDir, GATHERING, name);
  const note = noteOf(folder);
  if (existsSync(note) && readFileSync(note, 'utf8') !== source)
    rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(note, source);
  return folder;
}

function checkRoom(folder: string, files: readonly HubFile[]): void {
  const bytes = files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const here = files.reduce((sum, file) => {
    const size = statSync(path.join(folder, file.path), { throwIfNoEntry: false })?.size ?? 0;
    return sum + Math.min(size, file.size ?? 0);
  }, 0);
  const { bavail, bsize } = statfsSync(folder);
  const missing = bytes - here;
  if (missing > bavail * bsize)
    throw new ModelProblem(
      `There is not enough room for it: ${inWords(missing)} are still to come, and ${inWords(bavail * bsize)} are free at ${folder}.`,
    );
}

function settle(folder: string, place: Place): string {
  const target = path.join(place.modelsDir, place.name);
  renameSync(folder, target);
  rmSync(noteOf(folder), { force: true });
  return target;
}

/** A number of bytes for people. */
export function inWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}
