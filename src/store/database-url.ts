// Reads the address of the database. Knows nothing of what is in it.

import path from 'node:path';

export const isPostgres = (databaseUrl: string): boolean => /^postgres(ql)?:/.test(databaseUrl);

/** The path of an SQLite database, absolute. */
export const databaseFile = (databaseUrl: string): string => path.resolve(databaseUrl.replace(/^file:/, ''));

/** `host:port/name`, for sentences: never the password. */
export function postgresPlace(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `${url.hostname || 'localhost'}:${url.port || '5432'}${url.pathname}`;
}
