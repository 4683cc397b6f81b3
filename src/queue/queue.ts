// Accepts jobs, decides who is next, hands batches to the workers and settles the rows. The row decides: whoever
// changes its status first has won, and the other drops what it has. Knows no platforms and no prompts' grammar.

import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { seedOf } from './seed.ts';
import { StorageFull, type ImageStore, type Job, type JobStore, type NewJob } from './job.ts';
import { BatchCanceled, BatchFailed, HostBroken, HostDied } from '../workers/failures.ts';
import type { Batch } from '../pipeline/picture.ts';
import type { BatchResult, Progress } from '../workers/protocol.ts';

/** A job is started twice at the most: one that kills two workers would kill the third. */
export const MAX_ATTEMPTS = 2;

/** What the queue needs of the workers. */
export interface Painters {
  /** How many batches could start now. */
  readonly idle: number;
  /** Why nothing will ever start, when that is so. */
  readonly broken: string | undefined;
  run(batch: Batch, watch: { signal: AbortSignal; onProgress: (p: Progress) => void }): Promise<BatchResult>;
}

interface QueueEvents {
  /** A row has changed. */
  change: [job: Job];
  /** A running job has made a step. */
  progress: [jobId: string, progress: Progress];
}

interface Deps {
  jobs: JobStore;
  images: ImageStore;
  painters: Painters;
  log: Logger;
  now: () => Date;
}

export class Queue extends EventEmitter<QueueEvents> {
  readonly #deps: Deps;
  readonly #running = new Map<string, { abort: AbortController; over: Promise<void> }>();
  #working = false;
  #stopped = false;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;

  constructor(deps: Deps) {
    super();
    this.setMaxListeners(0);
    this.#deps = deps;
  }

  /** Takes up what a dead process left running, then works until `stop`. */
  async start(): Promise<void> {
    const again = await this.#deps.jobs.requeueRunning();
    if (again) this.#deps.log.info({ jobs: again }, 'jobs of the last run are queued again');
    this.#working = true;
    this.pump();
  }

  /** The row for this request: new, or the one already made for its key. */
  async add(job: NewJob): Promise<Job> {
    const row = await this.#deps.jobs.insert(job, this.#deps.now());
    this.pump();
    return row;
  }

  /** The canceled job, or undefined when it was already over. People do not wait for the device to notice. */
  async cancel(id: string): Promise<Job | undefined> {
    const finishedAt = this.#deps.now();
    const job = await this.#deps.jobs.move(id, ['queued', 'running'], { status: 'canceled', finishedAt });
    if (!job) return undefined;
    this.#running.get(id)?.abort.abort();
    this.emit('change', job);
    return job;
  }

  /** Hands waiting jobs to idle workers. Called whenever either may have changed. */
  pump(): void {
    // Not before `start` has put back what was running: it could not tell a job of this process from a lost one.
    if (!this.#working) return;
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = this.#fill()
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'the queue could not be read'))
      .finally(() => {
        this.#pumping = undefined;
        if (!this.#pumpAgain) return;
        this.#pumpAgain = false;
        this.pump();
      });
  }

  async #fill(): Promise<void> {
    while (!this.#stopped && this.#deps.painters.idle > 0) {
      const [next] = await this.#deps.jobs.queued(1);
      if (!next || this.#stopped) return;
      await this.#begin(next);
    }
  }

  async #begin(queued: Job): Promise<void> {
    // Registered before the claim, so that a cancel that comes right after the claim finds something to abort.
    const abort = new AbortController();
    let resolve!: () => void;
    const over = new Promise<void>((done) => (resolve = done));
    this.#running.set(queued.id, { abort, over });
    const job = await this.#deps.jobs.move(queued.id, ['queued'], {
      status: 'running',
      begin: true,
      startedAt: this.#deps.now(),
    });
    if (!job) {
      this.#running.delete(queued.id);
      resolve();
      return;
    }
    this.emit('change', job);
    void this.#run(job, abort.signal).finally(() => {
      this.#running.delete(job.id);
      resolve();
      this.pump();
    });
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { painters, images, log, now } = this.#deps;
    try {
      const batch = await this.#batchOf(job);
      const onProgress = (progress: Progress): void => void this.emit('progress', job.id, progress);
      const { pictures, totalMs, runtimeMs, device } = await painters.run(batch, { signal, onProgress });
      const ids = pictures.map((_, i) => `${job.id}-${i}`);
      await Promise.all(pictures.map((p, i) => images.put(ids[i]!, p.png)));
      await this.#settle(job, { status: 'done', images: ids, finishedAt: now() });
      log.info(
        { job: job.id, device, ms: Math.round(totalMs), runtimeMs: Math.round(runtimeMs) },
        'job done',
      );
    } catch (error) {
      await this.#fail(job, error, signal.aborted);
    }
  }

  async #batchOf({ params }: Job): Promise<Batch> {
    const { prompt, negativePrompt, seed, count, init, ...shared } = params;
    const bytes = init && (await this.#deps.images.get(`${init.jobId}-${init.index}`));
    if (init && !bytes) throw new BatchFailed('The picture it was to start from is gone.', true);
    const tasks = Array.from({ length: count }, (_, i) => ({
      prompt,
      negativePrompt,
      seed: seedOf(seed, i),
      ...(init && bytes && { init: { bytes, strength: init.strength } }),
    }));
    return { ...shared, tasks };
  }

  async #fail(job: Job, error: unknown, aborted: boolean): Promise<void> {
    if (aborted && !this.#stopped) return; // cancel() has already settled the row
    const { log, now } = this.#deps;
    try {
      if (aborted || error instanceof BatchCanceled) {
        await this.#settle(job, { status: 'queued' }); // stopping: the next start draws it
      } else if (error instanceof HostDied && job.attempt < MAX_ATTEMPTS) {
        log.warn({ job: job.id, reason: error.message }, 'a worker died, the job is queued again');
        await this.#settle(job, { status: 'queued' });
      } else {
        log.error({ job: job.id, err: error }, 'job failed');
        await this.#settle(job, { status: 'failed', error: sentence(error, job.id), finishedAt: now() });
      }
    } catch (unsettled) {
      // The row stays running; the next start queues it again, so nothing is lost.
      log.error({ job: job.id, err: unsettled }, 'the job could not be settled');
    }
  }

  async #settle(job: Job, change: Parameters<JobStore['move']>[2]): Promise<void> {
    const { jobs, images } = this.#deps;
    const settled = await jobs.move(job.id, ['running'], change);
    if (settled) this.emit('change', settled);
    else if ((await jobs.get(job.id))?.status === 'canceled')
      await Promise.all((change.images ?? []).map((id) => images.remove(id)));
  }

  /** Running jobs go back to the queue; resolves when none is touched any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#pumping;
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ over }) => over));
  }
}

/** What people read when their job failed. Details are in the log under the job's id. */
function sentence(error: unknown, id: string): string {
  if (error instanceof BatchFailed && error.explained) return error.message;
  if (error instanceof StorageFull || error instanceof HostBroken) return error.message;
  if (error instanceof HostDied)
    return 'This request stopped two workers, so it was given up. Try other settings, or tell the owner.';
  return `Something went wrong while drawing; the owner finds it in the log under ${id}.`;
}
