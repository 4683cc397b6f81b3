// Pictures that people point at: what is fetched, what is taken for a picture, and what is refused with which words.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { checkedPng, createImageReader, DEFAULT_IMAGE_HOSTS } from '../src/core/input-image.ts';
import { isLoopback, isPublic } from '../src/core/public-address.ts';
import { UserError } from '../src/core/user-error.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const red = { r: 255, g: 0, b: 0, alpha: 1 };
const sample = (width = 8, height = 6): Sharp =>
  sharp({ create: { width, height, channels: 4, background: red } });
const samplePng = await sample().png().toBuffer();
const local = createImageReader({ hosts: ['127.0.0.1'] });

/** The sentence of a refusal; anything but a UserError fails. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error;
  return error.message;
}

describe('reading a picture from the web', () => {
  it('gives a PNG, and sends the authorization along', async () => {
    const seen: IncomingMessage[] = [];
    const host = await serve((request, response) => {
      seen.push(request);
      response.end(samplePng);
    });
    const png = await local({ url: `http://${host}/a.png`, authorization: 'Bearer key' });
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 8, height: 6 });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer key']);
  });

  it('follows three redirects and no fourth', async () => {
    const host = await serve(({ url }, response) => {
      const left = Number(url?.slice(1));
      if (left === 0) response.end(samplePng);
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    await expect(local({ url: `http://${host}/3` })).resolves.toBeDefined();
    expect(await refusal(local({ url: `http://${host}/4` }))).toContain('from one address to the next');
  });

  it('keeps the authorization from every other host, and from the first one when led back to it', async () => {
    const seen: (string | undefined)[] = [];
    let first = '';
    const second = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `http://${first}/end` }).end();
    });
    first = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/end') response.end(samplePng);
      else response.writeHead(307, { location: `http://${second}/` }).end();
    });
    await local({ url: `http://${first}/`, authorization: 'Bearer key' });
    expect(seen).toEqual(['Bearer key', undefined, undefined]);
  });

  it.each([
    ['https://10.0.0.1/secret', 'leads to 10.0.0.1'],
    ['https://metadata.example/', 'leads to metadata.example'],
    ['http://files.slack.com/a.png', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['data:image/png;base64,AAAA', 'must begin with https://'],
    ['http://[', 'not an address'],
  ])('checks the target of a redirect like any address: %s', async (location, reason) => {
    const host = await serve((_, response) => response.writeHead(302, { location }).end());
    expect(await refusal(local({ url: `http://${host}/` }))).toContain(reason);
  });

  it.each([
    ['http://cdn.discordapp.com/a.png', 'https://'],
    ['file:///etc/passwd', 'https://'],
    ['ftp://cdn.discordapp.com/a.png', 'https://'],
    ['picture.png', 'not an address'],
    ['https://me:secret@cdn.discordapp.com/a.png', 'name or a password'],
    [
      'https://cdn.discordapp.com.example.net/a.png',
      'cdn.discordapp.com, media.discordapp.net, files.slack.com',
    ],
    ['https://evil-cdn.discordapp.com/a.png', 'I may read only from'],
    ['https://127.0.0.1/a.png', 'I may read only from'],
    ['http://localhost/a.png', 'I may read only from'],
  ])('refuses %s where only the platforms are listed', async (url, reason) => {
    const reader = createImageReader({ hosts: DEFAULT_IMAGE_HOSTS, lookup: async () => [] });
    expect(await refusal(reader({ url }))).toContain(reason);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://localhost/',
    'https://[::ffff:8.8.8.8]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://intern.example/',
    'https://mixed.example/',
    'https://nowhere.example/',
  ])('refuses %s although every public host is listed', async (url) => {
    const names: Record<string, string[]> = {
      'intern.example': ['10.1.2.3'],
      'mixed.example': ['93.184.215.14', 'fd00::1'],
    };
    const lookup = async (name: string) =>
      (names[name] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const words = await refusal(createImageReader({ hosts: ['*'], lookup })({ url }));
    expect(words).toMatch(/not on the public internet|I may read only from/);
  });

  it('takes a listed port for that port alone', async () => {
    const one = await serve((_, response) => response.end(samplePng));
    const other = await serve((_, response) => response.end(samplePng));
    const reader = createImageReader({ hosts: [one] });
    await expect(reader({ url: `http://${one}/` })).resolves.toBeDefined();
    expect(await refusal(reader({ url: `http://${other}/` }))).toContain('I may read only from');
  });

  it('takes a point for the subdomains of a name', async () => {
    const asked: string[] = [];
    const lookup = async (name: string) => (asked.push(name), []);
    const reader = createImageReader({ hosts: ['.example.com'], lookup });
    expect(await refusal(reader({ url: 'https://a.b.EXAMPLE.com/' }))).toContain('public internet');
    for (const url of ['https://example.com/', 'https://badexample.com/'])
      expect(await refusal(reader({ url }))).toContain('I may read only from');
    expect(asked).toEqual(['a.b.example.com']);
  });

  it('connects to the address that was checked, whatever the name says afterwards', async () => {
    const host = await serve(({ url }, response) =>
      url === '/again' ? response.writeHead(302, { location: '/' }).end() : response.end(samplePng),
    );
    const url = `http://${host.replace('127.0.0.1', 'localhost')}/`;
    const answers = ['127.0.0.1', '10.0.0.1', '127.0.0.1', '10.0.0.1'];
    const lookup = async () => [{ address: answers.shift()!, family: 4 }];
    const reader = createImageReader({ hosts: ['localhost'], lookup });
    await expect(reader({ url })).resolves.toBeDefined();
    expect(answers).toHaveLength(3); // one question for one connection
    answers.shift();
    expect(await refusal(reader({ url: `${url}again` }))).toContain('not on the public internet');
    expect(answers).toHaveLength(0);
  });

  it('stops at 20 MB, told beforehand or found while reading', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/told') response.writeHead(200, { 'content-length': 2 ** 31 }).flushHeaders();
      else {
        const more = (): void => void (response.destroyed || response.write(Buffer.alloc(2 ** 20), more));
        more();
      }
    });
    for (const path of ['told', 'endless'])
      expect(await refusal(local({ url: `http://${host}/${path}` }))).toContain('larger than 20 MB');
  });

  it('gives up at the deadline, whether the answer is missing or its end', async () => {
    for (const begun of [false, true]) {
      const deadline = new AbortController();
      const host = await serve((_, response) => {
        if (begun) response.write(samplePng.subarray(0, 20), () => deadline.abort());
        else deadline.abort();
      });
      const waits: number[] = [];
      const reader = createImageReader({
        hosts: ['127.0.0.1'],
        deadline: (ms) => (waits.push(ms), deadline.signal),
      });
      expect(await refusal(reader({ url: `http://${host}/` }))).toContain('within 15 seconds');
      expect(waits).toEqual([15_000]);
    }
  });

  it.each([
    [404, 'There is no file'],
    [403, 'does not let me see'],
    [503, 'Try again later'],
    [204, 'did not give me the file'],
  ])('explains status %i', async (status, reason) => {
    const host = await serve((_, response) => response.writeHead(status).end());
    expect(await refusal(local({ url: `http://${host}/` }))).toContain(reason);
  });

  it('explains a page to sign in, and a host that does not answer', async () => {
    const host = await serve((_, response) => response.end('\n<!DOCTYPE html><title>Sign in</title>'));
    expect(await refusal(local({ url: `http://${host}/` }))).toContain('a web page and no picture');
    expect(await refusal(local({ url: 'http://127.0.0.1:1/' }))).toContain('could not read from 127.0.0.1:1');
  });
});

describe('an address', () => {
  it.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublic(address)).toBe(true),
  );

  it.each([
    '0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.31.255.255 192.168.1.1 198.18.0.1 224.0.0.1',
    '255.255.255.255 192.0.2.1 :: ::1 fc00::1 fe80::1 fe80::1%eth0 ff02::1 ::ffff:8.8.8.8 ::8.8.8.8',
    '64:ff9b::808:808 64:ff9b:1::1 2001::1 2001:db8::1 2002:a00:1:: 100::1 fec0::1 5f00::1 name.example',
  ])('is not public: %s', (list) => expect(list.split(' ').filter(isPublic)).toEqual([]));

  it('of this machine is known in both families', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', '::2', '8.8.8.8'].some(isLoopback)).toBe(false);
  });
});

describe('a picture', () => {
  const pixel = async (png: Uint8Array, left = 0, top = 0): Promise<number[]> => {
    const one = { left, top, width: 1, height: 1 };
    return [...(await sharp(png).extract(one).raw().toBuffer())];
  };

  it.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)('may be %s', async (format) => {
    const png = await checkedPng(await sample().toFormat(format).toBuffer());
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 8, height: 6, channels: 3 });
    const [r, g, b] = await pixel(png);
    expect(r).toBeGreaterThan(240);
    expect(Math.max(g!, b!)).toBeLessThan(20);
  });

  it('of several frames is its first one', async () => {
    const frames = [red, { ...red, r: 0, b: 255 }].map((background) => ({
      create: { width: 8, height: 6, channels: 4 as const, background },
    }));
    const pngs = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    const gif = await sharp(pngs, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const png = await checkedPng(gif);
    expect(await sharp(png).metadata()).toMatchObject({ width: 8, height: 6 });
    expect(await pixel(png)).toEqual([255, 0, 0]);
  });

  it('is turned upright and loses everything but its pixels', async () => {
    const turned = await sample(8, 6)
      .jpeg()
      .withExif({ IFD0: { Artist: 'somebody' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const png = await checkedPng(turned);
    const { width, height, exif, icc, xmp, orientation } = await sharp(png).metadata();
    expect({ width, height }).toEqual({ width: 6, height: 8 });
    expect([exif, icc, xmp, orientation]).toEqual([undefined, undefined, undefined, undefined]);
    expect(Buffer.from(png).includes('somebody')).toBe(false);
  });

  it('is white where it was transparent, and no larger than 2048 a side', async () => {
    const clear = sharp({
      create: { width: 4096, height: 100, channels: 4, background: { ...red, alpha: 0 } },
    });
    const png = await checkedPng(await clear.png().toBuffer());
    expect(await sharp(png).metadata()).toMatchObject({ width: 2048, height: 50, hasAlpha: false });
    expect(await pixel(png, 1000, 25)).toEqual([255, 255, 255]);
  });

  it('that was checked once passes again unchanged', async () => {
    const checked = await checkedPng(samplePng);
    expect(Buffer.compare(await checkedPng(checked), checked)).toBe(0);
  });

  it('of too many pixels is refused by its header, before anything is decoded', async () => {
    expect(await refusal(checkedPng(oneBit(30_000, 30_000)))).toContain('30000×30000');
    // A file of ten kilobytes that would be 64 million pixels.
    const rows = deflateSync(Buffer.alloc(8000 * 1001));
    expect(rows.length).toBeLessThan(10_000);
    expect(await refusal(checkedPng(oneBit(8000, 8000, rows)))).toContain('40 million');
  });

  it('whose rows or profile hide a flood is read no further than its own size', async () => {
    const flood = deflateSync(Buffer.alloc(64 * 2 ** 20));
    const profile = Buffer.concat([Buffer.from('flood\0\0', 'latin1'), flood]);
    const rows = deflateSync(Buffer.alloc(8 * 2));
    const bombs = [oneBit(8, 8, flood), oneBit(8, 8, rows, chunk('iCCP', profile))];
    for (const bomb of bombs) {
      const { width, height, size } = await sharp(await checkedPng(bomb)).metadata();
      expect([width, height]).toEqual([8, 8]);
      expect(size).toBeLessThan(1000);
    }
  });

  it.each([
    ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG'],
    ['<html><body>Sign in</body></html>', 'web page'],
    ['just words', 'not a picture'],
    ['II*\0not taken although it is TIFF', 'not a picture'],
    ['\0\0\0\x18ftypmp42\0\0\0\0isom', 'not a picture'],
    ['', 'not a picture'],
  ])('is not %j', async (text, reason) => {
    expect(await refusal(checkedPng(Buffer.from(text, 'latin1')))).toContain(reason);
  });

  it('that is cut off or broken is refused', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 };
    const large = sharp({ create: { width: 200, height: 200, channels: 3, background: 'red', noise } });
    const [asPng, asJpeg] = await Promise.all([
      large.clone().png().toBuffer(),
      large.clone().jpeg().toBuffer(),
    ]);
    for (const whole of [asPng, asJpeg])
      expect(await refusal(checkedPng(whole.subarray(0, whole.length / 2)))).toContain(
        'damaged or incomplete',
      );
    expect(await refusal(checkedPng(samplePng.subarray(0, 8)))).toContain('damaged or incomplete');
  });

  it('of more than 20 MB is refused', async () => {
    expect(await refusal(checkedPng(new Uint8Array(20 * 2 ** 20 + 1)))).toContain('20 MB');
  });
});

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG of one bit a pixel that says this size, whatever its rows say. */
function oneBit(width: number, height: number, rows = Buffer.alloc(0), ...before: Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
