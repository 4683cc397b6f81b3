// Files of a model folder: JSON checked once at the edge, network files that are really there. Every failure is a
// ModelProblem that names the file.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ModelProblem } from './problems.ts';
import { parseSchedulerConfig, type SchedulerConfig } from './schedulers/index.ts';

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ModelProblem(`The model folder lacks ${file}: download or export the model again.`, {
      cause: error,
    });
  }
}

export function readJson<T>(file: string, schema: z.ZodType<T>): T {
  const text = readText(file);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new ModelProblem(
      `${file} is not what a model folder needs there: ${error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON'}.`,
      { cause: error },
    );
  }
}

export const readOptionalJson = <T>(file: string, schema: z.ZodType<T>): T | undefined =>
  existsSync(file) ? readJson(file, schema) : undefined;

export function readScheduler(file: string): SchedulerConfig {
  const text = readText(file);
  try {
    return parseSchedulerConfig(text);
  } catch (error) {
    throw new ModelProblem(`${file} is not a scheduler's configuration.`, { cause: error });
  }
}

/** Whether a network draws random numbers inside its graph, which no seed reaches. */
export const drawsInside = (network: string): boolean => readFileSync(network).includes('RandomNormal');

/** The part's network: model.onnx, or the only .onnx file where it has another name. Undefined when there is none. */
export function findNetwork(folder: string, part: string): string | undefined {
  const inside = path.join(folder, part);
  if (!existsSync(inside)) return undefined;
  const names = readdirSync(inside).filter((name) => name.endsWith('.onnx'));
  const name = names.includes('model.onnx') ? 'model.onnx' : names.length === 1 ? names[0] : undefined;
  if (name === undefined) return undefined;
  const file = path.join(inside, name);
  if (statSync(file).size === 0)
    throw new ModelProblem(`${file} is empty: download or export the model again.`);
  return file;
}

/** The same, of a part that the model can not do without. */
export function requireNetwork(folder: string, part: string): string {
  const file = findNetwork(folder, part);
  if (file) return file;
  const inside = path.join(folder, part);
  const names = existsSync(inside) ? readdirSync(inside) : [];
  const networks = names.filter((name) => name.endsWith('.onnx'));
  if (networks.length > 1)
    throw new ModelProblem(
      `${inside} has several networks, ${networks.join(', ')}, and none of them is called model.onnx: give that name to the one to use.`,
    );
  const torch = names.some((name) => /\.(safetensors|bin)$/.test(name));
  throw new ModelProblem(
    torch
      ? `The model folder ${folder} has ${part} for PyTorch but no ${part}/model.onnx: export it to ONNX with optimum.`
      : `The model folder ${folder} has no ${part}/model.onnx: download or export the model again.`,
  );
}
