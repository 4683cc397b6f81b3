// What is kept of the people who were let in to the console, and of the browsers in which somebody is signed in. No
// secret is: only hashes of them are. This is the port; a store implements it.

export interface Account {
  /** As `accountName` makes it. */
  name: string;
  /** SHA-256 of the key that they sign in with, in hex. */
  keyHash: string;
  createdAt: Date;
}

export interface Session {
  /** SHA-256 of what the cookie holds, in hex. */
  id: string;
  /** An account's; absent: the owner's. */
  name?: string;
  /** Of the owner's: binds it to the password that it was begun with. */
  mark?: string;
  until: Date;
}

export interface AccessStore {
  /** False when the name is taken; nothing is changed then. */
  invite(account: Account): Promise<boolean>;
  /** The account goes with its sessions. False when there was none of this name. */
  dismiss(name: string): Promise<boolean>;
  /** All accounts, by name. */
  accounts(): Promise<Account[]>;
  accountWithKey(keyHash: string): Promise<Account | undefined>;
  /**
   * Keeps the session, drops those that are over by `now`, and of the same person all but the newest `most`.
   * Rejects when its account is gone.
   */
  begin(session: Session, now: Date, most: number): Promise<void>;
  session(id: string): Promise<Session | undefined>;
  end(id: string): Promise<void>;
}
