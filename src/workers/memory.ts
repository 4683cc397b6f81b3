// How much memory a device has, how much of it is taken, and what a model folder will take. NVIDIA's own tool is asked
// about its devices; nobody tells about WebGPU's.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';

/** Bytes. */
export interface Memory {
  total: number;
  used: number;
}

export type Ask = (command: string, args: readonly string[]) => string | undefined;

const MIB = 2 ** 20;

/** What a device's memory is like; of 'cpu' what this process has taken. Undefined where nobody can tell. */
export function memoryOf(device: string, asked: Ask = ask): Memory | undefined {
  if (device === 'cpu') return { total: totalmem(), used: process.memoryUsage.rss() };
  const gpu = /^cuda:(\d+)$/.exec(device)?.[1];
  if (gpu === undefined) return undefined;
  const query = ['--query-gpu=memory.total,memory.used', '--format=csv,noheader,nounits', `--id=${gpu}`];
  const [total, used] = (asked('nvidia-smi', query) ?? '')
    .split(',')
    .map((part) => Number.parseInt(part, 10));
  return total && used !== undefined && used >= 0 ? { total: total * MIB, used: used * MIB } : undefined;
}

/** What the models of one thread may weigh together, in bytes, where nobody has set it. */
export function usualBudget(device: string, threads: number, memory = memoryOf(device)): number {
  if (!memory) return Number.POSITIVE_INFINITY;
  // Weights that are stored small grow when the CPU opens them; a GPU needs room for what lies between the layers.
  const share = device === 'cpu' ? 0.3 : 0.7;
  return (memory.total * share) / threads;
}

/** Bytes of the files beside the networks in a model folder, which is about what opening it takes. None: 0. */
export function weightOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((e) => e.isFile());
  const placeOf = (entry: (typeof entries)[number]): string => entry.parentPath ?? entry.path;
  const parts = new Set(entries.filter((e) => e.name.endsWith('.onnx')).map(placeOf));
  const files = entries.filter((e) => parts.has(placeOf(e)));
  return files.reduce((sum, e) => sum + statSync(path.join(placeOf(e), e.name)).size, 0);
}

/** Runs a command and gives what it prints; undefined where it fails or is not there. */
export function ask(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 5000 });
  return status === 0 ? stdout : undefined;
}
