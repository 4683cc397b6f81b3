// What Darkroom keeps about a person beyond their jobs: the defaults they set, and the jobs they marked with a star.

import type { Requester } from '../queue/job.ts';
import type { ImagineFields } from './prompt-line.ts';

export type PersonRef = Pick<Requester, 'platform' | 'id'>;

export interface PeopleStore {
  /** Empty when the person has set none. */
  defaultsOf(person: PersonRef): Promise<ImagineFields>;
  /** In the place of what was there. */
  setDefaults(person: PersonRef, defaults: ImagineFields): Promise<void>;
  /** Marking twice, or unmarking what is not marked, changes nothing. */
  mark(person: PersonRef, jobId: string, on: boolean): Promise<void>;
  /** The person's defaults and marks go, and everybody's marks of these jobs. */
  forget(person: PersonRef, jobIds: readonly string[]): Promise<void>;
  /** Ids of marked jobs, the latest mark first. */
  marked(person: PersonRef, limit: number): Promise<string[]>;
}
