// One forked host process, from fork to its end. Knows how it is started and how it died, not what it works on.

import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { HostArguments } from './host.ts';
import type { FromHost, HostConfig, ToHost } from './protocol.ts';

export interface HostStart {
  /** What the process runs, when not host.ts: misbehaving ones, in tests. */
  hostModule?: URL;
  /** What its threads run, when not thread.ts: painters without networks, in tests. */
  threadModule?: URL;
  /** The process's environment, when it is not to be that of this one. */
  env?: Readonly<Record<string, string | undefined>>;
}

const fromSource = import.meta.url.endsWith('.ts');
/** As many of the last lines on stderr are searched for the reason of an end. */
const REMEMBERED_LINES = 20;

export class HostProcess {
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  /** It has ended and its memory is free again; the value says how, to follow the words "the worker". */
  readonly gone: Promise<string>;

  constructor(config: HostConfig, start: HostStart, log: Logger, hear: (message: FromHost) => void) {
    const { hostModule, threadModule, env } = start;
    const file = hostModule ?? new URL(fromSource ? './host.ts' : './host.js', import.meta.url);
    const args: HostArguments = { config, ...(threadModule && { threadModule: threadModule.href }) };
    this.#child = fork(file, [JSON.stringify(args)], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(env && { env }),
      execArgv: fromSource ? ['--import', tsx()] : [],
    });
    this.#readOutput(log.child({ host: this.#child.pid }));
    this.#child.on('message', (message) => hear(message as FromHost));
    // A host that has closed its channel can not be told anything any more.
    this.#child.once('disconnect', () => this.kill());
    this.gone = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(this.#reason(code, signal)));
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) resolve(`could not be started: ${error.message}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToHost): void {
    // An error here means that it is dying; `ended` follows and says so.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #readOutput(log: Logger): void {
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => log.info(line));
    if (!stderr) return;
    createInterface({ input: stderr }).on('line', (line) => {
      if (!line.trim()) return;
      log.warn(line);
      this.#lastLines.push(line);
      if (this.#lastLines.length > REMEMBERED_LINES) this.#lastLines.shift();
    });
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const telling = this.#lastLines.find((line) => /error|terminate|fail|cannot|can not/i.test(line));
    const words = telling ?? this.#lastLines.at(-1);
    return words ? `${how}: ${words.trim()}` : how;
  }
}

/** Resolved from here, because `--import` would look in the folder the program was started in. */
function tsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
