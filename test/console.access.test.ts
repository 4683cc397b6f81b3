// Who is let in to the console, and what each of them can not reach: every border is tried from the other side.

import { describe, expect, it, vi } from 'vitest';
import { MemoryAccounts } from './support/memory-accounts.ts';
import { MemoryMessages } from './support/memory-messages.ts';
import { startedDesk } from './support/console-server.ts';
import type { ScriptedDesk } from './support/scripted-desk.ts';
import { Visitor } from './support/visitor.ts';

const password = 'correct horse battery';
const PUBLIC = 'https://darkroom.example';
const basic = (given: string) => ({
  authorization: `Basic ${Buffer.from(`owner:${given}`).toString('base64')}`,
});

const reports = {
  report: vi.fn<() => never>(),
  servers: async () => [],
  load: () => ({ waiting: 0, running: 0 }),
  watch: () => () => {},
};

type More = Parameters<typeof startedDesk>[0];

async function signedIn(desk: ScriptedDesk, secret = password, host?: string): Promise<Visitor> {
  const visitor = new Visitor(desk.chat.url, host);
  expect((await visitor.signIn(secret)).status).toBe(200);
  return visitor;
}

/** The key that an invitation's link carries, as the owner's page shows it. */
async function invite(desk: ScriptedDesk, owner: Visitor, name: string): Promise<string> {
  const feed = owner.feed();
  await vi.waitFor(() => expect(feed.heard()).toContain('welcome'));
  await owner.say(`/people invite ${name}`, `invite-${name}-${Math.trunc(performance.now())}`);
  const link = await vi.waitFor(() => {
    const [, found] = /\/sign-in#([\w-]{43})"/.exec(feed.heard()) ?? [];
    expect(found).toBeDefined();
    return found!;
  });
  feed.close();
  return link;
}

async function houseOf(
  ...names: string[]
): Promise<{ desk: ScriptedDesk; owner: Visitor; guests: Visitor[] }> {
  const desk = await startedDesk({ password });
  const owner = await signedIn(desk);
  const guests: Visitor[] = [];
  for (const name of names) guests.push(await signedIn(desk, await invite(desk, owner, name)));
  return { desk, owner, guests };
}

/** A drawn request of this person, and the id of its message. */
async function drawn(desk: ScriptedDesk, visitor: Visitor, words: string): Promise<string> {
  await visitor.say(`/imagine ${words}`);
  await desk.finish();
  return (await visitor.messages()).at(-1)!.id;
}

describe('nobody who is not signed in', () => {
  const personal = [
    '/',
    '/api/messages',
    '/api/events',
    '/api/overview',
    '/api/options',
    '/api/models',
    '/api/report',
    '/report',
    '/downloads/x',
    '/pictures/brought-1.png',
    '/nothing',
  ];

  it.each(personal)('reads %s', async (path) => {
    const desk = await startedDesk({ password });
    const answer = await new Visitor(desk.chat.url).get(path);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('/sign-in');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('does anything', async () => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    expect((await visitor.say('/imagine a rocket')).status).toBe(401);
    expect((await visitor.post('/api/messages/m/actions', { action: 'rerun', key: 'k' })).status).toBe(401);
    expect((await visitor.post('/api/reviews/r', { act: 'approve', key: 'k' })).status).toBe(401);
    expect((await visitor.post('/api/images', 'x', { 'content-type': 'image/png' })).status).toBe(401);
    expect((await visitor.ask('/api/session', { method: 'DELETE' })).status).toBe(401);
    expect(desk.intents).toEqual([]);
  });

  it('is left standing: a browser is shown where to sign in, and the page for that is whole', async () => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    const sent = await visitor.get('/', { accept: 'text/html,*/*' });
    expect([sent.status, sent.headers.location]).toEqual([303, '/sign-in']);
    const page = await visitor.get('/sign-in');
    const named = [...page.text.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(3);
    for (const path of named) expect((await visitor.get(path)).status).toBe(200);
  });

  it('keeps machines from asking for life, and those with the password for numbers', async () => {
    const metrics = { type: 'text/plain', text: async () => 'darkroom_waiting_jobs 3\n' };
    const desk = await startedDesk({ password, probes: { unready: () => undefined, metrics } });
    const visitor = new Visitor(desk.chat.url);
    expect((await visitor.get('/healthz')).status).toBe(200);
    expect((await visitor.get('/readyz')).status).toBe(200);
    const refused = await visitor.get('/metrics');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="Darkroom"']);
    expect((await visitor.get('/metrics', basic('wrong'))).status).toBe(401);
    expect((await visitor.get('/metrics', basic(password))).text).toBe('darkroom_waiting_jobs 3\n');
    expect((await visitor.get('/api/messages', basic(password))).status).toBe(401);
    for (let i = 0; i < 9; i++) expect((await visitor.get('/metrics', basic(`no ${i}`))).status).toBe(401);
    expect((await visitor.get('/metrics', basic(password))).status).toBe(429);
    expect((await visitor.signIn(password)).status).toBe(200); // which has a count of its own
  });
});

describe('signing in', () => {
  it('gives a cookie that no script and no other site can use, and takes it back', async () => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    const [cookie] = (await visitor.signIn(password)).headers['set-cookie']!;
    expect(cookie).toMatch(/^darkroom=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await visitor.get('/api/session')).json()).toMatchObject({ name: 'Owner', admin: true });
    expect((await visitor.get('/api/session')).headers['cache-control']).toBe('no-store');
    const old = visitor.cookie;
    const out = await visitor.ask('/api/session', { method: 'DELETE' });
    expect(out.headers['set-cookie']![0]).toContain('Max-Age=0');
    visitor.cookie = old;
    expect((await visitor.get('/api/messages')).status).toBe(401);
    expect((await visitor.get('/api/session')).json()).toEqual({ signsIn: true });
  });

  it('over https gives one that only https carries, for this very host', async () => {
    const desk = await startedDesk({ password, publicUrl: PUBLIC });
    const visitor = new Visitor(desk.chat.url, 'darkroom.example');
    const [cookie] = (await visitor.signIn(password)).headers['set-cookie']!;
    expect(cookie).toMatch(/^__Host-darkroom=[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/);
    expect((await visitor.get('/api/messages')).status).toBe(200);
    // The same value under the plain name is worth nothing there.
    visitor.cookie = visitor.cookie!.replace('__Host-', '');
    expect((await visitor.get('/api/messages')).status).toBe(401);
  });

  it('takes neither a wrong secret, nor none, nor a form', async () => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    expect((await visitor.signIn('correct horse batter')).json()['error']).toContain('not known here');
    expect((await visitor.signIn('')).status).toBe(401);
    expect((await visitor.post('/api/session', { secret: 7 })).status).toBe(400);
    expect((await visitor.signIn('x'.repeat(5000))).status).toBe(413);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await visitor.post('/api/session', { secret: password }, form)).status).toBe(415);
    const origin = { origin: 'http://evil.example' };
    expect((await visitor.post('/api/session', { secret: password }, origin)).status).toBe(403);
  });

  it('can not be tried out, from one address or by the numbers', async () => {
    let now = 1_800_000_000_000;
    const desk = await startedDesk({ password, clock: () => new Date(now) });
    const visitor = new Visitor(desk.chat.url);
    const tries = Array.from({ length: 30 }, (_, i) => visitor.signIn(`wrong ${i}`));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    const refused = await visitor.signIn(password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBe(6);
    // Somebody else behind the same proxy is not kept out.
    const other = { 'x-forwarded-for': '203.0.113.9' };
    expect((await visitor.post('/api/session', { secret: password }, other)).status).toBe(200);
    now += 6000;
    expect((await visitor.signIn(password)).status).toBe(200);
  });

  it('can not be tried out by who makes up where they come from', async () => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    const wrong = (from: string) =>
      visitor.post('/api/session', { secret: 'wrong' }, { 'x-forwarded-for': from });
    const tries = Array.from({ length: 150 }, (_, i) => wrong(`203.0.113.${i}`));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
  });

  it.each([
    ['mapped into IPv6', '::ffff:203.0.113.1', '::ffff:203.0.113.2'],
    ['with a port', '203.0.113.1:555', '203.0.113.2:555'],
    ['in brackets', '[2001:db8:0:1::1]:555', '[2001:db8:0:2::1]:555'],
  ])('is counted by the address, %s too', async (_, from, other) => {
    const desk = await startedDesk({ password });
    const visitor = new Visitor(desk.chat.url);
    const status = async (secret: string, address: string) =>
      (await visitor.post('/api/session', { secret }, { 'x-forwarded-for': address })).status;
    for (let i = 0; i < 10; i++) await status('wrong', from.replace(/555/, `${600 + i}`));
    expect([await status(password, from), await status(password, other)]).toEqual([429, 200]);
  });

  it('anew ends what was begun before in the same browser', async () => {
    const desk = await startedDesk({ password });
    const visitor = await signedIn(desk);
    const old = visitor.cookie;
    await visitor.signIn(password);
    expect((await visitor.get('/api/messages')).status).toBe(200);
    visitor.cookie = old;
    expect((await visitor.get('/api/messages')).status).toBe(401);
  });

  it('ends with its thirty days, and with the password that it was begun with', async () => {
    let now = 1_800_000_000_000;
    const shared = { accounts: new MemoryAccounts(), messages: new MemoryMessages() };
    const clock = (): Date => new Date(now);
    const desk = await startedDesk({ password, clock, ...shared });
    const visitor = await signedIn(desk);
    now += 30 * 86_400_000 - 1;
    expect((await visitor.get('/api/messages')).status).toBe(200);
    now += 1;
    expect((await visitor.get('/api/messages')).status).toBe(401);
    await visitor.signIn(password);
    const again = await startedDesk({ password, clock, ...shared });
    const changed = await startedDesk({ password: 'another password', clock, ...shared });
    const after = async ({ chat }: ScriptedDesk): Promise<number> => {
      const same = new Visitor(chat.url);
      same.cookie = visitor.cookie;
      return (await same.get('/api/messages')).status;
    };
    expect([await after(again), await after(changed)]).toEqual([200, 401]);
  });
});

describe('who is signed in', () => {
  it('writes only with what the page alone knows', async () => {
    const { desk, owner } = await houseOf();
    const line = { text: '/imagine a rocket', key: 'k' };
    const { csrf } = owner;
    for (const wrong of [undefined, '', 'x', csrf!.slice(1)]) {
      owner.csrf = wrong;
      expect((await owner.post('/api/messages', line)).status).toBe(403);
    }
    owner.csrf = csrf;
    expect((await owner.post('/api/messages', line, { origin: 'http://evil.example' })).status).toBe(403);
    expect(desk.intents).toEqual([]);
    expect((await owner.post('/api/messages', line, { origin: 'http://localhost' })).status).toBe(202);
  });

  it('is not believed another’s token', async () => {
    const { owner, guests } = await houseOf('anna');
    guests[0]!.csrf = owner.csrf;
    expect((await guests[0]!.say('/queue')).status).toBe(403);
  });

  it('is slowed down who writes without end, and nobody else', async () => {
    const { guests } = await houseOf('anna', 'bob');
    const [anna, bob] = guests as [Visitor, Visitor];
    const press = (): Promise<{ status: number }> =>
      anna.post('/api/messages/none/actions', { action: 'rerun', key: 'k' });
    const statuses: number[] = [];
    for (let i = 0; i < 130 && statuses.at(-1) !== 429; i++) statuses.push((await press()).status);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.length).toBeGreaterThan(100);
    expect((await bob.say('/queue')).status).toBe(202);
  });
});

describe('a guest', () => {
  it('has a conversation, and is asked for by name', async () => {
    const { desk, guests } = await houseOf('Anna');
    await guests[0]!.say('/imagine a rocket');
    const by = { platform: 'console', id: 'anna', name: 'anna' };
    const place = { platform: 'console', channel: 'people/anna' };
    expect(desk.intents).toEqual([
      { kind: 'imagine', text: 'a rocket', key: 'console:anna:-imagine-a-rocket', by, place },
    ]);
    expect(await guests[0]!.messages()).toMatchObject([{ kind: 'person', author: 'anna' }, { kind: 'bot' }]);
  });

  it('reads nothing of the owner’s and of other guests’, live or later', async () => {
    const { desk, owner, guests } = await houseOf('anna', 'bob');
    const [anna, bob] = guests as [Visitor, Visitor];
    const feeds = [owner, bob].map((visitor) => visitor.feed());
    await vi.waitFor(() => expect(feeds.every((feed) => feed.heard().includes('welcome'))).toBe(true));
    await drawn(desk, anna, 'a secret surprise');
    await drawn(desk, bob, 'a boat');
    await vi.waitFor(() => expect(feeds[1]!.heard()).toContain('a boat'));
    for (const feed of feeds) expect(feed.heard()).not.toContain('a secret surprise');
    expect(feeds[0]!.heard()).not.toContain('a boat');
    expect(JSON.stringify(await bob.messages())).not.toContain('a secret surprise');
    expect(await owner.messages()).toEqual([]);
    const named = (await bob.get('/api/messages?channel=people/anna')).text;
    expect(named).not.toContain('a secret surprise');
    for (const feed of feeds) feed.close();
  });

  it('presses nothing under another’s message', async () => {
    const { desk, owner, guests } = await houseOf('anna', 'bob');
    const [anna, bob] = guests as [Visitor, Visitor];
    const message = await drawn(desk, anna, 'a rocket');
    const before = desk.intents.length;
    for (const visitor of [bob, owner]) {
      const about = `/api/messages/${message}`;
      expect((await visitor.post(`${about}/actions`, { action: 'remove', key: 'k' })).status).toBe(404);
      const reaction = { reaction: 'end', on: true, key: 'k' };
      expect((await visitor.post(`${about}/reactions`, reaction)).status).toBe(404);
      expect((await visitor.get(`${about}/draft`)).status).toBe(404);
    }
    expect(desk.intents).toHaveLength(before);
    expect((await anna.get(`/api/messages/${message}/draft`)).status).toBe(200);
  });

  it('opens no picture and no file but their own', async () => {
    const maySeePicture: NonNullable<More>['maySeePicture'] = async (id, by) => id.startsWith(by.id);
    const desk = await startedDesk({ password, maySeePicture });
    const owner = await signedIn(desk);
    const anna = await signedIn(desk, await invite(desk, owner, 'anna'));
    desk.deps.pictures.set('anna-1', new Uint8Array(9)).set('bob-1', new Uint8Array(9));
    const status = async (visitor: Visitor, path: string) => (await visitor.get(path)).status;
    expect(await status(anna, '/pictures/anna-1.png')).toBe(200);
    expect(await status(anna, '/pictures/bob-1.png')).toBe(404);
    expect(await status(owner, '/pictures/bob-1.png')).toBe(200);
    // The next person in the same browser is asked for anew.
    const own = await anna.get('/pictures/anna-1.png');
    expect(own.headers['cache-control']).toBe('private, no-cache');
    const etag = { 'if-none-match': own.headers.etag! };
    expect((await anna.get('/pictures/anna-1.png', etag)).status).toBe(304);
    expect((await new Visitor(desk.chat.url).get('/pictures/anna-1.png', etag)).status).toBe(401);
    const feed = anna.feed();
    await vi.waitFor(() => expect(feed.heard()).toContain('welcome'));
    const file = { name: 'data.zip', bytes: new Uint8Array(9) };
    const by = { platform: 'console', id: 'anna', name: 'anna' };
    const place = { platform: 'console', channel: 'people/anna' };
    await desk.chat.hand(by, place, { words: [{ text: 'Yours:' }], files: [file] });
    const href = await vi.waitFor(() => {
      const [found] = /\/downloads\/[\w-]+/.exec(feed.heard()) ?? [];
      expect(found).toBeDefined();
      return found!;
    });
    feed.close();
    expect(await status(anna, href)).toBe(200);
    expect(await status(owner, href)).toBe(404);
  });

  it('is no admin, whatever they type or send', async () => {
    const { desk, guests } = await houseOf('anna');
    const anna = guests[0]!;
    await anna.say('/darkroom pause');
    await anna.say('/people invite eve');
    await anna.post('/api/reviews/r', { act: 'approve', key: 'k', admin: true });
    expect(desk.intents.map(({ kind, admin }) => ({ kind, admin }))).toEqual([
      { kind: 'admin', admin: undefined },
      { kind: 'review', admin: undefined },
    ]);
    expect((await desk.deps.accounts.accounts()).map(({ name }) => name)).toEqual(['anna']);
    const { commands } = (await anna.get('/api/options')).json() as { commands: { name: string }[] };
    expect(commands.map(({ name }) => name)).not.toContain('darkroom');
    expect(commands.map(({ name }) => name)).not.toContain('people');
    expect((await anna.get('/api/session')).json()).toMatchObject({ name: 'anna', admin: false });
  });

  it('reads no report', async () => {
    const desk = await startedDesk({ password, reports });
    const owner = await signedIn(desk);
    const anna = await signedIn(desk, await invite(desk, owner, 'anna'));
    for (const path of ['/api/report', '/api/report.csv', '/api/report/servers', '/api/report/events'])
      expect((await anna.get(path)).status).toBe(403);
    expect((await owner.get('/api/report/servers')).status).toBe(200);
    expect(reports.report).not.toHaveBeenCalled();
  });

  it('is named by the owner however the name is written, and others by their ids', async () => {
    const { desk, owner } = await houseOf('anna');
    for (const name of ['@ANNA', '@ａｎｎａ', '@Owner', '@U0123'])
      await owner.say(`/darkroom ban ${name}`, `ban-${desk.intents.length}`);
    const banned = desk.intents.map((intent) => intent.kind === 'admin' && intent.command);
    expect(banned.map((command) => command && 'person' in command && command.person)).toEqual([
      'anna',
      'anna',
      'local',
      'U0123',
    ]);
  });

  it('finds nothing by the key of another’s request', async () => {
    const { desk, owner, guests } = await houseOf('anna');
    await owner.say('/imagine a rocket', 'same');
    await guests[0]!.say('/imagine a boat', 'same');
    expect(desk.intents.map(({ key }) => key)).toEqual(['console:local:same', 'console:anna:same']);
  });

  it('who is removed is out at once, in every browser, and their key is worth nothing', async () => {
    const { desk, owner } = await houseOf();
    const key = await invite(desk, owner, 'anna');
    const browsers = [await signedIn(desk, key), await signedIn(desk, key)];
    const feeds = browsers.map((browser) => browser.feed());
    await vi.waitFor(() => expect(feeds.every((feed) => feed.heard().includes('welcome'))).toBe(true));
    await owner.say('/people remove anna');
    await Promise.all(feeds.map((feed) => feed.ended));
    for (const browser of browsers) expect((await browser.get('/api/messages')).status).toBe(401);
    expect((await new Visitor(desk.chat.url).signIn(key)).status).toBe(401);
    const next = await invite(desk, owner, 'anna');
    expect(next).not.toBe(key);
    expect((await browsers[0]!.get('/api/messages')).status).toBe(401);
    expect((await browsers[0]!.signIn(next)).status).toBe(200);
  });

  it('hears nothing more on a page that they have signed out of', async () => {
    const { guests } = await houseOf('anna');
    const feed = guests[0]!.feed();
    await vi.waitFor(() => expect(feed.heard()).toContain('welcome'));
    await guests[0]!.ask('/api/session', { method: 'DELETE' });
    await feed.ended;
  });

  it.each(['/api/events', '/api/report/events'])(
    'hears nothing more of %s once the session is over',
    async (path) => {
      let now = 1_800_000_000_000;
      const desk = await startedDesk({ password, reports, clock: () => new Date(now), heartbeatMs: 5 });
      const owner = await signedIn(desk);
      const feed = owner.feed(path);
      await vi.waitFor(() => expect(feed.heard()).toContain('beat'));
      now += 30 * 86_400_000;
      await feed.ended;
    },
  );
});

describe('an invitation', () => {
  const told = async (desk: ScriptedDesk, owner: Visitor, line: string): Promise<string> => {
    const feed = owner.feed();
    await vi.waitFor(() => expect(feed.heard()).toContain('welcome'));
    await owner.say(line);
    await vi.waitFor(() => expect(feed.heard()).toContain('event: whisper'));
    feed.close();
    return feed.heard();
  };

  it('is a link under the address at which the owner found the page', async () => {
    const desk = await startedDesk({ password, host: '0.0.0.0', publicUrl: PUBLIC });
    const url = desk.chat.url.replace('0.0.0.0', 'localhost');
    const { port } = new URL(url);
    const near = new Visitor(url, `192.168.1.9:${port}`);
    await near.signIn(password);
    expect(await told(desk, near, '/people invite anna')).toContain(`http://192.168.1.9:${port}/sign-in#`);
    const far = new Visitor(url, 'darkroom.example');
    await far.signIn(password);
    expect(await told(desk, far, '/people invite bob')).toContain(`${PUBLIC}/sign-in#`);
  });

  it.each([
    ['/people invite', 'Type /people, /people invite anna'],
    ['/people invite two words', 'Type /people, /people invite anna'],
    ['/people invite Owner', 'owner means somebody else here'],
    ['/people invite a/b', 'A name has up to 32 letters'],
    ['/people remove nobody', 'Nobody here is called nobody'],
    ['/people', 'You are alone here'],
  ])('that is wrong is answered: %s', async (line, words) => {
    const { desk, owner } = await houseOf();
    expect(await told(desk, owner, line)).toContain(words);
  });

  it('is for one person: a name is taken once, and the list tells since when', async () => {
    const { desk, owner } = await houseOf('anna');
    expect(await told(desk, owner, '/people invite ANNA')).toContain('anna was invited before');
    expect(await told(desk, owner, '/people')).toMatch(/anna, since \d{4}-\d\d-\d\d/);
  });

  it('is of no use where nobody signs in, and that is said', async () => {
    const desk = await startedDesk();
    const here = new Visitor(desk.chat.url);
    expect(await told(desk, here, '/people invite anna')).toContain('set CONSOLE_PASSWORD');
    expect((await here.get('/api/session')).json()).toEqual({ signsIn: false });
    expect((await here.post('/api/session', { secret: 'x' })).status).toBe(404);
  });
});

describe('what is published on the page', () => {
  it.each([{}, { password }])('reaches the owner, whatever channel was named: %o', async (more) => {
    const desk = await startedDesk(more);
    const owner = 'password' in more ? await signedIn(desk) : new Visitor(desk.chat.url);
    const place = { platform: 'console', channel: 'mods' };
    const post = await desk.chat.publish(place, { words: [{ text: 'Somebody asks.' }] });
    await desk.chat.revise(post, { words: [{ text: 'It is decided.' }] });
    const feed = owner.feed();
    await vi.waitFor(() => expect(feed.heard()).toMatch(/Somebody asks.*It is decided/s));
    feed.close();
  });
});

describe('where nobody signs in', () => {
  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host'])(
    'a proxy that says %s is told to have a password, as it would make everyone the owner',
    async (name) => {
      const desk = await startedDesk();
      const refused = await new Visitor(desk.chat.url).get('/api/messages', { [name]: '203.0.113.9' });
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('set CONSOLE_PASSWORD');
      const open = await startedDesk({ password });
      const asked = await new Visitor(open.chat.url).get('/api/session', { [name]: '203.0.113.9' });
      expect(asked.status).toBe(200);
    },
  );
});

describe('the public address', () => {
  it('opens the page to who signs in, and leaves public pictures to everyone', async () => {
    const isPublic = async (id: string): Promise<boolean> => id === 'brought-1';
    const desk = await startedDesk({ password, publicUrl: PUBLIC, isPublic });
    desk.deps.pictures.set('brought-1', new Uint8Array(9)).set('brought-2', new Uint8Array(9));
    const visitor = new Visitor(desk.chat.url, 'darkroom.example');
    expect((await visitor.get('/pictures/brought-1.png')).status).toBe(200);
    expect((await visitor.get('/pictures/brought-2.png')).status).toBe(401);
    expect((await visitor.get('/api/messages')).status).toBe(401);
    await visitor.signIn(password);
    expect((await visitor.get('/api/messages')).status).toBe(200);
    const own = { origin: PUBLIC };
    expect((await visitor.post('/api/messages', { text: '/queue', key: 'k' }, own)).status).toBe(202);
    expect((await new Visitor(desk.chat.url, 'elsewhere.example').signIn(password)).status).toBe(403);
  });
});
