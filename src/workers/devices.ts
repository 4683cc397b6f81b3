// Which devices this machine lends to worker hosts, and why one of them can not be used. Looks at files and asks the
// system's tools only: the main process never loads the runtime.

import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ask as askSystem, type Ask } from './memory.ts';

export interface Machine {
  /** The runtime's CUDA library, when it was installed. */
  cudaLibrary: string | undefined;
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
  return cudaLibrary !== undefined && gpus.length > 0 ? gpus.map((n) => `cuda:${n}`) : ['cpu'];
}

/** A sentence for an owner whose NVIDIA devices stay idle because 'auto' found no CUDA library; else undefined. */
export function idleGpuAdvice(
  setting: 'auto' | readonly string[],
  machine: () => Machine = thisMachine,
): string | undefined {
  if (setting !== 'auto') return undefined;
  const { cudaLibrary, gpus } = machine();
  if (gpus.length === 0 || cudaLibrary !== undefined) return undefined;
  return 'There is an NVIDIA device, but the CUDA library of the runtime is not installed, so pictures are drawn on the CPU: run "npm run cuda:install".';
}

/** Why the runtime could not use a device, and what to do: one or two sentences. `said` are the runtime's own words. */
export function deviceAdvice(
  device: string,
  said: string,
  machine: () => Machine = thisMachine,
  ask: Ask = askSystem,
): string {
  const words = said.replaceAll(/\s+/g, ' ').slice(0, 300);
  if (device === 'webgpu') return `WebGPU needs a graphics driver with Vulkan or Metal. (${words})`;
  const { cudaLibrary, gpus } = machine();
  if (cudaLibrary === undefined)
    return 'The CUDA library of the runtime is not installed: run "npm run cuda:install".';
  const missing = missingLibraries(ask('ldd', [cudaLibrary]) ?? '');
  if (missing.length > 0)
    return `${missing.join(', ')} can not be found: install NVIDIA's CUDA runtime and cuDNN in the versions with these numbers, and name their folder in LD_LIBRARY_PATH.`;
  if (gpus.length === 0)
    return 'No NVIDIA device is visible: install its driver, or start the container with access to it (docker run --gpus all).';
  return `The runtime said: ${words}`;
}

/** What `ldd` did not find, besides the runtime's own library, which is loaded before. */
function missingLibraries(listing: string): string[] {
  const missing = [...listing.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]!);
  return [...new Set(missing)].filter((name) => !name.startsWith('libonnxruntime'));
}

function thisMachine(): Machine {
  const library = 'libonnxruntime_providers_cuda.so';
  const cudaLibrary = runtimeFolders()
    .map((folder) => path.join(folder, library))
    .find((file) => existsSync(file));
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
