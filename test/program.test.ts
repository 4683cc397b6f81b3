// The lives of a request in the program itself: real processes, the shipped model, SQLite, HTTP.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runToEnd, startProgram, type BotWireMessage, type Program } from './support/program.ts';

let data: string;
const running = new Set<Program>();
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'darkroom-program-'));
});
afterEach(async () => {
  for (const program of running) await program.kill('SIGKILL');
  running.clear();
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});

async function start(env: Record<string, string> = {}): Promise<Program> {
  const program = await startProgram(data, env);
  running.add(program);
  return program;
}

/** Processes whose parent is `pid`. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ')[1] === String(pid);
      } catch {
        return false; // it ended while we looked
      }
    })
    .map(Number);

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

const pixelsOf = async (url: string): Promise<Buffer> =>
  sharp(Buffer.from(await (await fetch(url)).arrayBuffer()))
    .raw()
    .toBuffer();

describe('imagine', { timeout: 120_000 }, () => {
  it('develops four red hearts and shows them with their recipe', async () => {
    const program = await start();
    expect(await program.type('/imagine a red heart --seed 7', 'k1')).toBe(202);
    expect(readFileSync(`/proc/${program.child.pid}/maps`, 'utf8')).not.toContain('onnxruntime');
    const early = await program.until((m) => m.view.preview !== undefined);
    expect(early.view.preview!.src).toMatch(/^data:image\/jpeg;base64,/);
    const { view } = await program.until((m) => m.view.status === 'done');
    expect(view.pictures).toHaveLength(4);
    expect(view.recipe).toContain(
      '--seed 7 --steps 25 --guidance 4 --scheduler dpm++2m --size 128x128 --n 4',
    );
    for (const { id, alt } of view.pictures) {
      expect(alt).toContain('a red heart');
      const pixels = await pixelsOf(`${program.url}/pictures/${id}.png`);
      expect(pixels).toHaveLength(128 * 128 * 3);
      const middle = (64 * 128 + 64) * 3;
      const [red, green, blue] = pixels.subarray(middle, middle + 3);
      expect(red).toBeGreaterThan(150);
      expect(Math.max(green!, blue!)).toBeLessThan(120);
      expect(Math.min(...pixels.subarray(0, 3))).toBeGreaterThan(220); // white around it
    }
  });
});

describe('restart', { timeout: 180_000 }, () => {
  it('after SIGKILL in the middle finishes the same message with the same pictures', async () => {
    const line = '/imagine a red heart --seed 3 --steps 60';
    const first = await start();
    await first.type(line, 'k1');
    const { id } = await first.until((m) => (m.view.progress?.step ?? 0) >= 3);
    const hosts = childrenOf(first.child.pid!);
    expect(hosts).toHaveLength(1);
    await first.kill('SIGKILL');
    await vi.waitFor(() => expect(hosts.filter(isAlive)).toEqual([]), { timeout: 10_000 });

    const second = await start();
    const done = await second.until((m) => m.view.status === 'done');
    expect(done.id).toBe(id);
    expect((await second.messages()).map((m) => m.kind)).toEqual(['person', 'bot']);

    await second.type(line, 'k2');
    const again = await second.until((m) => m.id !== id && m.view.status === 'done');
    const pixels = (m: typeof done) =>
      Promise.all(m.view.pictures.map((p) => pixelsOf(`${second.url}/pictures/${p.id}.png`)));
    expect(await pixels(again)).toEqual(await pixels(done));
  });

  it('writes the recipe without its prompt where that was so when it was asked', async () => {
    const textOf = async ({ url }: Program, { view }: BotWireMessage): Promise<string> => {
      const png = await (await fetch(`${url}/pictures/${view.pictures[0]!.id}.png`)).arrayBuffer();
      const { comments = [] } = await sharp(Buffer.from(png)).metadata();
      return comments.map(({ text }) => text).join('\n');
    };
    const first = await start({ PICTURE_PROMPTS: 'no' });
    await first.type('/imagine a red heart --no rain --seed 3 --steps 25 --n 1', 'k1');
    const { id } = await first.until((m) => (m.view.progress?.step ?? 0) >= 1);
    await first.kill('SIGKILL');

    const second = await start();
    const without = await textOf(second, await second.until((m) => m.id === id && m.view.status === 'done'));
    expect(without).toContain('Seed: 3');
    expect(without).toContain('Prompt: left out');
    expect(without).not.toMatch(/heart|rain/);

    await second.press(id, { action: 'rerun', key: 'k2' });
    const again = await second.until((m) => m.id !== id && m.view.status === 'done');
    expect(await textOf(second, again)).toMatch(/a red heart\nNegative prompt: rain\n/);
  });

  it('is clean when it is asked to stop: running work goes back and no process stays', async () => {
    const first = await start();
    await first.type('/imagine a cat --steps 100', 'k1');
    await first.until((m) => (m.view.progress?.step ?? 0) >= 1);
    const hosts = childrenOf(first.child.pid!);
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(hosts.filter(isAlive)).toEqual([]);
    const second = await start();
    await second.until((m) => m.view.status === 'running');
  });
});

describe('crash', { timeout: 120_000 }, () => {
  it('of a worker host is mended and the job drawn again', async () => {
    const program = await start();
    await program.type('/imagine a rocket --steps 40', 'k1');
    await program.until((m) => (m.view.progress?.step ?? 0) >= 2);
    const [host] = childrenOf(program.child.pid!);
    process.kill(host!, 'SIGKILL');
    const done = await program.until((m) => m.view.status === 'done');
    expect(done.view.pictures).toHaveLength(4);
    expect(childrenOf(program.child.pid!)).not.toContain(host);
  });
});

describe('cancel and rerun', { timeout: 120_000 }, () => {
  it('work on the messages of the console', async () => {
    const program = await start();
    await program.type('/imagine a cat --steps 100', 'k1');
    const { id } = await program.until((m) => (m.view.progress?.step ?? 0) >= 1);
    expect(await program.press(id, { action: 'cancel', key: 'k2' })).toBe(202);
    await program.until((m) => m.id === id && m.view.status === 'canceled');
    await program.type('/imagine a cat --n 1 --steps 4 --seed 1', 'k3');
    const drawn = await program.until((m) => m.view.status === 'done');
    await program.press(drawn.id, { action: 'vary', index: 0, key: 'k2' });
    const varied = await program.until((m) => m.view.recipe.includes('--image') && m.view.status === 'done');
    expect(varied.view.pictures).toHaveLength(4);
    await program.press(drawn.id, { action: 'rerun', key: 'k5' });
    await program.until((m) => ![id, drawn.id, varied.id].includes(m.id) && m.view.status === 'done');
    await program.press(drawn.id, { action: 'remove', key: 'k6' });
    await vi.waitFor(async () =>
      expect((await program.messages()).some((m) => m.id === drawn.id)).toBe(false),
    );
    expect((await fetch(`${program.url}/pictures/${drawn.view.pictures[0]!.id}.png`)).status).toBe(404);
  });
});

describe('a program that can not start says what to do and ends with 1:', () => {
  it('with settings that are wrong, all at once', async () => {
    const { code, output } = await runToEnd(data, { PORT: 'high', DEVICES: 'toaster' });
    expect(code).toBe(1);
    expect(output).toMatch(/PORT[\s\S]*DEVICES|DEVICES[\s\S]*PORT/);
    expect(output).not.toContain('    at ');
  });

  it('with a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(other.listening).toBe(true));
    const { port } = other.address() as AddressInfo;
    const { code, output } = await runToEnd(data, { PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is in use: stop the other program or set PORT=`);
    expect(output).not.toContain('    at ');
  });

  it('beside another instance with the same data', async () => {
    const first = await start();
    const { code, output } = await runToEnd(data);
    expect(code).toBe(1);
    expect(output).toMatch(/already running/i);
    expect(output).not.toContain('    at ');
    expect(first.child.exitCode).toBeNull();
  });

  it('with a database that is not one', async () => {
    writeFileSync(path.join(data, 'darkroom.db'), 'these are not the bytes you are looking for'.repeat(100));
    const { code, output } = await runToEnd(data);
    expect(code).toBe(1);
    expect(output).toContain('is not a readable SQLite database');
    expect(output).not.toContain('    at ');
  });
});
