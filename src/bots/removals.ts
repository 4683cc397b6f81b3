// Taking pictures and the messages that show them away, on whichever platform they are. Knows no intents.

import type { Logger } from 'pino';
import { isOwn, mayEnd, type Actor } from '../core/access.ts';
import type { PostRef, PostStore } from '../core/posts.ts';
import type { Studio } from '../core/studio.ts';
import { UserError } from '../core/user-error.ts';
import type { Job } from '../queue/job.ts';
import type { Chat } from './chat.ts';

interface Deps {
  studio: Pick<Studio, 'remove'>;
  posts: PostStore;
  /** The platform that a message is on. Throws where it is not connected. */
  chatOf: (post: PostRef) => Chat;
  log: Pick<Logger, 'warn'>;
}

export class Removals {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * A person's own pictures go with all messages that show them. A moderator takes this message away, and a moderator
   * of where it was asked for the pictures with the last one. Throws a UserError for everyone else. `here`: who acts,
   * as a moderator of where the message stands.
   */
  async delete(job: Job, post: PostRef, actor: Actor, here: Actor): Promise<void> {
    mayEnd(job, here, 'delete');
    const { studio, posts } = this.#deps;
    const others = (await posts.of(job.id)).filter((other) => !isSame(other, post));
    const own = isOwn(job, actor.by);
    if (own || (others.length === 0 && actor.moderator)) await studio.remove(job, actor);
    const left = await this.#takeDown(own ? [post, ...others] : [post]);
    if (left > 0) throw new UserError(leftWords(left));
  }

  /** A moderator's decision: the pictures and every message that shows them go. */
  async takeAway(job: Job, by: Actor['by']): Promise<void> {
    const { studio, posts } = this.#deps;
    await studio.remove(job, { by, moderator: true });
    await this.#takeDown(await posts.of(job.id));
  }

  /** How many could not be taken away: that keeps nothing else from it. */
  async #takeDown(shown: readonly PostRef[]): Promise<number> {
    const { posts, chatOf, log } = this.#deps;
    const taken = shown.map(async (post) => {
      await chatOf(post).remove(post);
      await posts.unlink(post); // not before it is gone, so that it can be tried again
    });
    const failed = (await Promise.allSettled(taken)).filter((one) => one.status === 'rejected');
    for (const { reason } of failed) log.warn({ err: reason }, 'a message could not be taken away');
    return failed.length;
  }
}

const leftWords = (left: number): string =>
  left === 1
    ? 'One message could not be taken away. Try again later, or delete it by hand.'
    : `${left} messages could not be taken away. Try again later, or delete them by hand.`;

function isSame(a: PostRef, b: PostRef): boolean {
  return a.platform === b.platform && a.channel === b.channel && a.message === b.message;
}
