// Who may see and end a job. A private one is its person's alone, and so is what was asked for on the page, where
// everyone has a conversation to themselves.

import type { Job, Requester } from '../queue/job.ts';
import { HOUSE } from './rules.ts';
import { UserError } from './user-error.ts';

/** Who acts on a job. A moderator may end what others began. */
export interface Actor {
  by: Requester;
  moderator?: boolean;
}

export function isOwn({ requester }: Pick<Job, 'requester'>, by: Requester): boolean {
  return requester.platform === by.platform && requester.id === by.id;
}

/** Whether everyone who has its id may see it. */
export const isForAll = ({ private: isPrivate, requester }: Job): boolean =>
  !isPrivate && requester.platform !== HOUSE.platform;

/** Of a person who was forgotten there is nothing to see, where a row had to stay. */
export const maySee = (job: Job, by: Requester): boolean =>
  !job.params.forgotten && (isOwn(job, by) || isForAll(job));

/** Throws a UserError for who may not. */
export function mayEnd(job: Job, { by, moderator = false }: Actor, what: string): void {
  if (!moderator && !isOwn(job, by)) throw new UserError(`Only ${job.requester.name} can ${what} this.`);
}
