// What each test of the Discord side begins and ends with: a fake Discord, front desks on it, and at the end every
// request that was sent held against Discord's own contract.

import { afterEach, beforeEach, vi } from 'vitest';
import { breaches } from './contract.ts';
import { Desk, queued, type Set } from './desk.ts';
import { FakeDiscord } from './fake-discord.ts';
import { IDS, command, fields } from './payloads.ts';

export const ORIGINAL = /^\/webhooks\/.*\/messages\/@original$/;
export const EDIT = /^\/channels\/\d+\/messages\/\d+$/;
export const CREATE = /^\/channels\/\d+\/messages$/;
export const CALLBACK = /\/callback$/;
export const FOLLOW_UP = /^\/webhooks\/\d+\/[^/]+$/;

export const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 15_000, interval: 10 });

export class Bench {
  fake!: FakeDiscord;
  #desks: Desk[] = [];

  /** For a test file: a new fake Discord for each of its tests. */
  static forEachTest(): Bench {
    const bench = new Bench();
    beforeEach(async () => {
      bench.fake = await FakeDiscord.start();
      bench.#desks = [];
    });
    afterEach(async () => {
      for (const desk of bench.#desks) await desk.chat.stop();
      await bench.fake.stop();
      const found = breaches(bench.fake.requests);
      if (found.length > 0) throw new Error(found.join('\n'));
    });
    return bench;
  }

  desk(set?: Set): Desk {
    const desk = new Desk(this.fake, set);
    this.#desks.push(desk);
    return desk;
  }

  async started(set?: Set): Promise<Desk> {
    const desk = this.desk(set);
    await desk.start();
    return desk;
  }

  /** A job of Ada's whose message stands in the channel. */
  async asked(desk: Desk, id = '11', prompt = 'a red heart'): Promise<string> {
    const before = desk.posts.length;
    this.fake.interact(command(id, 'imagine', fields({ prompt })));
    await until(() => {
      if (desk.posts.length === before) throw new Error('Nothing was posted yet.');
    });
    return desk.post.message;
  }

  /** A private job of Ada's in her direct messages. */
  async privately(desk: Desk): Promise<string> {
    const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
    const place = { platform: 'discord', channel: IDS.channel };
    const post = await desk.chat.post(place, { ...queued('a secret', 'job-7'), by, private: true });
    return post.message;
  }
}
