// Files on Discord: what is too large is made smaller, and what does not fit at all is told and linked to.

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { fit } from '../src/bots/discord/files.ts';
import { Bench, CREATE, EDIT, ORIGINAL, until } from './support/discord/bench.ts';
import { done, queued, type Desk } from './support/discord/desk.ts';
import { DM, command, fields } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();

/** A picture that no compression makes small. */
async function noise(size: number): Promise<Uint8Array> {
  let state = 7;
  const pixels = Uint8Array.from({ length: size * size * 3 }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    return state >>> 24;
  });
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}

const view = queued('a red heart');
const finish = (desk: Desk, size = 128): Promise<unknown> => desk.finish(view, 4, () => noise(size));

describe('a picture', () => {
  it('that is too large becomes a smaller copy, which is said', async () => {
    const desk = await bench.started({ attachmentBytes: 100_000 });
    desk.posts.push(await desk.chat.post({ platform: 'discord', channel: '7' }, view));
    await finish(desk);
    const shown = bench.fake.messages.get(desk.post.message)!;
    const { bytes, filename } = shown.attachments[0]!;
    expect(filename).toBe('pictures.jpg');
    expect(bytes.byteLength).toBeLessThanOrEqual(100_000);
    expect((await sharp(bytes).metadata()).format).toBe('jpeg');
    expect(shown.content).toMatch(/A smaller copy: .*iB is more than Discord takes here/);
  });

  it('may be as large as the interaction says', async () => {
    const desk = await bench.started();
    bench.fake.interact(command('11', 'imagine', fields({ prompt: 'a red heart' }), { fileLimit: 150_000 }));
    await until(() => expect(desk.posts).toHaveLength(1));
    await finish(desk);
    const { bytes } = bench.fake.messages.get(desk.post.message)!.attachments[0]!;
    expect(bytes.byteLength).toBeLessThanOrEqual(150_000);
    expect(bench.fake.requests.every(({ status }) => status !== 413)).toBe(true);
  });

  it('that Discord refuses after all is sent smaller', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.fileLimit = 60_000;
    await finish(desk);
    expect(bench.fake.messages.get(message)!.attachments[0]!.bytes.byteLength).toBeLessThanOrEqual(60_000);
    const refused = bench.fake.sent('PATCH', EDIT).filter(({ status }) => status === 413);
    expect(refused.length).toBeGreaterThan(0);
  });

  it('for which there is no room at all is linked to on the console', async () => {
    const desk = await bench.started({ publicUrl: 'https://darkroom.example/' });
    const message = await bench.asked(desk);
    bench.fake.fileLimit = 10;
    await finish(desk, 64);
    const { content, attachments } = bench.fake.messages.get(message)!;
    expect(attachments).toEqual([]);
    expect(content).toContain('No picture fits here');
    for (let i = 0; i < 4; i++)
      expect(content).toContain(`[picture ${i + 1}](<https://darkroom.example/pictures/job-1-${i}.png>)`);
    expect(content).toContain('Done in 4.2 s');
  });

  it('for which there is no room and that is to be hidden has its link behind spoiler marks', async () => {
    const desk = await bench.started({ publicUrl: 'https://darkroom.example' });
    await bench.asked(desk);
    bench.fake.fileLimit = 10;
    const over = done(view, 2);
    for (const { id } of over.pictures) desk.pictures.set(id, await noise(64));
    const [first, second] = over.pictures;
    await desk.chat.deliver(desk.post, {
      ...over,
      pictures: [first!, { ...second!, spoiler: true as const }],
    });
    const { content } = bench.fake.messages.get(desk.post.message)!;
    expect(content).toContain('[picture 1](<https://darkroom.example/pictures/job-1-0.png>) ||[picture 2](<');
    expect(content).toContain('job-1-1.png>)||');
  });

  it('for which there is no room, and no console to link to, is told', async () => {
    const desk = await bench.started({ attachmentBytes: 10 });
    desk.posts.push(await desk.chat.post({ platform: 'discord', channel: '7' }, view));
    await finish(desk, 64);
    expect(bench.fake.messages.get(desk.post.message)!.content).toContain('Ask again with --n 1');
  });

  it('shown as the answer to a command is made smaller too', async () => {
    const desk = await bench.started();
    for (let i = 0; i < 4; i++) desk.pictures.set(`job-1-${i}`, await noise(64));
    bench.fake.fileLimit = 60_000;
    desk.found = done(view, 4);
    bench.fake.interact(command('12', 'show', fields({ id: 'job-1' })));
    await until(() => expect(desk.posts).toHaveLength(1));
    expect(bench.fake.messages.get(desk.post.message)!.attachments).toHaveLength(1);
    expect(bench.fake.sent('PATCH', ORIGINAL).length).toBeGreaterThan(1);
  });

  it('that is broken is reported, and not tried for ever', async () => {
    const desk = await bench.started();
    await bench.asked(desk);
    const broken = (): Promise<Uint8Array> => Promise.resolve(Uint8Array.from([1, 2, 3]));
    await expect(desk.finish(view, 1, broken)).rejects.toThrow(/image/);
  });

  it('sent to a person after many words is made smaller without saying them again', async () => {
    const desk = await bench.started();
    desk.pictures.set('job-1-0', await noise(128));
    bench.fake.fileLimit = 20_000;
    const words = Array.from({ length: 3 }, (_, i) => ({ text: `${i}${'x'.repeat(1500)}` }));
    await desk.chat.direct(view.by, done(view, 1), words);
    const sent = bench.fake.sent('POST', CREATE);
    expect(sent.some(({ status }) => status === 413)).toBe(true);
    const said = [...bench.fake.messages.values()].map(({ content }) => content[0]);
    expect(said).toEqual(['0', '1', '2']);
  });

  it('sent to a person is made smaller too', async () => {
    const desk = await bench.started({ publicUrl: 'https://darkroom.example' });
    for (let i = 0; i < 2; i++) desk.pictures.set(`job-1-${i}`, await noise(128));
    bench.fake.fileLimit = 20_000;
    await desk.chat.direct(view.by, done(view, 2), 'Yours, seed 7.');
    const sent = [...bench.fake.messages.values()].at(-1)!;
    expect(sent.channel_id).toBe(DM);
    expect(sent.attachments.map(({ filename }) => filename)).toEqual(['picture-1.jpg', 'picture-2.jpg']);
    expect(sent.content).toContain('Yours, seed 7.\nA smaller copy');
  });
});

describe('fitting', () => {
  it('keeps a PNG that fits, and gives up when nothing that people can see would', async () => {
    const png = await noise(128);
    expect(await fit(png, png.byteLength)).toEqual({ ending: 'png', bytes: png });
    expect((await fit(png, png.byteLength - 1))?.ending).toBe('jpg');
    expect(await fit(png, 100)).toBeUndefined();
  });
});
