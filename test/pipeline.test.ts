import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Family } from '../src/pipeline/families/family.ts';
import { readModelFolder, readModels } from '../src/pipeline/model-folder.ts';
import { openNetwork } from '../src/pipeline/onnx.ts';
import { openModel } from '../src/pipeline/open-model.ts';
import { DiffusionPipeline, openPipeline, type Pipeline, type Watch } from '../src/pipeline/pipeline.ts';
import type { Batch, PictureTask, Step } from '../src/pipeline/picture.ts';
import { Canceled, ModelProblem } from '../src/pipeline/problems.ts';
import { batchOf, recipeOf } from '../src/pipeline/recipe-of.ts';
import { schedulerNames } from '../src/pipeline/schedulers/index.ts';
import { onnxFile, type Graph } from './support/onnx.ts';
import { writeTinyModel, type TinyOptions } from './support/tiny-model.ts';

const root = mkdtempSync(path.join(tmpdir(), 'darkroom-pipeline-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const tinyFolder = (options: TinyOptions = {}): string =>
  writeTinyModel(path.join(root, `tiny${made++}`), options);
const open = (folder: string, intraOpThreads = 1): Promise<Pipeline> =>
  openPipeline(folder, { device: 'cpu', intraOpThreads });

const flat = (width: number, height: number, background = '#2a6'): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

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
  createHash('sha256')
    .update(await sharp(Buffer.from(png)).raw().toBuffer())
    .digest('hex');

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

  it('gives the image itself at strength 0, enlarged to any size without a network, with its recipe', async () => {
    const bytes = await flat(10, 8);
    const more = { width: 25, height: 20 };
    const { pictures, timing } = await tiny.generate(
      batch([{ ...heart, init: { bytes, strength: 0 } }], more),
    );
    expect(timing.runtimeMs).toBe(0);
    const image = sharp(Buffer.from(pictures[0]!.png));
    expect(await image.metadata()).toMatchObject({ ...more, comments: expect.any(Array) });
    expect([...(await image.raw().toBuffer()).subarray(0, 3)]).toEqual([0x22, 0xaa, 0x66]);
  });

  it('draws beside an image that is only enlarged', async () => {
    const bytes = await flat(8, 8);
    const both = await draw(tiny, batch([{ ...heart, init: { bytes, strength: 0 } }, heart]));
    expect(both[1]).toBe(await one(batch([heart])));
    expect(both[0]).not.toBe(both[1]);
  });

  it('stops after as many steps as asked, and so it does when it is told to finish: the same file', async () => {
    const steps: number[] = [];
    const stopped = await tiny.generate(batch([heart], { stop: 3 }), {
      onStep: ({ index, of }) => steps.push(index, of),
    });
    expect(steps).toEqual([1, 3, 2, 3, 3, 3]);
    expect(stopped.stoppedAfter).toBeUndefined();
    let done = 0;
    const finished = await tiny.generate(batch([heart]), { onStep: () => done++, finish: () => done >= 3 });
    expect(finished.stoppedAfter).toBe(3);
    expect(finished.pictures).toEqual(stopped.pictures);
    expect(await pixels(stopped.pictures[0]!.png)).not.toBe(await one(batch([heart], { steps: 3 })));
  });

  it('does at least one step when it is told to finish, and is whole when it is told too late', async () => {
    expect((await tiny.generate(batch([heart]), { finish: () => true })).stoppedAfter).toBe(1);
    expect(await one(batch([heart], { stop: 6 }))).toBe(await one(batch([heart])));
  });

  it('stops each picture by its own steps, whoever began before it', async () => {
    const bytes = await flat(64, 64);
    const late = { ...heart, init: { bytes, strength: 0.5 } };
    const both = await draw(tiny, batch([heart, late], { stop: 2 }));
    expect(both).toEqual([await one(batch([heart], { stop: 2 })), await one(batch([late], { stop: 2 }))]);
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

  describe('with the tasks of several requests in one batch', () => {
    const bird = { prompt: 'a bird', negativePrompt: 'x', seed: 3 };
    const both = batch([heart, { ...heart, seed: 8 }, bird], { groups: [2, 1] });
    /** Every group's end, and after how many steps of the batch it came. */
    const ends = async (b: Batch, watch: (steps: () => number) => Watch) => {
      const ended: { group: number; after: number; pngs: Uint8Array[]; stoppedAfter?: number }[] = [];
      let steps = 0;
      const onStep = ({ index }: Step): void => void (steps = Math.max(steps, index));
      const onEnd: Watch['onEnd'] = (group, generated) => {
        const { pictures = [], stoppedAfter } = generated ?? {};
        const early = stoppedAfter !== undefined && { stoppedAfter };
        ended.push({ group, after: steps, pngs: pictures.map(({ png }) => png), ...early });
      };
      await tiny.generate(b, { onStep, onEnd, ...watch(() => steps) });
      return ended;
    };
    const pngs = async (b: Batch): Promise<Uint8Array[]> =>
      (await tiny.generate(b)).pictures.map(({ png }) => png);

    it('draws the same files as each alone', async () => {
      const ended = await ends(both, () => ({}));
      expect(ended.map(({ group, after }) => [group, after])).toEqual([
        [0, 6],
        [1, 6],
      ]);
      expect(ended[0]!.pngs).toEqual(await pngs(batch(both.tasks.slice(0, 2))));
      expect(ended[1]!.pngs).toEqual(await pngs(batch([bird])));
    });

    it('gives a sign of life for each picture before the first step and after the last', async () => {
      const told: string[] = [];
      const onStep = (_: Step, group: number): void => void told.push(`step of ${group}`);
      await tiny.generate({ ...both, steps: 1 }, { onStep, onPulse: () => told.push('pulse') });
      const pulses = ['pulse', 'pulse', 'pulse'];
      expect(told).toEqual([...pulses, 'step of 0', 'step of 1', ...pulses]);
    });

    it('takes out what is canceled between two steps, and nobody else sees it', async () => {
      const told: string[] = [];
      const { pictures } = await tiny.generate(both, {
        onStep: ({ index, of }, group) => told.push(`${group}: ${index}/${of}`),
        canceled: (group) => group === 0 && told.length >= 4,
      });
      expect(told).toEqual(['0: 1/6', '1: 1/6', '0: 2/6', '1: 2/6', ...[3, 4, 5, 6].map((i) => `1: ${i}/6`)]);
      expect(pictures.map(({ png }) => png)).toEqual(await pngs(batch([bird])));
    });

    it('finishes what is asked to at once, while the others go on to their last step', async () => {
      const ended = await ends(both, (steps) => ({ finish: (group) => group === 0 && steps() >= 3 }));
      expect(ended.map(({ group, after, stoppedAfter }) => [group, after, stoppedAfter])).toEqual([
        [0, 3, 3],
        [1, 6, undefined],
      ]);
      expect(ended[0]!.pngs).toEqual(await pngs(batch(both.tasks.slice(0, 2), { stop: 3 })));
      expect(ended[1]!.pngs).toEqual(await pngs(batch([bird])));
    });

    it('goes on with the one picture that was picked', async () => {
      const previews: number[] = [];
      const { pictures } = await tiny.generate(both, {
        onStep: (step, group) => group === 0 && previews.push(step.previews!.length),
        only: (group) => (group === 0 && previews.length >= 2 ? 1 : undefined),
      });
      expect(previews).toEqual([2, 2, 1, 1, 1, 1]);
      expect(pictures.map(({ png }) => png)).toEqual(await pngs(batch([both.tasks[1]!, bird])));
    });

    it('is canceled when everything in it is', async () => {
      let steps = 0;
      const run = tiny.generate(both, { onStep: () => steps++, canceled: (group) => steps >= 2 + 2 * group });
      await expect(run).rejects.toBeInstanceOf(Canceled);
    });
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

  it('leaves the prompts out of the PNG where that was asked, and nothing else', async () => {
    const said = { ...heart, negativePrompt: 'rain' };
    const texts = async (task: PictureTask): Promise<Record<string, string>> => {
      const [picture] = (await tiny.generate(batch([task]))).pictures;
      const { comments } = await sharp(Buffer.from(picture!.png)).metadata();
      return Object.fromEntries(comments!.map(({ keyword, text }) => [keyword, text]));
    };
    const [known, left] = [await texts(said), await texts({ ...said, promptless: true })];
    const [, , facts] = known['parameters']!.split('\n');
    expect(left['parameters']).toBe(`${facts}, Prompt: left out`);
    const {
      prompt: _,
      negativePrompt: __,
      ...rest
    } = JSON.parse(known['darkroom']!) as Record<string, unknown>;
    expect(JSON.parse(left['darkroom']!)).toEqual({ ...rest, promptless: true });
    expect(await one(batch([{ ...said, promptless: true }]))).toBe(await one(batch([said])));
    const { pictures } = await tiny.generate(batch([{ ...said, promptless: true }]));
    const stored = await recipeOf(pictures[0]!.png);
    expect(stored.recipe.seed).toBe(heart.seed);
    expect(() => batchOf(stored)).toThrow('leaves the prompt out');
  });

  it('goes from one seed to another by the strength of a variation', async () => {
    const towards = (strength: number): Promise<string> =>
      one(batch([{ ...heart, variation: { seed: 8, strength } }]));
    const [own, other] = [await one(batch([heart])), await one(batch([{ ...heart, seed: 8 }]))];
    expect([await towards(0), await towards(1)]).toEqual([own, other]);
    expect([own, other]).not.toContain(await towards(0.3));
  });

  it('adds up the parts of a prompt by their weights', async () => {
    const of = (prompt: string): Promise<string> => one(batch([{ ...heart, prompt }]));
    expect(await of('a red heart AND a cat:0')).toBe(await of('a red heart'));
    expect(await of('a red heart AND a cat')).not.toBe(await of('a red heart'));
    expect(await of('a red heart AND a cat')).not.toBe(await of('a cat AND a dog'));
  });

  it('changes its words at the step that the prompt says, counted from where an image makes it start', async () => {
    const of = (prompt: string, task = heart): Promise<string> => one(batch([{ ...task, prompt }]));
    const pictures = [await of('a [cat:dog:0.5]'), await of('a cat'), await of('a dog')];
    expect(new Set(pictures).size).toBe(3);
    expect(await of('a [cat:dog:6]')).toBe(pictures[1]);
    const bytes = await flat(64, 64);
    const varied = { ...heart, init: { bytes, strength: 0.5 } };
    expect(await of('a [cat:dog:3]', varied)).toBe(await of('a cat', varied));
    expect(await of('a [cat:dog:2]', varied)).not.toBe(await of('a cat', varied));
  });

  it('draws anew only where the mask is white', async () => {
    const mask = await sharp(await flat(64, 64, '#000'))
      .composite([{ input: await flat(32, 64, '#fff'), left: 32, top: 0 }])
      .png()
      .toBuffer();
    const init = { bytes: await flat(64, 64), strength: 1 };
    const left = async (task: PictureTask): Promise<Buffer> => {
      const { pictures } = await tiny.generate(batch([task]));
      const kept = { left: 0, top: 0, width: 32, height: 64 };
      return sharp(Buffer.from(pictures[0]!.png)).extract(kept).raw().toBuffer();
    };
    const [a, b] = [
      { ...heart, init: { ...init, mask } },
      { ...heart, prompt: 'rain', init: { ...init, mask } },
    ];
    expect(await left(a)).toEqual(await left(b));
    expect(await one(batch([a]))).not.toBe(await one(batch([b])));
    expect(await left({ ...heart, init })).not.toEqual(await left(a));
  });

  it('runs folders of the first exporter', async () => {
    const old = await open(tinyFolder({ legacy: true }));
    expect((await draw(old, batch([heart])))[0]).toBe(await one(batch([heart])));
    const varied = { ...heart, init: { bytes: await flat(64, 64), strength: 0.4 } };
    expect((await draw(old, batch([varied])))[0]).not.toBe((await draw(old, batch([heart])))[0]);
  });

  it('marks a picture for which the encoder drew noise by itself, and no other', async () => {
    const marked = async (folder: string, task: PictureTask): Promise<unknown> => {
      const { pictures } = await (await open(folder)).generate(batch([task]));
      const { comments } = await sharp(Buffer.from(pictures[0]!.png)).metadata();
      const { text } = comments!.find(({ keyword }) => keyword === 'darkroom')!;
      return (JSON.parse(text) as { unseeded?: true }).unseeded;
    };
    const from = (strength: number) => ({ ...heart, init: { bytes: image, strength } });
    const image = await flat(64, 64);
    const old = tinyFolder({ legacy: true });
    expect(await marked(old, from(0.4))).toBe(true);
    expect([
      await marked(old, heart),
      await marked(old, from(0)),
      await marked(tinyFolder(), from(0.4)),
    ]).toEqual([undefined, undefined, undefined]);
  });

  it('flags what its safety checker sees, and leaves the pixels alone', async () => {
    const checked = await open(tinyFolder({ safetyChecker: true }));
    const of = async (pipeline: Pipeline, background: string) => {
      const bytes = await flat(64, 64, background);
      return (await pipeline.generate(batch([{ ...heart, init: { bytes, strength: 0 } }]))).pictures[0]!;
    };
    expect((await of(checked, '#fff')).flagged).toBe(true);
    expect((await of(checked, '#000')).flagged).toBeUndefined();
    expect(await pixels((await of(checked, '#fff')).png)).toBe(await pixels((await of(tiny, '#fff')).png));
  });

  it('can not be used once it is closed', async () => {
    const closed = await open(tinyFolder());
    await closed.close();
    await expect(closed.generate(batch([heart]))).rejects.toBeInstanceOf(ModelProblem);
  });

  it('shares runs among its rows, fewer at once the larger the pictures, and nobody sees it', async () => {
    const model = await openModel(readModelFolder(tinyFolder()), { device: 'cpu', intraOpThreads: 1 });
    const runs: number[] = [];
    const predict: Family['predict'] = (rows, moment) => {
      runs.push(rows.length);
      return model.family.predict(rows, moment);
    };
    const counted = new DiffusionPipeline({ ...model, family: { ...model.family, predict } });
    const seeds = Array.from({ length: 10 }, (_, seed) => ({ ...heart, seed }));
    const many = await draw(counted, batch(seeds, { steps: 1 }));
    expect(runs.splice(0)).toEqual([16, 4]);
    expect([many[0], many[9]]).toEqual([
      await one(batch([seeds[0]!], { steps: 1 })),
      await one(batch([seeds[9]!], { steps: 1 })),
    ]);
    await draw(counted, batch(seeds.slice(0, 3), { steps: 1, width: 128, height: 128 }));
    expect(runs).toEqual([4, 2]);
  });

  it('encodes the words that pictures share once', async () => {
    const model = await openModel(readModelFolder(tinyFolder()), { device: 'cpu', intraOpThreads: 1 });
    let encoded = 0;
    const encode: Family['encode'] = (texts, size) => {
      encoded += texts.prompts.length;
      return model.family.encode(texts, size);
    };
    const counted = new DiffusionPipeline({ ...model, family: { ...model.family, encode } });
    const changing = { ...heart, prompt: `[${Array.from({ length: 30 }, (_, i) => `word${i}`).join('|')}]` };
    const tasks = [changing, { ...changing, seed: 8 }, heart, { ...changing, seed: 9 }];
    const pictures = await draw(counted, batch(tasks, { steps: 30 }));
    expect(encoded).toBe(31);
    expect(pictures[3]).toBe(await one(batch([tasks[3]!], { steps: 30 })));
  });

  it('refuses words that change into more texts than memory should hold', async () => {
    const options = Array.from({ length: 150 }, (_, i) => `word${i}`);
    const prompt = `[${options.join('|')}]`;
    await expect(tiny.generate(batch([{ ...heart, prompt }], { steps: 150 }))).rejects.toThrow(
      'becomes 151 different texts of 1 chunk while the picture develops, and 128 chunks are the most',
    );
  });

  it('counts every chunk of such words', async () => {
    const sd1 = await open(fileURLToPath(new URL('./fixtures/parity/sd1', import.meta.url)));
    const prompt = `${'x BREAK '.repeat(31)}[a|b|c|d|e]`;
    const size = { width: 32, height: 32, scheduler: 'default' } as const;
    await expect(sd1.generate(batch([{ ...heart, prompt }], size))).rejects.toThrow(
      '6 different texts of 32 chunks',
    );
    await sd1.close();
  });

  it('cuts a timestep between two numbers off, as the reference does', async () => {
    const file = path.join(root, 'cast.onnx');
    const graph: Graph = {
      inputs: { t: { type: 'int64', shape: [1] } },
      outputs: { out: { type: 'float32', shape: [1] } },
      weights: {},
      nodes: [{ op: 'Cast', in: ['t'], out: 'out', attributes: { to: 1 } }],
    };
    writeFileSync(file, onnxFile(graph));
    const network = await openNetwork(file, { device: 'cpu', intraOpThreads: 1 });
    const { out } = await network.run({ t: { data: [976.9], dims: [1] } });
    expect([...out!.data]).toEqual([976]);
    await network.release();
  });

  it('reads special tokens in a prompt as plain text', async () => {
    expect(await one(batch([{ ...heart, prompt: 'a red heart \\[SEP\\]' }]))).toBe(await one(batch([heart])));
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

  it('optimised for another device', async () => {
    expect(await problem(tinyFolder({ cudaOnly: true }))).toContain(
      'was optimised for CUDA and can not run on cpu: export it again without that optimisation',
    );
  });

  it('made for other sizes than the picture has', async () => {
    const folder = tinyFolder({ fixedSize: true });
    expect(await problem(folder, batch([heart], { width: 96 }))).toContain(
      'was exported for other sizes than sample float32 [2, 4, 8, 12]',
    );
  });

  it('whose numbers are not finite', async () => {
    expect(await problem(tinyFolder({ nan: true }))).toContain('not finite, so there is no picture');
  });

  it('without an encoder, when it should start from an image', async () => {
    const bytes = await flat(8, 8);
    const init = { bytes, strength: 0.5 };
    expect(await problem(tinyFolder({ vaeEncoder: false }), batch([{ ...heart, init }]))).toContain(
      'no vae_encoder',
    );
  });

  it('when the image to start from is none', async () => {
    const init = { bytes: new TextEncoder().encode('GIF89a, not really'), strength: 0.5 };
    expect(await problem(tinyFolder(), batch([{ ...heart, init }]))).toContain('can not be read');
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

describe('the shipped model', () => {
  it('draws the same pixels in the company of other requests, whatever becomes of those', async () => {
    const emoji = await open('models/emoji', 2);
    const { width, height, scheduler, guidanceScale } = readModelFolder('models/emoji').card.defaults;
    const params = { model: 'emoji', width, height, scheduler, guidanceScale, steps: 4 };
    const others = ['a cat with a hat', 'rain', 'a rocket over a lake'].map((prompt, seed) => ({
      prompt,
      negativePrompt: 'blue',
      seed,
    }));
    const alone = await emoji.generate({ ...params, tasks: [heart] });
    let steps = 0;
    const { pictures } = await emoji.generate(
      { ...params, tasks: [others[0]!, others[1]!, heart, others[2]!], groups: [2, 1, 1] },
      { onStep: () => steps++, canceled: (g) => g === 0 && steps >= 3, finish: (g) => g === 2 && steps > 5 },
    );
    expect(await pixels(pictures[0]!.png)).toBe(await pixels(alone.pictures[0]!.png));
    expect(pictures).toHaveLength(2);
    await emoji.close();
  });
});
