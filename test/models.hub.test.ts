// Getting models from a hub that keeps its word, and from hubs that do not.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderName, parseAddress } from '../src/pipeline/hub/address.ts';
import { checkFree, copyModel, fetchModel, inWords, planOf } from '../src/pipeline/hub/add-model.ts';
import { checkModel } from '../src/pipeline/hub/check.ts';
import { download } from '../src/pipeline/hub/download.ts';
import { askHub, type Asking } from '../src/pipeline/hub/repository.ts';
import { wantedPaths } from '../src/pipeline/hub/wanted.ts';
import { writeTinyModel } from './support/tiny-model.ts';
import { COMMIT, fakeHub, type FakeHub } from './support/fake-hub.ts';

const ID = 'owner/tiny-sd';
const UNET = 'unet/model.onnx';
const bytes = (length: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (i * 31 + seed) % 251));
const files = (): Record<string, Buffer> => ({
  'model_index.json': Buffer.from('{"_class_name": "StableDiffusionPipeline"}'),
  'LICENSE.md': Buffer.from('be good'),
  [UNET]: bytes(100_000, 1),
  'unet/model.onnx_data': bytes(200_000, 2),
  'unet/config.json': Buffer.from('{}'),
  'unet/empty.txt': Buffer.alloc(0),
  'tokenizer/vocab.json': Buffer.from('{"a": 1}'),
  'tokenizer/merges.txt': Buffer.from('a b'),
  'scheduler/scheduler_config.json': Buffer.from('{}'),
  'unet/diffusion_pytorch_model.safetensors': bytes(50_000, 3),
  'README.md': Buffer.from('# hello'),
  'samples/cat.png': bytes(900, 4),
});

let hub: FakeHub;
let modelsDir: string;
beforeEach(async () => {
  hub = await fakeHub(ID, files());
  modelsDir = mkdtempSync(path.join(tmpdir(), 'darkroom-models-'));
});
afterEach(async () => {
  await hub.stop();
  rmSync(modelsDir, { recursive: true });
});

const asking = (more: Partial<Asking> = {}): Asking => ({ fetch, stallMs: 10_000, ...more });

/** Fetches the model and gives what was reported. */
async function get({ name = 'tiny', stallMs = 10_000, token = undefined as string | undefined } = {}) {
  const progress: [number, number, string][] = [];
  const waits: number[] = [];
  const options = {
    ...asking({ stallMs, ...(token && { token, tokenFor: hub.url }) }),
    pause: async (ms: number) => void waits.push(ms),
    onProgress: (...told: [number, number, string]) => {
      progress.push(told);
      const file = path.join(modelsDir, '.downloads', name, told[2]);
      hub.arrived(told[2], statSync(file).size);
    },
  };
  const repository = await askHub(
    { base: hub.url, id: ID, revision: 'main' },
    { ...options, stallMs: 10_000 },
  );
  const folder = await fetchModel(repository, { modelsDir, name }, options);
  return { folder, progress, waits };
}

const contents = (folder: string, file: string): Buffer => readFileSync(path.join(folder, file));
const left = (): string[] => readdirSync(modelsDir).filter((name) => name !== '.downloads');
const askedFor = (file: string): string[] => hub.asked.filter((line) => line.split(' ')[0]!.endsWith(file));

describe('a model on a hub', () => {
  it('is fetched whole: networks, configurations, tokenizers and licence, and nothing for other programs', async () => {
    const { folder, progress } = await get();
    expect(folder).toBe(path.join(modelsDir, 'tiny'));
    const here = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
    expect(here.toSorted()).toEqual(
      [
        'LICENSE.md',
        'model_index.json',
        'scheduler/scheduler_config.json',
        'tokenizer/merges.txt',
        'tokenizer/vocab.json',
        'unet/config.json',
        'unet/empty.txt',
        UNET,
        'unet/model.onnx_data',
      ].toSorted(),
    );
    for (const file of here) expect(contents(folder, file).equals(hub.files[file]!)).toBe(true);
    const [done, total] = progress.at(-1)!;
    expect(done).toBe(total);
    expect(progress.map(([now]) => now)).toEqual(progress.map(([now]) => now).toSorted((a, b) => a - b));
    expect(readdirSync(path.join(modelsDir, '.downloads'))).toEqual([]);
  });

  it('is told of with its size, licence and commit before anything is fetched', async () => {
    const repository = await askHub({ base: hub.url, id: ID, revision: 'main' }, asking());
    expect(repository).toMatchObject({ license: 'openrail', gated: false, commit: COMMIT });
    expect(planOf(repository).bytes).toBeGreaterThan(300_000);
    expect(hub.asked).toEqual([`/api/models/${ID}?blobs=true`]);
  });

  it('is fetched as one commit, whatever is changed meanwhile', async () => {
    await get();
    expect(hub.asked.slice(1).every((line) => line.includes(`/resolve/${COMMIT}/`))).toBe(true);
  });

  it('can be asked for in another revision', async () => {
    await askHub({ base: hub.url, id: ID, revision: 'fp16' }, asking());
    expect(hub.asked).toEqual([`/api/models/${ID}/revision/fp16?blobs=true`]);
  });

  it('gets the token of its hub, and no other hub does', async () => {
    await get({ token: 'secret' });
    expect(new Set(hub.tokens)).toEqual(new Set(['Bearer secret']));
    hub.tokens.length = 0;
    await askHub(
      { base: hub.url, id: ID, revision: 'main' },
      asking({ token: 'secret', tokenFor: 'https://other.example' }),
    );
    expect(hub.tokens).toEqual(['']);
  });

  it('may lie elsewhere, where its hub sends us without the token', async () => {
    hub.mishaps[UNET] = [{ sentOn: true }];
    const { folder } = await get({ token: 'secret' });
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
    expect(hub.tokens.filter((token) => token === '')).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('that breaks is taken up again where it ended', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, { cut: 20_000 }];
    const { folder, waits } = await get();
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
    expect(askedFor(UNET).slice(1)).toEqual([
      expect.stringContaining('bytes=40000-'),
      expect.stringContaining('bytes=60000-'),
    ]);
    expect(waits).toEqual([500, 500]);
  });

  it('that stalls is given up and taken up again', async () => {
    hub.mishaps[UNET] = [{ stall: 30_000 }];
    const { folder } = await get({ stallMs: 200 });
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
    expect(askedFor(UNET).length).toBeGreaterThan(1);
  });

  it('to a server that knows no ranges begins anew', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, { deafToRanges: true }];
    const { folder } = await get();
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
  });

  it('that answers with another range than asked for is not believed', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, { otherRange: true }];
    const { folder } = await get();
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
  });

  it('to a busy server waits longer each time, and goes on another day where it ended', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, ...Array.from({ length: 5 }, () => ({ status: 503 }))];
    await expect(get()).rejects.toThrow(/answered with 503. What came is kept; try again/);
    expect(left()).toEqual([]);
    const { folder, waits } = await get();
    expect(waits).toEqual([]);
    expect(askedFor(UNET).at(-1)).toContain('bytes=40000-');
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
    expect(askedFor('unet/config.json')).toHaveLength(1);
  });

  it('does not keep the note of a model for a model of that name', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, ...Array.from({ length: 5 }, () => ({ status: 503 }))];
    await expect(get()).rejects.toThrow(/503/);
    const { folder } = await get({ name: 'tiny.source' });
    expect(folder).toBe(path.join(modelsDir, 'tiny.source'));
    await get();
    expect(askedFor(UNET).at(-1)).toContain('bytes=40000-');
  });

  it('begins anew when the model has another commit than what was left', async () => {
    hub.mishaps[UNET] = [{ cut: 40_000 }, ...Array.from({ length: 5 }, () => ({ status: 503 }))];
    await expect(get()).rejects.toThrow(/503/);
    hub.says = (answer) => ({ ...answer, sha: COMMIT.replace('0', '9') });
    await get();
    expect(askedFor(UNET).at(-1)).not.toContain('bytes=');
  });
});

describe('a server that lies', () => {
  it('once about what is in a file is asked again', async () => {
    hub.mishaps[UNET] = [{ wrong: true }];
    const { folder } = await get();
    expect(contents(folder, UNET).equals(hub.files[UNET]!)).toBe(true);
  });

  it('once about what is in a small file is asked again too', async () => {
    hub.mishaps['tokenizer/vocab.json'] = [{ wrong: true }];
    const { folder } = await get();
    expect(contents(folder, 'tokenizer/vocab.json').toString()).toBe('{"a": 1}');
    expect(askedFor('tokenizer/vocab.json')).toHaveLength(2);
  });

  it('always about what is in a file gives no model', async () => {
    hub.mishaps[UNET] = [{ wrong: true }, { wrong: true }];
    await expect(get()).rejects.toThrow(/checksum is wrong, 2 times/);
    expect(left()).toEqual([]);
  });

  it('with more bytes than it said is not listened to', async () => {
    hub.mishaps[UNET] = Array.from({ length: 6 }, () => ({ longer: true }) as const);
    await expect(get()).rejects.toThrow(/more than the 100000 bytes/);
    expect(left()).toEqual([]);
  });

  it('about sizes gives no model: too small, too large', async () => {
    for (const size of [99_000, 101_000]) {
      hub.says = (answer) => ({
        ...answer,
        siblings: answer.siblings.map((file) =>
          file.rfilename === 'unet/config.json' ? { ...file, size } : file,
        ),
      });
      await expect(get()).rejects.toThrow(/can not be fetched: the (connection ended early|server)/);
      expect(left()).toEqual([]);
    }
  });

  it.each([
    '../evil.json',
    '/etc/evil.json',
    'unet/../../evil.json',
    'unet\\..\\evil.json',
    'C:/evil.json',
    'unet//evil.json',
    '',
    'unet/\u0000.json',
  ])('about names (%j) is not followed out of the folder', async (rfilename) => {
    hub.says = (answer) => ({ ...answer, siblings: [...answer.siblings, { rfilename, size: 3 }] });
    await expect(get()).rejects.toThrow(/can not be kept/);
    expect(hub.asked).toHaveLength(1);
    expect(readdirSync(modelsDir)).toEqual([]);
  });

  it('about everything is told apart from a hub', async () => {
    hub.says = () => ({ siblings: 'many' });
    await expect(get()).rejects.toThrow(/does not answer as a hub does/);
  });
});

describe('a model that can not be had', () => {
  it('is refused in a sentence when it is not there, or not for everyone', async () => {
    await expect(askHub({ base: hub.url, id: 'nobody/nothing', revision: 'main' }, asking())).rejects.toThrow(
      `There is no ${hub.url}/nobody/nothing`,
    );
    hub.mishaps[UNET] = [{ status: 403 }];
    await expect(get()).rejects.toThrow(/Accept its licence there.*MODELS_HUB_TOKEN/);
  });

  it('is refused when the hub can not be reached', async () => {
    const { url } = hub;
    await hub.stop();
    await expect(askHub({ base: url, id: ID, revision: 'main' }, asking())).rejects.toThrow(
      /can not be reached/,
    );
    hub = await fakeHub(ID, files());
  });

  it('is refused when the disk has no room for it', async () => {
    hub.says = (answer) => ({
      ...answer,
      siblings: answer.siblings.map((file) =>
        file.rfilename === UNET ? { rfilename: UNET, size: 2 ** 52 } : file,
      ),
    });
    await expect(get()).rejects.toThrow(/not enough room for it: \d+ TB are still to come/);
    expect(askedFor(UNET)).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))('is refused when the disk fills up on the way', async () => {
    const source = { url: `${hub.url}/${ID}/resolve/main/${UNET}`, headers: {} };
    const options = { fetch, stallMs: 10_000, pause: async () => {}, onProgress: () => {} };
    await expect(download(source, '/dev/full', options)).rejects.toThrow(/disk is full.*Make room/);
  });

  it('is refused when its name is taken', async () => {
    await get();
    await expect(get()).rejects.toThrow(/already a model tiny.*--name/);
    expect(() => checkFree({ modelsDir, name: 'other' })).not.toThrow();
  });
});

describe('the files that are needed', () => {
  const base = ['model_index.json', 'unet/config.json'];

  it('are one precision where a part comes in several', () => {
    const paths = [
      ...base,
      'unet/model.onnx',
      'unet/model.onnx_data',
      'unet/model.onnx_data_1',
      'unet/weights.pb',
      'unet/model_fp16.onnx',
      'unet/model_fp16.onnx_data',
    ];
    expect(wantedPaths(paths)).toEqual(paths.slice(0, 6));
  });

  it('are those of a refiner inside of the model too', () => {
    const inner = ['refiner/model_index.json', 'refiner/unet/model.onnx', 'refiner/unet/config.json'];
    const paths = [...base, 'unet/model.onnx', ...inner, 'refiner/unet/weights.safetensors'];
    expect(wantedPaths(paths)).toEqual(paths.slice(0, -1));
  });

  it('are those of a part whose network has another name', () => {
    expect(wantedPaths([...base, 'clip/net.onnx', 'clip/net.onnx.data'])).toContain('clip/net.onnx.data');
  });

  it('are not there where nobody made them', () => {
    expect(() => wantedPaths(['unet/model.onnx'])).toThrow(/no model_index.json/);
    expect(() => wantedPaths([...base, 'unet/diffusion_pytorch_model.safetensors'])).toThrow(
      /no networks in ONNX.*export_hub_model/,
    );
  });
});

describe('a folder with a model', () => {
  it('is not copied where there is no room for it', () => {
    const from = mkdtempSync(path.join(tmpdir(), 'darkroom-from-'));
    mkdirSync(path.join(from, 'unet'));
    writeFileSync(path.join(from, 'model_index.json'), '{}');
    writeFileSync(path.join(from, UNET), '');
    truncateSync(path.join(from, UNET), 2 ** 43); // a hole: it takes no room itself
    symlinkSync('unet', path.join(from, 'LICENSE')); // can not be copied, and would be before the large one
    expect(() => copyModel(from, { modelsDir, name: 'copy' })).toThrow(/not enough room for it: 8\.8 TB/);
    rmSync(from, { recursive: true });
    expect(left()).toEqual([]);
  });

  it('is copied with real files in the place of links', () => {
    const from = mkdtempSync(path.join(tmpdir(), 'darkroom-from-'));
    mkdirSync(path.join(from, 'unet'));
    writeFileSync(path.join(from, 'blob'), 'network');
    writeFileSync(path.join(from, 'model_index.json'), '{}');
    symlinkSync('../blob', path.join(from, 'unet/model.onnx'));
    const folder = copyModel(from, { modelsDir, name: 'copy' });
    rmSync(from, { recursive: true });
    expect(readFileSync(path.join(folder, UNET), 'utf8')).toBe('network');
    expect(existsSync(path.join(folder, 'blob'))).toBe(false);
  });
});

describe('a model that is tried out', () => {
  const check = async (folder: string): Promise<string> => {
    const lines: string[] = [];
    for await (const line of checkModel(folder, { device: 'cpu', intraOpThreads: 1 })) lines.push(line);
    return lines.join('\n');
  };

  it('may have a broken network beside those that it uses', async () => {
    const folder = writeTinyModel(path.join(modelsDir, 'tiny'));
    writeFileSync(path.join(folder, 'unet/model_fp16.onnx'), 'half a file');
    const told = await check(folder);
    expect(told).toMatch(/unet\/model_fp16\.onnx {2}not used; .* is damaged or incomplete/);
    expect(told).toMatch(/works: opened in/);
    expect(told).not.toContain('draws noise of its own');
  });

  it('says that no seed decides what an old encoder draws', async () => {
    const folder = writeTinyModel(path.join(modelsDir, 'old'), { legacy: true });
    expect(await check(folder)).toContain('its vae_encoder draws noise of its own');
  });
});

describe('what a person types', () => {
  const usual = 'https://hub.example';
  it.each([
    ['owner/name', { base: usual, id: 'owner/name', revision: 'main' }],
    ['owner/name@onnx', { base: usual, id: 'owner/name', revision: 'onnx' }],
    [`${usual}/owner/name`, { base: usual, id: 'owner/name', revision: 'main' }],
    [`${usual}/owner/name/tree/fp16?x=1`, { base: usual, id: 'owner/name', revision: 'fp16' }],
    ['https://mirror.example/a/b', { base: 'https://mirror.example', id: 'a/b', revision: 'main' }],
    ['.', { folder: process.cwd() }],
  ])('%s is understood', (text, address) => {
    expect(parseAddress(text, usual)).toEqual(address);
  });

  it.each(['nothing', '../x', 'a/b/c', 'owner/..', 'https://hub.example', 'owner/name@../x'])(
    '%s is refused',
    (text) => {
      expect(() => parseAddress(text, usual)).toThrow(/owner\/name/);
    },
  );

  it('names the folder, or the model does', () => {
    const address = { base: usual, id: 'owner/SD-1.5', revision: 'main' };
    expect(folderName(address, undefined)).toBe('SD-1.5');
    expect(folderName(address, 'mine')).toBe('mine');
    expect(() => folderName(address, '../mine')).toThrow(/--name/);
    expect(() => folderName({ folder: '/x/.hidden' }, undefined)).toThrow(/--name/);
  });

  it('reads sizes in words', () => {
    expect([0, 999, 1000, 12_345, 3_400_000_000].map(inWords)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '12 kB',
      '3.4 GB',
    ]);
  });
});
