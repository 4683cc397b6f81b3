// What moderators are asked to decide: a request that a rule refused, or a picture that somebody reported. The row
// decides: who changes its state first has decided. Knows no messages' looks.

import type { NewJob, Requester } from '../queue/job.ts';
import type { Asker, Terms } from './admission.ts';
import type { PostRef } from './posts.ts';

/** 'open': refused, and nobody asked yet; 'asked': before the moderators. */
export const reviewStates = ['open', 'asked', 'approved', 'denied'] as const;
export type ReviewState = (typeof reviewStates)[number];

export interface NewReview {
  kind: 'request' | 'picture';
  state: ReviewState;
  /** Who asked for the picture, or reported it. */
  by: Requester;
  server?: string;
  channel: string;
  /** What was refused, as it would have been accepted. */
  request?: Omit<NewJob, keyof Terms> & { asker?: Pick<Asker, 'roles' | 'ageRestricted' | 'parent'> };
  /** What was reported. */
  jobId?: string;
  /** For the moderators. */
  reason: string;
}

export interface Review extends NewReview {
  id: string;
  /** Our message to the moderators. */
  post?: PostRef;
  decidedBy?: string;
  createdAt: Date;
}

export interface ReviewStore {
  add(review: NewReview, now: Date): Promise<Review>;
  get(id: string): Promise<Review | undefined>;
  /** The changed review, or undefined when its state was another than `from`. */
  move(
    id: string,
    from: ReviewState,
    change: { state: ReviewState; decidedBy?: string; post?: PostRef },
  ): Promise<Review | undefined>;
  /** The oldest that are asked and not decided, of a server or of where there is none. */
  asked(where: { platform: string; server?: string }, limit: number): Promise<Review[]>;
  /** All that this person asked or reported, the oldest first. */
  of(person: Pick<Requester, 'platform' | 'id'>): Promise<Review[]>;
  /** All that was reported of these jobs, the oldest first. */
  about(jobIds: readonly string[]): Promise<Review[]>;
  /** Nobody decides it any more, and nothing is left but whose it is and our message: it has words that must go. */
  empty(id: string): Promise<void>;
  erase(ids: readonly string[]): Promise<void>;
  /** Those of before that nobody asked a moderator about: what was refused is not kept for good. */
  dropOpen(before: Date): Promise<void>;
}
