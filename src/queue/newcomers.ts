// Who will still come: how much each server asks for, and how much of that goes before those who wait there, learned
// from what came. Knows no order and no jobs.

/** What is known of a server's requests fades with this time constant. */
const MEMORY_MS = 30 * 60_000;
/** Servers of which nothing is left to know are looked for when so many are remembered. */
const FORGET_FROM = 256;
const FORGOTTEN = 1e-3;

/** What a server is expected to ask for. */
export interface Inflow {
  /** Device-seconds in a second. */
  rate: number;
  /** The part of it that comes from people whose turn it would be at once. */
  fresh: number;
  /** How far the others are behind, on average, in weighted seconds. */
  behind: number;
}

interface Learned {
  at: number;
  seconds: number;
  /** Of that what came from people whose turn it would be at once, and of the others seconds by how far. */
  fresh: number;
  behind: number;
}

const NONE: Inflow = { rate: 0, fresh: 1, behind: 1 };

export class Newcomers {
  readonly #servers = new Map<string, Learned>();
  /** Of all, and of those in whose server nobody waited. */
  readonly #all = nothing();
  readonly #first = nothing();
  #since: number | undefined;

  /** A request of so many seconds by someone who is so far behind those whose turn it is. */
  came(server: string, seconds: number, behind: { inServer: number; server: number | undefined }, at: Date): void {
    const now = at.getTime();
    this.#since ??= now;
    let learned = this.#servers.get(server);
    if (!learned) this.#servers.set(server, (learned = nothing()));
    add(learned, seconds, behind.inServer, now);
    add(this.#all, seconds, 0, now);
    if (behind.server !== undefined) add(this.#first, seconds, behind.server, now);
    if (this.#servers.size >= FORGET_FROM && (this.#servers.size & (this.#servers.size - 1)) === 0)
      for (const [id, each] of this.#servers)
        if (each.seconds * faded(each, now) < FORGOTTEN) this.#servers.delete(id);
  }

  /** Those of whom something is known. */
  get servers(): Iterable<string> {
    return this.#servers.keys();
  }

  of(server: string, now: Date): Inflow {
    return this.#inflow(this.#servers.get(server), now);
  }

  /** Of all servers together; how far behind those are in whose server nobody waits. */
  all(now: Date): Inflow {
    const { fresh, behind } = this.#inflow(this.#first, now);
    return { rate: this.#inflow(this.#all, now).rate, fresh, behind };
  }

  #inflow(learned: Learned | undefined, now: Date): Inflow {
    if (!learned || learned.seconds <= 0 || this.#since === undefined) return NONE;
    // In the beginning the memory is not full yet.
    const full = 1 - Math.exp(-Math.max(1, now.getTime() - this.#since) / MEMORY_MS);
    const rate = (learned.seconds * faded(learned, now.getTime()) * 1000) / (MEMORY_MS * full);
    const late = learned.seconds - learned.fresh;
    return {
      rate,
      fresh: learned.fresh / learned.seconds,
      behind: late > 0 ? learned.behind / late : 1,
    };
  }
}

const nothing = (): Learned => ({ at: 0, seconds: 0, fresh: 0, behind: 0 });

function add(learned: Learned, seconds: number, behind: number, now: number): void {
  fade(learned, now);
  learned.seconds += seconds;
  if (behind <= 0) learned.fresh += seconds;
  else learned.behind += seconds * behind;
}

/** What is left of it. A clock that was set back makes nothing newer. */
const faded = ({ at }: Learned, now: number): number => Math.exp(-Math.max(0, now - at) / MEMORY_MS);

function fade(learned: Learned, now: number): void {
  const left = faded(learned, now);
  learned.seconds *= left;
  learned.fresh *= left;
  learned.behind *= left;
  learned.at = now;
}
