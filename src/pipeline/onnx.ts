// The one door to onnxruntime-node: opens a network file, feeds it numbers in whatever type its metadata asks for, and
// explains native failures in words. Knows nothing of diffusion.

import * as ort from 'onnxruntime-node';
import { float16ToFloat32, float32ToFloat16 } from './float16.ts';
import { ModelProblem } from './problems.ts';

/** Numbers on their way in or out: float32 values, or integers for token ids, with their shape. */
export interface Values {
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
  readonly inputs: ReadonlyMap<string, InputInfo>;
  readonly outputs: readonly string[];
  /** Milliseconds spent inside the runtime since it was opened. */
  readonly runtimeMs: number;
  /** Every output as float32. Throws a ModelProblem when an input is missing or the runtime refuses. */
  run(
    feeds: Record<string, Values>,
  ): Promise<Record<string, { data: Float32Array; dims: readonly number[] }>>;
}

const feedable: readonly string[] = ['float32', 'float16', 'int64', 'int32'] satisfies Feedable[];

function executionProviders(device: string): ort.InferenceSession.ExecutionProviderConfig[] {
  const [kind, index] = device.split(':');
  if (kind === 'cuda') return [{ name: 'cuda', deviceId: Number(index ?? 0) }, 'cpu'];
  if (kind === 'webgpu') return ['webgpu', 'cpu'];
  return ['cpu'];
}

function typed(values: Values, type: Feedable): ort.Tensor {
  const { data, dims } = values;
  switch (type) {
    case 'float32':
      return new ort.Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), dims);
    case 'float16':
      return new ort.Tensor('float16', float32ToFloat16(Float32Array.from(data)), dims);
    case 'int64':
      return new ort.Tensor(
        'int64',
        BigInt64Array.from(data as number[], (v) => BigInt(Math.round(v))),
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
    inputs,
    outputs: session.outputNames,
    get runtimeMs() {
      return runtimeMs;
    },
    async run(feeds) {
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
        results = await session.run(tensors);
      } catch (error) {
        const given = Object.entries(tensors).map(([n, t]) => `${n} ${t.type} [${t.dims.join(', ')}]`);
        const native = error instanceof Error ? error.message : String(error);
        throw new ModelProblem(`${file} failed on ${given.join(', ')}: ${native.slice(0, 300)}`, {
          cause: error,
        });
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
