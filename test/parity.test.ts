// The pipelines beside diffusers, number by number, and beside themselves: a picture is the same in any company.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNetwork } from '../src/pipeline/onnx.ts';
import type { OpenModel } from '../src/pipeline/open-model.ts';
import { DiffusionPipeline } from '../src/pipeline/pipeline.ts';
import type { PictureTask } from '../src/pipeline/picture.ts';
import { openSafetyChecker } from '../src/pipeline/safety.ts';
import { batchOf, casesOf, families, folderOf, openFamily, worstDifferences } from './support/parity.ts';

const release = async ({ networks }: OpenModel): Promise<void> => {
  for (const network of networks) await network.release();
};

describe('the fixtures', () => {
  const cases: Record<string, number> = {
    flux: 6,
    'flux-schnell': 3,
    lcm: 4,
    'sd-turbo': 5,
    sd1: 27,
    'sd1-fp16': 6,
    'sd1-inpaint': 5,
    'sd1-legacy': 4,
    'sd1-mixed': 6,
    'sd1-taesd': 3,
    'sd2-v': 8,
    sd3: 7,
    sdxl: 13,
    'sdxl-ensemble': 3,
    'sdxl-refiner': 4,
  };

  it('are all there, so that none is passed by in silence', () => {
    expect(Object.fromEntries(families.map((family) => [family, casesOf(family).length]))).toEqual(cases);
  });

  it('are those that docs/parity.md tells of', () => {
    const sections = readFileSync('docs/parity.md', 'utf8').split(/^## /m).slice(1);
    const told = sections.map((section) => [
      section.slice(0, section.indexOf('\n')),
      [...section.matchAll(/^\| ([\w-]+) +\| (?!mode )/gm)]
        .map(([, name]) => name)
        .filter((name) => !/^-+$/.test(name!)),
    ]);
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(families.map((family) => [family, casesOf(family).map(({ name }) => name)])),
    );
  });
});

describe.each(families)('%s draws what diffusers draws:', (family) => {
  const cases = casesOf(family);
  let model: OpenModel;
  beforeAll(async () => {
    model = await openFamily(family);
  });
  afterAll(() => release(model));

  it.each(cases)('$name', async (c) => {
    const { pictures, latents } = await worstDifferences(model, family, c);
    expect(pictures).toBeLessThan(c.tolerance);
    expect(latents).toBeLessThan(c.tolerance);
  });
});

describe.each(['sd1', 'sdxl', 'sd3', 'flux'])('%s', (family) => {
  it('draws the same numbers in any company, on more threads and with previews', async () => {
    const cases = casesOf(family);
    const c = cases.find(({ mode }) => mode !== 'text-to-image')!;
    const { tasks, ...params } = batchOf(family, c);
    const task = tasks[0]!;
    const others: PictureTask[] = [
      { prompt: 'a very different picture AND a longer prompt', negativePrompt: 'rain', seed: 3 },
      { ...task, seed: 5, init: { ...task.init!, strength: 0.9 } },
    ];
    const [model, threaded] = [await openFamily(family), await openFamily(family, 2)];
    const alone = await new DiffusionPipeline(model).draw({ ...params, tasks: [task] });
    const batch = { ...params, tasks: [others[0]!, task, others[1]!] };
    const among = await new DiffusionPipeline(threaded).draw(batch, { onStep: () => undefined });
    expect(among.drawn.get(task)!.data).toEqual(alone.drawn.get(task)!.data);
    await Promise.all([release(model), release(threaded)]);
  });
});

describe('the safety checker flags what the reference flags:', () => {
  const folder = folderOf('safety');
  const { cases } = JSON.parse(readFileSync(path.join(folder, 'safety.json'), 'utf8')) as {
    cases: { name: string; image: string; flagged: boolean }[];
  };
  const files = {
    network: path.join(folder, 'safety_checker/model.onnx'),
    preprocessor: path.join(folder, 'feature_extractor/preprocessor_config.json'),
  };

  it.each(cases)('$name', async ({ image, flagged }) => {
    const network = await openNetwork(files.network, { device: 'cpu', intraOpThreads: 1 });
    const checker = await openSafetyChecker(files, async () => network);
    const { data, info } = await sharp(path.join(folder, image))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(await checker.flags({ width: info.width, height: info.height, data })).toBe(flagged);
    await network.release();
  });
});
