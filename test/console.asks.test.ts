// What a person can ask of the console over the wire: lines, actions, reactions, pictures to start from, and the notes
// that answer.

import { describe, expect, it } from 'vitest';
import { StorageFull } from '../src/queue/job.ts';
import { answered, errorOf, history, place, post, startedDesk } from './support/console-server.ts';
import { queuedView, jobOf } from './support/console-views.ts';
import { heart } from './support/hearts.ts';
import { readEvents } from './support/read-events.ts';
import type { ScriptedDesk } from './support/scripted-desk.ts';

describe('a typed line', () => {
  it('becomes a message and an intent under the key it was sent with', async () => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages', { text: '/imagine a red heart --seed 7', key: 'k1' });
    expect(answer.status).toBe(202);
    expect(desk.intents).toEqual([
      {
        kind: 'imagine',
        key: 'console:local:k1',
        text: 'a red heart --seed 7',
        by: { platform: 'console', id: 'local', name: 'You' },
        place,
        admin: true,
      },
    ]);
    const { messages } = await history(desk);
    expect(messages[0]).toMatchObject({ kind: 'person', text: '/imagine a red heart --seed 7' });
  });

  it('sent twice is shown once and keeps its key, so that the rows can decide', async () => {
    const desk = await startedDesk();
    const line = { text: '/imagine a rocket', key: 'same' };
    await post(desk, '/api/messages', line);
    await post(desk, '/api/messages', line);
    expect(desk.intents.map((intent) => intent.key)).toEqual(['console:local:same', 'console:local:same']);
    const people = (await history(desk)).messages.filter((message) => message.kind === 'person');
    expect(people).toHaveLength(1);
  });

  it.each([
    ['hello there', false, 'put /imagine in front: /imagine hello there'],
    ['/dance now', false, 'There is no /dance here'],
    ['/help', true, '/imagine words: Draws pictures from words'],
    ['/show', false, 'Type /show and an id'],
  ])('%j is answered with a whisper that says what exists', async (text, accepted, reply) => {
    const desk = await startedDesk();
    const events = await readEvents(desk.chat);
    const answer = await post(desk, '/api/messages', { text, key: 'k' });
    expect(await answer.json()).toEqual({ accepted });
    expect(JSON.stringify(await events.next('whisper'))).toContain(reply);
    expect(desk.intents).toEqual([]);
    expect((await history(desk)).messages).toEqual([]);
  });

  it('of the wrong shape is refused with the right shape', async () => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages', { words: 1 });
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toContain('"text"');
  });

  it('survives right-to-left words, control characters and emoji unchanged', async () => {
    const desk = await startedDesk();
    const text = '/imagine קשת 🌈 \u0007bell';
    await post(desk, '/api/messages', { text, key: 'odd' });
    expect((await history(desk)).messages[0]?.text).toBe(text);
  });
});

describe('an action', () => {
  it.each(['rerun', 'keep', 'share', 'cancel', 'remove'] as const)(
    '%s reaches the desk with the message it is about',
    async (action) => {
      const desk = await startedDesk();
      await post(desk, '/api/messages', { text: '/imagine a rocket', key: 'k1' });
      const id = (await history(desk)).messages[1]?.id ?? '';
      expect((await post(desk, `/api/messages/${id}/actions`, { action, key: 'k2' })).status).toBe(202);
      expect(desk.intents[1]).toMatchObject({
        kind: action,
        key: 'console:local:k2',
        post: { ...place, message: id },
      });
    },
  );

  it('vary says which picture it is about', async () => {
    const desk = await startedDesk();
    const { message } = await desk.chat.post(place, queuedView(jobOf('a rocket')));
    const without = await post(desk, `/api/messages/${message}/actions`, { action: 'vary', key: 'k' });
    expect(without.status).toBe(400);
    expect(await errorOf(without)).toContain('upscale, vary and pick with the picture');
  });

  it('upscale is about one picture or about all of them', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    for (const more of [{ index: 2 }, {}]) {
      const body = { action: 'upscale', key: 'k', ...more };
      expect((await post(desk, `/api/messages/${message}/actions`, body)).status).toBe(202);
    }
    expect(desk.intents[1]).toMatchObject({ kind: 'upscale', index: 2 });
    expect(desk.intents[2]).not.toHaveProperty('index');
  });

  it('remix begins with the draft and sends its text', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk, '/imagine a rocket --seed 41 --n 1');
    const draft = await fetch(`${desk.chat.url}/api/messages/${message}/draft`);
    const { prompt, flags } = (await draft.json()) as { prompt: string; flags: string };
    expect(prompt).toBe('a rocket');
    expect(flags).toContain('--n 1');
    expect(flags).not.toContain('--seed');
    const body = { action: 'remix', text: 'a blue rocket --n 1', key: 'k' };
    expect((await post(desk, `/api/messages/${message}/actions`, body)).status).toBe(202);
    expect(desk.intents[1]).toMatchObject({ kind: 'remix', text: 'a blue rocket --n 1', post: { message } });
  });

  it('without what it needs is refused with the right shape', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    for (const body of [{ action: 'remix' }, { action: 'upscale', index: 9 }, { action: 'explode' }]) {
      const answer = await post(desk, `/api/messages/${message}/actions`, { ...body, key: 'k' });
      expect(answer.status).toBe(400);
    }
    expect(desk.intents).toHaveLength(1);
  });

  it('on a message that is gone says so', async () => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages/none/actions', { action: 'rerun', key: 'k' });
    expect(answer.status).toBe(404);
    expect(await errorOf(answer)).toBe('That message is gone.');
    expect((await fetch(`${desk.chat.url}/api/messages/none/draft`)).status).toBe(404);
  });
});

describe('a reaction', () => {
  const reacted = (desk: ScriptedDesk, message: string, body: object) =>
    post(desk, `/api/messages/${message}/reactions`, { key: 'k2', ...body });

  it.each(['rerun', 'upscale', 'send', 'end'] as const)(
    '%s means something when it comes, and nothing when it is taken away',
    async (reaction) => {
      const desk = await startedDesk();
      const { message } = await answered(desk);
      expect((await reacted(desk, message, { reaction, on: false })).status).toBe(202);
      expect(desk.intents).toHaveLength(1);
      expect((await reacted(desk, message, { reaction, on: true })).status).toBe(202);
      expect(desk.intents[1]).toEqual({
        kind: reaction,
        key: 'console:local:k2',
        by: { platform: 'console', id: 'local', name: 'You' },
        place,
        admin: true,
        post: { ...place, message },
      });
    },
  );

  it('favorite is set and taken away, as the overview tells', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    const favorites = async () => {
      const answer = await fetch(`${desk.chat.url}/api/overview`);
      const { favorites: list } = (await answer.json()) as { favorites: { jobId: string; href: string }[] };
      return list.map(({ jobId, href }) => ({ jobId, href }));
    };
    await reacted(desk, message, { reaction: 'favorite', on: true });
    expect(await favorites()).toEqual([{ jobId: 'job-1', href: `/#${message}` }]);
    await reacted(desk, message, { reaction: 'favorite', on: false });
    expect(await favorites()).toEqual([]);
  });

  it('without a meaning, or on a message that is gone, is refused', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    const wrong = await reacted(desk, message, { reaction: 'applaud', on: true });
    expect(wrong.status).toBe(400);
    expect(await errorOf(wrong)).toContain('"favorite"');
    expect((await reacted(desk, 'none', { reaction: 'rerun', on: true })).status).toBe(404);
  });
});

describe('a picture to start from', () => {
  const bring = (desk: ScriptedDesk, bytes: Uint8Array<ArrayBuffer>, type = 'image/png', origin?: string) =>
    fetch(`${desk.chat.url}/api/images`, {
      method: 'POST',
      headers: { 'content-type': type, ...(origin && { origin }) },
      body: bytes,
    });

  it('is kept, and shown under its id', async () => {
    const desk = await startedDesk();
    const png = new Uint8Array(await heart(0));
    const answer = await bring(desk, png);
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    const shown = await fetch(`${desk.chat.url}/pictures/${id}.png`);
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(png);
  });

  it('that can not be read is refused in words', async () => {
    const answer = await bring(await startedDesk(), Uint8Array.of(1, 2, 3));
    expect(answer.status).toBe(422);
    expect(await errorOf(answer)).toBe('That is not a picture that I can read.');
  });

  it('is of an image type, up to 20 MB, and from our own page', async () => {
    const desk = await startedDesk();
    const png = new Uint8Array(await heart(0));
    expect((await bring(desk, png, 'application/json')).status).toBe(415);
    expect((await bring(desk, png, 'text/plain')).status).toBe(415);
    expect((await bring(desk, png, 'image/png', 'http://evil.example')).status).toBe(403);
    const large = await bring(desk, new Uint8Array(20 * 1024 * 1024 + 1));
    expect(large.status).toBe(413);
    expect(await errorOf(large)).toContain('20 MB');
    expect((await bring(desk, new Uint8Array(2 * 1024 * 1024))).status).toBe(201);
    expect(desk.deps.pictures.size).toBe(1);
  });

  it('finds no room on a full disk, and says so', async () => {
    const desk = await startedDesk({
      keepImage: () => Promise.reject(new StorageFull('The disk is full: make room.')),
    });
    const answer = await bring(desk, new Uint8Array(await heart(0)));
    expect(answer.status).toBe(507);
    expect(await errorOf(answer)).toBe('The disk is full: make room.');
  });
});

describe('a command', () => {
  it.each([
    ['/queue', { kind: 'queue' }],
    ['/history fav', { kind: 'history', favorites: true }],
    ['/settings --n 2', { kind: 'settings', text: '--n 2' }],
    ['/info', { kind: 'info' }],
  ])('%s is asked of the desk and leaves no line', async (text, intent) => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages', { text, key: 'k1' });
    expect(await answer.json()).toEqual({ accepted: true });
    expect(desk.intents).toMatchObject([{ ...intent, key: 'console:local:k1' }]);
    expect((await history(desk)).messages).toEqual([]);
  });

  it.each([
    ['/again', { kind: 'again' }],
    ['/show job-1', { kind: 'show', jobId: 'job-1' }],
  ])('%s is asked of the desk and stays above its answer', async (text, intent) => {
    const desk = await startedDesk();
    await post(desk, '/api/messages', { text, key: 'k1' });
    expect(desk.intents).toMatchObject([intent]);
    expect((await history(desk)).messages).toMatchObject([{ kind: 'person', text }]);
  });
});

describe('a note', () => {
  it('brings lines with code and links', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    const events = await readEvents(desk.chat);
    await post(desk, '/api/messages', { text: '/history', key: 'k2' });
    expect(await events.next('whisper')).toMatchObject({
      lines: [{}, { code: 'job-1', href: `/#${message}` }],
      pictures: [],
    });
  });

  it('brings pictures that were sent to the person, each with its alt text', async () => {
    const desk = await startedDesk();
    const { message } = await answered(desk);
    await desk.finish();
    const events = await readEvents(desk.chat);
    await post(desk, `/api/messages/${message}/reactions`, { reaction: 'send', on: true, key: 'k2' });
    const note = (await events.next('whisper')) as { pictures: { id: string; alt: string }[] };
    expect(note.pictures).toHaveLength(4);
    expect(note.pictures[1]).toEqual({
      id: 'job-1-1',
      alt: 'a rocket: drawn by the model emoji, picture 2 of 4',
    });
    expect(JSON.stringify(note)).toContain('"Seeds","code":"7, 8, 9, 10"');
  });
});
