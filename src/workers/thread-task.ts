// What a worker host and the threads of its pool say to each other.

import type { MessagePort } from 'node:worker_threads';
import type { Batch, Step } from '../pipeline/picture.ts';
import type { BatchResult, HostConfig } from './protocol.ts';

export interface ThreadSetup {
  config: HostConfig;
  /** URL of the module whose default export does the tasks. */
  threadModule: string;
}

export type ThreadTask =
  /** Do nothing: that it is answered shows that the thread has started. */
  | { type: 'wake' }
  | { type: 'load'; model: string }
  /** `port` takes the news; `cancel` is one Int32 that turns 1. */
  | { type: 'run'; batch: Batch; port: MessagePort; cancel: SharedArrayBuffer };

/** While a run goes on. */
export type ThreadNews = { type: 'opened' } | { type: 'step'; step: Step };

export type ThreadAnswer =
  | { type: 'awake' }
  | { type: 'loaded' }
  | { type: 'done'; result: BatchResult }
  | { type: 'canceled' }
  | { type: 'failed'; message: string; explained: boolean };
