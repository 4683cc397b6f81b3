// What a picture's pixels depend on besides its parameters: stored with it, compared when it is drawn again.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { version } from './version.ts';

export interface Provenance {
  /** Darkroom's version. */
  version: string;
  /** The network runtime and its version. */
  runtime: string;
  /** Operating system and processor kind. */
  platform: string;
  /** 'cpu', 'cuda:0', 'webgpu'. */
  device: string;
  /** SHA-256 of the model's files; see model-hash.ts. */
  modelHash: string;
  /** The encoder of the image that it started from draws noise by itself, as the first exporters' did. */
  unseeded?: true;
}

const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
const runtime = `onnxruntime-node ${(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version}`;
const platform = `${process.platform}-${process.arch}`;

export function provenanceOf(model: { hash: string; device: string }): Provenance {
  return { version, modelHash: model.hash, device: model.device, runtime, platform };
}
