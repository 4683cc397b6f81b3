// When waiting jobs will begin if nobody else comes: their order, seated on the places in batches. Knows no rows and no
// clock.

/** What a waiting job needs when its turn comes. */
export interface Needs {
  id: string;
  /** Device-seconds; undefined where nothing is known of its model. */
  seconds: number | undefined;
  /** Equal for jobs that can be drawn together. */
  kind: string;
  pictures: number;
  /** Pictures that fit into a batch of its kind. */
  room: number;
}

/** When a job begins. */
export interface Begin {
  /** Seconds from now. */
  at: number;
  /** Before its turn, in a batch with another. */
  joins: boolean;
}

/**
 * Seconds until each of `waiting` begins, by its id, when the places are free after `free` seconds and a batch is filled
 * up from the next `joinFrom`. Ends before the first of whom it can not be told.
 */
export function forecast(
  waiting: readonly Needs[],
  free: readonly number[],
  joinFrom: number,
): Map<string, Begin> {
  const begins = new Map<string, Begin>();
  const freeAt = [...free];
  for (const [at, first] of waiting.entries()) {
    if (begins.has(first.id)) continue;
    if (first.seconds === undefined) break;
    const begin = Math.min(...freeAt);
    begins.set(first.id, { at: begin, joins: false });
    let { seconds } = first;
    let room = first.room - first.pictures;
    for (let next = at + 1, asked = 0; room > 0 && asked < joinFrom && next < waiting.length; next++) {
      const other = waiting[next]!;
      if (begins.has(other.id)) continue;
      asked += 1;
      if (other.kind !== first.kind || other.pictures > room || other.seconds === undefined) continue;
      begins.set(other.id, { at: begin, joins: true });
      seconds += other.seconds;
      room -= other.pictures;
    }
    freeAt[freeAt.indexOf(begin)] = begin + seconds;
  }
  return begins;
}
