// The parts of a pipeline that need no network: mixing noise, tiles, masks, replaying, and what a folder's files say.

import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Autoencoder } from '../src/pipeline/autoencoder.ts';
import type { Condition, Family } from '../src/pipeline/families/family.ts';
import { refined } from '../src/pipeline/families/refined.ts';
import { predictions, rowLimit } from '../src/pipeline/guidance.ts';
import { latentMask, maskOf } from '../src/pipeline/mask.ts';
import { defaultsFor, type Kind } from '../src/pipeline/model-defaults.ts';
import { readModelFolder } from '../src/pipeline/model-folder.ts';
import type { LatentScale } from '../src/pipeline/model-config.ts';
import { modelHash } from '../src/pipeline/model-hash.ts';
import { slerp } from '../src/pipeline/noise.ts';
import type { Network } from '../src/pipeline/onnx.ts';
import { OutOfMemory } from '../src/pipeline/problems.ts';
import type { Provenance } from '../src/pipeline/provenance.ts';
import { TorchGenerator } from '../src/pipeline/random.ts';
import { DiffusionPipeline } from '../src/pipeline/pipeline.ts';
import {
  createScheduler,
  inTurns,
  type Scheduler,
  type SchedulerName,
} from '../src/pipeline/schedulers/index.ts';
import { openModel } from '../src/pipeline/open-model.ts';
import { previewer } from '../src/pipeline/preview.ts';
import { publishedProjection } from '../src/pipeline/preview-factors.ts';
import { replayOf } from '../src/pipeline/replay.ts';
import { inTiles, type Grid } from '../src/pipeline/tiles.ts';
import { writeTinyModel } from './support/tiny-model.ts';

const root = mkdtempSync(path.join(tmpdir(), 'darkroom-parts-'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;
const tinyModel = (): string => writeTinyModel(path.join(root, `tiny${made++}`));
const fixture = (family: string): string =>
  fileURLToPath(new URL(`./fixtures/parity/${family}`, import.meta.url));

describe('a mixture of two noises', () => {
  const [a, b] = [new TorchGenerator(1).randn(4096), new TorchGenerator(2).randn(4096)];
  const length = (v: Float32Array): number => Math.hypot(...v);

  it('keeps the length of Gaussian noise all the way', () => {
    for (const share of [0.2, 0.5, 0.8]) expect(length(slerp(a, b, share)) / length(a)).toBeCloseTo(1, 1);
    expect(length(slerp(a, b, 0.5))).toBeGreaterThan(length(a.map((v, i) => (v + b[i]!) / 2)) * 1.3);
  });

  it('is either of them at the ends, and stays itself between equals', () => {
    expect([...slerp(a, b, 0)]).toEqual([...a]);
    expect([...slerp(a, b, 1)]).toEqual([...b]);
    expect(slerp(a, a, 0.3)[7]).toBeCloseTo(a[7]!, 5);
  });
});

describe('guidance', () => {
  it('gives a run no more rows than fit, and fewer for the rest of the batch when memory was short', async () => {
    const runs: number[] = [];
    const family = {
      guided: true,
      encode: () => expect.unreachable(),
      predict: async (rows: readonly { latents: Float32Array }[]) => {
        runs.push(rows.length);
        if (rows.length > 3) throw new OutOfMemory(new Error('Failed to allocate memory'));
        return rows.map(({ latents }) => latents);
      },
    };
    const condition = { words: new Float32Array(), tokens: 1, width: 0 };
    const pictures = Array.from({ length: 10 }, (_, i) => ({
      latents: Float32Array.of(i),
      parts: [{ weight: 1, condition }],
    }));
    const shape = { channels: 1, height: 2, width: 2 };
    const moment = { timestep: 1, guidanceScale: 1, shape };
    const limit = rowLimit(shape, 2);
    expect(limit.most).toBe(8);
    for (let step = 0; step < 2; step++) {
      const out = await predictions(family, pictures, moment, 0, limit);
      expect(out.map((v) => v[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(runs).toEqual([8, 4, ...Array<number>(10).fill(2)]);
  });

  it('fails when even one row is too much for the memory', async () => {
    const family = {
      guided: true,
      encode: () => expect.unreachable(),
      predict: () => Promise.reject(new OutOfMemory(new Error('Failed to allocate memory'))),
    };
    const condition = { words: new Float32Array(), tokens: 1, width: 0 };
    const picture = { latents: Float32Array.of(0), parts: [{ weight: 1, condition }] };
    const moment = { timestep: 1, guidanceScale: 1, shape: { channels: 1, height: 1, width: 1 } };
    await expect(predictions(family, [picture, picture], moment, 0, { most: 8 })).rejects.toThrow(
      'not enough memory for this: ask for a smaller picture',
    );
  });

  it('runs texts of unlike length apart and gives every picture its own', async () => {
    const runs: number[] = [];
    const family = {
      guided: true,
      encode: () => expect.unreachable(),
      predict: async (rows: readonly { latents: Float32Array; condition: { tokens: number } }[]) => {
        runs.push(rows.length);
        return rows.map((row) => Float32Array.of(row.latents[0]! + row.condition.tokens));
      },
    };
    const words = (tokens: number) => ({ words: new Float32Array(), tokens, width: 0 });
    const picture = (latent: number, tokens: number) => ({
      latents: Float32Array.of(latent),
      parts: [{ weight: 1, condition: words(tokens) }],
      free: words(tokens),
    });
    const moment = { timestep: 1, guidanceScale: 3, shape: { channels: 1, height: 1, width: 1 } };
    const out = await predictions(family, [picture(10, 1), picture(20, 2), picture(30, 1)], moment, 0, {
      most: 8,
    });
    expect(out.map((v) => v[0])).toEqual([11, 22, 31]);
    expect(runs).toEqual([4, 2]);
  });
});

describe('a base model with its refiner', () => {
  const family = (name: number): Family => ({
    guided: true,
    encode: async ({ prompts, negatives }) => {
      const told = (text: string): [string, Condition] => [
        text,
        { words: Float32Array.of(name), tokens: 1, width: 1 },
      ];
      return { prompts: new Map(prompts.map(told)), negatives: new Map(negatives.map(told)) };
    },
    predict: async (rows) => rows.map((row) => Float32Array.of(name * 10 + row.condition.words[0]!)),
  });

  it('is the base down to the last fifth of the timesteps, and then the refiner with its own words', async () => {
    const both = refined(family(1), family(2));
    const { prompts, negatives } = await both.encode(
      { prompts: ['a'], negatives: ['a'] },
      { width: 1, height: 1 },
    );
    const rows = [prompts.get('a')!, negatives.get('a')!].map((condition) => ({
      latents: Float32Array.of(0),
      condition,
    }));
    const at = async (timestep: number): Promise<(number | undefined)[]> => {
      const shape = { channels: 1, height: 1, width: 1 };
      return (await both.predict(rows, { timestep, guidanceScale: 5, shape })).map((v) => v[0]);
    };
    expect([await at(999), await at(200), await at(199)]).toEqual([
      [11, 11],
      [11, 11],
      [22, 22],
    ]);
    expect(both.startsAnewBelow).toBe(200);
  });

  it('gives the refiner the latents alone, whatever the base takes beside them', async () => {
    const seen: boolean[] = [];
    const predict: Family['predict'] = async (rows) => {
      seen.push(...rows.map((row) => row.extra !== undefined));
      return rows.map(({ latents }) => latents);
    };
    const both = refined({ ...family(1), predict }, { ...family(2), predict });
    const { prompts } = await both.encode({ prompts: ['a'], negatives: [] }, { width: 1, height: 1 });
    const latents = Float32Array.of(0);
    const row = { latents, extra: latents, condition: prompts.get('a')! };
    const shape = { channels: 1, height: 1, width: 1 };
    for (const timestep of [999, 100]) await both.predict([row], { timestep, guidanceScale: 5, shape });
    expect(seen).toEqual([true, false]);
  });
});

describe('a process in which another network takes over', () => {
  const plan = (): Scheduler =>
    createScheduler({ _class_name: 'DDIMScheduler', beta_schedule: 'scaled_linear' }, 8, {
      className: 'dpm++2m',
    });
  const noise = (): Float32Array => expect.unreachable();
  const walk = (scheduler: Scheduler, from: number, x: Float32Array): Float32Array[] => {
    const all: Float32Array[] = [];
    for (let i = from; i < 8; i++) {
      const output = x.map((v, k) => Math.sin(v * (i + 1) + k));
      x = scheduler.step(output, i, x, noise).prev;
      all.push(x);
    }
    return all;
  };
  const start = Float32Array.of(1, -2, 0.5);

  it('goes on as one that was begun there, and knows nothing of the first', () => {
    const both = walk(inTurns(plan(), plan(), 5), 0, start);
    const whole = walk(plan(), 0, start);
    expect(both.slice(0, 5)).toEqual(whole.slice(0, 5));
    expect(both.slice(5)).toEqual(walk(plan(), 5, whole[4]!));
    expect(both[5]).not.toEqual(whole[5]);
  });

  it('is what a model with a refiner is drawn by', async () => {
    const model = await openModel(readModelFolder(tinyModel()), { device: 'cpu', intraOpThreads: 1 });
    const task = { prompt: 'a red heart', negativePrompt: '', seed: 7 };
    const draw = async (scheduler: SchedulerName, startsAnewBelow?: number): Promise<Float32Array> => {
      const family = { ...model.family, ...(startsAnewBelow !== undefined && { startsAnewBelow }) };
      const size = { width: 64, height: 64, steps: 10, guidanceScale: 4 };
      const batch = { model: 'tiny', ...size, scheduler, tasks: [task] };
      return (await new DiffusionPipeline({ ...model, family }).draw(batch)).drawn.get(task)!.latents;
    };
    expect(await draw('dpm++2m', 500)).not.toEqual(await draw('dpm++2m'));
    for (const scheduler of ['ddim', 'heun'] as const)
      expect(await draw(scheduler, 500)).toEqual(await draw(scheduler));
    for (const network of model.networks) await network.release();
  });
});

describe('running in tiles', () => {
  /** Every place becomes a square of 2 x 2 of its own value plus what `edge` adds for its column in the tile. */
  const enlarge =
    (edge: (x: number, width: number) => number) =>
    async ({ data, channels, height, width }: Grid): Promise<Grid> => {
      const out = new Float32Array(channels * height * 2 * width * 2);
      for (let i = 0; i < out.length; i++) {
        const [x, y] = [i % (width * 2), Math.floor(i / (width * 2))];
        out[i] = data[(y >> 1) * width + (x >> 1)]! + edge(x, width * 2);
      }
      return { data: out, channels, height: height * 2, width: width * 2 };
    };
  /** The first place of every square of 2 x 2. */
  const reduce = async ({ data, channels, height, width }: Grid): Promise<Grid> => {
    const size = { channels, height: height / 2, width: width / 2 };
    const at = (i: number): number => Math.floor(i / size.width) * 2 * width + (i % size.width) * 2;
    return {
      ...size,
      data: Float32Array.from({ length: (channels * height * width) / 4 }, (_, i) => data[at(i)]!),
    };
  };
  const size = { channels: 2, height: 20, width: 28 };
  const whole: Grid = { ...size, data: Float32Array.from({ length: 2 * 20 * 28 }, (_, i) => Math.sin(i)) };

  it.each([
    ['larger', enlarge(() => 0)],
    ['smaller', reduce],
  ])('gives what one piece gives where tiles do not see their edges: %s', async (_, run) => {
    const { data, ...shape } = await inTiles(run, whole, 8);
    const { data: expected, ...expectedShape } = await run(whole);
    expect(shape).toEqual(expectedShape);
    expect(data.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0)).toBeLessThan(1e-6);
  });

  it('fades from tile to tile where they do', async () => {
    // The right end of each tile is too bright by one.
    const run = enlarge((x, width) => (x >= width - 4 ? 1 : 0));
    const { data } = await inTiles(run, { ...size, data: new Float32Array(2 * 20 * 28) }, 8);
    const row = [...data.subarray(0, 48)];
    const jumps = row.slice(1).map((v, i) => Math.abs(v - row[i]!));
    expect(Math.max(...row)).toBeGreaterThan(0.5);
    expect(jumps.filter((jump) => jump > 0.3 && jump < 1)).toEqual([]);
  });
});

describe('an autoencoder', () => {
  /** Gives back what it is fed. */
  const mirror: Network = {
    file: 'mirror.onnx',
    inputs: new Map(),
    outputs: ['latent_sample'],
    runtimeMs: 0,
    run: async (feeds) => {
      const { data, dims } = Object.values(feeds)[0]!;
      return { latent_sample: { data: Float32Array.from(data), dims } };
    },
    release: async () => undefined,
  };
  const scaledBy = (scale: LatentScale): Autoencoder =>
    new Autoencoder({
      decoder: mirror,
      encoder: mirror,
      decoderScale: scale,
      encoderScale: scale,
      factor: 1,
      tile: 8,
    });
  const grid = (...data: number[]): Grid => ({
    channels: 2,
    height: 1,
    width: 1,
    data: Float32Array.from(data),
  });
  const encoded = async (scale: LatentScale): Promise<number[]> => [
    ...(await scaledBy(scale).encode(grid(5, 10), new TorchGenerator(0))),
  ];

  it('takes latents to the scale of the network and back', async () => {
    const shifted = { scaling: 0.5, shift: 1 };
    const perChannel = { scaling: 0.5, shift: 0, statistics: { mean: [1, 2], deviation: [2, 4] } };
    expect([await encoded(shifted), await encoded(perChannel)]).toEqual([
      [2, 4.5],
      [1, 1],
    ]);
    expect([...(await scaledBy(shifted).decode(grid(2, 4.5))).data]).toEqual([5, 10]);
    expect([...(await scaledBy(perChannel).decode(grid(1, 1))).data]).toEqual([5, 10]);
  });

  it('says what to do when its numbers are not finite', async () => {
    await expect(scaledBy({ scaling: 1, shift: 0 }).decode(grid(1, Number.NaN))).rejects.toThrow(
      'mirror.onnx gave numbers that are not finite',
    );
  });
});

describe('a mask', () => {
  it('is white from the middle of grey on, and counts the first pixel of each place', () => {
    const grey = [127, 128, 255, 0];
    const mask = maskOf({ width: 4, height: 1, data: Uint8Array.from(grey.flatMap((v) => [v, v, v])) });
    expect([...mask]).toEqual([0, 1, 1, 0]);
    expect([...latentMask(mask, 4, { channels: 4, height: 1, width: 2 }, 2)]).toEqual([0, 1]);
  });
});

describe('a picture that is drawn again', () => {
  const now: Provenance = {
    version: '1.0.0',
    runtime: 'onnxruntime-node 1.30.0',
    platform: 'linux-x64',
    device: 'cpu',
    modelHash: 'abc',
  };

  it('is exact on the same model, version and kind of processor', () => {
    expect(replayOf({ ...now }, now)).toBe('exact');
  });

  it.each([
    [{ modelHash: 'abd' }, "the model's files are others"],
    [{ device: 'cuda:0' }, 'it was drawn on cuda and this is cpu'],
    [{ platform: 'darwin-arm64' }, 'it was drawn on darwin-arm64 and this is linux-x64'],
    [{ runtime: 'onnxruntime-node 1.29.0' }, 'it was drawn by onnxruntime-node 1.29.0'],
    [{ unseeded: true } as const, 'draws noise of its own, which no seed decides'],
    [{ version: '0.9.0' }, 'it was drawn by Darkroom 0.9.0 and this is 1.0.0'],
  ])('may differ after a change of %o', (change, reason) => {
    expect(replayOf({ ...now, ...change }, now)).toMatch(/^may differ, because /);
    expect(replayOf({ ...now, ...change }, now)).toContain(reason);
  });

  it('may differ on a GPU whatever is the same, and where little is known', () => {
    expect(replayOf({ ...now, device: 'cuda:1' }, { ...now, device: 'cuda:0' })).toContain('same order');
    expect(replayOf({}, now)).toContain('nothing is known of the model');
  });
});

describe('previews of the published autoencoders', () => {
  it.each([
    ['stable-diffusion', 4],
    ['sdxl', 4],
    ['sd3', 16],
    ['flux', 16],
  ] as const)('of %s are one pixel of colour for each place of %i channels', (family, channels) => {
    const preview = previewer(channels, publishedProjection(family, channels));
    const { width, height, data } = preview(new TorchGenerator(1).randn(channels * 6), 2, 3);
    expect([width, height, data.length]).toEqual([3, 2, 18]);
    expect(new Set(data).size).toBeGreaterThan(6);
  });

  it('are not taken for latents of another size', () => {
    expect(publishedProjection('sdxl', 8)).toBeUndefined();
  });
});

describe('what people get who say nothing', () => {
  const of = (scheduler: Kind['scheduler'], family: Kind['family'] = 'sdxl', guidanceInput = false) =>
    defaultsFor({ family, scheduler, guidanceInput });

  it('suits ordinary models, and few-step models by their own scheduler', () => {
    const euler = { _class_name: 'EulerDiscreteScheduler' };
    const trailing = { ...euler, timestep_spacing: 'trailing' };
    expect(of(euler)).toEqual({ scheduler: 'dpm++2m', steps: 25, guidanceScale: 5 });
    expect(of(trailing)).toEqual({ scheduler: 'default', steps: 4, guidanceScale: 0 });
    expect(of({ ...trailing, prediction_type: 'v_prediction' }).steps).toBe(25);
    expect(of({ _class_name: 'LCMScheduler' })).toEqual({ scheduler: 'default', steps: 4, guidanceScale: 1 });
    expect(of({ _class_name: 'LCMScheduler' }, 'stable-diffusion', true).guidanceScale).toBe(8.5);
    expect(of({ _class_name: 'TCDScheduler' }).scheduler).toBe('default');
  });

  it('suits flows', () => {
    const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler' };
    expect(of(flow, 'sd3')).toEqual({ scheduler: 'default', steps: 28, guidanceScale: 7 });
    expect(of(flow, 'flux', true)).toEqual({ scheduler: 'default', steps: 28, guidanceScale: 3.5 });
    expect(of(flow, 'flux')).toEqual({ scheduler: 'default', steps: 4, guidanceScale: 0 });
  });
});

describe('a model folder', () => {
  const edit = (file: string, change: object): void =>
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));

  it.each([
    ['sd1', 'stable-diffusion', 8],
    ['sdxl', 'sdxl', 8],
    ['sd3', 'sd3', 8],
    ['lcm', 'stable-diffusion', 8],
  ])('%s names its family and sizes that its network can take', (name, family, multipleOf) => {
    const { family: read, card } = readModelFolder(fixture(name));
    expect([read, card.multipleOf]).toEqual([family, multipleOf]);
    expect(card.schedulers).toContain(card.defaults.scheduler);
  });

  it('says when it never reads a negative prompt', () => {
    const reads = (name: string): boolean => readModelFolder(fixture(name)).card.negativePrompt !== false;
    expect(['sd1', 'sdxl', 'sd3', 'lcm', 'flux'].map(reads)).toEqual([true, true, true, false, false]);
  });

  it('offers only schedulers that can run it', () => {
    expect(readModelFolder(fixture('sd3')).card.schedulers).not.toContain('ddim');
    expect(readModelFolder(fixture('sd1')).card.schedulers).toContain('ddim');
  });

  it('may give its network another name, or its small decoder alone', () => {
    const folder = tinyModel();
    renameSync(path.join(folder, 'unet/model.onnx'), path.join(folder, 'unet/model_fp16.onnx'));
    cpSync(path.join(folder, 'vae_decoder'), path.join(folder, 'taesd_decoder'), { recursive: true });
    rmSync(path.join(folder, 'vae_decoder'), { recursive: true });
    edit(path.join(folder, 'taesd_decoder/config.json'), { scaling_factor: 1 });
    const { parts, decoderScale, encoderScale } = readModelFolder(folder);
    expect(parts.denoiser).toContain('model_fp16.onnx');
    expect(parts.vaeDecoder).toContain('taesd_decoder');
    expect([decoderScale.scaling, encoderScale.scaling]).toEqual([1, 0.5]);
  });

  it('of the first exporter needs no configuration beside its networks', () => {
    const folder = tinyModel();
    edit(path.join(folder, 'model_index.json'), { _class_name: 'OnnxStableDiffusionPipeline' });
    for (const part of ['unet', 'vae_decoder', 'vae_encoder']) rmSync(path.join(folder, part, 'config.json'));
    const { card, decoderScale, factor } = readModelFolder(folder);
    expect([card.defaults.width, decoderScale.scaling, factor]).toEqual([512, 0.18215, 8]);
    const extra = (className: string): number => {
      edit(path.join(folder, 'model_index.json'), { _class_name: className });
      return readModelFolder(folder).extraChannels;
    };
    expect(extra('OnnxStableDiffusionInpaintPipeline')).toBe(5);
    expect(extra('OnnxStableDiffusionInpaintPipelineLegacy')).toBe(0);
  });

  it('without a part is refused with what to do', () => {
    const folder = tinyModel();
    rmSync(path.join(folder, 'unet/model.onnx'));
    writeFileSync(path.join(folder, 'unet/diffusion_pytorch_model.safetensors'), '');
    expect(() => readModelFolder(folder)).toThrow(/for PyTorch .* export it to ONNX with optimum/);
    edit(path.join(folder, 'model_index.json'), { _class_name: 'StableDiffusion3Pipeline' });
    expect(() => readModelFolder(folder)).toThrow('no transformer/model.onnx');
  });

  it('with several networks and no model.onnx among them is refused with what to do', () => {
    const folder = tinyModel();
    renameSync(path.join(folder, 'unet/model.onnx'), path.join(folder, 'unet/fp16.onnx'));
    cpSync(path.join(folder, 'unet/fp16.onnx'), path.join(folder, 'unet/fp32.onnx'));
    expect(() => readModelFolder(folder)).toThrow(
      'unet has several networks, fp16.onnx, fp32.onnx, and none of them is called model.onnx: give that name',
    );
  });

  it('with a scheduler or a network of another kind is refused', () => {
    const folder = tinyModel();
    edit(path.join(folder, 'scheduler/scheduler_config.json'), { _class_name: 'RePaintScheduler' });
    expect(() => readModelFolder(folder)).toThrow('RePaintScheduler, which is not supported');
    const other = tinyModel();
    edit(path.join(other, 'vae_decoder/config.json'), { latent_channels: 4 });
    edit(path.join(other, 'unet/config.json'), { in_channels: 7 });
    expect(() => readModelFolder(other)).toThrow('takes 7 channels');
  });

  it('has one hash wherever it stands, and another when weights beside a network change', async () => {
    const [folder, copy] = [tinyModel(), path.join(root, 'elsewhere')];
    const weights = path.join(folder, 'unet/model.onnx_data');
    writeFileSync(weights, Buffer.alloc(100, 1));
    cpSync(folder, copy, { recursive: true });
    const hashOf = (where: string): Promise<string> =>
      modelHash(['unet', 'vae_decoder'].map((part) => path.join(where, part)));
    expect(await hashOf(copy)).toBe(await hashOf(folder));
    writeFileSync(weights, Buffer.alloc(100, 2));
    expect(await hashOf(copy)).not.toBe(await hashOf(folder));
  });

  it('has another hash when its index says something else, or that of its refiner', async () => {
    const folder = fixture('sdxl');
    const copy = path.join(root, 'with-refiner');
    cpSync(folder, copy, { recursive: true });
    cpSync(fixture('sdxl-refiner'), path.join(copy, 'refiner'), { recursive: true });
    const hashOf = async (): Promise<string> => {
      const model = await openModel(readModelFolder(copy), { device: 'cpu', intraOpThreads: 1 });
      for (const network of model.networks) await network.release();
      return model.hash;
    };
    const hashes = [await hashOf()];
    for (const index of ['model_index.json', 'refiner/model_index.json']) {
      edit(path.join(copy, index), { force_zeros_for_empty_prompt: false });
      hashes.push(await hashOf());
    }
    expect(new Set(hashes).size).toBe(3);
  });
});
