// Brings the database's tables up to date at start, without the Prisma command line. What was applied is recorded
// the way Prisma records it, so `prisma migrate status`, `deploy` and `dev` keep working on the same database.

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Client } from 'pg';
import { patienceMs } from './client.ts';
import { databaseFile, isPostgres } from './database-url.ts';
import { StoreUnavailable } from './failure.ts';

export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, as Prisma counts it. */
  checksum: string;
}

interface AppliedRow {
  migration_name: string;
  checksum: string;
  finished_at: unknown;
}

/** Applies what is missing, all of it or nothing per migration, and returns the names of what it applied. */
export function migrate(databaseUrl: string, migrationsRoot: string): Promise<string[]> {
  return isPostgres(databaseUrl)
    ? migratePostgres(databaseUrl, readMigrations(path.join(migrationsRoot, 'postgres', 'migrations')))
    : migrateSqlite(databaseFile(databaseUrl), readMigrations(path.join(migrationsRoot, 'migrations')));
}

/** The migrations of a folder in the order to apply them. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, 'migration.sql')))
    .map((entry) => entry.name)
    .toSorted()
    .map((name) => {
      const sql = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

function pending(all: Migration[], applied: AppliedRow[]): Migration[] {
  const known = new Map(all.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const name = row.migration_name;
    if (row.finished_at === null)
      throw new StoreUnavailable(
        `The database's migration ${name} was begun by Prisma and never finished: repair it with "npx prisma migrate resolve", or restore a backup.`,
      );
    const migration = known.get(name);
    if (!migration)
      throw new StoreUnavailable(
        `The database was made by a newer Darkroom (it has migration ${name}): run that version, or use another DATABASE_URL.`,
      );
    if (migration.checksum !== row.checksum)
      throw new StoreUnavailable(
        `Migration ${name} is not the one that was applied to this database: restore its file in prisma/.`,
      );
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return all.filter((migration) => !done.has(migration.name));
}

const appliedQuery =
  'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL';
const sqliteTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`;
const postgresTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" ("id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ, "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

async function migrateSqlite(file: string, all: Migration[]): Promise<string[]> {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file)) checkPages(file);
  const db = new Database(file, { timeout: patienceMs });
  try {
    db.pragma('journal_mode = WAL');
    // Prisma's table rebuilds need this, and inside a transaction it has no effect.
    db.pragma('foreign_keys = OFF');
    // "immediate" takes the write lock first, so that two processes starting together queue up.
    return db.transaction(() => applySqlite(db, all)).immediate();
  } finally {
    db.close();
  }
}

/**
 * A truncated or overwritten file opens without complaint and fails at the first row on a bad page. A connection that
 * may write would, when it is closed, move what a crash left in the log into the file, and the log would be gone.
 */
function checkPages(file: string): void {
  const db = new Database(file, { readonly: true, timeout: patienceMs });
  try {
    const verdict = db.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new Database.SqliteError(String(verdict), 'SQLITE_CORRUPT');
  } catch (error) {
    // A crash at its very first start left it half made; a connection that may write takes that back.
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_READONLY_ROLLBACK') throw error;
  } finally {
    db.close();
  }
}

function applySqlite(db: Database.Database, all: Migration[]): string[] {
  db.exec(sqliteTable);
  const missing = pending(all, db.prepare<[], AppliedRow>(appliedQuery).all());
  const record = db.prepare(
    'INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)',
  );
  const stamp = (): string => new Date().toISOString().replace('Z', '+00:00');
  for (const migration of missing) {
    const started = stamp();
    db.exec(migration.sql);
    record.run(randomUUID(), migration.checksum, migration.name, started, stamp());
  }
  if (missing.length > 0 && (db.pragma('foreign_key_check') as unknown[]).length > 0)
    throw new Error('A migration left rows that point nowhere; nothing was changed.');
  return missing.map((migration) => migration.name);
}

async function migratePostgres(connectionString: string, all: Migration[]): Promise<string[]> {
  const { default: pg } = await import('pg'); // most have no Postgres
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: patienceMs });
  // A connection that breaks while idle is reported by the next query; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(72707369)'); // the lock that `prisma migrate` takes
    await client.query(postgresTable);
    const missing = pending(all, (await client.query<AppliedRow>(appliedQuery)).rows);
    for (const migration of missing) await applyPostgres(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    await client.end(); // lets go of the advisory lock too
  }
}

async function applyPostgres(client: Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      'INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)',
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
