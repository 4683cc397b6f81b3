// Turns what the database drivers throw at start into a sentence that says what to do.

import { isPostgres, databaseFile, postgresPlace } from './database-url.ts';

/** The database cannot be used. The message is a sentence for the person who runs the program. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The sentence for a failure that has one; anything else comes back as it was. */
export function explainFailure(error: unknown, databaseUrl: string): unknown {
  const sentence = isPostgres(databaseUrl)
    ? postgresSentence(error, postgresPlace(databaseUrl))
    : sqliteSentence(codeOf(error), databaseFile(databaseUrl));
  return sentence === undefined ? error : new StoreUnavailable(sentence, { cause: error });
}

function sqliteSentence(code: string, file: string): string | undefined {
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return `${file} is not a readable SQLite database: restore a backup or move it away, then start again.`;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return `The database ${file} is locked by another program: close it, then start again.`;
  if (code === 'SQLITE_FULL')
    return `The disk that holds ${file} is full: free some space, then start again.`;
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'EACCES')
    return `${file} cannot be written: give this user the right to write it and its folder, or change DATABASE_URL.`;
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return `The folder of ${file} cannot be made because a file is in its place: move it away or change DATABASE_URL.`;
  return undefined;
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function postgresSentence(error: unknown, place: string): string | undefined {
  const code = codeOf(error);
  const timedOut = error instanceof Error && /timeout expired|terminated unexpectedly/.test(error.message);
  if (unreachable.has(code) || timedOut)
    return `Postgres at ${place} does not answer: start it, or correct DATABASE_URL.`;
  if (code === '28P01' || code === '28000')
    return `Postgres at ${place} refuses the user or the password: correct them in DATABASE_URL.`;
  if (code === '3D000') return `Postgres has no database at ${place}: create it, or correct DATABASE_URL.`;
  if (code === '42501')
    return `Postgres at ${place} does not let this user make tables: grant it the right to.`;
  if (code === '57P03') return `Postgres at ${place} is still starting or stopping: try again in a moment.`;
  return undefined;
}
