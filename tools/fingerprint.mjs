// Tells cheaply whether something has changed since a step was last done: a stamp file keeps the fingerprint.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const digest = (parts) => createHash('sha256').update(parts.join('\n')).digest('hex');

/** Of what the files contain. */
export const ofContents = (files, ...more) =>
  digest([...files.map((file) => digest([readFileSync(file, 'utf8')])), ...more]);

/** Of the names, sizes and times of all files in the folders. */
export const ofTrees = (folders, ...more) => digest([...folders.flatMap(listTree), ...more]);

function listTree(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return listTree(file);
      const { size, mtimeMs } = statSync(file);
      return `${file} ${size} ${mtimeMs}`;
    });
}

/** The fingerprint kept in a stamp file; empty when there is none. */
export function readStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function writeStamp(file, fingerprint) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, fingerprint);
}

/** Until the stamp is written again, the step counts as not done. */
export const removeStamp = (file) => rmSync(file, { force: true });
