// Which failures are Discord's or the network's and pass, and which are tried again by nobody.

import { HTTPError } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { isPassing } from '../src/bots/discord/problems.ts';
import { StorageBusy } from '../src/queue/job.ts';

const answered = (status: number): HTTPError => new HTTPError(status, 'no', 'PATCH', 'https://d.example', {});
const coded = (code: string): Error => Object.assign(new Error('no'), { code });

describe('a failure', () => {
  it.each([
    answered(500),
    answered(503),
    answered(429),
    coded('ECONNRESET'),
    coded('ECONNREFUSED'),
    coded('ENOTFOUND'),
    coded('UND_ERR_SOCKET'),
    coded('UND_ERR_HEADERS_TIMEOUT'),
    new DOMException('This operation was aborted', 'AbortError'),
  ])('of Discord or of the network passes: %s', (error) => {
    expect(isPassing(error)).toBe(true);
  });

  it.each([
    answered(400),
    answered(413),
    new Error('Input buffer contains unsupported image format'),
    new RangeError('no'),
    new StorageBusy('no'),
    coded('EMFILE'),
    coded('ERR_INVALID_ARG_TYPE'),
    'words',
  ])('that is ours, or a refusal, does not: %s', (error) => {
    expect(isPassing(error)).toBe(false);
  });
});
