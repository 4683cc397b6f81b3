import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFolder, readModels } from '../src/pipeline/model-folder.ts';
import { openPipeline, type Pipeline, type Watch } from '../src/pipeline/pipeline.ts';
import type { Batch, PictureTask, Step } from '../src/pipeline/picture.ts';
import { Canceled, ModelProblem } from '../src/pipeline/problems.ts';
import { schedulerNames } from '../src/pipeline/schedulers/index.ts';
import { writeTinyModel, type TinyOptions } from './support/tiny-model.ts';

const root = mkdtempSync(path.join(tmpdir(), 'darkroom-pipeline-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const tinyFolder = (options: TinyOptions = {}): string =>
  writeTinyModel(path.join(root, `tiny${made++}`), options);
const open = (folder: string, intraOpThreads = 1): Promise<Pipeline> =>
  openPipeline(folder, { device: 'cpu', intraOpThreads });

const heart: PictureTask = { prompt: 'a red heart', negativePrompt: '', seed: 7 };
const batch = (tasks: PictureTask[], more: Partial<Batch> = {}): Batch => ({
  model: 'tiny',
  width: 64,
  height: 64,
  steps: 6,
  scheduler: 'ddim',
  guidanceScale: 4,
  tasks,
  ...more,
});

const pixels = async (png: Uint8Array): Promise<string> =>
  (await sharp(Buffer.from(png)).raw().toBuffer()).toString('base64');

describe('a pipeline', () => {
  let tiny: Pipeline;
  beforeAll(async () => {
    tiny = await open(tinyFolder());
  });
  const draw = async (pipeline: Pipeline, b: Batch, watch: Watch = {}): Promise<string[]> =>
    Promise.all((await pipeline.generate(b, watch)).pictures.map((p) => pixels(p.png)));
  const one = async (b: Batch): Promise<string> => (await draw(tiny, b))[0]!;

  it('draws the same pixels for the same words and seed, whoever is in the batch beside them', async () => {
    const alone = await one(batch([heart]));
    const others = ['a', 'b', 'c'].map((prompt, seed) => ({ prompt, negativePrompt: 'x', seed }));
    const among = await draw(tiny, batch([others[0]!, heart, others[1]!, others[2]!]));
    expect(among[1]).toBe(alone);
  });

  it('draws the same pixels with more threads and without previews', async () => {
    const threaded = await open(tinyFolder(), 2);
    const watched = await draw(threaded, batch([heart]), { onStep: () => undefined });
    expect(watched[0]).toBe(await one(batch([heart])));
  });

  it('draws other pixels for other words, seeds, negative words, guidance and steps', async () => {
    const pictures = [
      await one(batch([heart])),
      await one(batch([{ ...heart, prompt: 'a blue heart' }])),
      await one(batch([{ ...heart, seed: 8 }])),
      await one(batch([{ ...heart, negativePrompt: 'rain' }])),
      await one(batch([heart], { guidanceScale: 9 })),
      await one(batch([heart], { steps: 7 })),
    ];
    expect(new Set(pictures).size).toBe(pictures.length);
  });

  it('does not read the negative words without guidance', async () => {
    const free = batch([heart], { guidanceScale: 1 });
    expect(await one({ ...free, tasks: [{ ...heart, negativePrompt: 'rain' }] })).toBe(await one(free));
  });

  it.each(schedulerNames)('goes from noise to a picture with %s', async (scheduler) => {
    const { pictures } = await tiny.generate(batch([heart], { scheduler }));
    expect(await sharp(Buffer.from(pictures[0]!.png)).metadata()).toMatchObject({
      format: 'png',
      width: 64,
      height: 64,
      channels: 3,
    });
  });

  it('draws pictures that are not square', async () => {
    const { pictures } = await tiny.generate(batch([heart], { width: 96, height: 64 }));
    expect(await sharp(Buffer.from(pictures[0]!.png)).metadata()).toMatchObject({ width: 96, height: 64 });
  });

  it('starts from an image, and stays nearer to it the lower the strength', async () => {
    const bytes = await sharp({ create: { width: 80, height: 64, channels: 4, background: '#2a6' } })
      .png()
      .toBuffer();
    const from = (strength: number): Batch => batch([{ ...heart, init: { bytes, strength } }], { steps: 10 });
    const steps: Step[] = [];
    const gentle = await draw(tiny, from(0.2), { onStep: (s) => steps.push(s) });
    expect(steps.map((s) => `${s.index}/${s.of}`)).toEqual(['1/2', '2/2']);
    expect(gentle[0]).not.toBe(await one(from(0.9)));
    expect(gentle[0]).toBe(await one(from(0.2)));
  });

  it('tells each step with a small preview of every picture', async () => {
    const steps: Step[] = [];
    await tiny.generate(batch([heart, { ...heart, seed: 8 }]), {
      onStep: (s) => steps.push(s),
      wantPreview: (i) => i !== 2,
    });
    expect(steps.map((s) => [s.index, s.of, s.previews?.length ?? 0])).toEqual(
      [1, 2, 3, 4, 5, 6].map((i) => [i, 6, i === 2 ? 0 : 2]),
    );
    expect(steps[0]!.previews![0]).toMatchObject({ width: 8, height: 8 });
    expect(steps[0]!.previews![0]!.data).not.toEqual(steps[5]!.previews![0]!.data);
  });

  it('stops between two steps when it is canceled', async () => {
    let steps = 0;
    const canceled = tiny.generate(batch([heart]), { onStep: () => steps++, canceled: () => steps === 2 });
    await expect(canceled).rejects.toBeInstanceOf(Canceled);
    expect(steps).toBe(2);
  });

  it('writes into the PNG how it was made', async () => {
    const words = { ...heart, prompt: 'قلب, "red"', negativePrompt: 'rain' };
    const { pictures } = await tiny.generate(batch([words]));
    const { comments } = await sharp(Buffer.from(pictures[0]!.png)).metadata();
    const text = Object.fromEntries(comments!.map((c) => [c.keyword, c.text]));
    expect(text['parameters']).toContain(
      'قلب, "red"\nNegative prompt: rain\nSteps: 6, Sampler: ddim, CFG scale: 4',
    );
    expect(JSON.parse(text['darkroom']!)).toMatchObject({ prompt: words.prompt, seed: 7, device: 'cpu' });
  });

  it('reads special tokens in a prompt as plain text', async () => {
    expect(await one(batch([{ ...heart, prompt: 'a red heart [SEP]' }]))).toBe(await one(batch([heart])));
  });

  it.each([
    { shape: [], type: 'int64' as const },
    { shape: [], type: 'float32' as const },
    { shape: ['n'], type: 'int32' as const },
  ])('feeds the timestep as the file asks for it: $type $shape', async (timestep) => {
    const other = await open(tinyFolder({ timestep }));
    expect((await draw(other, batch([heart])))[0]).toBe(await one(batch([heart])));
  });
});

describe('a model folder that is wrong is refused with one sentence:', () => {
  const problem = async (folder: string, b = batch([heart])): Promise<string> => {
    const error = await open(folder)
      .then((p) => p.generate(b))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ModelProblem);
    return (error as Error).message;
  };

  it.each(['text_encoder/model.onnx', 'unet/model.onnx', 'vae_decoder/config.json', 'model_index.json'])(
    'without %s',
    async (file) => {
      const folder = tinyFolder();
      rmSync(path.join(folder, file));
      expect(await problem(folder)).toMatch(/download or export the model again/);
    },
  );

  it('with a truncated network', async () => {
    const folder = tinyFolder();
    const file = path.join(folder, 'unet/model.onnx');
    truncateSync(file, Math.floor(readFileSync(file).length / 2));
    expect(await problem(folder)).toContain('unet/model.onnx is damaged or incomplete');
  });

  it('with an input of another name', async () => {
    const folder = tinyFolder({ wordsInput: 'context' });
    expect(await problem(folder)).toContain('asks for an input "context"');
  });

  it('whose numbers are not finite', async () => {
    expect(await problem(tinyFolder({ nan: true }))).toContain('not finite, so there is no picture');
  });

  it('without an encoder, when it should start from an image', async () => {
    const init = { bytes: new Uint8Array(), strength: 0.5 };
    expect(await problem(tinyFolder({ vaeEncoder: false }), batch([{ ...heart, init }]))).toContain(
      'no vae_encoder',
    );
  });

  it('with sizes that the latents can not have', async () => {
    expect(await problem(tinyFolder(), batch([heart], { width: 60 }))).toContain('must be multiples of 8');
  });

  it('of another kind of pipeline, or with settings that are not JSON', () => {
    const folder = tinyFolder();
    writeFileSync(path.join(folder, 'model_index.json'), '{"_class_name": "CarPipeline"}');
    expect(() => readModelFolder(folder)).toThrow('CarPipeline, which is not supported yet');
    writeFileSync(path.join(folder, 'model_index.json'), '{"_class_name": ');
    expect(() => readModelFolder(folder)).toThrow('it is not JSON');
  });

  it('and the good ones beside it are still offered', () => {
    const folder = tinyFolder();
    rmSync(path.join(folder, 'unet/model.onnx'));
    const { folders, problems } = readModels(root);
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.map((f) => f.folder)).not.toContain(folder);
    expect(problems.some((p) => p.includes(folder))).toBe(true);
  });
});
