// Runs one program of the bootstrap to its end and passes on the signals that ask it to stop.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Resolves with `{ok, output}`. What the program says goes to stderr as it comes when `show` is true, so that stdout
 * stays free for the command that follows. When a signal ends the step, this process ends the way it asks.
 */
export async function runStep(command, args, { cwd, env = process.env, show = false, shell = false } = {}) {
  const child = spawn(command, args, { cwd, env, shell, stdio: ['inherit', 'pipe', 'pipe'] });
  let output = '';
  const take = (chunk) => {
    output = (output + chunk).slice(-200_000);
    if (show) process.stderr.write(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  let stopped;
  const stop = (signal) => {
    stopped = signal;
    child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, stop);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.on('close', (code, signal) => resolve(code ?? `ended by ${signal}`));
  });
  for (const signal of stopSignals) process.off(signal, stop);
  if (stopped) process.exit(128 + constants.signals[stopped]);
  return { ok: status === 0, output };
}
