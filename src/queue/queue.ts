// Accepts jobs, decides who is next, hands batches to the workers and settles the rows. The row decides: whoever
// changes its status first has won, and the other drops what it has. Knows no platforms and no prompts' grammar.

import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Weights } from './fair.ts';
import { batchOf, checked, picked, tasksOf } from './batch.ts';
import { DeviceTime } from './device-time.ts';
import { workOf } from './estimate.ts';
import { Line, personKey, type Standing } from './line.ts';
import {
  isOver,
  type ImageStore,
  type Job,
  type JobChange,
  type JobParams,
  type JobStore,
  type NewJob,
  type Requester,
} from './job.ts';
import { drawnBatch, type DrawnBatch, type Painters } from './painters.ts';
import type { Wait } from './persist.ts';
import { keepPictures, possiblePictures, removePictures } from './pictures.ts';
import { anotherTry, cutOff, kindOf, sentence, WITHHELD, type FailureKind } from './reasons.ts';
import { Rows } from './rows.ts';
import { Running } from './running.ts';
import { removeStrays } from './strays.ts';
import { BatchCanceled } from '../workers/failures.ts';
import type { PictureTask } from '../pipeline/picture.ts';
import type { BatchResult, Progress } from '../workers/protocol.ts';

/** A job that was being drawn at so many ends of the program may be what ended it. */
const MAX_PROGRAM_ENDS = 3;
/** So many drawn jobs are learned from at start. */
const LEARN_FROM = 50;
const MOVED_EVERY_MS = 250;

interface QueueEvents {
  /** A row has changed. */
  change: [job: Job];
  /** Waiting jobs may stand elsewhere now. Said a few times a second at the most. */
  moved: [];
  /** A running job has made a step. */
  progress: [jobId: string, progress: Progress];
  /** The same of one job, by its id, as thousands are followed. Only those near the front are told that they moved. */
  [of: `change ${string}`]: [job: Job];
  [of: `moved ${string}`]: [];
  [of: `progress ${string}`]: [progress: Progress];
  drawn: [batch: DrawnBatch];
  /** A try has failed; the job is over, or tried once more. */
  failed: [job: Job, kind: FailureKind];
}

/** How much of the queue one person may have. */
export interface Limits {
  running: number;
  waiting: number;
}

interface Deps {
  jobs: JobStore;
  images: ImageStore;
  painters: Painters;
  log: Logger;
  now: () => Date;
  /** Milliseconds that no setting of the clock changes. */
  elapsed?: () => number;
  /** Between two tries to write a row. */
  wait?: Wait;
  weights?: Weights;
  limits?: Limits;
}

export class Queue extends EventEmitter<QueueEvents> {
  readonly #deps: Deps;
  readonly #running = new Map<string, Running>();
  readonly #line: Line;
  readonly #limits: Limits;
  readonly #stopping = new AbortController();
  readonly #rows: Rows;
  readonly #elapsed: () => number;
  /** Jobs that were on a worker when it died, or in a batch that failed. Any of them may be why: each is drawn alone. */
  readonly #suspects = new Set<string>();
  /** Whose jobs are on their way into the database. */
  readonly #accepting: { person: string; relaxed: boolean }[] = [];
  /** Claimed jobs whose batch has not reached the painters yet. */
  #claimed = 0;
  #working = false;
  #tidying: Promise<void> | undefined;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  #moving: NodeJS.Timeout | undefined;

  constructor(deps: Deps) {
    super();
    this.setMaxListeners(0);
    this.#deps = deps;
    this.#line = new Line(deps.weights);
    this.#limits = deps.limits ?? { running: Infinity, waiting: Infinity };
    this.#elapsed = deps.elapsed ?? (() => performance.now());
    const { jobs, log, wait } = deps;
    this.#rows = new Rows({ jobs, log, wait, signal: this.#stopping.signal });
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Takes up what a dead process left running, then works until `stop`. */
  async start(): Promise<void> {
    const { jobs, log } = this.#deps;
    const again = await jobs.requeueRunning();
    if (again) log.info({ jobs: again }, 'jobs of the last run are queued again');
    for (const job of (await jobs.lastDone(LEARN_FROM)).toReversed()) this.#line.learn(job);
    for (const job of await jobs.queued())
      if (job.attempt < MAX_PROGRAM_ENDS) this.#line.add(job);
      else await this.#giveUp(job);
    this.#working = true;
    this.#tidying = this.#tidy();
    this.pump();
  }

  async #giveUp({ id }: Job): Promise<void> {
    const change = {
      status: 'failed' as const,
      error: cutOff(MAX_PROGRAM_ENDS),
      finishedAt: this.#deps.now(),
    };
    await this.#deps.jobs.move(id, ['queued'], change);
  }

  async #tidy(): Promise<void> {
    const { images, jobs, log } = this.#deps;
    try {
      const removed = await removeStrays(images, jobs);
      if (removed > 0) log.info({ removed }, 'pictures of jobs that ended without are removed');
    } catch (error) {
      log.warn({ err: error }, 'pictures of jobs that ended without could not be removed');
    }
  }

  /** The row for this request: new, or the one already made for its key. */
  async add(job: NewJob): Promise<Job> {
    const accepting = { person: personKey(job.requester), relaxed: job.relaxed ?? false };
    this.#accepting.push(accepting);
    const row = await this.#deps.jobs
      .insert(job, this.#deps.now())
      .finally(() => this.#accepting.splice(this.#accepting.indexOf(accepting), 1));
    if (row.status === 'queued') {
      this.#line.add(row);
      this.pump();
    }
    return row;
  }

  /** How many jobs of this person wait, in the relax lane or before it, and how many may in each. */
  waitingOf(person: Pick<Requester, 'platform' | 'id'>, relaxed = false): { waiting: number; most: number } {
    const name = personKey(person);
    const accepting = this.#accepting.filter((each) => each.person === name && each.relaxed === relaxed);
    return {
      waiting: this.#line.waitingOf(person, relaxed) + accepting.length,
      most: this.#limits.waiting,
    };
  }

  /** Device-seconds that drawing this will take. */
  predictSeconds(params: JobParams): number {
    return this.#line.predict(params);
  }

  /** Where a queued job stands at this moment. */
  standing(job: Job): Standing {
    // One job of each batch stands for all of them.
    const batches = new Map([...this.#running.values()].map((r) => [r.batch ?? r, r.job]));
    const places = batches.size + this.#deps.painters.idle;
    const { broken: stalled } = this.#deps.painters;
    const most = (params: JobParams): number => this.#deps.painters.mostPictures(params);
    const standing = this.#line.standing(job, [...batches.values()], places, this.#deps.now(), most);
    return stalled === undefined ? standing : { ahead: standing.ahead, stalled };
  }

  /** How many jobs wait and how many are being drawn. */
  get load(): { waiting: number; running: number } {
    return { waiting: this.#line.size, running: this.#running.size };
  }

  /** Ends a running job early with the pictures as they are. False when it is not being drawn. */
  keep(id: string): boolean {
    const running = this.#running.get(id);
    running?.finish.abort();
    return running !== undefined;
  }

  /** Goes on with one of a running job's pictures alone: its row as it is now, or undefined when that is too late. */
  async pick(id: string, index: number): Promise<Job | undefined> {
    const running = this.#running.get(id);
    if (!running || running.drawn || running.picking || index >= running.job.params.count) return undefined;
    running.picking = this.#pick(running, index).finally(() => delete running.picking);
    return running.picking;
  }

  async #pick(running: Running, index: number): Promise<Job | undefined> {
    const { id, params } = running.job;
    const change = { status: 'running' as const, params: picked(params, index) };
    const job = await this.#deps.jobs.move(id, ['running'], change);
    if (!job) return undefined;
    running.job = job;
    running.batch?.time.change(id, workOf(job.params));
    running.pick(index);
    this.#changed(job);
    return job;
  }

  /** The canceled job, or undefined when it was already over. People do not wait for the device to notice. */
  async cancel(id: string): Promise<Job | undefined> {
    const finishedAt = this.#deps.now();
    const drawing = this.#running.get(id);
    const deviceSeconds = drawing?.deviceSeconds ?? drawing?.batch?.time.of(id) ?? 0;
    const change = { status: 'canceled' as const, finishedAt, deviceSeconds };
    const job = await this.#deps.jobs.move(id, ['queued', 'running'], change);
    if (!job) return undefined;
    const running = this.#running.get(id);
    running?.abort.abort();
    if (!running) this.#line.leave(job);
    this.#changed(job);
    return job;
  }

  #changed(job: Job, deviceSeconds?: number): void {
    this.#line.learn(job, deviceSeconds);
    if (isOver(job.status)) this.#suspects.delete(job.id);
    if (isOver(job.status) && job.status !== 'done') void this.#removeTries(job);
    this.emit('change', job);
    this.emit(`change ${job.id}`, job);
    this.#moved();
  }

  /** What was drawn at a try whose end the program did not live to see. */
  async #removeTries(job: Job): Promise<void> {
    if (job.attempt === 0) return;
    const { images, log } = this.#deps;
    await removePictures(possiblePictures(job), images).catch((error: unknown) =>
      log.warn({ err: error, job: job.id }, 'an old try could not be removed; the next start does it'),
    );
  }

  #moved(): void {
    if (this.#moving) return;
    this.#moving = setTimeout(() => {
      this.#moving = undefined;
      this.emit('moved');
      for (const id of this.#line.near()) this.emit(`moved ${id}`);
    }, MOVED_EVERY_MS).unref();
  }

  /** Hands waiting jobs to idle workers. Called whenever either may have changed. */
  pump(): void {
    // Not before `start` has put back what was running: it could not tell a job of this process from a lost one.
    if (!this.#working) return;
    if (this.#deps.painters.broken !== undefined) this.#moved();
    if (this.#pumping) {
      this.#pumpAgain = true;
      return;
    }
    this.#pumping = this.#fill()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#deps.log.error({ err: error }, 'the queue stood still');
      })
      .finally(() => {
        this.#pumping = undefined;
        if (!this.#pumpAgain) return;
        this.#pumpAgain = false;
        this.pump();
      });
  }

  async #fill(): Promise<void> {
    while (!this.#stopped && this.#deps.painters.idle > this.#claimed) {
      const next = this.#line.take((person, jobId) => this.#mayRun(person, jobId));
      if (!next) return;
      await this.#begin(this.#together(next));
    }
  }

  /** The job that is next, and those that are drawn with it. */
  #together(first: Job): Running[] {
    const batch = [this.#register(first)];
    if (this.#suspects.has(first.id)) return batch;
    let room = this.#deps.painters.mostPictures(first.params) - first.params.count;
    const mayJoin = (job: Job): boolean => {
      const { id, params, requester } = job;
      if (params.count > room || this.#suspects.has(id) || !this.#mayRun(personKey(requester), id))
        return false;
      room -= params.count;
      batch.push(this.#register(job));
      return true;
    };
    if (room > 0) this.#line.join(first, mayJoin);
    return batch;
  }

  /** Before the claim, so that a cancel that comes right after it finds something to abort. */
  #register(job: Job): Running {
    const running = new Running(job, this.#elapsed());
    this.#running.set(job.id, running);
    return running;
  }

  #unregister(running: Running): void {
    const { id } = running.job;
    // A job that is queued again may have been taken before its last try is put away.
    if (this.#running.get(id) === running) this.#running.delete(id);
    running.end();
  }

  #mayRun(person: string, jobId: string): boolean {
    if (this.#runningOf(person) >= this.#limits.running) return false;
    return !this.#suspects.has(jobId) || ![...this.#running.keys()].some((id) => this.#suspects.has(id));
  }

  #runningOf(person: string): number {
    return [...this.#running.values()].filter(({ job }) => personKey(job.requester) === person).length;
  }

  /** Each row is claimed by itself: what was canceled meanwhile is left out. */
  async #begin(batch: readonly Running[]): Promise<void> {
    const claims = await Promise.allSettled(batch.map((running) => this.#claim(running)));
    const claimed = batch.filter((_, i) => {
      const claim = claims[i]!;
      return claim.status === 'fulfilled' && claim.value; // a claim rejects when we stop
    });
    if (claimed.length === 0) return;
    this.#claimed += 1;
    void this.#draw(claimed);
  }

  async #claim(running: Running): Promise<boolean> {
    const { id } = running.job;
    let job: Job | undefined;
    try {
      const startedAt = this.#deps.now();
      job = await this.#rows.move(id, 'queued', { status: 'running', begin: true, startedAt });
    } finally {
      if (!job) {
        this.#line.leave(running.job);
        this.#unregister(running);
      }
    }
    if (!job) return false;
    running.job = job;
    running.since = this.#elapsed();
    this.#changed(job);
    return true;
  }

  /** Hands a batch to the painters and settles each job of it as soon as that is over. */
  async #draw(claimed: readonly Running[]): Promise<void> {
    const { painters, images } = this.#deps;
    const loaded = await Promise.allSettled(claimed.map(({ job }) => tasksOf(job, images)));
    this.#claimed -= 1; // in the same turn as the run below, so that nobody takes its place
    const ready: { running: Running; tasks: PictureTask[] }[] = [];
    for (const [i, running] of claimed.entries()) {
      const tasks = loaded[i]!;
      if (tasks.status === 'fulfilled') ready.push({ running, tasks: tasks.value });
      else void this.#run(running, Promise.reject(tasks.reason));
    }
    if (ready.length === 0) return;
    const works = ready.map(({ running: { job } }) => ({ id: job.id, work: workOf(job.params) }));
    const together = { size: ready.length, time: new DeviceTime(works, this.#elapsed) };
    const jobs = ready.map(({ running: { job }, tasks }) => ({ params: job.params, tasks }));
    const watches = ready.map(({ running }) =>
      running.watch((progress) => {
        const { id } = running.job;
        this.emit('progress', id, progress);
        this.emit(`progress ${id}`, progress);
      }),
    );
    const results = painters.runGroups(batchOf(jobs), watches);
    for (const [i, { running }] of ready.entries()) {
      running.batch = together;
      void this.#run(running, results[i]!);
    }
    const drawn = drawnBatch(jobs[0]!.params.model, await Promise.allSettled(results));
    if (drawn) this.emit('drawn', drawn);
  }

  /** From what became of a job on its device to its row. */
  async #run(running: Running, result: Promise<BatchResult>): Promise<void> {
    const { log } = this.#deps;
    const { id } = running.job;
    try {
      let deviceSeconds = 0;
      const drawn = await result.finally(() => {
        deviceSeconds = running.deviceSeconds = running.batch?.time.leave(id) ?? 0;
        this.#line.end(running.job, deviceSeconds); // charged for its time, whatever came of it
      });
      await running.picking?.catch(() => {});
      running.drawn = true;
      const { job } = running;
      const { pictures, totalMs, runtimeMs, device, stoppedAfter } = checked(drawn, job.params);
      const flagged = pictures.flatMap((picture, i) => (picture.flagged ? [i] : []));
      if (flagged.length > 0 && job.flaggedAs === 'withheld') {
        await this.#withhold(running, flagged, deviceSeconds);
        return;
      }
      const images = await keepPictures(job, pictures, this.#deps.images);
      // The row says how the pictures were made, so that its recipe gives them again.
      const params = stoppedAfter === undefined ? undefined : { ...job.params, stop: stoppedAfter };
      const finishedAt = this.#endOf(running);
      const change: JobChange = {
        status: 'done',
        images,
        finishedAt,
        deviceSeconds,
        ...(params && { params }),
        ...(flagged.length > 0 && { flagged }),
      };
      if (await this.#settle(job, change, deviceSeconds))
        log.info({ job: id, device, ms: Math.round(totalMs), runtimeMs: Math.round(runtimeMs) }, 'job done');
    } catch (error) {
      await this.#fail(running, error);
    } finally {
      this.#unregister(running);
      this.pump();
    }
  }

  /** A picture that may not be shown is not kept; its request counts nothing but the device's time. */
  async #withhold(running: Running, flagged: number[], deviceSeconds: number): Promise<void> {
    const finishedAt = this.#endOf(running);
    const change = { status: 'failed' as const, error: WITHHELD, flagged, finishedAt, deviceSeconds };
    await this.#settle(running.job, change, deviceSeconds);
  }

  /** Now, as a clock would show it that was not set since the job began. */
  #endOf({ job, since }: Running): Date {
    const begun = job.startedAt ?? this.#deps.now();
    return new Date(begun.getTime() + this.#elapsed() - since);
  }

  async #fail(running: Running, error: unknown): Promise<void> {
    const { job, abort, batch } = running;
    if (abort.signal.aborted && !this.#stopped) return; // cancel() has already settled the row
    const { log } = this.#deps;
    try {
      if (this.#stopped || error instanceof BatchCanceled) {
        await this.#settle(job, { status: 'queued', spare: true }); // the next start draws it
        return;
      }
      this.emit('failed', job, kindOf(error));
      const again = anotherTry(error, job.attempt, batch?.size ?? 1);
      if (!again) {
        log.error({ job: job.id, err: error }, 'job failed');
        const finishedAt = this.#endOf(running);
        await this.#settle(job, { status: 'failed', error: sentence(error, job.id), finishedAt });
        return;
      }
      log.warn({ job: job.id, reason: (error as Error).message }, again.why);
      if (again.alone) this.#suspects.add(job.id);
      await this.#settle(job, { status: 'queued', ...(again.spare && { spare: true }) });
    } catch (unsettled) {
      // The row stays running; the next start queues it again, so nothing is lost.
      log.error({ job: job.id, err: unsettled }, 'the job could not be settled');
    }
  }

  /** False when it was canceled at the same moment. */
  async #settle({ id }: Job, change: JobChange, deviceSeconds?: number): Promise<boolean> {
    const settled = await this.#rows.move(id, 'running', change);
    if (settled?.status === 'queued') this.#line.add(settled);
    if (settled) this.#changed(settled, deviceSeconds);
    else await removePictures(change.images ?? [], this.#deps.images);
    return settled !== undefined;
  }

  /** Running jobs go back to the queue; resolves when none is touched any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#pumping;
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.all([this.#tidying, ...running.map(({ over }) => over)]);
  }
}
