// The people whom the admin let in, and the tokens they sign in with. A token is shown once and never kept: only its
// hash is. This is the port; a store implements it.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { UserError } from '../../../core/user-error.ts';
import { OWNER_ID } from './who.ts';

export interface Account {
  name: string;
  /** As `hashOf` makes it. */
  tokenHash: string;
  createdAt: Date;
}

export interface AccountStore {
  /** False when the name is taken; nothing is changed then. */
  add(account: Account): Promise<boolean>;
  get(name: string): Promise<Account | undefined>;
  /** All of them, by name. */
  list(): Promise<Account[]>;
  /** False when there was none of this name. */
  remove(name: string): Promise<boolean>;
}

const TOKEN_BYTES = 32;
/** Names that would pass for somebody else. */
const RESERVED = [OWNER_ID, 'admin', 'you', 'darkroom', 'main'];

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** SHA-256, in hex. Tokens are random and long, so a slow hash would add nothing. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Takes the same time wherever they differ. */
export function sameHash(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The name as it is kept. Throws a UserError for what can not be one. */
export function accountName(typed: string): string {
  const name = typed.trim().normalize('NFC').toLowerCase();
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u.test(name))
    throw new UserError(
      'A name has up to 32 letters, digits, dots and dashes, such as anna: /darkroom invite anna',
    );
  if (RESERVED.includes(name)) throw new UserError(`${name} is taken by Darkroom itself. Choose another name.`);
  return name;
}
