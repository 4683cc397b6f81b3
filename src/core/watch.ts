// Following one job: how it stands now, and after each change until it is over.

import { isOver, type Job, type JobStore } from '../queue/job.ts';
import type { Standing } from '../queue/line.ts';
import type { Queue } from '../queue/queue.ts';
import type { Progress } from '../workers/protocol.ts';

/** How a job stands. */
export interface Ticket {
  job: Job;
  /** While it is queued. */
  standing?: Standing;
  progress?: Progress;
}

/**
 * The last ticket is the final one. Changes that come faster than they are read are skipped. A job that is not there
 * ends at once.
 */
export async function* watch(jobId: string, jobs: JobStore, queue: Queue): AsyncGenerator<Ticket> {
  const news = new News(queue, jobId); // listens before it reads, so no change is missed
  try {
    let job = await jobs.get(jobId);
    while (job) {
      yield ticket(job, news.progress, queue);
      if (isOver(job.status)) return;
      job = (await news.next()) ?? job;
    }
  } finally {
    news.close();
  }
}

function ticket(job: Job, progress: Progress | undefined, queue: Queue): Ticket {
  if (job.status === 'queued') return { job, standing: queue.standing(job) };
  return { job, ...(job.status === 'running' && progress && { progress }) };
}

/** The newest word about one job, for one reader. */
class News {
  readonly #queue: Queue;
  readonly #jobId: string;
  #job: Job | undefined;
  #fresh = false;
  #wake: (() => void) | undefined;
  progress: Progress | undefined;

  constructor(queue: Queue, jobId: string) {
    this.#queue = queue;
    this.#jobId = jobId;
    queue.on(`change ${jobId}`, this.#onChange);
    queue.on(`moved ${jobId}`, this.#tell);
    queue.on(`progress ${jobId}`, this.#onProgress);
  }

  readonly #onChange = (job: Job): void => {
    if (this.#job && isOver(this.#job.status)) return; // an answer of the database that came late
    this.#job = job;
    if (job.status === 'queued') this.progress = undefined; // a retry begins anew
    this.#tell();
  };

  readonly #onProgress = (progress: Progress): void => {
    this.progress = { ...(this.progress?.preview && { preview: this.progress.preview }), ...progress };
    this.#tell();
  };

  readonly #tell = (): void => {
    this.#fresh = true;
    this.#wake?.();
  };

  /** Resolves at the next change; the job when its row has changed since it was first read. */
  async next(): Promise<Job | undefined> {
    if (!this.#fresh) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#fresh = false;
    return this.#job;
  }

  close(): void {
    this.#queue.off(`change ${this.#jobId}`, this.#onChange);
    this.#queue.off(`moved ${this.#jobId}`, this.#tell);
    this.#queue.off(`progress ${this.#jobId}`, this.#onProgress);
  }
}
