// The tables are brought up to date at start, the way Prisma's command line would.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate, readMigrations } from '../src/store/migrate.ts';
import { openStore } from '../src/store/open.ts';
import { findPostgres, startPostgres, type PostgresServer } from './support/postgres.ts';
import { runModule } from './support/run-module.ts';
// @ts-expect-error plain JavaScript
import { toPostgres } from '../tools/sync-schema.mjs';

const postgres = findPostgres();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (postgres) server = await startPostgres(postgres);
});
afterAll(() => server?.stop());

const newFolder = (): string => mkdtempSync(path.join(tmpdir(), 'darkroom-migrations-'));

/** The Prisma command line, as a developer calls it. */
const prisma = (url: string, ...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: url };
    execFile(process.execPath, ['tools/prisma.mjs', ...args], { env }, (_error, out, err) =>
      resolve(out + err),
    );
  });

it('keeps the Postgres schema in step with the SQLite one', () => {
  const sqlite = readFileSync('prisma/schema.prisma', 'utf8');
  expect(readFileSync('prisma/postgres/schema.prisma', 'utf8')).toBe(toPostgres(sqlite));
});

describe.each(['SQLite', 'Postgres'])('the migrations of %s', (kind) => {
  describe.skipIf(kind === 'Postgres' && !postgres)('at start', () => {
    let url = '';
    beforeEach(async () => {
      url = kind === 'SQLite' ? `file:${newFolder()}/darkroom.db` : await server!.newDatabase();
    });

    it('are applied once, and Prisma agrees that nothing is missing', async () => {
      const schema = kind === 'SQLite' ? 'prisma/schema.prisma' : 'prisma/postgres/schema.prisma';
      expect(await migrate(url, 'prisma')).not.toEqual([]);
      expect(await migrate(url, 'prisma')).toEqual([]);
      expect(await prisma(url, 'migrate', 'status')).toContain('Database schema is up to date!');
      expect(
        await prisma(
          url,
          'migrate',
          'diff',
          '--from-config-datasource',
          '--to-schema',
          schema,
          '--exit-code',
        ),
      ).toContain('No difference detected');
    });

    it('leave the triggers that write the ledger, and those that keep it', async () => {
      await migrate(url, 'prisma');
      expect(await (kind === 'SQLite' ? triggersOfSqlite(url) : triggersOfPostgres(url))).toEqual([
        'ledger_keep on LedgerEntry',
        'ledger_keep_all on LedgerEntry',
        'ledger_reserve on Job',
        'ledger_settle on Job',
      ]);
    });

    it('accept a database that Prisma made', async () => {
      expect(await prisma(url, 'migrate', 'deploy')).toContain('successfully applied');
      expect(await migrate(url, 'prisma')).toEqual([]);
    });

    it('are applied once by three programs that start together', async () => {
      const applied = await Promise.all([1, 2, 3].map(() => migrateElsewhere(url)));
      const folder = path.join('prisma', kind === 'SQLite' ? '.' : 'postgres', 'migrations');
      expect(applied.toSorted()).toEqual(['0', '0', String(readMigrations(folder).length)]);
    });

    it('refuse a changed or unknown migration, and take back one that fails half way', async () => {
      const root = newFolder();
      cpSync('prisma', root, { recursive: true });
      const folder = path.join(root, kind === 'SQLite' ? '.' : 'postgres', 'migrations');
      mkdirSync(path.join(folder, '29990101000000_next'));
      const next = path.join(folder, '29990101000000_next', 'migration.sql');
      writeFileSync(next, 'CREATE TABLE "Half" (id TEXT); CREATE TABLE nonsense (;');
      await expect(migrate(url, root)).rejects.toThrow(/syntax error/);
      writeFileSync(next, 'CREATE TABLE "Half" (id TEXT);');
      expect(await migrate(url, root)).toContain('29990101000000_next');
      await expect(openStore(url)).rejects.toThrow(/was made by a newer Darkroom/);
      writeFileSync(next, 'CREATE TABLE "Half" (id TEXT, more TEXT);');
      await expect(migrate(url, root)).rejects.toThrow(/is not the one that was applied/);
      expect(readMigrations(folder).at(-1)?.name).toBe('29990101000000_next');
    });
  });
});

/** A later migration that makes a table anew takes its triggers with it, in silence. */
async function triggersOfSqlite(url: string): Promise<string[]> {
  const db = new Database(url.slice('file:'.length), { readonly: true });
  try {
    const query = "SELECT name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
    return db.prepare(query).pluck().all() as string[];
  } finally {
    db.close();
  }
}

async function triggersOfPostgres(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ said: string }>(
      `SELECT t.tgname || ' on ' || c.relname AS said FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY t.tgname`,
    );
    return rows.map(({ said }) => said);
  } finally {
    await client.end();
  }
}

async function migrateElsewhere(url: string): Promise<string> {
  const child = runModule(
    `import { migrate } from './src/store/migrate.ts';
     console.log((await migrate(process.argv.at(-1), 'prisma')).length);`,
    [url],
  );
  return child.nextLine();
}
