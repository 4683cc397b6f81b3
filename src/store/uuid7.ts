// UUID version 7 (RFC 9562): ids that sort by the time given, and within one millisecond by the order of asking.
// The 12 bits after the version are a counter, seeded at random below half so that it has room to count.

import { randomBytes } from 'node:crypto';

let lastMs = -1;
let counter = 0;

export function uuid7(now: Date): string {
  const ms = now.getTime();
  const random = randomBytes(10);
  counter = ms === lastMs ? counter + 1 : random.readUInt16BE(0) & 0x7ff;
  lastMs = ms;
  const time = (ms + Math.floor(counter / 0x1000)).toString(16).padStart(12, '0');
  const count = (0x7000 | (counter % 0x1000)).toString(16);
  const variant = (0x8000 | (random.readUInt16BE(2) & 0x3fff)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${count}-${variant}-${random.toString('hex', 4)}`;
}
