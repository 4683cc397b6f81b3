// Files that a note offers in a conversation: kept in memory for a while, and asked for by an id that nobody can guess.
// Knows no HTTP.

import { randomUUID } from 'node:crypto';

export interface Download {
  name: string;
  bytes: Uint8Array;
}

const KEPT_MS = 10 * 60_000;
/** The oldest go first when there is more: those of the same conversation before others'. */
const MOST_BYTES = 500 * 2 ** 20;

export class Downloads {
  readonly #files = new Map<string, Download & { channel: string; until: number }>();
  readonly #clock: () => Date;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  /** The address of the file. */
  add(channel: string, file: Download): string {
    const inOrder = [...this.#files].toSorted((a, b) => rank(a, channel) - rank(b, channel));
    for (const [old] of inOrder) {
      if (this.#bytes + file.bytes.length <= MOST_BYTES) break;
      this.#files.delete(old);
    }
    const id = randomUUID();
    this.#files.set(id, { ...file, channel, until: this.#clock().getTime() + KEPT_MS });
    setTimeout(() => this.#files.delete(id), KEPT_MS).unref();
    return `/downloads/${id}`;
  }

  get #bytes(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** For who looks on at this conversation alone. */
  get(channel: string, id: string): Download | undefined {
    const file = this.#files.get(id);
    return file?.channel === channel && file.until > this.#clock().getTime() ? file : undefined;
  }
}

const rank = ([, { channel }]: [string, { channel: string }], own: string): number =>
  channel === own ? 0 : 1;
