// The workers with real forked processes and pool threads, and painters that misbehave in every way we could think of.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Batch } from '../src/pipeline/picture.ts';
import type { BatchResult, Progress } from '../src/workers/protocol.ts';
import { BatchCanceled, BatchFailed, HostBroken, HostDied } from '../src/workers/failures.ts';
import { WorkerHost } from '../src/workers/worker-host.ts';
import { Workers } from '../src/workers/workers.ts';
import {
  batchFor,
  fakeHost,
  fixture,
  isGone,
  silent,
  told,
  type FakeOptions,
} from './support/fake-workers.ts';

const patient = { timeout: 30_000, interval: 20 };
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const open: { stop(): Promise<void> }[] = [];

function hostWith(options: FakeOptions = {}): WorkerHost {
  const host = fakeHost(options);
  open.push(host);
  return host;
}

function workersWith(...hosts: WorkerHost[]): Workers {
  const workers = new Workers({ hosts, log: silent });
  open.push(workers);
  return workers;
}

/** Resolves at the first step of a run; `over` is its end. */
async function begun(
  target: WorkerHost | Workers,
  model: string,
  signal?: AbortSignal,
): Promise<{ over: Promise<BatchResult> }> {
  return new Promise((resolve, reject) => {
    const onProgress = (): void => resolve({ over });
    const over = target.run(batchFor(model, { steps: 5000 }), { onProgress, ...(signal && { signal }) });
    over.catch(reject);
  });
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

describe('a host', () => {
  let host: WorkerHost;
  beforeAll(async () => {
    host = fakeHost({ threads: 2 });
    await host.start();
  });
  afterAll(() => host.stop());

  it('draws a batch, reports every step in order, and names its device', async () => {
    const seen: Progress[] = [];
    const result = await host.run(batchFor('good', { steps: 4 }), { onProgress: (p) => seen.push(p) });
    expect(seen.filter((p) => !p.preview).map((p) => [p.step, p.of])).toEqual(
      [1, 2, 3, 4].map((n) => [n, 4]),
    );
    expect(result).toMatchObject({ device: 'cpu', totalMs: 2, runtimeMs: 1 });
    expect(told(result)).toMatchObject({ prompt: 'a heart', pid: host.pid });
  });

  it('sends previews of all pictures as one JPEG, beside the steps', async () => {
    const abort = new AbortController();
    const previews: Progress[] = [];
    const onProgress = (p: Progress): void => {
      if (p.preview && previews.push(p) === 3) abort.abort();
    };
    const run = host.run(batchFor('slow', { steps: 5000, pictures: 3 }), {
      signal: abort.signal,
      onProgress,
    });
    await expect(run).rejects.toBeInstanceOf(BatchCanceled);
    const { format, width, height } = await sharp(previews[0]!.preview!.bytes).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 8, height: 8 });
  });

  it('gives the pictures even when their previews are torn', async () => {
    expect((await host.run(batchFor('torn previews'))).pictures).toHaveLength(1);
  });

  it('cancels between two steps and lives on', async () => {
    const { pid } = host;
    const abort = new AbortController();
    const { over } = await begun(host, 'slow', abort.signal);
    abort.abort();
    await expect(over).rejects.toBeInstanceOf(BatchCanceled);
    expect(told(await host.run(batchFor('slow')))).toMatchObject({ pid });
  });

  it('gives the pictures of a batch that was finished before the cancel was seen', async () => {
    const abort = new AbortController();
    const { over } = await begun(host, 'late', abort.signal);
    abort.abort();
    expect((await over).pictures).toHaveLength(1);
  });

  it('finishes early with the pictures so far and says after how many steps', async () => {
    const finish = new AbortController();
    const run = host.run(batchFor('finishes', { steps: 5000 }), {
      finish: finish.signal,
      onProgress: ({ step }) => step === 2 && finish.abort(),
    });
    const { pictures, stoppedAfter } = await run;
    expect(pictures).toHaveLength(1);
    expect(stoppedAfter).toBeGreaterThanOrEqual(2);
    expect(stoppedAfter).toBeLessThan(5000);
  });

  it('finishes what was asked to before it began', async () => {
    const run = host.run(batchFor('finishes', { steps: 5000 }), { finish: AbortSignal.abort() });
    expect((await run).stoppedAfter).toBeLessThan(5000);
  });

  it('is not taken to hang while it decodes one picture after the other', async () => {
    const patientHost = hostWith({ stepTimeoutMs: 600 });
    await patientHost.start();
    expect((await patientHost.run(batchFor('decodes for long'))).pictures).toHaveLength(1);
  });

  it('lets a cancel stand when it is asked to finish as well', async () => {
    const [abort, finish] = [new AbortController(), new AbortController()];
    const over = host.run(batchFor('slow', { steps: 5000 }), {
      signal: abort.signal,
      finish: finish.signal,
      onProgress: () => {
        abort.abort();
        finish.abort();
      },
    });
    await expect(over).rejects.toBeInstanceOf(BatchCanceled);
  });

  it('does not begin what was canceled before', async () => {
    const onProgress = vi.fn<(progress: Progress) => void>();
    const run = host.run(batchFor('good'), { signal: AbortSignal.abort(), onProgress });
    await expect(run).rejects.toBeInstanceOf(BatchCanceled);
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('fails what throws, without a sentence for people, and lives on', async () => {
    const { pid } = host;
    const failure: unknown = await host.run(batchFor('throws')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BatchFailed);
    expect(failure).toMatchObject({
      explained: false,
      message: expect.stringContaining('the shape is wrong'),
    });
    expect(told(await host.run(batchFor('good')))).toMatchObject({ pid });
  });

  it.each([
    ['gives NaN', 'The model gave numbers that are no picture.'],
    ['a part is missing', 'The folder has no unet.'],
  ])('passes on the sentence when a model %s', async (model, message) => {
    const run = host.run(batchFor(model));
    await expect(run).rejects.toThrow(new BatchFailed(message, true));
    await expect(run).rejects.toMatchObject({ explained: true });
  });

  it('runs as many batches at once as it has threads', async () => {
    const abort = new AbortController();
    const one = await begun(host, 'slow', abort.signal);
    expect([host.free, host.busy]).toEqual([1, true]);
    const two = await begun(host, 'slow', abort.signal);
    expect(host.free).toBe(0);
    abort.abort();
    const ends = await Promise.allSettled([one.over, two.over]);
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected']);
    expect([host.free, host.busy]).toEqual([2, false]);
  });

  it('survives a listener that throws', async () => {
    const onProgress = (): void => {
      throw new Error('not our bug');
    };
    expect((await host.run(batchFor('good'), { onProgress })).pictures).toHaveLength(1);
  });

  it('knows which models it has open', async () => {
    await host.run(batchFor('some model'));
    expect([host.has('some model'), host.has('another')]).toEqual([true, false]);
  });

  it('opens a model in every thread when it is told to load it', async () => {
    const loading = hostWith({ threads: 2 });
    loading.load('slow');
    await loading.start();
    await vi.waitFor(() => expect(loading.has('slow')).toBe(true), patient);
    const both = await Promise.all([loading.run(batchFor('slow')), loading.run(batchFor('slow'))]);
    const drawn = both.map(told);
    expect(drawn.map((t) => t.opens)).toEqual([1, 1]);
    expect(new Set(drawn.map((t) => t.thread)).size).toBe(2);
  });
});

describe('a batch of several groups', () => {
  let host: WorkerHost;
  beforeAll(async () => {
    host = fakeHost({ threads: 2 });
    await host.start();
  });
  afterAll(() => host.stop());
  const grouped = (model: string, sizes: number[], steps: number): Batch => {
    const pictures = sizes.reduce((sum, size) => sum + size, 0);
    return { ...batchFor(model, { steps, pictures }), groups: sizes };
  };
  const seeds = (result: BatchResult): number[] => result.pictures.map(({ seed }) => seed);

  it('tells each its own steps, previews and pictures', async () => {
    const seen: Progress[][] = [[], []];
    const watches = seen.map((own) => ({ onProgress: (p: Progress) => void own.push(p) }));
    const results = await Promise.all(host.runGroups(grouped('slow', [1, 2], 60), watches));
    expect(results.map(seeds)).toEqual([[0], [1, 2]]);
    for (const own of seen) expect(own.at(-1)).toMatchObject({ step: 60, of: 60 });
    const sizes = seen.map(async (own) => {
      const { width, height } = await sharp(own.find(({ preview }) => preview)!.preview!.bytes).metadata();
      return [width, height];
    });
    expect(await Promise.all(sizes)).toEqual([
      [4, 4],
      [8, 4],
    ]);
  });

  it('goes on without the one that is canceled', async () => {
    const abort = new AbortController();
    const onProgress = ({ step }: Progress): void => void (step === 2 && abort.abort());
    const ends = host.runGroups(grouped('slow', [1, 1], 60), [{ signal: abort.signal, onProgress }, {}]);
    await expect(ends[0]).rejects.toBeInstanceOf(BatchCanceled);
    expect(seeds(await ends[1]!)).toEqual([1]);
  });

  it('gives the pictures of the one that is finished while the other goes on', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const onProgress = ({ step }: Progress): void => void (step === 2 && first.abort());
    const ends = host.runGroups(grouped('finishes', [1, 1], 20_000), [
      { finish: first.signal, onProgress },
      { finish: second.signal },
    ]);
    const early = await ends[0]!;
    expect(host.busy).toBe(true);
    second.abort();
    expect((await ends[1]!).stoppedAfter).toBeGreaterThan(early.stoppedAfter!);
    expect(host.busy).toBe(false);
  });

  it('goes on with the one picture that is picked', async () => {
    const picked = Promise.resolve(2);
    const ends = host.runGroups(grouped('slow', [1, 3], 60), [{}, { picked }]);
    expect((await Promise.all(ends)).map(seeds)).toEqual([[0], [3]]);
  });

  it('that is deaf to one cancel is killed, and the others are not to blame', async () => {
    const deaf = hostWith({ cancelGraceMs: 100 });
    await deaf.start();
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    const ends = deaf.runGroups(grouped('deaf', [1, 1], 5000), [{ signal: abort.signal, onProgress }, {}]);
    const [canceled, other] = await Promise.allSettled(ends);
    expect(canceled).toMatchObject({ reason: expect.any(BatchCanceled) });
    expect(other).toMatchObject({ reason: { name: 'HostDied', blameless: true } });
  });

  it('leaves out what was canceled while it waited for a place', async () => {
    const workers = workersWith(hostWith());
    await workers.start();
    const [occupied, canceled] = [new AbortController(), new AbortController()];
    const first = await begun(workers, 'slow', occupied.signal);
    const ends = workers.runGroups(grouped('slow', [1, 1], 5), [{ signal: canceled.signal }, {}]);
    canceled.abort();
    occupied.abort();
    await expect(first.over).rejects.toBeInstanceOf(BatchCanceled);
    await expect(ends[0]).rejects.toBeInstanceOf(BatchCanceled);
    expect(seeds(await ends[1]!)).toEqual([1]);
  });
});

describe('a host that is lost', () => {
  it.each(['segfaults', 'is killed', 'ends its thread', 'answers with a function'])(
    'because it %s in a batch is replaced, and the batch rejects with HostDied',
    async (model) => {
      const host = hostWith();
      await host.start();
      const { pid } = host;
      await expect(host.run(batchFor(model))).rejects.toBeInstanceOf(HostDied);
      expect(told(await host.run(batchFor('good'))).pid).not.toBe(pid);
      expect(isGone(pid!)).toBe(true);
    },
  );

  it.each([
    ['hangs in a step', 'hangs', { stepTimeoutMs: 300 }, 'made no step'],
    ['never opens its model', 'never opens', { openTimeoutMs: 300 }, 'did not open the model'],
    ['gives no sign of life', 'freezes', { heartbeatTimeoutMs: 2500 }, 'gave no sign of life'],
  ])('because it %s is killed and replaced', async (_, model, limits, reason) => {
    const host = hostWith(limits);
    await host.start();
    const pid = host.pid!;
    const failure: unknown = await host.run(batchFor(model)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HostDied);
    expect((failure as Error).message).toContain(reason);
    expect(host.busy).toBe(false);
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), patient);
    expect(told(await host.run(batchFor('good'))).pid).not.toBe(pid);
  });

  it('because it is deaf to a cancel is killed, and the batch counts as canceled', async () => {
    const host = hostWith({ cancelGraceMs: 100 });
    await host.start();
    const pid = host.pid!;
    const abort = new AbortController();
    const { over } = await begun(host, 'deaf', abort.signal);
    abort.abort();
    await expect(over).rejects.toBeInstanceOf(BatchCanceled);
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), patient);
    expect((await host.run(batchFor('good'))).pictures).toHaveLength(1);
  });

  it('takes the batches of all its threads with it, each told by name', async () => {
    const host = hostWith({ threads: 2 });
    await host.start();
    const neighbour = await begun(host, 'slow');
    await expect(host.run(batchFor('segfaults'))).rejects.toBeInstanceOf(HostDied);
    await expect(neighbour.over).rejects.toBeInstanceOf(HostDied);
  });

  it('because one batch hangs says that the one beside it is not to blame', async () => {
    const host = hostWith({ threads: 2, stepTimeoutMs: 300 });
    await host.start();
    const neighbour = await begun(host, 'slow');
    await expect(host.run(batchFor('hangs'))).rejects.toMatchObject({ name: 'HostDied', blameless: false });
    await expect(neighbour.over).rejects.toMatchObject({ name: 'HostDied', blameless: true });
  });

  it('opens again what it was told to load', async () => {
    const host = hostWith();
    host.load('slow');
    await host.start();
    await expect(host.run(batchFor('is killed'))).rejects.toBeInstanceOf(HostDied);
    expect(host.has('slow')).toBe(false);
    await vi.waitFor(() => expect(host.has('slow')).toBe(true), patient);
  });

  it('on a GPU is replaced after a failure that nobody can explain', async () => {
    const host = hostWith({ device: 'cuda:0' });
    await host.start();
    const { pid } = host;
    await expect(host.run(batchFor('throws'))).rejects.toBeInstanceOf(BatchFailed);
    expect(told(await host.run(batchFor('good'))).pid).not.toBe(pid);
  });

  it('because it closed its channel is killed and replaced', async () => {
    const host = hostWith({ hostModule: fixture('hosts/hangs-up.mjs') });
    await host.start();
    const pid = host.pid!;
    await expect(host.run(batchFor('good'))).rejects.toBeInstanceOf(HostDied);
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), patient);
  });
});

describe('a host that talks nonsense', () => {
  it('is believed the first answer to a batch of ours, and nothing else', async () => {
    const host = hostWith({ hostModule: fixture('hosts/talks-nonsense.mjs') });
    const first = await host.run(batchFor('good'));
    const onProgress = vi.fn<(progress: Progress) => void>();
    const second = await host.run(batchFor('good'), { onProgress });
    expect([first.device, second.device]).toEqual(['first', 'first']);
    expect(onProgress).not.toHaveBeenCalled();
  });
});

describe('a host that can not start', () => {
  it.each([
    ['dies', { hostModule: fixture('hosts/dies-at-start.mjs') }, 'libcuda.so.1: cannot open'],
    ['has a thread that fails', { threadModule: fixture('threads/no-function.mjs') }, 'fails to start'],
    [
      'says nothing',
      { hostModule: fixture('hosts/never-ready.mjs'), startTimeoutMs: 200 },
      'did not get ready in time',
    ],
  ])('because it %s is waited for no more after three times, with the reason', async (_, options, reason) => {
    const host = hostWith(options);
    await expect(host.start()).rejects.toBeInstanceOf(HostBroken);
    expect(host.broken).toContain('3 times in a row');
    expect(host.broken).toContain(reason);
    await expect(host.run(batchFor('good'))).rejects.toBeInstanceOf(HostBroken);
  });

  it('works by itself once the cause is set right', async () => {
    const modelsDir = mkdtempSync(path.join(tmpdir(), 'hosts-'));
    const cause = path.join(modelsDir, 'cause');
    writeFileSync(cause, '');
    const host = hostWith({ hostModule: fixture('hosts/dies-of-a-cause.mjs'), modelsDir });
    const workers = workersWith(host);
    await workers.start();
    await expect(workers.run(batchFor('good'))).rejects.toBeInstanceOf(HostBroken);
    const idle = new Promise<void>((resolve) => workers.onIdle(() => workers.idle > 0 && resolve()));
    rmSync(cause);
    await idle;
    expect(workers.broken).toBeUndefined();
    await expect(host.start()).resolves.toBeUndefined();
    rmSync(modelsDir, { recursive: true });
  });

  it('twice is started a third time', async () => {
    const modelsDir = mkdtempSync(path.join(tmpdir(), 'hosts-'));
    const host = hostWith({ hostModule: fixture('hosts/third-time-lucky.mjs'), modelsDir });
    await host.start();
    expect(readFileSync(path.join(modelsDir, 'starts'), 'utf8')).toBe('xxx');
    rmSync(modelsDir, { recursive: true });
  });
});

describe('stopping', () => {
  it('cancels what runs and leaves no process', async () => {
    const host = hostWith();
    await host.start();
    const pid = host.pid!;
    const { over } = await begun(host, 'slow');
    const [end] = await Promise.allSettled([over, host.stop()]);
    expect(end).toMatchObject({ status: 'rejected', reason: expect.any(BatchCanceled) });
    expect(isGone(pid)).toBe(true);
    await expect(host.start()).rejects.toBeInstanceOf(HostDied);
  });

  it('kills what does not end by the deadline', async () => {
    const host = hostWith();
    await host.start();
    const pid = host.pid!;
    const { over } = await begun(host, 'deaf');
    await Promise.allSettled([over, host.stop(50)]);
    expect(isGone(pid)).toBe(true);
  });

  it('ends a host that is still starting', async () => {
    const host = hostWith();
    const starting = host.start();
    const pid = host.pid!;
    await Promise.all([expect(starting).rejects.toBeInstanceOf(HostDied), host.stop()]);
    expect(isGone(pid)).toBe(true);
  });

  it('by Ctrl+C is left to the main process', async () => {
    const host = hostWith();
    await host.start();
    const { pid } = host;
    const abort = new AbortController();
    const { over } = await begun(host, 'slow', abort.signal);
    process.kill(pid!, 'SIGINT');
    process.kill(pid!, 'SIGTERM');
    abort.abort();
    await expect(over).rejects.toBeInstanceOf(BatchCanceled);
    expect(told(await host.run(batchFor('good')))).toMatchObject({ pid });
  });

  it('by SIGKILL of the main process in the middle of a batch leaves no process', async () => {
    const main = fileURLToPath(fixture('programs/in-the-middle.ts'));
    const parent = spawn(process.execPath, ['--import', tsx, main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    expect(isGone(pid)).toBe(false);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), patient);
  });
});

describe('the workers', () => {
  it('prefer the host that has the model open', async () => {
    const [first, second] = [hostWith(), hostWith()];
    const workers = workersWith(first, second);
    await Promise.all([workers.start(), first.start(), second.start()]);
    const abort = new AbortController();
    const occupied = await begun(workers, 'slow', abort.signal);
    expect([first.busy, workers.idle]).toEqual([true, 1]);
    const { pid } = told(await workers.run(batchFor('other')));
    expect(pid).toBe(second.pid);
    abort.abort();
    await expect(occupied.over).rejects.toBeInstanceOf(BatchCanceled);
    expect(workers.idle).toBe(2);
    expect(told(await workers.run(batchFor('other'))).pid).toBe(second.pid);
    expect(told(await workers.run(batchFor('slow'))).pid).toBe(first.pid);
  });

  it('keep a batch waiting while all are busy, and say when one is idle', async () => {
    const workers = workersWith(hostWith());
    const onIdle = vi.fn<() => void>();
    workers.onIdle(onIdle);
    await workers.start();
    expect([onIdle.mock.calls.length, workers.idle]).toEqual([1, 1]);
    const abort = new AbortController();
    const first = await begun(workers, 'slow', abort.signal);
    const second = workers.run(batchFor('good'));
    const given = new AbortController();
    const third = workers.run(batchFor('good'), { signal: given.signal });
    expect(workers.idle).toBe(0);
    given.abort();
    await expect(third).rejects.toBeInstanceOf(BatchCanceled);
    abort.abort();
    await expect(first.over).rejects.toBeInstanceOf(BatchCanceled);
    expect((await second).pictures).toHaveLength(1);
    expect([onIdle.mock.calls.length, workers.idle]).toEqual([2, 1]);
  });

  it('reject the batch of a lost host, and are idle again when it is replaced', async () => {
    const workers = workersWith(hostWith());
    await workers.start();
    await expect(workers.run(batchFor('segfaults'))).rejects.toBeInstanceOf(HostDied);
    expect([workers.idle, workers.available]).toEqual([0, true]);
    expect((await workers.run(batchFor('good'))).pictures).toHaveLength(1);
  });

  it('go on with one host when the other can not be started', async () => {
    const broken = hostWith({ device: 'cuda:0', hostModule: fixture('hosts/dies-at-start.mjs') });
    const workers = workersWith(broken, hostWith());
    await workers.start();
    await expect(broken.start()).rejects.toBeInstanceOf(HostBroken);
    expect([workers.available, workers.broken]).toEqual([true, undefined]);
    expect((await workers.run(batchFor('good'))).device).toBe('cpu');
  });

  it('are not available when no host can be started, and say why', async () => {
    const workers = workersWith(hostWith({ hostModule: fixture('hosts/dies-at-start.mjs') }));
    const waiting = workers.run(batchFor('good'));
    await Promise.all([workers.start(), expect(waiting).rejects.toBeInstanceOf(HostBroken)]);
    expect(workers.available).toBe(false);
    expect(workers.broken).toContain('libcuda.so.1');
    await expect(workers.run(batchFor('good'))).rejects.toBeInstanceOf(HostBroken);
  });

  it('stop gracefully: what runs and what waits is canceled, and no process is left', async () => {
    const hosts = [hostWith(), hostWith()];
    const workers = workersWith(...hosts);
    await Promise.all(hosts.map((host) => host.start()));
    const pids = hosts.map((host) => host.pid!);
    const running = [await begun(workers, 'slow'), await begun(workers, 'slow')];
    const waiting = workers.run(batchFor('good'));
    const all = [...running.map((run) => run.over), waiting];
    const ends = await Promise.allSettled([...all, workers.stop()]);
    expect(ends.slice(0, 3).map((end) => end.status === 'rejected' && end.reason)).toEqual(
      all.map(() => expect.any(BatchCanceled)),
    );
    expect(pids.map(isGone)).toEqual([true, true]);
    await expect(workers.run(batchFor('good'))).rejects.toBeInstanceOf(HostDied);
  });
});

describe('the network runtime', () => {
  async function librariesAfterImporting(...modules: string[]): Promise<number> {
    const program = fileURLToPath(fixture('programs/native-libraries.ts'));
    const urls = modules.map((name) => new URL(`../src/${name}`, import.meta.url).href);
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, program, ...urls]);
    return Number(stdout);
  }

  it('is never loaded by the process that has the workers', async () => {
    const main = ['workers/workers.ts', 'workers/worker-host.ts', 'workers/devices.ts'];
    expect(await librariesAfterImporting(...main)).toBe(0);
  });

  it('would be seen if it were', async () => {
    expect(await librariesAfterImporting('pipeline/onnx.ts')).toBeGreaterThan(0);
  });

  it('is loaded in the real thread, which explains a model that is not there', async () => {
    const host = new WorkerHost({
      config: { device: 'cpu', modelsDir: tmpdir(), threads: 1, intraOpThreads: 1 },
      log: silent,
      stepTimeoutMs: 60_000,
    });
    open.push(host);
    await expect(host.run(batchFor('no-such-model'))).rejects.toMatchObject({
      name: 'BatchFailed',
      explained: true,
    });
  });
});
