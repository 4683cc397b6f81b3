// Writes small ONNX files by hand (protobuf wire format, onnx.proto), so that tests need no model and no Python.

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    out.push(rest ? low | 128 : low);
  } while (rest);
  return Buffer.from(out);
}

const int = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function bytes(field: number, value: Buffer | string): Buffer {
  const content = Buffer.from(value as string);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

export const types = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type TypeName = keyof typeof types;
export type Shape = readonly (number | string)[];

export interface Node {
  op: string;
  in: string[];
  out: string;
  /** 'com.microsoft' for the runtime's own operators. */
  domain?: string;
  /** Whole numbers, or lists of them. */
  attributes?: Record<string, number | number[]>;
}

export interface Graph {
  inputs: Record<string, { type: TypeName; shape: Shape }>;
  outputs: Record<string, { type: TypeName; shape: Shape }>;
  weights: Record<string, { dims: number[]; data: Float32Array | BigInt64Array }>;
  nodes: Node[];
}

function valueInfo(name: string, { type, shape }: { type: TypeName; shape: Shape }): Buffer {
  const dims = shape.map((d) => bytes(1, typeof d === 'string' ? bytes(2, d) : int(1, d)));
  const typed = Buffer.concat([int(1, types[type]), bytes(2, Buffer.concat(dims))]);
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, typed))]);
}

function attribute(name: string, value: number | number[]): Buffer {
  const list = Array.isArray(value);
  const content = list ? value.map((v) => int(8, v)) : [int(3, value)];
  return Buffer.concat([bytes(1, name), ...content, int(20, list ? 7 : 2)]);
}

function node({ op, in: inputs, out, domain, attributes = {} }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytes(1, name)),
    bytes(2, out),
    bytes(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
    ...(domain ? [bytes(7, domain)] : []),
  ]);
}

function tensor(name: string, { dims, data }: Graph['weights'][string]): Buffer {
  const type = data instanceof Float32Array ? types.float32 : types.int64;
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([...dims.map((d) => int(1, d)), int(2, type), bytes(8, name), bytes(9, raw)]);
}

/** The bytes of a .onnx file, opset 17. */
export function onnxFile({ inputs, outputs, weights, nodes }: Graph): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((n) => bytes(1, node(n))),
    bytes(2, 'tiny'),
    ...Object.entries(weights).map(([name, w]) => bytes(5, tensor(name, w))),
    ...Object.entries(inputs).map(([name, i]) => bytes(11, valueInfo(name, i))),
    ...Object.entries(outputs).map(([name, o]) => bytes(12, valueInfo(name, o))),
  ]);
  return Buffer.concat([
    int(1, 8),
    bytes(7, graph),
    bytes(8, Buffer.concat([bytes(1, ''), int(2, 17)])),
    bytes(8, Buffer.concat([bytes(1, 'com.microsoft'), int(2, 1)])),
  ]);
}
