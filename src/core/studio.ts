// What may be asked of Darkroom and what becomes of it: imagine, again, a variation, cancel, remove, follow. The same
// for every platform. Knows neither messages' looks nor devices.

import type { ModelCard } from '../pipeline/model-card.ts';
import type { Progress } from '../workers/protocol.ts';
import {
  isOver,
  type ImageStore,
  type Job,
  type JobParams,
  type JobStore,
  type Requester,
} from '../queue/job.ts';
import type { Queue } from '../queue/queue.ts';
import type { PostRef, PostStore } from './posts.ts';
import { parsePromptLine, type ImagineFields } from './prompt-line.ts';
import { completeRequest } from './request.ts';
import { UserError } from './user-error.ts';

/** Denoising strength of a variation: enough to change the drawing, not enough to lose the subject. */
export const VARIATION_STRENGTH = 0.7;

/** How a job stands. */
export interface Ticket {
  job: Job;
  /** Jobs that will be drawn before it, while it is queued. */
  ahead?: number;
  progress?: Progress;
}

export interface Request {
  /** The platform event's id. */
  key: string;
  by: Requester;
  channel: string;
}

interface Deps {
  queue: Queue;
  jobs: JobStore;
  posts: PostStore;
  images: ImageStore;
  cards: readonly ModelCard[];
  defaultModel: string;
  /** Why nothing can be drawn, when that is so. */
  unavailable: () => string | undefined;
  randomSeed: () => number;
}

export class Studio {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Accepts a typed line, or throws a UserError that says what is allowed. `fields` win over the line's flags. */
  async imagine(text: string, request: Request, fields: ImagineFields = {}): Promise<Job> {
    const { cards, defaultModel, randomSeed } = this.#deps;
    const options = { ...parsePromptLine(text), ...fields };
    const params = completeRequest(options, cards, { model: defaultModel, randomSeed });
    return this.#accept(params, request);
  }

  /** The same request with new noise; charged to the person who asks now. */
  async rerun(parent: Job, request: Request): Promise<Job> {
    const params = { ...parent.params, seed: this.#deps.randomSeed() };
    return this.#accept(params, request, { jobId: parent.id, how: 'rerun' });
  }

  /** Pictures drawn over picture `index` of a job. */
  async vary(parent: Job, index: number, request: Request): Promise<Job> {
    const card = this.#deps.cards.find((c) => c.name === parent.params.model);
    if (!card?.imageToImage) throw new UserError(`${parent.params.model} can not draw over a picture.`);
    const id = parent.images[index];
    if (!id || !(await this.#deps.images.get(id)))
      throw new UserError('That picture is gone, so there is nothing to vary. Draw it again first.');
    const { init: _, ...rest } = parent.params;
    const init = { jobId: parent.id, index, strength: VARIATION_STRENGTH };
    const params = { ...rest, seed: this.#deps.randomSeed(), count: 4, init };
    return this.#accept(params, request, { jobId: parent.id, how: 'variation' });
  }

  async #accept(params: JobParams, request: Request, parent?: Job['parent']): Promise<Job> {
    const unavailable = this.#deps.unavailable();
    if (unavailable) throw new UserError(unavailable);
    const { by: requester, key, channel } = request;
    return this.#deps.queue.add({ key, requester, channel, params, ...(parent && { parent }) });
  }

  /** Only who asked may cancel. Undefined: too late, it is already over. */
  async cancel(job: Job, by: Requester): Promise<Job | undefined> {
    this.#mustOwn(job, by, 'cancel');
    return this.#deps.queue.cancel(job.id);
  }

  /** Ends the job if need be and takes its pictures away. */
  async remove(job: Job, by: Requester): Promise<void> {
    this.#mustOwn(job, by, 'delete');
    await this.#deps.queue.cancel(job.id);
    const last = (await this.#deps.jobs.get(job.id)) ?? job;
    await Promise.all(last.images.map((id) => this.#deps.images.remove(id)));
  }

  #mustOwn({ requester }: Job, by: Requester, what: string): void {
    if (requester.platform !== by.platform || requester.id !== by.id)
      throw new UserError(`Only ${requester.name} can ${what} this.`);
  }

  /** The job that a message shows; undefined for a message that is not one of ours. */
  async jobOn(post: PostRef): Promise<Job | undefined> {
    const id = await this.#deps.posts.jobOf(post);
    return id === undefined ? undefined : this.#deps.jobs.get(id);
  }

  /**
   * How the job stands, now and after each change, until it is over; the last ticket is the final one. Changes that
   * come faster than they are read are skipped. Undefined jobs end at once.
   */
  async *watch(jobId: string): AsyncGenerator<Ticket> {
    const news = new News(this.#deps.queue, jobId); // listens before it reads, so no change is missed
    try {
      let job = await this.#deps.jobs.get(jobId);
      while (job) {
        yield await this.#ticket(job, news.progress);
        if (isOver(job.status)) return;
        job = (await news.next()) ?? job;
      }
    } finally {
      news.close();
    }
  }

  async #ticket(job: Job, progress: Progress | undefined): Promise<Ticket> {
    if (job.status === 'queued') return { job, ahead: await this.#deps.jobs.ahead(job) };
    return { job, ...(job.status === 'running' && progress && { progress }) };
  }
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
    queue.on('change', this.#onChange);
    queue.on('progress', this.#onProgress);
  }

  readonly #onChange = (job: Job): void => {
    if (job.id === this.#jobId) {
      this.#job = job;
      if (job.status === 'queued') this.progress = undefined; // a retry begins anew
    }
    this.#tell(); // another job's change may move this one up
  };

  readonly #onProgress = (jobId: string, progress: Progress): void => {
    if (jobId !== this.#jobId) return;
    this.progress = { ...(this.progress?.preview && { preview: this.progress.preview }), ...progress };
    this.#tell();
  };

  #tell(): void {
    this.#fresh = true;
    this.#wake?.();
  }

  /** Resolves at the next change; the job when its row has changed since it was first read. */
  async next(): Promise<Job | undefined> {
    if (!this.#fresh) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#fresh = false;
    return this.#job;
  }

  close(): void {
    this.#queue.off('change', this.#onChange);
    this.#queue.off('progress', this.#onProgress);
  }
}
