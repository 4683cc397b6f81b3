// A key of this machine's own, made once and kept in a file that only this user can read.

import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { StoreUnavailable } from './failure.ts';

const BYTES = 32;

/** The key in `file`, which is made when it is not there. Removing the file ends what the key had signed. */
export async function readSecretKey(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await writeFile(file, randomBytes(BYTES), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await chmod(file, 0o600);
  }
  const key = new Uint8Array(await readFile(file));
  if (key.length !== BYTES)
    throw new StoreUnavailable(`${file} is not a whole key: remove it, and people sign in anew.`);
  return key;
}
