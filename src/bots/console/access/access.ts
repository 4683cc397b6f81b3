// Who is let in: the owner by the password of the settings, and the people whom the owner invited, each by a key of
// their own. Knows neither HTTP nor how accounts are stored.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { UserError } from '../../../core/user-error.ts';
import type { AccessStore, Account, Session } from './access-store.ts';
import { guest, OWNER, OWNER_ID, type Who } from './who.ts';

export const SESSION_DAYS = 30;

/** Browsers in which one person is signed in at once. */
const MOST_SESSIONS = 20;
const SECRET_BYTES = 32;
const DAY_MS = 24 * 60 * 60_000;
/** Names that would pass for somebody else. */
const RESERVED = [OWNER_ID, 'owner', 'admin', 'you', 'darkroom', 'main'];

export interface AccessDeps {
  store: AccessStore;
  /** CONSOLE_PASSWORD. */
  password: string;
  clock: () => Date;
}

export class Access {
  readonly #deps: AccessDeps;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Lets somebody in: the key that they sign in with, told this once. Rejects with a UserError for a bad name. */
  async invite(typed: string): Promise<{ name: string; key: string }> {
    const { store, clock } = this.#deps;
    const name = accountName(typed);
    const key = newSecret();
    if (await store.invite({ name, keyHash: hashOf(key), createdAt: clock() })) return { name, key };
    throw new UserError(
      `${name} was invited before. For a new key: /people remove ${name}, then invite again.`,
    );
  }

  /** Lets somebody in no longer, at once. Their pictures stay. Rejects with a UserError when there is no such name. */
  async dismiss(typed: string): Promise<Who> {
    const name = accountName(typed);
    if (await this.#deps.store.dismiss(name)) return guest(name);
    throw new UserError(`Nobody here is called ${name}. /people names everyone.`);
  }

  /** Everyone who was invited, by name. */
  people(): Promise<Account[]> {
    return this.#deps.store.accounts();
  }

  isPassword(typed: string): boolean {
    return isSame(typed, this.#deps.password);
  }

  /** What the browser's cookie is to hold, for who has the password or a key; undefined for everybody else. */
  async signIn(secret: string): Promise<{ token: string; who: Who } | undefined> {
    const { store, clock } = this.#deps;
    const now = clock();
    const isOwner = this.isPassword(secret);
    const account = isOwner ? undefined : await store.accountWithKey(hashOf(secret));
    if (!account && !isOwner) return undefined;
    const token = newSecret();
    const until = new Date(now.getTime() + SESSION_DAYS * DAY_MS);
    const whose = account ? { name: account.name } : { mark: this.#markOf(token) };
    await store.begin({ id: hashOf(token), until, ...whose }, now, MOST_SESSIONS);
    return { token, who: account ? guest(account.name) : OWNER };
  }

  /** Whose browser it is; undefined when it is nobody's, or no longer. */
  async whoHas(token: string): Promise<Who | undefined> {
    const session = await this.#deps.store.session(hashOf(token));
    if (!session || session.until <= this.#deps.clock()) return undefined;
    return session.name === undefined ? this.#owner(session, token) : guest(session.name);
  }

  signOut(token: string): Promise<void> {
    return this.#deps.store.end(hashOf(token));
  }

  /** A new password ends what was begun with the old one. */
  #owner({ mark = '' }: Session, token: string): Who | undefined {
    return isSame(mark, this.#markOf(token)) ? OWNER : undefined;
  }

  // The token is kept nowhere, so nobody can try passwords on the mark.
  #markOf(token: string): string {
    return hashOf(`${token}\n${this.#deps.password}`);
  }
}

/** What every write from a signed-in page carries beside its cookie, which other pages can not read. */
export const csrfTokenOf = (token: string): string => hashOf(`csrf\n${token}`);

/** Takes the same time wherever they differ. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

/** The name as it is kept. Throws a UserError for what can not be one. */
export function accountName(typed: string): string {
  const name = folded(typed.trim().replace(/^@/, ''));
  // Digits alone are people's ids on Discord, whom the same rules may name.
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,31}$/u.test(name) || /^\d+$/.test(name))
    throw new UserError('A name has up to 32 letters, digits, dots and dashes: /people invite anna');
  if (RESERVED.includes(name)) throw new UserError(`${name} means somebody else here. Choose another name.`);
  return name;
}

/** As names are kept and compared. */
export const folded = (typed: string): string => typed.normalize('NFKC').toLowerCase();

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

// Secrets of ours are random and long, so a slow hash would add nothing.
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
