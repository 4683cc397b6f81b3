// A program that dies again and again (test/fixtures/programs/mortal.mjs), random people who use it meanwhile, and what
// must be true of its database, its pictures, its messages and the machine's processes when all is over.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { vi } from 'vitest';

/** Nothing is optimised in the background, Prisma's query compiler least of all: lives are too short for that. */
const QUICK_START = ['--liftoff-only', '--no-opt'];
const program = fileURLToPath(new URL('../fixtures/programs/mortal.mjs', import.meta.url));

export interface State {
  waiting: number;
  running: number;
  /** Messages that are not delivered, and jobs without one. */
  owed: number;
  waitingOf: number[];
  idle: number;
  /** Why no worker starts. */
  broken?: string;
  /** Moments until a worker process is killed. */
  reprieve: string;
  hosts: number[];
}

interface Said {
  ready?: number;
  /** The event with this key. */
  served?: string;
  /** A message. */
  posted?: string;
  /** A job. */
  over?: string;
  /** A worker process. */
  killed?: number;
  /** Jobs that wait or run. */
  load?: number;
  state?: State;
}

export interface LifeOptions {
  hosts?: number;
  threads?: number;
  /** The call of a store or the chat at which it kills itself. */
  dieAt?: number;
  /** One call of the chat in so many fails before, and one after it was done. */
  unlucky?: number;
}

const SILENT_MS = 60_000;
const ANSWER_MS = 5000;
const living = new Set<ChildProcess>();

/** Ends what a test that failed has left. */
export function endAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** One life of the program. */
export class Life {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<number | null>;
  #errors = '';
  #lastWord = 'its start';
  #silent = false;

  constructor(data: string, { hosts = 1, threads = 1, ...options }: LifeOptions = {}) {
    const given = JSON.stringify({ data, hosts, threads, ...options });
    this.#child = spawn(process.execPath, [...QUICK_START, program, given], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stderr!.on('data', (part: Buffer) => (this.#errors += part.toString()));
    this.#child.stdin!.on('error', () => {}); // it died while it was told something
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    living.add(this.#child);
    this.ended = once(this.#child, 'close').then(([code]) => {
      living.delete(this.#child);
      return code as number | null;
    });
  }

  tell(line: object): void {
    this.#child.stdin!.write(`${JSON.stringify(line)}\n`);
  }

  /** What it says next; undefined when it has died. Rejects when it is silent for long. */
  async hear(): Promise<Said | undefined> {
    const silence = setTimeout(() => this.#askWhy(), SILENT_MS);
    const { value, done } = await this.#lines.next().finally(() => clearTimeout(silence));
    if (this.#silent)
      throw new Error(`It was silent for a minute after ${this.#lastWord}. Asked, it said ${value}.`);
    if (!done) {
      this.#lastWord = value;
      return JSON.parse(value) as Said;
    }
    await this.ended;
    if (this.#child.signalCode !== 'SIGKILL' && this.#child.exitCode !== 0) throw new Error(this.#errors);
    return undefined;
  }

  #askWhy(): void {
    this.#silent = true;
    this.tell({ ask: 'state' });
    setTimeout(() => this.kill(), ANSWER_MS).unref();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What it says next that has an answer in it. */
  async until<T>(answer: (said: Said) => T | undefined): Promise<T> {
    for (;;) {
      const said = await this.hear();
      if (!said) throw new Error(`It ended early: ${this.#errors}`);
      const found = answer(said);
      if (found !== undefined) return found;
    }
  }

  state(): Promise<State> {
    this.tell({ ask: 'state' });
    return this.until(({ state }) => state);
  }

  /** When nothing is drawn and nobody is owed anything any more. */
  quiet(): Promise<State> {
    return vi.waitFor(
      async () => {
        const state = await this.state();
        if (state.waiting + state.running + state.owed > 0)
          throw new Error(`It is not quiet yet: ${JSON.stringify(state)}`);
        return state;
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  async stop(): Promise<number | null> {
    this.tell({ ask: 'stop' });
    return this.ended;
  }
}

/** People who ask, ask again, cancel and keep, as chance has it; an event that was not acknowledged comes again. */
export class Crowd {
  readonly #random: () => number;
  readonly #prompts: readonly string[];
  readonly #served = new Map<string, object>();
  readonly #open = new Map<string, object>();
  readonly #messages: string[] = [];
  #events = 0;

  constructor(random: () => number, prompts: readonly string[]) {
    this.#random = random;
    this.#prompts = prompts;
  }

  /** Keys of the requests that were made. */
  readonly requests = new Set<string>();

  hear({ served, posted }: Said): void {
    if (posted !== undefined && !this.#messages.includes(posted)) this.#messages.push(posted);
    const intent = served !== undefined && this.#open.get(served);
    if (!intent) return;
    this.#open.delete(served);
    this.#served.set(served, intent);
  }

  /** What a platform sends again when it was not acknowledged. */
  get unanswered(): object[] {
    return [...this.#open.values()];
  }

  next(): object {
    const again = this.#chance(0.05) && this.#pick([...this.#served.values()]);
    if (again) return again; // though it was acknowledged
    const key = `event-${(this.#events += 1)}`;
    const intent = { key, by: this.#person(), place: { platform: 'test', channel: 'c' }, ...this.#wish(key) };
    this.#open.set(key, intent);
    return intent;
  }

  #wish(key: string): object {
    const message = this.#pick(this.#messages.slice(-8));
    const post = { platform: 'test', channel: 'c', message };
    if (message !== undefined && this.#chance(0.4))
      return { kind: this.#chance(0.6) ? 'cancel' : 'keep', post, moderator: true };
    this.requests.add(key);
    if (message !== undefined && this.#chance(0.25)) return { kind: 'rerun', post };
    const steps = 1 + Math.floor(this.#random() * 12);
    const count = 1 + Math.floor(this.#random() * 3);
    return { kind: 'imagine', text: `${this.#pick(this.#prompts)} --steps ${steps} --n ${count}` };
  }

  #person(): object {
    const id = this.#pick(['ada', 'bob', 'cyn'])!;
    return { platform: 'test', id, name: id };
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }
}

interface Told {
  life: number;
  did: 'post' | 'update' | 'deliver' | 'whisper';
  message: string;
  key: string;
  jobId: string;
  status: string;
  headline: string;
  pictures: string[];
  /** The platform did it, and the program was never told. */
  lost: boolean;
}

export interface Row {
  id: string;
  key: string;
  status: string;
  error: string | null;
  images: string[];
  count: number;
}

/** What the chat was told, in order. */
export function toldIn(data: string): Told[] {
  const file = path.join(data, 'chat.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Told);
}

export function rowsIn(data: string): Row[] {
  const db = new Database(path.join(data, 'darkroom.db'), { readonly: true });
  const rows = db
    .prepare<
      [],
      { id: string; key: string; status: string; error: string | null; images: string; params: string }
    >('SELECT id, key, status, error, images, params FROM Job')
    .all();
  db.close();
  return rows.map(({ images, params, ...row }) => {
    const { count } = JSON.parse(params) as { count: number };
    return { ...row, images: JSON.parse(images) as string[], count };
  });
}

/** Jobs whose entries in the ledger do not add up to what they used. */
function accountsIn(data: string): string[] {
  const db = new Database(path.join(data, 'darkroom.db'), { readonly: true });
  const wrong = db
    .prepare<[], { id: string }>(
      `SELECT j.id FROM Job j LEFT JOIN LedgerEntry e ON e.jobId = j.id GROUP BY j.id HAVING
        count(e.kind) <> CASE WHEN j.status IN ('done', 'failed', 'canceled') THEN 2 ELSE 1 END
        OR sum(e.pictures) <> CASE j.status WHEN 'done' THEN json_array_length(j.images)
          WHEN 'failed' THEN 0 WHEN 'canceled' THEN 0 ELSE j.params ->> '$.count' END
        OR (j.status IN ('done', 'failed', 'canceled')
          AND abs(sum(e.deviceSeconds) - coalesce(j.deviceSeconds, 0)) > 1e-6)`,
    )
    .all();
  db.close();
  return wrong.map(({ id }) => id);
}

/** Processes that were started for this folder and live. */
export function processesOf(data: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const alive = !readFileSync(`/proc/${name}/stat`, 'utf8').includes(') Z ');
        return alive && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(data);
      } catch {
        return false; // it ended while we looked
      }
    })
    .map(Number);
}

/** What may lie in a data folder. */
const BELONGS = /^(chat\.log|darkroom\.db(-wal|-shm)?|(darkroom\.db|instance)\.lock(-journal)?|pictures)$/;

/** All that is wrong after the last life has become quiet, in sentences. */
export function wrongs(data: string, requests: ReadonlySet<string>): string[] {
  const rows = rowsIn(data);
  const told = toldIn(data);
  const refused = new Set(told.filter(({ did }) => did === 'whisper').map(({ key }) => key));
  const keys = rows.map(({ key }) => key);
  const pictures = new Set(rows.flatMap(({ images }) => images.map((id) => `${id}.png`)));
  const files = readdirSync(path.join(data, 'pictures'));
  return [
    ...[...requests]
      .filter((key) => !keys.includes(key) && !refused.has(key))
      .map((key) => `${key} was lost`),
    ...keys.filter((key, i) => keys.indexOf(key) !== i).map((key) => `${key} was accepted twice`),
    ...readdirSync(data)
      .filter((file) => !BELONGS.test(file))
      .map((file) => `${file} was left behind`),
    ...files.filter((file) => !pictures.has(file)).map((file) => `${file} belongs to no row`),
    ...[...pictures].filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...accountsIn(data).map((id) => `${id} is not in the ledger as it ended`),
    ...rows.flatMap((row) =>
      wrongsOf(
        row,
        told.filter(({ jobId }) => jobId === row.id),
      ),
    ),
  ];
}

function wrongsOf({ id, status, error, images, count }: Row, told: Told[]): string[] {
  const wrong: string[] = [];
  const over = told.findIndex((one) => isOver(one.status));
  const last = told.at(-1);
  const deliveries = told.filter(({ did, lost }) => did === 'deliver' && !lost).map(({ life }) => life);
  if (!isOver(status)) wrong.push(`is ${status} for ever`);
  if (images.length !== (status === 'done' ? count : 0))
    wrong.push(`is ${status} with ${images.length} pictures`);
  if ((status === 'failed') !== Boolean(error)) wrong.push(`is ${status} because of ${error}`);
  if (last?.did !== 'deliver' || last.status !== status) wrong.push(`is ${status}, shown is ${last?.status}`);
  if (last && last.pictures.join() !== images.join())
    wrong.push('is shown with other pictures than its row has');
  if (told.slice(over).some((one) => one.status !== status)) wrong.push('changed after it was over');
  if (new Set(deliveries).size < deliveries.length) wrong.push('was delivered twice in one life');
  return wrong.map((what) => `${id} ${what}`);
}

const isOver = (status: string): boolean => ['done', 'failed', 'canceled'].includes(status);
