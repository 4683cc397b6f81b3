// The one door to onnxruntime-node: opens a network file, feeds it numbers in whatever type its metadata asks for, and
// explains native failures in words. Knows nothing of diffusion.

import * as ort from 'onnxruntime-node';
import { float16ToFloat32, float32ToFloat16 } from './float16.ts';
import { ModelProblem, OutOfMemory } from './problems.ts';

/** Numbers on their way in or out: float32 values, or integers for token ids, with their shape. */
export interface Values {
  /** Not to be changed once it was fed. */
  data: Float32Array | number[];
  dims: number[];
}

export interface NetworkOptions {
  /** 'cpu', 'cuda:0', 'webgpu'. */
  device: string;
  /** Threads for one operator; 0 lets the runtime choose. */
  intraOpThreads: number;
}

type Feedable = 'float32' | 'float16' | 'int64' | 'int32';
interface InputInfo {
  type: Feedable;
  /** A number, or the name of a dimension that is free. */
  shape: readonly (number | string)[];
}

/** One opened .onnx file. */
export interface Network {
  readonly file: string;
  readonly inputs: ReadonlyMap<string, InputInfo>;
  readonly outputs: readonly string[];
  /** Milliseconds spent inside the runtime since it was opened. */
  readonly runtimeMs: number;
  /**
   * The outputs named, or every one, as float32. Feeds that the file does not ask for are left out. Throws a
   * ModelProblem when an input is missing or the runtime refuses, an OutOfMemory where it is for want of memory.
   */
  run(
    feeds: Record<string, Values>,
    outputs?: readonly string[],
  ): Promise<Record<string, { data: Float32Array; dims: readonly number[] }>>;
  /** Gives its memory back. It can not be run any more; not to be called while it runs. */
  release(): Promise<void>;
}

const feedable: readonly string[] = ['float32', 'float16', 'int64', 'int32'] satisfies Feedable[];

function executionProviders(device: string): ort.InferenceSession.ExecutionProviderConfig[] {
  const [kind, index] = device.split(':');
  if (kind === 'cuda') return [{ name: 'cuda', deviceId: Number(index ?? 0) }, 'cpu'];
  if (kind === 'webgpu') return ['webgpu', 'cpu'];
  return ['cpu'];
}

/** Conversions of arrays that are fed again, as words are at every step. Fed arrays are never changed. */
const converted = new WeakMap<Float32Array, Uint16Array>();

function halves(data: Float32Array | number[]): Uint16Array {
  const floats = data instanceof Float32Array ? data : Float32Array.from(data);
  const known = converted.get(floats) ?? float32ToFloat16(floats);
  converted.set(floats, known);
  return known;
}

function typed(values: Values, type: Feedable): ort.Tensor {
  const { data, dims } = values;
  switch (type) {
    case 'float32':
      return new ort.Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), dims);
    case 'float16':
      return new ort.Tensor('float16', halves(data), dims);
    case 'int64':
      return new ort.Tensor(
        'int64',
        // Schedulers may give timesteps between two numbers; diffusers' pipelines cut them off too.
        BigInt64Array.from(data as number[], (v) => BigInt(Math.trunc(v))),
        dims,
      );
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(data), dims);
  }
}

function asFloat32(tensor: ort.Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data as Float32Array;
  if (tensor.type === 'float16') return float16ToFloat32(tensor.data as unknown as Uint16Array);
  return Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

function inputInfo(meta: ort.InferenceSession.ValueMetadata, file: string): InputInfo {
  if (!meta.isTensor || !feedable.includes(meta.type))
    throw new ModelProblem(`${file}: its input "${meta.name}" has a type that is not supported.`);
  return { type: meta.type as Feedable, shape: meta.shape };
}

/** Why the runtime refused to open a file, as a sentence. */
function openFailure(file: string, device: string, error: unknown): ModelProblem {
  const native = error instanceof Error ? error.message : String(error);
  const say = (text: string): ModelProblem => new ModelProblem(text, { cause: error });
  if (/Failed to load shared library|providers_cuda/i.test(native))
    return say(
      `The CUDA libraries are not installed: run "npm run cuda:install", or set DEVICES=cpu. (${device})`,
    );
  if (/Could not find an implementation/i.test(native))
    return say(
      `${file} was optimised for CUDA and can not run on ${device}: export it again without that optimisation.`,
    );
  if (/protobuf|parse|InvalidProtobuf|No such file|doesn't exist|external data|out of bounds/i.test(native))
    return say(
      `${file} is damaged or incomplete: download or export the model again. (${native.slice(0, 200)})`,
    );
  return say(`${file} can not be opened on ${device}: ${native.slice(0, 300)}`);
}

/** Why a run failed, as a sentence. */
function runFailure(file: string, tensors: Record<string, ort.Tensor>, error: unknown): ModelProblem {
  const native = error instanceof Error ? error.message : String(error);
  const given = Object.entries(tensors).map(([n, t]) => `${n} ${t.type} [${t.dims.join(', ')}]`);
  const say = (text: string): ModelProblem => new ModelProblem(text, { cause: error });
  if (/invalid dimensions/i.test(native))
    return say(
      `${file} was exported for other sizes than ${given.join(', ')}: export it again with free dimensions, or set minSize and maxSize in the folder's darkroom.json.`,
    );
  if (/allocate|out of memory|bad_alloc/i.test(native)) return new OutOfMemory(error);
  return say(`${file} failed on ${given.join(', ')}: ${native.slice(0, 300)}`);
}

export async function openNetwork(file: string, options: NetworkOptions): Promise<Network> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(file, {
      executionProviders: executionProviders(options.device),
      // Pinned: another level gives other rounding, and so other pixels for the same seed.
      graphOptimizationLevel: 'all',
      intraOpNumThreads: options.intraOpThreads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw openFailure(file, options.device, error);
  }
  const inputs = new Map(session.inputMetadata.map((m) => [m.name, inputInfo(m, file)]));
  let runtimeMs = 0;
  return {
    file,
    inputs,
    outputs: session.outputNames,
    get runtimeMs() {
      return runtimeMs;
    },
    release: () => session.release(),
    async run(feeds, outputs = session.outputNames) {
      const tensors: Record<string, ort.Tensor> = {};
      for (const [name, { type, shape }] of inputs) {
        const values = feeds[name];
        if (!values)
          throw new ModelProblem(
            `${file} asks for an input "${name}", which this kind of model does not have.`,
          );
        // A scalar input and a batch of one are the same number.
        tensors[name] = typed(shape.length === 0 ? { data: values.data, dims: [] } : values, type);
      }
      const start = performance.now();
      let results: ort.InferenceSession.OnnxValueMapType;
      try {
        results = await session.run(tensors, outputs);
      } catch (error) {
        throw runFailure(file, tensors, error);
      } finally {
        runtimeMs += performance.now() - start;
      }
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { data: asFloat32(tensor), dims: tensor.dims },
        ]),
      );
    },
  };
}

/** A network that adds a number to itself. */
const SMALLEST_NETWORK =
  'CAg6OAoOCgF4CgF4EgF5IgNBZGQSBHRpbnlaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAR';

/** Runs the smallest network on a device. What the runtime says when it can not, else undefined. */
export async function tryDevice(device: string): Promise<string | undefined> {
  try {
    const session = await ort.InferenceSession.create(Buffer.from(SMALLEST_NETWORK, 'base64'), {
      executionProviders: executionProviders(device),
      logSeverityLevel: 3,
    });
    await session.run({ x: new ort.Tensor('float32', [1], [1]) });
    await session.release();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
