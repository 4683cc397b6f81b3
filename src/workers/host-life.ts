// Keeps one host process alive: starts it, listens to its pulse, kills it when it hangs, replaces it when it is gone,
// and says why when it does not get ready. Knows no batches.

import type { Logger } from 'pino';
import { HostBroken, HostDied } from './failures.ts';
import { HostProcess, type HostStart } from './host-process.ts';
import type { FromHost, HostConfig, ToHost } from './protocol.ts';
import { Watchdog } from './watchdog.ts';

export interface LifeOptions extends HostStart {
  config: HostConfig;
  log: Logger;
  /** Without any sign of life for this long, once it is ready, it is taken to hang. */
  heartbeatTimeoutMs?: number;
  /** The same until it is ready. */
  startTimeoutMs?: number;
  /** Before the second replacement in a row; doubles up to half a minute. The first is at once. */
  respawnDelayMs?: number;
}

interface Events {
  hear(message: FromHost): void;
  ready(found: Extract<FromHost, { type: 'ready' }>): void;
  /** Whatever it was doing is lost; it is about to be killed or is gone. */
  lost(reason: string): void;
  broken(): void;
}

type State =
  /** Not started yet. */
  | 'new'
  | 'starting'
  | 'ready'
  /** Given up; its end has not been reported yet. */
  | 'dying'
  /** Waiting to be replaced. */
  | 'resting'
  /** To be ended, or ended, for good. */
  | 'stopped';

/** Nobody waits for a process that died this often in a row before it was ready. It is tried again all the same. */
const EARLY_DEATHS = 3;
const LONGEST_REST_MS = 30_000;

export class HostLife {
  readonly #options: LifeOptions;
  readonly #events: Events;
  readonly #waiting = new Set<{ resolve(): void; reject(error: Error): void }>();
  #state: State = 'new';
  #process: HostProcess | undefined;
  #pulse: Watchdog | undefined;
  #rest: NodeJS.Timeout | undefined;
  /** Deaths in a row before it was ready, and before it answered anything. */
  #earlyDeaths = 0;
  #idleDeaths = 0;
  /** Why it was given up; says more than the SIGKILL that followed. */
  #givenUp: string | undefined;
  #brokenReason: string | undefined;

  constructor(options: LifeOptions, events: Events) {
    this.#options = options;
    this.#events = events;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Why it can not be started, while that is so: a sentence. */
  get brokenReason(): string | undefined {
    return this.#brokenReason;
  }

  /** Resolves when it is ready. Rejects with HostBroken while it can not be started. */
  start(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    if (this.#brokenReason) return Promise.reject(new HostBroken(this.#brokenReason));
    if (this.#state === 'stopped') return Promise.reject(this.#stoppedError());
    if (this.#state === 'new') this.#spawn();
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }));
  }

  send(message: ToHost): void {
    this.#process?.send(message);
  }

  /** It has done something useful, so its next death is not one of a row. */
  didWork(): void {
    this.#idleDeaths = 0;
  }

  /** It hangs or can not be trusted: everyone is told first, then it is killed. */
  giveUp(reason: string): void {
    const process = this.#process;
    this.#givenUp ??= reason;
    this.#lose(reason);
    process?.kill();
  }

  /** Ends it, which must be idle, and starts another in its place. Nothing is wrong with it yet. */
  renew(reason: string): void {
    if (this.#state !== 'ready') return;
    this.#state = 'dying';
    this.#pulse?.stop();
    this.#options.log.info({ host: this.pid, reason }, 'the worker is replaced');
    this.#events.lost(reason);
    this.#process?.kill();
  }

  /** No more replacements; what runs may still end. */
  retire(): void {
    this.#state = 'stopped';
    clearTimeout(this.#rest);
    this.#rejectWaiting(this.#stoppedError());
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    const process = this.#process;
    this.#pulse?.stop();
    process?.kill();
    await process?.gone;
  }

  #spawn(): void {
    this.#state = 'starting';
    this.#givenUp = undefined;
    const { config, log, startTimeoutMs = 60_000 } = this.#options;
    const process = new HostProcess(config, this.#options, log, (message) => this.#hear(message));
    this.#process = process;
    this.#pulse = new Watchdog(startTimeoutMs, () => this.giveUp('did not get ready in time'));
    void process.gone.then((reason) => this.#ended(reason));
  }

  /** A process of ours that says what can not be understood is not to be trusted with anything. */
  #hear(message: FromHost): void {
    if (this.#state === 'dying') return;
    this.#pulse?.feed();
    try {
      if (message.type === 'ready') this.#ready(message);
      else if (message.type !== 'beat') this.#events.hear(message);
    } catch (error) {
      this.#options.log.error({ err: error, host: this.pid }, 'the worker was not understood');
      this.giveUp('said what can not be understood');
    }
  }

  #ready(message: Extract<FromHost, { type: 'ready' }>): void {
    if (this.#state !== 'starting') return;
    this.#state = 'ready';
    this.#earlyDeaths = 0;
    this.#brokenReason = undefined;
    this.#pulse?.stop();
    const { heartbeatTimeoutMs = 10_000 } = this.#options;
    this.#pulse = new Watchdog(heartbeatTimeoutMs, () => this.giveUp('gave no sign of life'));
    this.#options.log.info({ host: this.pid, device: message.device }, 'worker ready');
    this.#events.ready(message);
    for (const waiting of this.#waiting) waiting.resolve();
    this.#waiting.clear();
  }

  #lose(reason: string): void {
    if (this.#state === 'dying') return;
    if (this.#state === 'starting') this.#earlyDeaths++;
    if (this.#state !== 'stopped') {
      this.#state = 'dying';
      this.#idleDeaths++;
      this.#options.log.error({ host: this.pid, reason }, 'the worker is lost');
    }
    this.#pulse?.stop();
    this.#events.lost(reason);
  }

  /** Replaced only now: until a process is gone it holds its device's memory. */
  #ended(reason: string): void {
    this.#lose(reason);
    this.#process = undefined;
    if (this.#state === 'stopped') return;
    const { respawnDelayMs = 500 } = this.#options;
    const delay = this.#idleDeaths < 2 ? 0 : respawnDelayMs * 2 ** (this.#idleDeaths - 2);
    this.#state = 'resting';
    this.#rest = setTimeout(() => this.#spawn(), Math.min(delay, LONGEST_REST_MS));
    if (this.#earlyDeaths >= EARLY_DEATHS) this.#breakDown(this.#givenUp ?? reason);
  }

  #breakDown(reason: string): void {
    const { config, log } = this.#options;
    const known = this.#brokenReason !== undefined;
    this.#brokenReason =
      `The worker for ${config.device} could not be started, ${EARLY_DEATHS} times in a row: it ${reason}. ` +
      'It works again once the cause is set right.';
    if (known) return;
    log.error(this.#brokenReason);
    this.#rejectWaiting(new HostBroken(this.#brokenReason));
    this.#events.broken();
  }

  #rejectWaiting(error: Error): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }

  #stoppedError(): HostDied {
    return new HostDied(`The worker for ${this.#options.config.device} is stopped.`);
  }
}
