// Reads the console's live feed as a browser does, but can be made as slow as one likes.

import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { expect } from 'vitest';

export interface Events {
  /** The data of the next event, which must have this name. */
  next(name: string): Promise<unknown>;
  /** Comments so far. */
  readonly comments: string[];
  /** Stops reading from the socket. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Resolves once the feed is open. */
export async function readEvents(chat: { url: string }): Promise<Events> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${chat.url}/api/events`, resolve).on('error', reject);
  });
  expect(response.headers['content-type']).toContain('text/event-stream');
  const frames: string[] = [];
  const comments: string[] = [];
  let rest = '';
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  response.on('data', (text: string) => {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.startsWith(':')) comments.push(part.slice(1).trim());
      else frames.push(part);
    }
  });
  await expect.poll(() => comments).toContain('welcome');
  return {
    comments,
    async next(name) {
      await expect.poll(() => frames.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0);
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(frames.shift() ?? '') ?? [];
      expect(event).toBe(name);
      return JSON.parse(data ?? '') as unknown;
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => response.destroy(),
  };
}
