// Keeps an SQLite connection's statements prepared. Prisma's adapter prepares one for each query, and of thousands that
// nobody needs any more the garbage collector makes pauses of milliseconds, while somebody waits for a device.

import type Database from 'better-sqlite3';

/** A program has fewer that come again; an insert of many rows is one for each number of rows. */
const MOST = 200;

/** What Prisma's adapter asks of a statement with its arguments. */
interface Bound {
  reader: boolean;
  columns(): Database.ColumnDefinition[];
  raw(): { all(): unknown[] };
  run(): Database.RunResult;
}

/** From now on the connection's `prepare` gives what Prisma's adapter needs of a statement, and nothing else. */
export function keepPrepared(db: Database.Database): void {
  const prepare = db.prepare.bind(db);
  const kept = new Map<string, Database.Statement>();
  const statementOf = (sql: string): Database.Statement => {
    const statement = kept.get(sql) ?? prepare(sql);
    kept.delete(sql); // the one used longest ago comes first
    kept.set(sql, statement);
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    return statement;
  };
  const prepared = (sql: string): { bind(args: unknown[]): Bound; run(): Database.RunResult } => {
    const statement = statementOf(sql);
    return { bind: (args) => bound(statement, args), run: () => statement.run() };
  };
  Object.defineProperty(db, 'prepare', { value: prepared });
}

function bound(statement: Database.Statement, args: unknown[]): Bound {
  return {
    reader: statement.reader,
    columns: () => statement.columns(),
    raw: () => ({ all: () => statement.raw().all(args) }),
    run: () => statement.run(args),
  };
}
