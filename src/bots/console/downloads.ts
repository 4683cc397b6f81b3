// Files that a note offers in a conversation: kept in memory for a while, and asked for by an id that nobody can guess.
// Knows no HTTP.

import { randomUUID } from 'node:crypto';

export interface Download {
  name: string;
  bytes: Uint8Array;
}

const KEPT_MS = 10 * 60_000;
/** The oldest go first when there are more. */
const MOST = 20;

export class Downloads {
  readonly #files = new Map<string, Download & { channel: string; until: number }>();
  readonly #clock: () => Date;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  /** The address of the file. */
  add(channel: string, file: Download): string {
    const now = this.#clock().getTime();
    for (const [id, { until }] of this.#files)
      if (until <= now || this.#files.size >= MOST) this.#files.delete(id);
    const id = randomUUID();
    this.#files.set(id, { ...file, channel, until: now + KEPT_MS });
    return `/downloads/${id}`;
  }

  /** For who looks on at this conversation alone. */
  get(channel: string, id: string): Download | undefined {
    const file = this.#files.get(id);
    return file?.channel === channel && file.until > this.#clock().getTime() ? file : undefined;
  }
}
