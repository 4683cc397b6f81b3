// A whole model folder of a few kilobytes with the contracts of a real one: 64 x 64 pixels, 8 x 8 latents of 4 channels.
// Its pictures are nothing to look at, but they depend on every input as a real model's do.

import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnxFile, type Graph, type TypeName } from './onnx.ts';

const tokenizer = fileURLToPath(new URL('../../models/emoji/tokenizer', import.meta.url));
const WIDTH = 8; // numbers of one token

const wave = (length: number, scale: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7) * scale);

const latent = { type: 'float32', shape: ['b', 4, 'h', 'w'] } as const;

const textEncoder = ({ legacy }: TinyOptions): Graph => ({
  inputs: { input_ids: { type: legacy ? 'int32' : 'int64', shape: ['b', 32] } },
  outputs: { last_hidden_state: { type: 'float32', shape: ['b', 32, WIDTH] } },
  weights: { table: { dims: [30522, WIDTH], data: wave(30522 * WIDTH, 1) } },
  nodes: [{ op: 'Gather', in: ['table', 'input_ids'], out: 'last_hidden_state' }],
});

export interface TinyOptions {
  /** The timestep input: 'scalar', or one number per run. */
  timestep?: { shape: (number | string)[]; type: TypeName };
  /** Another name for the words' input, to be refused. */
  wordsInput?: string;
  /** The network gives NaN. */
  nan?: boolean;
  /** The network takes 8 x 8 latents only. */
  fixedSize?: boolean;
  /** The network has an operator that only CUDA knows. */
  cudaOnly?: boolean;
  /** As the first exporter wrote folders: int32 ids, an encoder that draws inside. */
  legacy?: boolean;
  vaeEncoder?: boolean;
  /** A checker that flags what is bright on average. */
  safetyChecker?: boolean;
}

function unet({
  timestep,
  wordsInput = 'encoder_hidden_states',
  nan,
  fixedSize,
  cudaOnly,
}: TinyOptions): Graph {
  return {
    inputs: {
      sample: fixedSize ? { type: 'float32', shape: ['b', 4, 8, 8] } : latent,
      timestep: timestep ?? { type: 'int64', shape: [1] },
      [wordsInput]: { type: 'float32', shape: ['b', 32, WIDTH] },
    },
    outputs: { out_sample: latent },
    weights: {
      kernel: { dims: [4, 4, 3, 3], data: wave(144, 0.3) },
      axis: { dims: [1], data: BigInt64Array.of(3n) },
      thousandth: { dims: [1], data: Float32Array.of(nan ? Number.NaN : 0.001) },
    },
    nodes: [
      { op: 'Conv', in: ['sample', 'kernel'], out: 'seen', attributes: { pads: [1, 1, 1, 1] } },
      { op: 'ReduceMean', in: [wordsInput], out: 'meant', attributes: { axes: [1, 2], keepdims: 1 } },
      { op: 'Unsqueeze', in: ['meant', 'axis'], out: 'word' },
      { op: 'Cast', in: ['timestep'], out: 'time', attributes: { to: 1 } },
      { op: 'ReduceMean', in: ['time'], out: 'late', attributes: { keepdims: 0 } },
      { op: 'Mul', in: ['late', 'thousandth'], out: 'lateness' },
      { op: 'Add', in: ['seen', 'word'], out: 'both' },
      { op: 'Add', in: ['both', 'lateness'], out: 'all' },
      cudaOnly
        ? { op: 'NhwcConv', domain: 'com.microsoft', in: ['all', 'kernel'], out: 'out_sample' }
        : { op: 'Tanh', in: ['all'], out: 'out_sample' },
    ],
  };
}

const vaeDecoder: Graph = {
  inputs: { latent_sample: latent },
  outputs: { sample: { type: 'float32', shape: ['b', 3, 'H', 'W'] } },
  weights: { kernel: { dims: [192, 4, 1, 1], data: wave(768, 0.5) } },
  nodes: [
    { op: 'Conv', in: ['latent_sample', 'kernel'], out: 'many' },
    { op: 'DepthToSpace', in: ['many'], out: 'pixels', attributes: { blocksize: 8 } },
    { op: 'Tanh', in: ['pixels'], out: 'sample' },
  ],
};

const vaeEncoder: Graph = {
  inputs: { sample: { type: 'float32', shape: ['b', 3, 'H', 'W'] } },
  outputs: { latent_parameters: { type: 'float32', shape: ['b', 8, 'h', 'w'] } },
  weights: { kernel: { dims: [8, 192, 1, 1], data: wave(1536, 0.1) } },
  nodes: [
    { op: 'SpaceToDepth', in: ['sample'], out: 'deep', attributes: { blocksize: 8 } },
    { op: 'Conv', in: ['deep', 'kernel'], out: 'latent_parameters' },
  ],
};

/** Draws by itself, as those of the first exporters did. */
const drawnEncoder: Graph = {
  ...vaeEncoder,
  outputs: { latent_sample: latent },
  weights: { kernel: { dims: [4, 192, 1, 1], data: wave(1536, 0.1).subarray(0, 768) } },
  nodes: [
    vaeEncoder.nodes[0]!,
    { op: 'Conv', in: ['deep', 'kernel'], out: 'means' },
    { op: 'RandomNormalLike', in: ['means'], out: 'noise' },
    { op: 'Add', in: ['means', 'noise'], out: 'latent_sample' },
  ],
};

const safetyChecker: Graph = {
  inputs: {
    clip_input: { type: 'float32', shape: ['b', 3, 224, 224] },
    images: { type: 'float32', shape: ['b', 'H', 'W', 3] },
  },
  outputs: {
    out_images: { type: 'float32', shape: ['b', 'H', 'W', 3] },
    has_nsfw_concepts: { type: 'bool', shape: ['b'] },
  },
  weights: { grey: { dims: [1], data: Float32Array.of(0) } },
  nodes: [
    { op: 'Identity', in: ['images'], out: 'out_images' },
    {
      op: 'ReduceMean',
      in: ['clip_input'],
      out: 'brightness',
      attributes: { axes: [1, 2, 3], keepdims: 0 },
    },
    { op: 'Greater', in: ['brightness', 'grey'], out: 'has_nsfw_concepts' },
  ],
};

/** Writes the folder and returns its path. */
export function writeTinyModel(folder: string, options: TinyOptions = {}): string {
  const json = (file: string, value: object): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), JSON.stringify(value));
  };
  const part = (name: string, graph: Graph, config: object): void => {
    json(`${name}/config.json`, config);
    writeFileSync(path.join(folder, name, 'model.onnx'), onnxFile(graph));
  };
  const vae = { scaling_factor: 0.5, block_out_channels: [1, 1, 1, 1] };
  json('model_index.json', {
    _class_name: options.legacy ? 'OnnxStableDiffusionPipeline' : 'StableDiffusionPipeline',
  });
  part('text_encoder', textEncoder(options), {});
  part('unet', unet(options), { sample_size: 8, in_channels: 4 });
  part('vae_decoder', vaeDecoder, vae);
  if (options.safetyChecker) part('safety_checker', safetyChecker, {});
  if (options.vaeEncoder ?? true) part('vae_encoder', options.legacy ? drawnEncoder : vaeEncoder, vae);
  json('scheduler/scheduler_config.json', {
    _class_name: 'DDIMScheduler',
    num_train_timesteps: 1000,
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    prediction_type: 'epsilon',
    clip_sample: false,
    steps_offset: 1,
  });
  cpSync(tokenizer, path.join(folder, 'tokenizer'), { recursive: true });
  return folder;
}
