// The command line for models as a person types it, on tiny models and a hub of this machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeHub } from './support/fake-hub.ts';
import { writeTinyModel } from './support/tiny-model.ts';

const program = fileURLToPath(new URL('../dist/models.js', import.meta.url));
let modelsDir: string;
beforeEach(() => {
  modelsDir = mkdtempSync(path.join(tmpdir(), 'darkroom-models-'));
});
afterEach(() => rmSync(modelsDir, { recursive: true }));

async function models(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: modelsDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], MODELS_DIR: modelsDir, DEFAULT_MODEL: 'tiny', ...env },
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const tiny = (name: string): string => {
  const folder = path.join(modelsDir, name);
  writeTinyModel(folder);
  return folder;
};

describe('npm run models', () => {
  it('lists what is here, what it is, and what is wrong with it', async () => {
    tiny('tiny');
    rmSync(path.join(tiny('broken'), 'unet'), { recursive: true });
    const { code, output } = await models(['list']);
    expect(output).toMatch(/^tiny \(DEFAULT_MODEL\)\n {2}stable-diffusion, .*[kM]B, 64 x 64, /m);
    expect(output).toMatch(/^broken\n {2}can not be used: .*unet/m);
    expect(code).toBe(0);
  });

  it('lists nothing where there is nothing', async () => {
    expect((await models(['list'])).output).toContain(`There is no model in ${modelsDir}.`);
  });

  it('tries a model out and tells what it can do', async () => {
    tiny('tiny');
    const { code, output } = await models(['check', 'tiny']);
    expect(output).toMatch(/unet\/model\.onnx {2}float\d+: .*sample \[/);
    expect(output).toMatch(/sizes: \d+ .* usually 64 x 64\n/);
    expect(output).toMatch(/schedulers: default, ddpm, /);
    expect(output).toMatch(/works: opened in .* on cpu/);
    expect(code).toBe(0);
  });

  it('says what is wrong with a model that was not fetched whole', async () => {
    truncateSync(path.join(tiny('torn'), 'unet/model.onnx'), 500);
    const { code, output } = await models(['check', path.join(modelsDir, 'torn')]);
    expect(output).toMatch(/unet\/model\.onnx is damaged or incomplete: download or export the model again/);
    expect(code).toBe(1);
  });

  it('gets a model from a hub, after asking', async () => {
    const folder = tiny('source');
    const files = Object.fromEntries(
      readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
        .map((file) => [path.relative(folder, file), readFileSync(file)]),
    );
    const hub = await fakeHub('somebody/tiny', files);
    const env = { MODELS_HUB_URL: hub.url };
    const asked = await models(['add', 'somebody/tiny'], env);
    expect(asked.output).toMatch(
      /somebody\/tiny: \d+ files, .*\nLicence: openrail\..*\nDownload it\? Add --yes/,
    );
    expect(asked.code).toBe(1);
    expect(existsSync(path.join(modelsDir, 'tiny'))).toBe(false);

    const { code, output } = await models(['add', 'somebody/tiny', '--yes'], env);
    expect(output).toMatch(/tiny is here\.\n {2}stable-diffusion/);
    expect(code).toBe(0);

    hub.says = (told) => ({ ...told, gated: 'manual' });
    const gated = await models(['add', 'somebody/tiny', '--name', 'other', '--yes'], env);
    expect(gated.output).toMatch(/only to people who accepted its licence.*MODELS_HUB_TOKEN/);
    hub.says = (told) => told;
    hub.files['model_index.json'] = Buffer.from('{"_class_name": "AudioLDMPipeline"}');
    const audio = await models(['add', 'somebody/tiny', '--name', 'other', '--yes'], env);
    expect(audio.output).toMatch(/somebody\/tiny is a AudioLDMPipeline, which is not supported yet/);
    await hub.stop();
    expect((await models(['check', 'tiny'])).output).toContain('works:');
  });

  it('copies a model from a folder and removes it, and nothing that is no model', async () => {
    const { output } = await models(['add', tiny('tiny'), '--name', 'copy']);
    expect(output).toContain('copy is here.');
    writeFileSync(path.join(modelsDir, 'notes.txt'), 'mine');
    expect((await models(['remove', 'copy'])).output).toMatch(/Remove .*copy, .*\? Add --yes/);
    expect((await models(['remove', 'copy', '--yes'])).code).toBe(0);
    for (const name of ['notes.txt', '..'])
      expect((await models(['remove', name, '--yes'])).output).toMatch(/There is no model/);
    expect(readdirSync(modelsDir).toSorted()).toEqual(['.downloads', 'notes.txt', 'tiny']);
  });

  it('refuses what it does not know, with exit code 2', async () => {
    expect((await models(['fetch'])).code).toBe(2);
  });
});
