// One running program per Postgres database: an advisory lock on a connection of its own, which the server lets go
// of with the connection, however the program ends.

import pg from 'pg';
import { AlreadyRunning, type Lock } from './instance-lock.ts';

/** Any number, the same in every Darkroom. */
const KEY = 0x6461726b; // "dark"
const REFUSAL =
  'Darkroom is already running with this Postgres database: stop it first or set another DATABASE_URL.';

/** Rejects with AlreadyRunning while another program holds it. */
export async function lockPostgres(connectionString: string, connectionTimeoutMillis: number): Promise<Lock> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis, keepAlive: true });
  client.on('error', () => undefined); // a lost connection shows on the next statement of the others
  await client.connect();
  const { rows } = await client.query<{ had: boolean }>('select pg_try_advisory_lock($1) as had', [KEY]);
  if (rows[0]?.had) return { release: () => void client.end().catch(() => undefined) };
  await client.end();
  throw new AlreadyRunning(REFUSAL);
}
