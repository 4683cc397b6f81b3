// What the contracts are tried on.

import type { MessageStore } from '../../src/bots/console/messages.ts';
import type { PeopleStore } from '../../src/core/people.ts';
import type { PostStore } from '../../src/core/posts.ts';
import type { JobStore } from '../../src/queue/job.ts';

export interface Stores {
  jobs: JobStore;
  posts: PostStore;
  people: PeopleStore;
  messages: MessageStore;
  close?(): Promise<void>;
}

/** A fixed time, so many seconds into 2026. */
export const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
