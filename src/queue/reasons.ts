// Why a job failed: in a word for the numbers, and in a sentence for people.

import { BatchFailed, HostBroken, HostDied } from '../workers/failures.ts';
import { StorageBusy, StorageFull } from './job.ts';

export type FailureKind = 'model' | 'storage' | 'worker' | 'fault';

export function kindOf(error: unknown): FailureKind {
  if (error instanceof StorageFull || error instanceof StorageBusy) return 'storage';
  if (error instanceof HostDied || error instanceof HostBroken) return 'worker';
  return error instanceof BatchFailed && error.explained ? 'model' : 'fault';
}

/** A job is started twice at the most: one that kills two workers would kill the third. */
const MAX_ATTEMPTS = 2;

export interface AnotherTry {
  /** For the log. */
  why: string;
  /** It may be what went wrong, so nothing is drawn beside it. */
  alone: boolean;
  /** The failed try does not count. */
  spare: boolean;
}

/** Whether a job is drawn once more after a failure; `together`: so many jobs were in its batch. */
export function anotherTry(error: unknown, attempt: number, together: number): AnotherTry | undefined {
  if (error instanceof BatchFailed && together > 1)
    return { why: 'a batch failed, each of its jobs is drawn alone', alone: true, spare: true };
  if (!(error instanceof HostDied)) return undefined;
  const { blameless } = error;
  if (!blameless && attempt >= MAX_ATTEMPTS) return undefined;
  return { why: 'a worker died, the job is queued again', alone: !blameless, spare: blameless };
}

/** What people read when their job failed. Details are in the log under the job's id. */
export function sentence(error: unknown, id: string): string {
  if (error instanceof BatchFailed && error.explained) return error.message;
  if (error instanceof StorageFull || error instanceof HostBroken) return error.message;
  if (error instanceof HostDied)
    return 'Drawing this was cut off twice, so it was given up. Try other settings, or tell the owner.';
  return `Something went wrong while drawing; the owner finds it in the log under ${id}.`;
}

/** The same for a job that was being drawn whenever the program ended. */
export const cutOff = (times: number): string =>
  `Drawing this was cut off ${times} times, the last time by the end of the program, so it was given up. Try other settings, or tell the owner.`;

/** For a job whose pictures the model's safety checker flagged where such pictures are not shown. */
export const WITHHELD =
  "The model's safety checker flagged what was drawn, so it is withheld here. Ask for something else, or in a channel for adults.";
