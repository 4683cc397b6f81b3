// The command line as a person types it, on a tiny model.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flags } from '../src/core/prompt-line.ts';
import { writeTinyModel } from './support/tiny-model.ts';

const program = fileURLToPath(new URL('../dist/imagine.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-imagine-'));
beforeAll(() => void writeTinyModel(path.join(folder, 'models/tiny')));
afterAll(() => rmSync(folder, { recursive: true }));

async function imagine(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      MODELS_DIR: path.join(folder, 'models'),
      DEFAULT_MODEL: 'tiny',
      DATA_DIR: path.join(folder, 'data'),
      ...env,
    },
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const pixels = (file: string): Promise<Buffer> => sharp(path.join(folder, file)).raw().toBuffer();

describe('npm run imagine', () => {
  it('draws to a file and prints the recipe, without database or server', async () => {
    const { code, output } = await imagine([
      'a red heart',
      '--seed',
      '7',
      '--steps',
      '4',
      '--out',
      'a/heart.png',
    ]);
    expect(output).toContain('/imagine a red heart --seed 7 --steps 4');
    expect(code).toBe(0);
    const { comments, width } = await sharp(path.join(folder, 'a/heart.png')).metadata();
    expect(width).toBe(64);
    expect(comments!.find((c) => c.keyword === 'parameters')!.text).toContain('Seed: 7');
    expect(existsSync(path.join(folder, 'data'))).toBe(false);
  });

  it('draws the same file again from the same words and seed', async () => {
    const draw = async (out: string): Promise<Buffer> => {
      await imagine(['a', 'cat', '--seed', '1', '--steps', '3', '--out', out]);
      return readFileSync(path.join(folder, out));
    };
    expect(await draw('one.png')).toEqual(await draw('two.png'));
  });

  it('numbers several pictures and gives them consecutive seeds', async () => {
    const { code } = await imagine([
      'x',
      '--n',
      '2',
      '--seed',
      '4294967295',
      '--steps',
      '2',
      '--out',
      'many.png',
    ]);
    expect(code).toBe(0);
    const seeds = await Promise.all(
      ['many-1.png', 'many-2.png'].map(async (file) => {
        const { comments } = await sharp(path.join(folder, file)).metadata();
        return (JSON.parse(comments!.find((c) => c.keyword === 'darkroom')!.text) as { seed: number }).seed;
      }),
    );
    expect(seeds).toEqual([4294967295, 0]);
  });

  it('draws on the processor where the device can not be used, and says what to do', async () => {
    const { code, output } = await imagine(['x', '--steps', '1', '--out', 'cpu.png'], { DEVICES: 'cuda:0' });
    expect(output).toMatch(/npm run cuda:install[^]*cpu\.png in .* on cpu/);
    expect(code).toBe(0);
  });

  it('takes words that should not be seen', async () => {
    const { output } = await imagine(['x', '--no', 'rain', '--steps', '2', '--out', 'dry.png']);
    expect(output).toContain('--no rain');
  });

  it('draws a picture again by its own recipe and says whether it is the same', async () => {
    const first = ['a [cat|dog]', '--seed', '9', '--steps', '5', '--stop', '3', '--out', 'first.png'];
    expect((await imagine(first)).code).toBe(0);
    const again = await imagine(['--replay', 'first.png', '--out', 'again.png']);
    expect(again.output).toMatch(/^exact$/m);
    expect(again.code).toBe(0);
    expect(await pixels('again.png')).toEqual(await pixels('first.png'));

    const scheduler = path.join(folder, 'models/tiny/scheduler/scheduler_config.json');
    const before = readFileSync(scheduler, 'utf8');
    writeFileSync(scheduler, `${before} `);
    const other = await imagine(['--replay', 'first.png', '--out', 'other.png']);
    writeFileSync(scheduler, before);
    expect(other.output).toContain("may differ, because the model's files are others");
  });

  it('needs the picture that another one was drawn from to draw it again', async () => {
    await imagine(['x', '--seed', '1', '--steps', '4', '--out', 'start.png']);
    const image = ['--image', 'start.png'];
    await imagine(['x', ...image, '--seed', '2', '--steps', '4', '--out', 'varied.png']);
    const alone = await imagine(['--replay', 'varied.png', '--out', 'varied-2.png']);
    expect([alone.code, alone.output]).toEqual([2, expect.stringContaining('give that one with --image')]);
    const both = await imagine(['--replay', 'varied.png', ...image, '--out', 'varied-2.png']);
    expect(both.output).toMatch(/^exact$/m);
    expect(await pixels('varied-2.png')).toEqual(await pixels('varied.png'));
    expect(await pixels('varied.png')).not.toEqual(await pixels('start.png'));
  });

  it('explains every option', async () => {
    const { code, output } = await imagine(['--help']);
    expect(code).toBe(0);
    for (const { name } of flags.filter((flag) => !['ar', 'private', 'public'].includes(flag.name)))
      expect(output).toContain(`--${name} <`);
    expect(output).toContain('Exit codes: 0 drawn, 1 failed, 2 not allowed as asked, 130 canceled.');
  });

  it.each([
    [['x', '--steps', '0'], {}, 2, 'Steps must be a whole number from 1 to 150, not 0.'],
    [['x', '--steps', 'many'], {}, 2, '--steps needs a number, not "many".'],
    [['x', '--size', 'big'], {}, 2, '--size needs two numbers'],
    [['x', '--bogus'], {}, 2, 'There is no --bogus. You can use --no, '],
    [[], {}, 2, "missing required argument 'words'"],
    [[' '], {}, 2, 'Say what to draw'],
    [['--replay', 'models/tiny/model_index.json'], {}, 2, 'There is no recipe in it'],
    [['x', '--model', 'nobody'], {}, 2, 'There is no model "nobody". You can use: tiny.'],
    [['x'], { MODELS_DIR: '/nowhere' }, 1, 'MODELS_DIR'],
  ])('refuses %j with %j by exit code %i and a sentence', async (args, env, expected, sentence) => {
    const before = readdirSync(folder);
    const { code, output } = await imagine(args, env);
    expect(output).toContain(sentence);
    expect(output).not.toContain('    at ');
    expect(code).toBe(expected);
    expect(readdirSync(folder)).toEqual(before);
  });
});
