// Ids that sort by time: UUID version 7 (RFC 9562, section 5.7) with the 12-bit counter of section 6.2, method 1.

import { randomBytes } from 'node:crypto';

const COUNTER_LIMIT = 0x1000;

/** Gives ids in strictly rising order, also within one millisecond and when the clock is set back. */
export function uuid7s(random: (size: number) => Uint8Array = randomBytes): (now: Date) => string {
  let millis = 0;
  let counter = 0;
  return (date) => {
    const now = date.getTime();
    if (now > millis) {
      millis = now;
      counter = 0;
    } else if (++counter === COUNTER_LIMIT) {
      millis += 1;
      counter = 0;
    }
    const time = millis.toString(16).padStart(12, '0');
    const tail = Buffer.from(random(8));
    tail[0] = (tail[0]! & 0x3f) | 0x80;
    const hex = time + '7' + counter.toString(16).padStart(3, '0') + tail.toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}
