// The console over the wire: its history, its live feed, its borders and its files.

import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ConsoleChat } from '../src/bots/console/console.ts';
import { Feed } from '../src/bots/console/feed.ts';
import { UserError } from '../src/core/user-error.ts';
import { uuid7s } from '../src/queue/uuid7.ts';
import { errorOf, history, place, post, startedDesk } from './support/console-server.ts';
import { doneView, jobOf, queuedView, runningView } from './support/console-views.ts';
import { heart } from './support/hearts.ts';
import { readEvents } from './support/read-events.ts';
import { ScriptedDesk, consoleDeps } from './support/scripted-desk.ts';

/** fetch sets Host itself, so borders are tried with the plain client. */
function getAs(
  desk: ScriptedDesk,
  host: string,
  path = '/api/models',
  more: Record<string, string> = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${desk.chat.url}${path}`, { headers: { host, ...more } }, (response) => {
      response.resume();
      resolve(response);
    });
    asked.on('error', reject).end();
  });
}

describe('history', () => {
  it('comes in pages, the oldest message of a page first', async () => {
    const desk = await startedDesk();
    for (let i = 0; i < 45; i++) await desk.chat.post(place, queuedView(jobOf(`number ${i}`, `job-${i}`)));
    const newest = await history(desk);
    expect(newest.messages).toHaveLength(30);
    expect(newest.more).toBe(true);
    const older = await history(desk, newest.messages[0]?.id);
    expect(older.messages).toHaveLength(15);
    expect(older.more).toBe(false);
    const ids = [...older.messages, ...newest.messages].map((message) => message.id);
    expect(ids).toEqual(ids.toSorted());
  });

  it('shows a running message as it stands now, preview and all, and keeps no preview', async () => {
    const desk = await startedDesk();
    const ref = await desk.chat.post(place, queuedView(jobOf('a rocket')));
    await desk.chat.update(ref, runningView(jobOf('a rocket'), 7, await heart(0, 16)));
    const [message] = (await history(desk)).messages;
    expect(message?.view).toMatchObject({ status: 'running', progress: { step: 7, of: 25 } });
    expect(message?.view?.preview?.src).toMatch(/^data:image\/png;base64,/);
    expect(JSON.stringify(await desk.deps.messages.get(ref.message))).not.toContain('preview');
  });

  it('outlives the program: a new console goes on with the same message', async () => {
    const first = await startedDesk();
    const job = jobOf('a rocket');
    const ref = await first.chat.post(place, queuedView(job));
    await first.chat.stop();
    const second = await startedDesk({ messages: first.deps.messages });
    await second.chat.deliver(ref, doneView(job, ['p1']));
    expect((await history(second)).messages[0]?.view?.status).toBe('done');
  });

  it('has the last view once deliver resolves, and a late step does not undo it', async () => {
    const desk = await startedDesk();
    const job = jobOf('a rocket');
    const ref = await desk.chat.post(place, queuedView(job));
    const steps = [1, 2, 3].map((step) => desk.chat.update(ref, runningView(job, step)));
    await desk.chat.deliver(ref, doneView(job, ['p1']));
    expect(await desk.deps.messages.get(ref.message)).toMatchObject({ view: { status: 'done' } });
    await Promise.all([...steps, desk.chat.update(ref, runningView(job, 25))]);
    expect((await history(desk)).messages[0]?.view?.status).toBe('done');
  });

  it('has no removed message, even when a view comes after', async () => {
    const desk = await startedDesk();
    const job = jobOf('a rocket');
    const ref = await desk.chat.post(place, queuedView(job));
    await desk.chat.remove(ref);
    await desk.chat.deliver(ref, doneView(job, ['p1']));
    expect((await history(desk)).messages).toEqual([]);
  });
});

describe('the live feed', () => {
  it('tells of a message from its post to its removal', async () => {
    const desk = await startedDesk();
    const events = await readEvents(desk.chat);
    const job = jobOf('a rocket');
    const ref = await desk.chat.post(place, queuedView(job));
    expect(await events.next('message')).toMatchObject({ id: ref.message, view: { status: 'queued' } });
    await desk.chat.update(ref, runningView(job, 7, await heart(0, 16)));
    expect(await events.next('message')).toMatchObject({
      view: {
        progress: { step: 7, of: 25 },
        preview: { src: expect.stringMatching(/^data:image\/png/) as string },
      },
    });
    await desk.chat.deliver(ref, doneView(job, ['p1']));
    expect(await events.next('message')).toMatchObject({
      view: { status: 'done', pictures: [{ id: 'p1' }] },
    });
    await desk.chat.remove(ref);
    expect(await events.next('removed')).toEqual({ id: ref.message });
  });

  it('gives a slow reader the newest view and not the many it missed', async () => {
    const desk = await startedDesk();
    const events = await readEvents(desk.chat);
    events.pause();
    const job = jobOf('a rocket');
    const ref = await desk.chat.post(place, queuedView(job));
    const bulky = new Uint8Array(100_000);
    const steps = 600;
    for (let step = 1; step <= steps; step++) {
      await desk.chat.update(ref, runningView(job, step, bulky));
      await new Promise(setImmediate);
    }
    await desk.chat.deliver(ref, doneView(job, ['p1']));
    events.resume();
    let read = 0;
    let last: unknown;
    do {
      last = await events.next('message');
      read += 1;
    } while (read < steps && (last as { view: { status: string } }).view.status !== 'done');
    expect(last).toMatchObject({ view: { status: 'done' } });
    expect(read).toBeLessThan(steps / 2);
  });

  it('tells a reader who missed too many messages to read the history again', async () => {
    const feed = new Feed(() => new Date());
    const outbox = feed.open('main');
    for (let i = 0; i <= 200; i++) feed.push('main', { type: 'removed', id: `m${i}` });
    expect(await outbox.take()).toEqual({ type: 'reset' });
    feed.push('elsewhere', { type: 'removed', id: 'of another' });
    feed.push('main', { type: 'removed', id: 'later' });
    expect(await outbox.take()).toEqual({ type: 'removed', id: 'later' });
  });

  it('keeps the newest notes for who comes within ten minutes, once and for them alone', async () => {
    let now = 1_800_000_000_000;
    const feed = new Feed(() => new Date(now));
    const note = (id: string) => ({ type: 'whisper', note: { id, lines: [], pictures: [] } }) as const;
    for (let i = 0; i < 7; i++) feed.push('main', note(`n${i}`));
    const heard: unknown[] = [];
    const [other, reader, later] = [feed.open('elsewhere'), feed.open('main'), feed.open('main')];
    for (let i = 2; i < 7; i++) heard.push(await reader.take());
    expect(heard).toEqual([2, 3, 4, 5, 6].map((i) => note(`n${i}`)));
    feed.closeAll('main');
    feed.push('main', note('too old'));
    now += 10 * 60_000;
    feed.push('elsewhere', note('x'));
    expect(await other.take()).toEqual(note('x'));
    feed.push('main', { type: 'reset' });
    const last = feed.open('main');
    feed.push('main', note('seen'));
    expect(await last.take()).toEqual(note('seen'));
    expect(await later.take()).toBeUndefined();
  });

  it('gives signs of life while nothing happens', async () => {
    const desk = await startedDesk({ heartbeatMs: 5 });
    const events = await readEvents(desk.chat);
    await expect.poll(() => events.comments).toContain('beat');
  });

  it('is closed for readers that leave', async () => {
    const desk = await startedDesk();
    const events = await readEvents(desk.chat);
    expect(desk.chat.readers).toBe(1);
    events.close();
    await expect.poll(() => desk.chat.readers).toBe(0);
  });
});

describe('borders', () => {
  it.each(['evil.example', 'localhost.evil.example:80', '10.0.0.1'])(
    'a Host of %s is refused',
    async (host) => {
      expect((await getAs(await startedDesk(), host)).statusCode).toBe(403);
    },
  );

  it.each(['localhost', '127.0.0.1:7878', '[::1]:7878'])('a Host of %s is answered', async (host) => {
    expect((await getAs(await startedDesk(), host)).statusCode).toBe(200);
  });

  it('listening on every address answers to any address in numbers and to no name', async () => {
    const desk = await startedDesk({ host: '0.0.0.0' });
    expect((await getAs(desk, '192.168.1.9:7878')).statusCode).toBe(200);
    expect((await getAs(desk, 'evil.example')).statusCode).toBe(403);
  });

  it('under the public address there are pictures and nothing else', async () => {
    const isPublic = async (id: string): Promise<boolean> => id === 'brought-1';
    const desk = await startedDesk({ publicUrl: 'https://darkroom.example', isPublic });
    const by = { platform: 'console', id: 'local', name: 'You' };
    const id = await desk.deps.keepImage(new Uint8Array(100), by);
    const hidden = await desk.deps.keepImage(new Uint8Array(200), by);
    expect((await getAs(desk, 'darkroom.example', `/pictures/${id}.png`)).statusCode).toBe(200);
    expect((await getAs(desk, 'darkroom.example', `/pictures/${hidden}.png`)).statusCode).toBe(404);
    for (const path of ['/', '/api/messages', '/api/events', '/metrics', '/page/chat/app.js'])
      expect((await getAs(desk, 'darkroom.example', path)).statusCode).toBe(403);
    expect((await getAs(desk, 'elsewhere.example', `/pictures/${id}.png`)).statusCode).toBe(403);
  });

  it('a POST from another page is refused', async () => {
    const desk = await startedDesk();
    const line = { text: '/imagine a rocket', key: 'k' };
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect((await post(desk, '/api/messages', line, { origin })).status).toBe(403);
    }
    expect((await post(desk, '/api/messages', line, { origin: desk.chat.url })).status).toBe(202);
    expect(desk.intents).toHaveLength(1);
  });

  it('a POST that a form could make is refused', async () => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages', {}, { 'content-type': 'text/plain' });
    expect(answer.status).toBe(415);
  });

  it('a body over 64 KiB is refused with its limit', async () => {
    const desk = await startedDesk();
    const answer = await post(desk, '/api/messages', { text: 'x'.repeat(70_000), key: 'k' });
    expect(answer.status).toBe(413);
    expect(await errorOf(answer)).toContain('up to 8000 letters');
  });

  it('broken JSON and nonsense over the wire do not end the program', async () => {
    const desk = await startedDesk();
    const answer = await fetch(`${desk.chat.url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":',
    });
    expect(answer.status).toBe(400);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(desk.chat.url).port), '127.0.0.1', () =>
        socket.end('\0\0\r\n\r\n'),
      );
      socket.resume().on('close', () => resolve());
    });
    expect((await fetch(desk.chat.url)).status).toBe(200);
  });

  it('every answer carries the security headers', async () => {
    const desk = await startedDesk();
    for (const path of ['/', '/api/messages', '/nowhere']) {
      const { headers } = await fetch(desk.chat.url + path);
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self'(;|$)/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('a port in use is named, with what to do', async () => {
    const first = await startedDesk();
    const port = Number(new URL(first.chat.url).port);
    const second = new ConsoleChat(consoleDeps({ port }));
    const failure: unknown = await second.start(new ScriptedDesk()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect(String(failure)).toMatch(
      new RegExp(`Port ${port} is in use: stop the other program or set PORT=\\d+ in \\.env`),
    );
  });

  it('an address that is not of this machine is named, with what to do', async () => {
    const chat = new ConsoleChat(consoleDeps({ host: '192.0.2.1' }));
    await expect(chat.start(new ScriptedDesk())).rejects.toThrow('set HOST=127.0.0.1');
  });
});

describe('files and pictures', () => {
  it('a picture may be kept for ever', async () => {
    const desk = await startedDesk();
    desk.deps.pictures.set('job-1-0', await heart(0));
    const answer = await fetch(`${desk.chat.url}/pictures/job-1-0.png`);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(await heart(0)));
  });

  it.each(['none.png', '..%2f..%2fpackage.json', 'job-1-0'])(
    'there is no picture %s, and it says so',
    async (name) => {
      const desk = await startedDesk();
      const answer = await fetch(`${desk.chat.url}/pictures/${name}`);
      expect(answer.status).toBe(404);
      expect(await errorOf(answer)).toBe('That picture is gone: its message was deleted.');
    },
  );

  it('the page and all that it names are served', async () => {
    const desk = await startedDesk();
    const page = await (await fetch(desk.chat.url)).text();
    const named = [...page.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(3);
    for (const path of named)
      expect(await (await fetch(desk.chat.url + path)).text()).not.toContain('"error"');
    const imported = await (await fetch(`${desk.chat.url}/page/chat/app.js`)).text();
    for (const [, name] of imported.matchAll(/from '(\.[^']+)'/g)) {
      expect(
        (await fetch(new URL(name!, `${desk.chat.url}/page/chat/`))).headers.get('content-type'),
      ).toContain('javascript');
    }
    expect((await fetch(`${desk.chat.url}/page/chat/..%2f..%2fconsole.ts`)).status).toBe(404);
  });

  it('models, options, commands and reactions are told to the page', async () => {
    const desk = await startedDesk();
    const { models } = (await (await fetch(`${desk.chat.url}/api/models`)).json()) as {
      models: { name: string }[];
    };
    expect(models.map((model) => model.name)).toEqual(['emoji']);
    const { options, commands, reactions } = (await (await fetch(`${desk.chat.url}/api/options`)).json()) as {
      options: { flag: string; takes?: string; values?: { value: string; note: string }[] }[];
      commands: { name: string }[];
      reactions: { reaction: string; emoji: string }[];
    };
    const option = (name: string) => options.find(({ flag }) => flag === name);
    const flags = ['--seed', '--steps', '--guidance', '--scheduler', '--size', '--n', '--no', '--image'];
    expect(options.map(({ flag }) => flag)).toEqual(expect.arrayContaining(flags));
    expect(option('--model')?.values).toEqual([{ value: 'emoji', note: 'Small icons from words' }]);
    expect(option('--style')?.values).toEqual([{ value: 'ink', note: 'Black ink on paper' }]);
    expect(option('--private')).not.toHaveProperty('takes');
    expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(['imagine', 'again', 'help']));
    expect(reactions[0]).toEqual({ reaction: 'rerun', emoji: '🔁' });
  });
});

describe('message ids', () => {
  it('rise strictly, also within a millisecond, past 4096 of them, and when the clock is set back', () => {
    let now = 1_800_000_000_000;
    const id = uuid7s();
    const next = () => id(new Date(now));
    const ids = Array.from({ length: 5000 }, () => next());
    now -= 60_000;
    ids.push(next());
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(5001);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('what machines ask', () => {
  it('is answered with life, readiness and numbers', async () => {
    let reason: string | undefined;
    const metrics = { type: 'text/plain; version=0.0.4', text: async () => 'darkroom_waiting_jobs 3\n' };
    const desk = await startedDesk({ probes: { unready: () => reason, metrics } });
    const get = (path: string): Promise<Response> => fetch(desk.chat.url + path);
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    reason = 'No device could be opened.';
    const unready = await get('/readyz');
    expect([unready.status, await unready.json()]).toEqual([503, { ok: false, reason }]);
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toBe('darkroom_waiting_jobs 3\n');
  });
});
