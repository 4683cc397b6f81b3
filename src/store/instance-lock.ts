// One running program per data folder. The lock is SQLite's own lock on an otherwise empty file: the system lets go
// of it with the process, however the process ends, so there is never a stale one to clear.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

/** Another instance holds the lock. The message is a sentence for the person who runs the program. */
export class AlreadyRunning extends Error {
  override name = 'AlreadyRunning';
}

// A connection that nobody refers to any more is closed by the garbage collector, and its lock with it.
const held = new Set<Database.Database>();

export interface Lock {
  release(): void;
}

/** Takes the data folder for this process, until `release` or the process's end. */
export function lockInstance(dataDir: string): Lock {
  const folder = path.resolve(dataDir);
  return lockFile(
    path.join(folder, 'instance.lock'),
    `Darkroom is already running with this DATA_DIR (${folder}): stop it first or set another DATA_DIR.`,
  );
}

/** Takes an SQLite database, which two programs with different data folders could share by mistake. */
export function lockDatabase(file: string): Lock {
  return lockFile(
    `${file}.lock`,
    `Darkroom is already running with this database (${file}): stop it first or set another DATABASE_URL.`,
  );
}

function lockFile(file: string, refusal: string): Lock {
  mkdirSync(path.dirname(file), { recursive: true });
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      ? new AlreadyRunning(refusal, { cause: error })
      : error;
  }
  held.add(db);
  return {
    release() {
      held.delete(db);
      db.close();
    },
  };
}
