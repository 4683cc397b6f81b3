// What a worker host and the threads of its pool say to each other.

import type { MessagePort } from 'node:worker_threads';
import type { Batch, Step } from '../pipeline/picture.ts';
import type { Tidied } from './model-shelf.ts';
import type { FoundDevice, GroupEnd, HostConfig } from './protocol.ts';

export interface ThreadSetup {
  config: HostConfig;
  /** URL of the module whose default export does the tasks. */
  threadModule: string;
}

export type ThreadTask =
  /** Find out whether the device can be used; the answer also shows that the thread has started. */
  | { type: 'wake' }
  | { type: 'load'; model: string }
  /** `port` takes the news; `orders` is what OrderBoard reads and writes. */
  | { type: 'run'; batch: Batch; port: MessagePort; orders: SharedArrayBuffer };

/** While a run goes on. */
export type ThreadNews =
  | { type: 'opened' }
  | { type: 'pulse' }
  | { type: 'step'; group: number; step: Step }
  | { type: 'ended'; end: GroupEnd };

export type ThreadAnswer = (
  | ({ type: 'awake' } & FoundDevice)
  | { type: 'loaded' }
  /** With the ends that the news has not told. */
  | { type: 'over'; ends: GroupEnd[] }
  | { type: 'failed'; message: string; explained: boolean }
) & {
  /** What the models that are open had to give up for this task. */
  tidied?: Tidied;
};
