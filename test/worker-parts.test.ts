// The parts of the workers that need no process: previews, pace, patience, the painter's memory.

import { MessageChannel } from 'node:worker_threads';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RawImage } from '../src/pipeline/picture.ts';
import { ModelProblem } from '../src/pipeline/problems.ts';
import { painter, previewPace, type OpenPipeline, type Surroundings } from '../src/workers/painter.ts';
import { OrderBoard } from '../src/workers/order-board.ts';
import { encodePreview, ProgressReport, tile } from '../src/workers/previews.ts';
import type { PreviewImage, Progress } from '../src/workers/protocol.ts';
import { Watchdog } from '../src/workers/watchdog.ts';
import { batchFor } from './support/fake-workers.ts';

afterEach(() => {
  vi.useRealTimers();
});

const fail = (error: unknown): void => expect.unreachable(String(error));

/** One pixel of this brightness. */
const dot = (v: number): RawImage => ({ width: 1, height: 1, data: new Uint8Array([v, v, v]) });
const brightness = ({ data }: RawImage): number[] => [...data].filter((_, i) => i % 3 === 0);

describe('previews', () => {
  it('stand two in a row, with grey where the fourth is missing', () => {
    const shapes = [1, 2, 3, 4].map((n) => tile(Array.from({ length: n }, (_, i) => dot(i + 1))));
    expect(shapes.map(({ width, height }) => [width, height])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 2],
    ]);
    expect(shapes.map(brightness)).toEqual([[1], [1, 2], [1, 2, 3, 128], [1, 2, 3, 4]]);
  });

  it('keep their rows together when they are tiled', () => {
    const two = (v: number): RawImage => ({
      width: 1,
      height: 2,
      data: new Uint8Array([v, v, v, v + 1, v + 1, v + 1]),
    });
    expect(brightness(tile([two(10), two(20)]))).toEqual([10, 20, 11, 21]);
  });

  it('of unlike sizes are refused', () => {
    expect(() => tile([dot(1), { width: 2, height: 1, data: new Uint8Array(6) }])).toThrow('preview 1');
    expect(() => tile([{ ...dot(1), data: new Uint8Array(2) }])).toThrow('preview 0');
  });

  it('are encoded as JPEG', async () => {
    const { bytes, type } = await encodePreview([dot(0), dot(255)]);
    const { format, width, height } = await sharp(bytes).metadata();
    expect({ type, format, width, height }).toEqual({
      type: 'image/jpeg',
      format: 'jpeg',
      width: 2,
      height: 1,
    });
  });

  it('that come faster than they can be encoded give way to the newest', async () => {
    const sent: Progress[] = [];
    const encoded: number[] = [];
    const finish: (() => void)[] = [];
    const encode = ([image]: RawImage[]): Promise<PreviewImage> => {
      encoded.push(image!.data[0]!);
      return new Promise((resolve) => finish.push(() => resolve({ bytes: image!.data, type: 'image/jpeg' })));
    };
    const report = new ProgressReport((p) => sent.push(p), fail, encode);
    for (const index of [1, 2, 3, 4]) report.step({ index, of: 4, previews: [dot(index)] });
    expect(sent.map((p) => p.step)).toEqual([1, 2, 3, 4]);
    finish[0]!();
    await vi.waitFor(() => expect(encoded).toEqual([1, 4]));
    finish[1]!();
    await vi.waitFor(() => expect(sent).toHaveLength(6));
    expect(sent.slice(4).map((p) => [p.step, p.preview?.bytes[0]])).toEqual([
      [4, 1],
      [4, 4],
    ]);
  });

  it('that are not encoded when the result is there are dropped', async () => {
    const sent: Progress[] = [];
    const report = new ProgressReport((p) => sent.push(p), fail);
    report.step({ index: 1, of: 1, previews: [dot(1)] });
    report.end();
    await encodePreview([dot(1)]);
    await encodePreview([dot(1)]);
    expect(sent).toEqual([{ step: 1, of: 1 }]);
  });

  it('are wanted on the first step, and then at most one in 60 ms', () => {
    let now = 5;
    const wanted = previewPace(60, () => now);
    const times = [5, 6, 64, 65, 100, 124, 125, 1000];
    expect(times.filter((time) => ((now = time), wanted()))).toEqual([5, 65, 125, 1000]);
  });
});

describe('a watchdog', () => {
  it('barks once when it is not fed', () => {
    vi.useFakeTimers();
    const bark = vi.fn<() => void>();
    const dog = new Watchdog(1000, bark);
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(1000);
      dog.feed();
    }
    expect(bark).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(bark).toHaveBeenCalledTimes(1);
  });

  it('stays quiet after it was stopped', () => {
    vi.useFakeTimers();
    const bark = vi.fn<() => void>();
    new Watchdog(1000, bark).stop();
    vi.advanceTimersByTime(10_000);
    expect(bark).not.toHaveBeenCalled();
  });
});

describe('the orders of a running batch', () => {
  it('are read by another thread over the same memory, and each group has its own', () => {
    const board = new OrderBoard(3);
    const read = new OrderBoard(board.memory);
    board.finish(0);
    board.cancel(0);
    board.pick(1, 0);
    board.pick(1, 3); // the first one counts
    board.cancel(7); // there is no such group
    expect([0, 1, 2].map((g) => [read.isCanceled(g), read.isFinished(g), read.only(g)])).toEqual([
      [true, true, undefined],
      [false, false, 0],
      [false, false, undefined],
    ]);
    expect(read.allCanceled).toBe(false);
    for (const group of [1, 2]) board.cancel(group);
    expect([read.allCanceled, read.only(1)]).toEqual([true, 0]);
  });
});

describe('the painter of a thread', () => {
  const config = { device: 'cpu', modelsDir: '/models', threads: 1, intraOpThreads: 2 };
  const pipeline = {
    device: 'cpu',
    generate: async () => ({ pictures: [], timing: { totalMs: 1, runtimeMs: 1 } }),
    close: async () => {},
  };
  const machine: Surroundings = {
    whyNot: async () => undefined,
    weigh: () => 1,
    budget: () => Infinity,
    inUse: () => undefined,
  };
  const taskFor = (model: string, board = new OrderBoard(1)) => {
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    return { type: 'run' as const, batch: batchFor(model), port: port2, orders: board.memory };
  };

  it('opens each model once, from its folder, with what the host was told', async () => {
    const open = vi.fn<OpenPipeline>(async () => pipeline);
    const paint = painter(open, config, machine);
    await Promise.all([paint(taskFor('a')), paint({ type: 'load', model: 'a' }), paint(taskFor('b'))]);
    await paint(taskFor('a'));
    expect(open.mock.calls).toEqual([
      [path.join('/models', 'a'), { device: 'cpu', intraOpThreads: 2 }],
      [path.join('/models', 'b'), { device: 'cpu', intraOpThreads: 2 }],
    ]);
  });

  it('tries a model again that could not be opened', async () => {
    const open = vi.fn<OpenPipeline>(async () => pipeline);
    open.mockRejectedValueOnce(new ModelProblem('The folder has no unet.'));
    const paint = painter(open, config, machine);
    expect(await paint(taskFor('a'))).toEqual({
      type: 'failed',
      message: 'The folder has no unet.',
      explained: true,
    });
    expect(await paint(taskFor('a'))).toMatchObject({ type: 'over' });
  });

  it('does not open a model for a batch that was canceled before', async () => {
    const open = vi.fn<OpenPipeline>(async () => pipeline);
    const board = new OrderBoard(1);
    board.cancel(0);
    expect(await painter(open, config, machine)(taskFor('a', board))).toEqual({
      type: 'over',
      ends: [{ type: 'canceled', group: 0 }],
    });
    expect(open).not.toHaveBeenCalled();
  });
});
