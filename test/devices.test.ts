// Devices: which are there, why one can not be used, what their memory holds, and which models stay open in it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Pipeline } from '../src/pipeline/pipeline.ts';
import { tryDevice } from '../src/pipeline/onnx.ts';
import { ModelProblem } from '../src/pipeline/problems.ts';
import { deviceAdvice, devicesOf, idleGpuAdvice } from '../src/workers/devices.ts';
import { memoryOf, usualBudget, weightOf } from '../src/workers/memory.ts';
import { ModelShelf, type ShelfOptions } from '../src/workers/model-shelf.ts';
import { warmUp } from '../src/workers/warm-up.ts';
import type { WorkerHost } from '../src/workers/worker-host.ts';
import { batchFor, fakeHost, told } from './support/fake-workers.ts';
import { emojiCard } from './support/cards.ts';

const GIB = 2 ** 30;
const machine = (cudaLibrary: string | undefined, ...gpus: number[]) => ({ cudaLibrary, gpus });

describe('DEVICES', () => {
  it('auto is every GPU when there is one and its library is installed, and the CPU otherwise', () => {
    expect(devicesOf('auto', () => machine('cuda.so', 0, 1))).toEqual(['cuda:0', 'cuda:1']);
    expect(devicesOf('auto', () => machine(undefined, 0))).toEqual(['cpu']);
    expect(devicesOf('auto', () => machine('cuda.so'))).toEqual(['cpu']);
  });

  it('auto can look at this machine', () => {
    expect(devicesOf('auto')[0]).toMatch(/^(cpu|cuda:\d+)$/);
  });

  it('is otherwise the list that was asked for', () => {
    expect(devicesOf(['cuda:1', 'cpu'], () => machine(undefined))).toEqual(['cuda:1', 'cpu']);
  });

  it('auto says when a GPU stays idle for want of the library', () => {
    expect(idleGpuAdvice('auto', () => machine(undefined, 0))).toMatch(/npm run cuda:install/);
    expect(idleGpuAdvice('auto', () => machine('cuda.so', 0))).toBeUndefined();
    expect(idleGpuAdvice('auto', () => machine(undefined))).toBeUndefined();
    expect(idleGpuAdvice(['cpu'], () => machine(undefined, 0))).toBeUndefined();
  });
});

describe('a device that can not be used', () => {
  const listing = `
	linux-vdso.so.1 (0x00007ffd)
	libonnxruntime_providers_shared.so => not found
	libcublasLt.so.12 => not found
	libcudnn.so.9 => not found
	libc.so.6 => /lib/libc.so.6 (0x00007f)`;

  it.each([
    [machine(undefined, 0), '', /npm run cuda:install/],
    [machine('cuda.so', 0), listing, /^libcublasLt\.so\.12, libcudnn\.so\.9 can not be found: install/],
    [machine('cuda.so'), '', /docker run --gpus all/],
    [machine('cuda.so', 0), '', /The runtime said: no such device/],
  ])('names what is missing (%#)', (there, ldd, sentence) => {
    const advice = deviceAdvice(
      'cuda:0',
      'no such\n device',
      () => there,
      () => ldd,
    );
    expect(advice).toMatch(sentence);
  });

  it('is found out by running the smallest network on it', async () => {
    expect(await tryDevice('cpu')).toBeUndefined();
    expect(await tryDevice('cuda:99')).toEqual(expect.any(String));
  });
});

describe("a device's memory", () => {
  it('of an NVIDIA device is what its tool says', () => {
    const ask = vi.fn<() => string>(() => '24564, 1024\n');
    expect(memoryOf('cuda:1', ask)).toEqual({ total: 24564 * 2 ** 20, used: GIB });
    expect(ask).toHaveBeenCalledWith('nvidia-smi', expect.arrayContaining(['--id=1']));
  });

  it('is unknown without the tool, or on WebGPU, and then sets no budget', () => {
    expect(memoryOf('cuda:0', () => undefined)).toBeUndefined();
    expect(memoryOf('webgpu', () => '1, 1')).toBeUndefined();
    expect(usualBudget('webgpu', 1)).toBe(Infinity);
  });

  it('gives each thread its share', () => {
    const memory = { total: 20 * GIB, used: 0 };
    expect(usualBudget('cuda:0', 2, memory)).toBeCloseTo(7 * GIB, -3);
    expect(usualBudget('cpu', 1, memory)).toBeCloseTo(6 * GIB, -3);
    expect(memoryOf('cpu')!.used).toBeGreaterThan(2 ** 20);
  });

  it('is taken by a model as its networks and what lies beside them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-weight-'));
    for (const [file, size] of [
      ['unet/model.onnx', 10],
      ['unet/model.onnx_data', 500],
      ['tokenizer/vocab.json', 7],
      ['picture.png', 9],
    ] as const) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), Buffer.alloc(size));
    }
    expect(weightOf(folder)).toBe(510);
    rmSync(folder, { recursive: true });
    expect(weightOf(folder)).toBe(0);
  });
});

describe('the models of a thread', () => {
  /** Models weigh their name's length; `leak` is the share that stays behind when one is closed. */
  function shelfWith({ budget = 10 * GIB, leak = 0 } = {}) {
    const said: string[] = [];
    let held = 3 * GIB;
    const weigh = (model: string): number => model.length * GIB;
    const open: ShelfOptions['open'] = async (model) => {
      said.push(`open ${model}`);
      held += weigh(model) * 1.5;
      const close = async (): Promise<void> => {
        said.push(`close ${model}`);
        held -= weigh(model) * 1.5 * (1 - leak);
      };
      return { device: 'cpu', close } as unknown as Pipeline;
    };
    const shelf = new ModelShelf({ open, weigh, budget, inUse: () => held });
    return { shelf, said, use: (model: string) => shelf.use(model, async () => {}) };
  }

  it('stay open as long as they fit', async () => {
    const { use, said, shelf } = shelfWith();
    for (const model of ['aaaa', 'bbbb', 'aaaa', 'bbbb']) await use(model);
    expect(said).toEqual(['open aaaa', 'open bbbb']);
    expect(shelf.tidied()).toBeUndefined();
  });

  it('give way in the order in which they were used last', async () => {
    const { use, said, shelf } = shelfWith();
    for (const model of ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa']) await use(model);
    expect(said).toEqual(['open aaaa', 'open bbbb', 'close bbbb', 'open cccc']);
    expect(shelf.tidied()).toEqual({ closed: ['bbbb'] });
    expect(shelf.tidied()).toBeUndefined();
  });

  it('are not closed while they work', async () => {
    const { shelf, use, said } = shelfWith();
    await shelf.use('aaaaaa', () => use('bbbbbb'));
    expect(said).toEqual(['open aaaaaa', 'open bbbbbb']);
    await use('ccc');
    expect(said.slice(2)).toEqual(['close aaaaaa', 'open ccc']);
  });

  it('may weigh more than the budget when there is one alone', async () => {
    const { use, said } = shelfWith({ budget: 2 * GIB });
    await use('aaaa');
    await use('bbbb');
    expect(said).toEqual(['open aaaa', 'close aaaa', 'open bbbb']);
  });

  it('ask for another process where closing gives nothing back, and not where it does', async () => {
    const models = ['aaaaaaaa', 'bb', 'cccccccc', 'dddd', 'e', 'ffffffff'];
    const kept = shelfWith();
    for (const model of models) await kept.use(model);
    expect(kept.shelf.tidied()?.retire).toBeUndefined();
    const leaking = shelfWith({ leak: 0.9 });
    for (const model of models) await leaking.use(model);
    expect(leaking.shelf.tidied()?.retire).toMatch(/^holds \d+ MB more/);
  });
});

describe('warming up', () => {
  const card = emojiCard;

  it("is one step at the model's own size", async () => {
    const generate = vi.fn<Pipeline['generate']>(async () => ({
      pictures: [],
      timing: { totalMs: 1, runtimeMs: 1 },
    }));
    await warmUp({ device: 'cuda:0', generate, close: async () => {} }, card);
    const { width, height, steps } = card.defaults;
    expect(generate.mock.calls).toEqual([[expect.objectContaining({ width, height, steps, stop: 1 })]]);
  });

  it('leaves it to the first batch to tell what a model refuses, but hides no fault of the device', async () => {
    const failing = (fault: Error): Pipeline => ({
      device: 'cuda:0',
      generate: async () => {
        throw fault;
      },
      close: async () => {},
    });
    await warmUp(failing(new ModelProblem('It needs an image.')), card);
    await expect(warmUp(failing(new Error('CUDA failure 700')), card)).rejects.toThrow('CUDA failure 700');
  });
});

describe('a host', () => {
  const open: WorkerHost[] = [];
  const hostWith = (options: Parameters<typeof fakeHost>[0]): WorkerHost => {
    const host = fakeHost(options);
    open.push(host);
    return host;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((host) => host.stop()));
  });

  it('whose device can not be used draws on the CPU, names it, and warns with the reason', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const host = hostWith({ device: 'cuda:7', log });
    expect(host.device).toBe('cuda:7');
    expect((await host.run(batchFor('good'))).device).toBe('cpu');
    expect(host.device).toBe('cpu');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      expect.stringMatching(/^cuda:7 can not be used.*CPU|cpu.*libcudart\.so\.12 can not be found/),
    ]);
  });

  it('forgets that a model is open which was closed for another, and keeps its process', async () => {
    const host = hostWith({ modelMemoryMb: 1500 });
    const { pid } = told(await host.run(batchFor('large a')));
    expect(told(await host.run(batchFor('large b')))).toMatchObject({ pid });
    expect([host.has('large a'), host.has('large b')]).toEqual([false, true]);
  });

  it('is replaced when it is idle after closed models kept their memory, and loses nothing', async () => {
    const host = hostWith({ modelMemoryMb: 1500 });
    const { pid } = told(await host.run(batchFor('heavy a')));
    expect(told(await host.run(batchFor('heavy b')))).toMatchObject({ pid });
    const next = told(await host.run(batchFor('heavy b')));
    expect(next.pid).not.toBe(pid);
    expect(host.broken).toBeUndefined();
  });
});
