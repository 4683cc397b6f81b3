// Which devices this machine lends to worker hosts. Looks at files only: the main process never asks the runtime.

import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface Machine {
  /** The runtime's CUDA library was installed. */
  cudaLibrary: boolean;
  /** Numbers of the NVIDIA devices. */
  gpus: number[];
}

/**
 * The devices to work on. 'auto' is every NVIDIA device when there is one and the runtime's CUDA library is installed,
 * and the CPU otherwise. A list was checked with the other settings and is taken as it is.
 */
export function devicesOf(
  setting: 'auto' | readonly string[],
  machine: () => Machine = thisMachine,
): readonly string[] {
  if (setting !== 'auto') return setting;
  const { cudaLibrary, gpus } = machine();
  return cudaLibrary && gpus.length > 0 ? gpus.map((n) => `cuda:${n}`) : ['cpu'];
}

function thisMachine(): Machine {
  const library = 'libonnxruntime_providers_cuda.so';
  const cudaLibrary = runtimeFolders().some((folder) => existsSync(path.join(folder, library)));
  const gpus = (existsSync('/dev') ? readdirSync('/dev') : [])
    .map((name) => /^nvidia(\d+)$/.exec(name)?.[1])
    .filter((n) => n !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
  return { cudaLibrary, gpus };
}

/** Where onnxruntime-node keeps its native libraries for this platform. */
function runtimeFolders(): string[] {
  try {
    const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
    const bin = path.join(path.dirname(manifest), 'bin');
    return readdirSync(bin).map((napi) => path.join(bin, napi, process.platform, process.arch));
  } catch {
    return [];
  }
}
