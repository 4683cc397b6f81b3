// What may be asked of Darkroom and what becomes of it: imagine, again, a variation, an upscale, cancel, remove. The
// same for every platform. Knows neither messages' looks nor devices.

import type { ModelCard } from '../pipeline/model-card.ts';
import {
  jobOfPicture,
  type Descent,
  type ImageStore,
  type Job,
  type JobParams,
  type JobStore,
  type NewJob,
  type Requester,
} from '../queue/job.ts';
import { possiblePictures, removePictures } from '../queue/pictures.ts';
import type { Queue } from '../queue/queue.ts';
import { seedOf } from '../queue/seed.ts';
import { isForAll, isOwn, mayEnd, maySee, type Actor } from './access.ts';
import { Moderated, type Admission, type Asker, type Terms } from './admission.ts';
import type { PeopleStore } from './people.ts';
import type { PostRef, PostStore } from './posts.ts';
import { over, parsePromptLine, type ImagineFields, type ImagineOptions } from './prompt-line.ts';
import { completeRequest, MAX_COUNT, MAX_SIDE, VARIATION_STRENGTH } from './request.ts';
import { isInput, isInputOf, keepSource, sourceOf, type SourceDeps } from './sources.ts';
import { inStyle, type Style } from './styles.ts';
import { UserError } from './user-error.ts';
import { watch, type Ticket } from './watch.ts';

/** How far back a request to draw again is looked for, past those that were forgotten. */
const LOOKED_AT = 20;
/** How much larger a picture becomes where the model can not draw it larger itself. */
const PLAIN_UPSCALE = { factor: 2, strength: 0 };

export interface Request extends Asker {
  /** The platform event's id. */
  key: string;
  /** Hears what the person should know beside their picture: how much is used, that it waits for an idle device. */
  warn?: (sentence: string) => void;
}

/** A request with everything but the terms on which it is accepted. */
export type Asked = Omit<NewJob, keyof Terms>;

/** A rule refuses what was asked; a moderator may allow it. */
export class Refused extends UserError {
  override name = 'Refused';
  readonly asked: Asked;
  /** What else of the asker decides: kept until a moderator does. */
  readonly asker: Pick<Asker, 'roles' | 'ageRestricted' | 'parent'>;
  /** No moderator may allow it. */
  readonly final: boolean;

  constructor(cause: Moderated, asked: Asked, { roles, ageRestricted, parent }: Asker) {
    super(cause.message, { cause });
    this.asked = asked;
    this.asker = {
      ...(roles && { roles }),
      ...(ageRestricted && { ageRestricted }),
      ...(parent !== undefined && { parent }),
    };
    this.final = cause.refusal.final ?? false;
  }
}

interface Deps {
  queue: Queue;
  admission: Admission;
  jobs: JobStore;
  posts: PostStore;
  people: PeopleStore;
  images: ImageStore;
  cards: readonly ModelCard[];
  styles: readonly Style[];
  defaultModel: string;
  /** Why nothing can be drawn, when that is so. */
  unavailable: () => string | undefined;
  randomSeed: () => number;
  readImage: SourceDeps['readImage'];
  checkedPng: SourceDeps['checkedPng'];
}

export class Studio {
  readonly #deps: Deps;
  readonly #sources: SourceDeps;

  constructor(deps: Deps) {
    this.#deps = deps;
    const { images, jobs, readImage, checkedPng } = deps;
    this.#sources = { images, jobs, readImage, checkedPng, jobOn: (post) => this.jobOn(post) };
  }

  /**
   * Accepts a typed line, or throws a UserError that says what is allowed. `fields` win over the line's flags, and
   * both over what the person has set for all their requests.
   */
  imagine(text: string, request: Request, fields: ImagineFields = {}): Promise<Job> {
    return this.#once(request, async () => {
      const { prompt, ...said } = parsePromptLine(text);
      const asked = over(fields, over(said, await this.#deps.people.defaultsOf(request.by)));
      return this.#ask({ ...asked, prompt }, request);
    });
  }

  /** Another request made out of a job: `text` says everything anew. */
  remix(parent: Job, text: string, request: Request): Promise<Job> {
    return this.#once(request, async () => {
      const options = { private: await this.#isPrivate(parent, request), ...parsePromptLine(text) };
      return this.#ask(options, request, { jobId: parent.id, how: 'remix' });
    });
  }

  /** An event that comes twice finds what was accepted for it, whatever would be said to it now. */
  async #once(request: Request, ask: () => Promise<Job>): Promise<Job> {
    return (await this.#deps.jobs.withKey(request.key)) ?? ask();
  }

  async #ask(asked: ImagineOptions, request: Request, parent?: Job['parent']): Promise<Job> {
    this.#mustHaveRoom(request);
    const { cards, styles, defaultModel: model, randomSeed } = this.#deps;
    const options = { ...asked, ...inStyle(asked, styles) };
    const { image, strength = VARIATION_STRENGTH } = asked;
    const source = image && (await sourceOf(image, request.by, this.#sources));
    const start = source && { start: { ...source, strength } };
    const params = completeRequest(options, cards, { model, randomSeed, ...start });
    return this.#accept(params, request, parent, asked.private ?? source?.private, source?.keep);
  }

  /** The same request with new noise; charged to the person who asks now. */
  rerun(parent: Job, request: Request): Promise<Job> {
    return this.#once(request, async () => {
      const { stop: _, ...rest } = await this.drawn(parent); // what was stopped early is drawn to its end now
      const params = { ...rest, seed: this.#deps.randomSeed() };
      return this.#from(parent, 'rerun', params, request);
    });
  }

  /** The very same pictures once more: after theirs were removed. */
  redraw(job: Job, request: Request): Promise<Job> {
    return this.#once(request, async () => {
      await this.#mustHaveSources(job.params);
      return this.#from(job, 'rerun', job.params, request);
    });
  }

  async #mustHaveSources({ init }: JobParams): Promise<void> {
    const sources = (init?.images ?? []).map((id) => this.#deps.images.get(id));
    if ((await Promise.all(sources)).includes(undefined))
      throw new UserError('What it is to be drawn over was removed, so it can not be drawn.');
  }

  /** The person's last request with new noise. */
  async again(request: Request): Promise<Job> {
    const latest = await this.#deps.jobs.history(request.by, LOOKED_AT);
    const last = latest.find((job) => maySee(job, request.by));
    if (!last) throw new UserError('You have not asked for anything yet: /imagine a red heart');
    return this.rerun(last, request);
  }

  /** Pictures drawn over picture `index` of a job. */
  vary(parent: Job, index: number, request: Request): Promise<Job> {
    return this.#once(request, async () => {
      const card = this.#cardOf(parent.params);
      if (!card?.imageToImage) throw new UserError(`${parent.params.model} can not draw over a picture.`);
      const images = await this.#picturesOf(parent, index);
      const { stop: _, ...rest } = await this.drawn(parent);
      const init = { images, strength: VARIATION_STRENGTH };
      const params = { ...rest, seed: this.#deps.randomSeed(), count: MAX_COUNT, init };
      return this.#from(parent, 'variation', params, request);
    });
  }

  /** What was asked for before the pictures were made larger: an upscale has no words of its own. */
  async drawn(job: Job): Promise<JobParams> {
    if (job.parent?.how !== 'upscale') return job.params;
    const original = await this.#deps.jobs.get(job.parent.jobId);
    if (original) return this.drawn(original);
    const { init: _, ...rest } = job.params;
    const card = this.#cardOf(rest);
    return card ? { ...rest, width: card.defaults.width, height: card.defaults.height } : rest;
  }

  /** One picture of a job, or every one, larger: by the model where it can, else by Lanczos' filter. */
  upscale(parent: Job, index: number | undefined, request: Request): Promise<Job> {
    return this.#once(request, async () => {
      const images = await this.#picturesOf(parent, index);
      const { stop: _, ...rest } = parent.params;
      const seed = seedOf(rest.seed, index ?? 0);
      const { strength, ...size } = this.#larger(rest);
      const params = { ...rest, ...size, seed, count: images.length, init: { images, strength } };
      return this.#from(parent, 'upscale', params, request);
    });
  }

  #cardOf({ model }: JobParams): ModelCard | undefined {
    return this.#deps.cards.find((card) => card.name === model);
  }

  #larger(params: JobParams): { width: number; height: number; strength: number } {
    const card = this.#cardOf(params);
    const by = (factor: number): [number, number] => [params.width * factor, params.height * factor];
    const fits = card?.upscale && Math.max(...by(card.upscale.factor)) <= card.maxSize * card.upscale.factor;
    const { factor, strength } = (fits && card.upscale) || PLAIN_UPSCALE;
    const [w, h] = by(factor);
    if (Math.max(w, h) > MAX_SIDE)
      throw new UserError(
        `Pictures can have up to ${MAX_SIDE} pixels a side; this one is as large as it gets.`,
      );
    return { width: w, height: h, strength };
  }

  async #picturesOf(job: Job, index?: number): Promise<string[]> {
    const ids = index === undefined ? job.images : job.images.slice(index, index + 1);
    const kept = await Promise.all(ids.map((id) => this.#deps.images.get(id)));
    if (ids.length === 0 || kept.includes(undefined))
      throw new UserError(`That picture was removed. /show ${job.id} draws it again.`);
    return ids;
  }

  /** As private as what it comes from, and as the person wants all their requests to be. */
  async #isPrivate(parent: Job, { by }: Request): Promise<boolean> {
    return parent.private || ((await this.#deps.people.defaultsOf(by)).private ?? false);
  }

  async #from(parent: Job, how: Descent, params: JobParams, request: Request): Promise<Job> {
    const isPrivate = await this.#isPrivate(parent, request);
    return this.#accept(params, request, { jobId: parent.id, how }, isPrivate);
  }

  /** `relaxed`: in the relax lane or not; without, in either of them. */
  #mustHaveRoom({ by }: Asker, relaxed?: boolean): void {
    const unavailable = this.#deps.unavailable();
    if (unavailable) throw new UserError(unavailable);
    const lanes = relaxed === undefined ? [false, true] : [relaxed];
    const standing = lanes.map((lane) => this.#deps.queue.waitingOf(by, lane));
    if (standing.some(({ waiting, most }) => waiting < most)) return;
    const { most } = standing[0]!;
    const have = most === 1 ? 'a request' : `${most} requests`;
    throw new UserError(`You have ${have} waiting already. Wait until one is drawn, or cancel one.`);
  }

  async #accept(
    params: JobParams,
    request: Request,
    parent?: Job['parent'],
    isPrivate?: boolean,
    keep?: () => Promise<void>,
  ): Promise<Job> {
    const { by: requester, key, server, channel, parent: parentChannel, warn } = request;
    const asked = {
      key,
      requester,
      channel,
      params,
      ...(server !== undefined && { server }),
      ...(parentChannel !== undefined && { parentChannel }),
      ...(parent && { parent }),
      ...((isPrivate ?? this.#deps.admission.isPrivate(request)) && { private: true }),
    };
    try {
      const { value, warning } = await this.#deps.admission.admit(request, params, async (terms) => {
        await keep?.(); // not before it is certain that it is needed
        return this.#enqueue(asked, terms, request);
      });
      if (warning) warn?.(warning);
      return value;
    } catch (error) {
      if (!(error instanceof Moderated)) throw error;
      if (!error.refusal.final) await keep?.(); // a moderator may allow it
      throw new Refused(error, asked, request);
    }
  }

  /** Throws a UserError where a job may not be shown to this person in this place. */
  mayShow(asker: Asker, job: Job): void {
    if (!isOwn(job, asker.by) || job.server !== asker.server) this.#deps.admission.mayShow(asker, job);
  }

  /** A request that a moderator allowed: what a rule refused, nothing else of the rules is passed over. */
  async allowed(asked: Asked, asker: Asker): Promise<Job> {
    const { model } = asked.params;
    if (!this.#cardOf(asked.params)) throw new UserError(`The model ${model} is not here any more.`);
    await this.#mustHaveSources(asked.params);
    const { value } = await this.#deps.admission.admit(
      asker,
      asked.params,
      (terms) => this.#enqueue(asked, terms, asker),
      { approved: true },
    );
    return value;
  }

  #enqueue(asked: Asked, terms: Terms, asker: Asker): Promise<Job> {
    this.#mustHaveRoom(asker, terms.relaxed ?? false); // in the same turn as the queue takes it
    const { queue } = this.#deps;
    const { promptless, ...rest } = terms;
    const { promptless: _, ...drawn } = asked.params; // those of what it comes from were accepted on other terms
    const params = { ...drawn, ...(promptless && { promptless }) };
    return queue.add({ ...asked, ...rest, params, predictedSeconds: queue.predictSeconds(params) });
  }

  /** Undefined: too late, it is already over. */
  async cancel(job: Job, actor: Actor): Promise<Job | undefined> {
    mayEnd(job, actor, 'cancel');
    return this.#deps.queue.cancel(job.id);
  }

  /** Ends the drawing here and keeps what there is. False: it is not being drawn. */
  keep(job: Job, actor: Actor): boolean {
    mayEnd(job, actor, 'stop');
    return this.#deps.queue.keep(job.id);
  }

  /** Goes on with picture `index` of a running job alone. Undefined: too late, or it is not being drawn. */
  async pick(job: Job, index: number, actor: Actor): Promise<Job | undefined> {
    mayEnd(job, actor, 'choose from');
    return this.#deps.queue.pick(job.id, index);
  }

  /** Ends the job if need be and takes its pictures away. */
  async remove(job: Job, actor: Actor): Promise<void> {
    mayEnd(job, actor, 'delete');
    const { jobs, queue, images } = this.#deps;
    await queue.cancel(job.id);
    await jobs.move(job.id, ['done'], { status: 'done', images: [] }); // the row first: it never names what is not there
    await removePictures(possiblePictures(job), images);
  }

  /** A private job is for everyone from now on. */
  async publish(job: Job, by: Requester): Promise<void> {
    mayEnd(job, { by }, 'share');
    await this.#deps.jobs.publish(job.id);
  }

  /** Whether a picture may be shown to anybody who has its id. */
  async isPublic(id: string): Promise<boolean> {
    const job = await this.#deps.jobs.get(jobOfPicture(id));
    return job !== undefined && isForAll(job);
  }

  /** Whether a picture may be shown to this person: one that we drew, or that they brought themselves. */
  async maySeePicture(id: string, by: Requester): Promise<boolean> {
    const { images, jobs } = this.#deps;
    if (isInput(id)) {
      const png = await images.get(id);
      return png !== undefined && isInputOf(id, png, by);
    }
    const job = await jobs.get(jobOfPicture(id));
    return job !== undefined && maySee(job, by);
  }

  /** Anyone's job by its id, but another's private one. */
  async find(id: string, by: Requester): Promise<Job> {
    const job = await this.#deps.jobs.get(id.trim());
    if (!job || !maySee(job, by))
      throw new UserError('There is no picture with that id. /history names yours.');
    return job;
  }

  /** Sets what this person's requests take when they say nothing, or throws a UserError for what no model allows. */
  async settle(by: Requester, defaults: ImagineFields): Promise<void> {
    const { cards, styles, defaultModel: model, randomSeed, people } = this.#deps;
    const { image, strength, stop, seed } = defaults;
    if ([image, strength, stop, seed].some((v) => v !== undefined))
      throw new UserError('A seed, a picture, its strength and where to stop belong to one request.');
    const tried = inStyle({ prompt: 'a heart', ...defaults }, styles);
    completeRequest({ ...defaults, ...tried }, cards, { model, randomSeed });
    await people.setDefaults(by, defaults);
  }

  /** A picture that a person gave us: its id, for `--image`. */
  keepImage(bytes: Uint8Array, by: Requester): Promise<string> {
    return keepSource(bytes, by, this.#sources);
  }

  /** The job that a message shows; undefined for a message that is not one of ours. */
  async jobOn(post: PostRef): Promise<Job | undefined> {
    const id = await this.#deps.posts.jobOf(post);
    return id === undefined ? undefined : this.#deps.jobs.get(id);
  }

  /** How the job stands, now and after each change, until it is over. */
  watch(jobId: string): AsyncGenerator<Ticket> {
    return watch(jobId, this.#deps.jobs, this.#deps.queue);
  }
}
