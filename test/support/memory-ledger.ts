// The ledger as a plain list, and what a database's triggers do to it, by hand.

import type { Account, LedgerStore, Used } from '../../src/core/ledger.ts';
import { FORGOTTEN } from '../../src/core/ledger.ts';
import type { ServerRef } from '../../src/core/rules.ts';

interface Entry extends Used {
  server: ServerRef;
  person: string;
  model: string;
  /** When its request was accepted. */
  at: Date;
}

export class MemoryLedger implements LedgerStore {
  readonly entries: Entry[] = [];
  /** How often a sum was asked for. */
  asked = 0;

  async used({ server, person, model }: Account, from: Date, to: Date): Promise<Used> {
    this.asked += 1;
    const sum = { pictures: 0, seconds: 0 };
    for (const entry of this.entries) {
      if (entry.server.platform !== server.platform || entry.server.id !== server.id) continue;
      if (person !== undefined && entry.person !== person) continue;
      if (model !== undefined && entry.model !== model) continue;
      if (entry.at < from || entry.at >= to) continue;
      sum.pictures += entry.pictures;
      sum.seconds += entry.seconds;
    }
    return sum;
  }

  async forget({ platform, id }: { platform: string; id: string }): Promise<void> {
    for (const entry of this.entries)
      if (entry.server.platform === platform && entry.person === id) entry.person = FORGOTTEN;
  }

  /** Not part of the port: what is reserved when a request is accepted. */
  reserve(entry: Entry): Entry {
    this.entries.push(entry);
    return entry;
  }

  /** Not part of the port: what it took in truth. The difference is an entry of its own, at the same time. */
  settle(reserved: Entry, truth: Used): void {
    const pictures = truth.pictures - reserved.pictures;
    this.entries.push({ ...reserved, pictures, seconds: truth.seconds - reserved.seconds });
  }
}
