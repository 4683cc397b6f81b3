// Who is let in: the admin by the token of the settings, and the people whom the admin invited. Knows neither HTTP nor
// how accounts are stored.

import { UserError } from '../../../core/user-error.ts';
import { accountName, hashOf, newToken, sameHash, type Account, type AccountStore } from './accounts.ts';
import { Sessions, type Session } from './sessions.ts';
import { ADMIN, guest, OWNER_ID, type Who } from './who.ts';

export interface AccessDeps {
  accounts: AccountStore;
  /** CONSOLE_ADMIN_TOKEN. */
  adminToken: string;
  /** Signs sessions: at least 32 random bytes that outlive a restart. */
  key: Uint8Array<ArrayBuffer>;
  clock: () => Date;
  /** Where the page can be opened by others, without a slash at the end. */
  publicUrl?: string;
}

/** Somebody whose token is known. */
export interface Recognised {
  name: string;
  tokenHash: string;
}

export class Access {
  readonly sessions: Sessions;
  readonly #deps: AccessDeps;
  readonly #adminHash: string;
  #dismissed: (who: Who) => void = () => undefined;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
    this.#adminHash = hashOf(deps.adminToken);
    this.sessions = new Sessions(deps.key, deps.clock);
  }

  /**
   * Lets somebody in: a link to sign in with where the page has a public address, else the token to be typed. It is
   * shown this once. Rejects with a UserError for a name that can not be had.
   */
  async invite(typed: string): Promise<string> {
    const { accounts, clock, publicUrl } = this.#deps;
    const name = accountName(typed);
    const token = newToken();
    if (!(await accounts.add({ name, tokenHash: hashOf(token), createdAt: clock() })))
      throw new UserError(
        `${name} is invited already. For a new token: /darkroom dismiss ${name}, then invite again.`,
      );
    // What stands after # stays in the browser: it reaches no server and no log.
    return publicUrl === undefined ? token : `${publicUrl}/sign-in#token=${token}`;
  }

  /** Lets somebody in no longer, at once. Their pictures stay. Rejects with a UserError when there is no such name. */
  async dismiss(typed: string): Promise<void> {
    const name = accountName(typed);
    if (!(await this.#deps.accounts.remove(name)))
      throw new UserError(`Nobody here is called ${name}. /darkroom people names everyone.`);
    this.#dismissed(guest(name));
  }

  /** Everyone who was invited, by name. */
  async list(): Promise<Pick<Account, 'name' | 'createdAt'>[]> {
    return (await this.#deps.accounts.list()).map(({ name, createdAt }) => ({ name, createdAt }));
  }

  /** `listener` is told of everyone who is dismissed. */
  onDismissed(listener: (who: Who) => void): void {
    this.#dismissed = listener;
  }

  isAdminToken(token: string): boolean {
    return sameHash(hashOf(token), this.#adminHash);
  }

  /** Whose token it is. Compares with all of them, so that the time it takes tells nothing. */
  async recognise(token: string): Promise<Recognised | undefined> {
    const hash = hashOf(token);
    const known = [{ name: OWNER_ID, tokenHash: this.#adminHash }, ...(await this.#deps.accounts.list())];
    const found = known.filter(({ tokenHash }) => sameHash(tokenHash, hash));
    return found[0];
  }

  /** Whose session it is now; undefined when they were dismissed or their token has changed. */
  async whoHas(session: Session): Promise<Who | undefined> {
    const isAdmin = session.name === OWNER_ID;
    const hash = isAdmin ? this.#adminHash : (await this.#deps.accounts.get(session.name))?.tokenHash;
    if (hash === undefined || !this.sessions.belongs(session, hash)) return undefined;
    return { ...(isAdmin ? ADMIN : guest(session.name)), session };
  }
}
