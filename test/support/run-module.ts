// Runs a piece of TypeScript in a process of its own, for tests about what dies with a process.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface RunningModule {
  process: ChildProcess;
  /** The next line it prints; rejects with its errors when it ends first. */
  nextLine(): Promise<string>;
  /** SIGKILL, and wait for its end. */
  kill(): Promise<void>;
}

/** `code` is an ES module; its imports are relative to the repository's root. */
export function runModule(code: string, args: string[] = []): RunningModule {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', code, '--', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    async nextLine() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`It ended early: ${errors}`);
      return value;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
