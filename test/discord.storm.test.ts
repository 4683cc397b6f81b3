// Discord under load and on a bad line: fifty jobs at once within its rate limits, and a hundred broken connections
// that lose nothing.

import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscordChat, type DiscordDeps } from '../src/bots/discord/discord.ts';
import { EDIT_PACE } from '../src/bots/discord/edit-limits.ts';
import { DEFAULT_REACTIONS, readReactions } from '../src/bots/reactions.ts';
import type { View } from '../src/bots/chat.ts';
import type { PostRef } from '../src/core/posts.ts';
import { emojiCard } from './support/cards.ts';
import { breaches } from './support/discord/contract.ts';
import { dot } from './support/discord/desk.ts';
import { FakeDiscord, TOKEN } from './support/discord/fake-discord.ts';
import { command, fields, IDS, reaction } from './support/discord/payloads.ts';
import { Door, type Rule } from './support/rate-limits.ts';
import { chance, CountingDesk, viewOf } from './support/storm.ts';

let fake: FakeDiscord;
let chat: DiscordChat;
let desk: CountingDesk;

beforeEach(async () => {
  fake = await FakeDiscord.start();
  desk = new CountingDesk(() => chat);
});

afterEach(async () => {
  await chat.stop();
  await fake.stop();
  const found = breaches(fake.requests);
  if (found.length > 0) throw new Error(found.join('\n'));
});

const until = (look: () => boolean, timeout = 15_000): Promise<void> =>
  vi.waitFor(
    () => {
      if (!look()) throw new Error('not yet');
    },
    { timeout, interval: 2 },
  );

function start(more: Partial<DiscordDeps> = {}): Promise<void> {
  chat = new DiscordChat({
    token: TOKEN,
    apiUrl: fake.apiUrl,
    images: { get: async () => dot('red') },
    cards: () => [emojiCard],
    styles: () => [],
    schedulers: ['ddim'],
    reactions: readReactions(DEFAULT_REACTIONS),
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    ...more,
  });
  return chat.start(desk);
}

describe('fifty jobs at once', () => {
  /** The channels' windows are a twentieth as long; the global one is not, because the client counts it too. */
  const FASTER = 20;
  const { budget, windowMs } = EDIT_PACE.channel!;
  const rules: Rule[] = [
    {
      bucket: (_, path) => (/^\/api\/v10\/(interactions|webhooks)\//.test(path) ? undefined : 'all'),
      budget: 50,
      windowMs: 1000,
      global: true,
    },
    {
      // Nothing tells of this one beforehand, so only our own pace keeps within it.
      bucket: (method, path) =>
        method === 'PATCH' ? /\/channels\/\d+(?=\/messages\/)/.exec(path)?.[0] : undefined,
      budget,
      windowMs: windowMs / FASTER,
    },
  ];
  const BUSY = '1000000000000000100';
  const channelOf = (job: number): string => (job < 35 ? BUSY : String(BigInt(BUSY) + BigInt(job)));

  const developing = async (prompt: string, step: number): Promise<View> => ({
    ...viewOf(prompt, 'running', `Drawing, step ${step}`),
    preview: { bytes: await dot('gray'), type: 'image/png', alt: `${prompt}: step ${step}` },
  });
  const finished = (prompt: string): View => ({
    ...viewOf(prompt, 'done', 'Done in 4.2 s'),
    pictures: Array.from({ length: 4 }, (_, i) => ({
      id: `${prompt} ${i}`,
      alt: `${prompt}, ${i + 1} of 4`,
    })),
  });

  it('are shown with their pictures in turn and to the end, and no call is refused for its rate', async () => {
    const door = await Door.before(new URL(fake.apiUrl).origin, rules);
    const pace = {
      ...EDIT_PACE,
      gapMs: EDIT_PACE.gapMs / FASTER,
      channel: { budget, windowMs: windowMs / FASTER },
    };
    await start({ apiUrl: `${door.origin}/api`, limits: { pace } });
    const prompts = Array.from({ length: 50 }, (_, job) => `picture ${job}`);
    for (const [job, prompt] of prompts.entries())
      fake.interact(command(`77${job}`, 'imagine', fields({ prompt }), { channel: channelOf(job) }));
    await until(() => desk.posts.size === prompts.length);

    const edits = () =>
      door.passed.filter(({ method, path }) => method === 'PATCH' && path.includes('/channels/'));
    let step = 0;
    while (edits().length < 90) {
      step += 1;
      for (const [prompt, post] of desk.posts) await chat.update(post, await developing(prompt, step));
      const seen = edits().length;
      await until(() => edits().length > seen);
    }
    const timesOf = ({ message }: PostRef): number =>
      edits().filter(({ path }) => path.endsWith(message)).length;
    const posts = [...desk.posts.values()];
    expect(Math.min(...posts.map(timesOf))).toBeGreaterThan(0);
    const inTurn = posts.filter(({ channel }) => channel === BUSY).map(timesOf);
    expect(Math.max(...inTurn) - Math.min(...inTurn)).toBeLessThanOrEqual(1);

    expect([...fake.messages.values()].flatMap(({ attachments }) => attachments)).toHaveLength(
      prompts.length,
    );

    await Promise.all([...desk.posts].map(([prompt, post]) => chat.deliver(post, finished(prompt))));
    for (const { message } of desk.posts.values())
      expect(fake.messages.get(message)).toMatchObject({
        content: expect.stringContaining('Done in'),
        attachments: [{ filename: 'pictures.png' }],
      });
    expect(door.refused).toEqual([]);
    await door.close();
  });
});

describe('a refusal for its rate', () => {
  it('keeps the channel quiet; then last views come, and of frames only the newest', async () => {
    await start({ limits: { pace: { gapMs: 0, everyMs: 0, atOnce: 10, retryMs: 1 } } });
    for (const prompt of ['a cat', 'a dog'])
      fake.interact(command(prompt === 'a cat' ? '991' : '992', 'imagine', fields({ prompt })));
    await until(() => desk.posts.size === 2);
    const [cat, dog] = [desk.posts.get('a cat')!, desk.posts.get('a dog')!];
    const told = { message: 'You are being rate limited.', retry_after: 0.3, global: false };
    const edited = /^\/channels\/\d+\/messages\/\d+$/;
    fake.failNext('PATCH', edited, {
      status: 429,
      body: told,
      headers: { 'retry-after': '0.3', 'x-ratelimit-scope': 'user' },
    });
    await chat.update(cat, viewOf('a cat', 'running', 'Drawing, step 1'));
    await until(() => fake.sent('PATCH', edited).length === 1);
    for (const step of [2, 3]) await chat.update(cat, viewOf('a cat', 'running', `Drawing, step ${step}`));
    await chat.deliver(dog, viewOf('a dog', 'done', 'Done in 4.2 s'));
    expect(fake.messages.get(dog.message)!.content).toContain('Done in');
    await until(() => fake.messages.get(cat.message)!.content.includes('step 3'));
    const shown = fake
      .sent('PATCH', edited)
      .map(({ body }) => /step \d|Done/.exec(JSON.stringify(body))?.[0] ?? '');
    expect(shown.toSorted()).toEqual(['Done', 'step 1', 'step 3']);
  });
});

describe('a hundred broken connections', () => {
  const sleep = timers.setTimeout;
  beforeEach(() => {
    // The client rests for half a second before it connects again; here whoever sleeps is woken fifty times sooner.
    timers.setTimeout = (ms, ...rest) => sleep((ms ?? 0) / 50, ...rest);
    syncBuiltinESMExports();
  });
  afterEach(() => {
    timers.setTimeout = sleep;
    syncBuiltinESMExports();
  });

  it('lose no event, and none is served twice', async () => {
    await start();
    const below = chance(20_261_123);
    const sent: string[] = [];
    const send = (): void => {
      for (let count = below(4); count > 0; count -= 1) {
        const label = `event ${sent.length}`;
        sent.push(label);
        if (below(2) === 0) fake.interact(command(`88${sent.length}`, 'imagine', fields({ prompt: label })));
        else fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(label, '🔁', IDS.ada, IDS.bot));
      }
    };
    const labels = (): string[] =>
      desk.served.map(
        (intent) => ('text' in intent && intent.text) || ('post' in intent && intent.post.message) || '',
      );

    for (let drop = 0; drop < 100; drop += 1) {
      const { resumed } = fake.gateway;
      send();
      fake.gateway.kill();
      send();
      // The line breaks again while the session is being taken up, when it just was, or when all has been heard.
      const moments = [
        () => fake.gateway.connections > 0,
        () => fake.gateway.resumed > resumed,
        () => desk.served.length >= sent.length,
      ];
      await until(() => fake.gateway.connections > 0);
      await until(moments[below(moments.length)]!);
    }
    await until(() => desk.served.length >= sent.length);
    expect(sent.length).toBeGreaterThan(200);
    expect(labels().toSorted()).toEqual(sent.toSorted());
    expect(fake.gateway.resumed).toBeGreaterThan(20);
    expect(fake.gateway.identified).toHaveLength(1);
  });
});
