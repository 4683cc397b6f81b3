// Private first on Discord: what one person alone sees, and what becomes of it when its interaction has ended.

import { describe, expect, it } from 'vitest';
import { Bench, CALLBACK, CREATE, EDIT, FOLLOW_UP, ORIGINAL, until } from './support/discord/bench.ts';
import { done, dot, queued, running, type Desk } from './support/discord/desk.ts';
import { DM, IDS, command, fields, press } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const EPHEMERAL = 64;

const shown = (message: string) => bench.fake.messages.get(message)!;
const secret = { ...queued('a secret'), private: true as const };

/** A private request of Ada's, whose answer she alone sees. */
async function asked(desk: Desk): Promise<string> {
  desk.privately = true;
  bench.fake.interact(command('11', 'imagine', fields({ prompt: 'a secret', private: true })));
  await until(() => expect(desk.posts).toHaveLength(1));
  return desk.post.message;
}

describe('a private request', () => {
  it('is seen by its person alone, from the acknowledgement to the last file', async () => {
    const desk = await bench.started();
    const message = await asked(desk);
    expect(bench.fake.sent('POST', CALLBACK)[0]?.body).toEqual({ type: 5, data: { flags: EPHEMERAL } });
    await desk.chat.update(desk.post, running(secret, 7, await dot('gray')));
    await until(() => expect(shown(message).content).toContain('step 7'));
    await desk.finish(secret, 4);
    expect(shown(message)).toMatchObject({
      flags: EPHEMERAL,
      channel_id: IDS.channel,
      content: expect.stringContaining('Done'),
      attachments: [{ filename: 'pictures.png' }],
    });
    expect(shown(message).components[2]!.components.map((b) => b.label)).toContain('Share');
    expect(bench.fake.messages.size).toBe(1);
    expect(bench.fake.sent('PATCH', EDIT)).toEqual([]);
  });

  it('may say so in its words', async () => {
    const desk = await bench.started();
    desk.privately = true;
    bench.fake.interact(command('11', 'imagine', fields({ prompt: 'a secret --private' })));
    bench.fake.interact(command('12', 'imagine', fields({ prompt: 'a cat --private', private: false })));
    await until(() => expect(desk.posts).toHaveLength(2));
    const told = bench.fake.sent('POST', CALLBACK).map(({ body }) => body);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ type: 5 });
    expect(told).toContainEqual({ type: 5, data: { flags: EPHEMERAL } });
  });

  it('that only the settings make private takes the public reply back first', async () => {
    const desk = await bench.started();
    desk.privately = true;
    const message = await bench.asked(desk);
    expect(bench.fake.sent('DELETE', ORIGINAL)).toHaveLength(1);
    expect(bench.fake.sent('POST', FOLLOW_UP)).toHaveLength(1);
    expect([...bench.fake.messages.values()]).toMatchObject([{ id: message, flags: EPHEMERAL }]);
    await desk.finish(secret, 1);
    expect(shown(message).content).toContain('Done');
  });

  it('refused is a sentence in the place of its reply', async () => {
    const desk = await bench.started();
    desk.refusal = 'Steps must be a whole number from 1 to 200.';
    bench.fake.interact(command('11', 'imagine', fields({ prompt: 'a cat', private: true })));
    await until(() => expect(bench.fake.sent('PATCH', ORIGINAL)).toHaveLength(1));
    expect([...bench.fake.messages.values()]).toMatchObject([
      { flags: EPHEMERAL, content: expect.stringContaining('Steps must be') },
    ]);
  });

  it('that was acknowledged too late comes as a direct message', async () => {
    const desk = await bench.started();
    const late = { status: 404, body: { code: 10062, message: 'Unknown interaction' } };
    bench.fake.failNext('POST', CALLBACK, late);
    await asked(desk);
    expect(desk.post.channel).toBe(DM);
    await desk.finish(secret, 1);
    expect(shown(desk.post.message)).toMatchObject({
      channel_id: DM,
      content: expect.stringContaining('Done'),
    });
  });

  it('that takes longer than its interaction lives ends as a direct message', async () => {
    const desk = await bench.started();
    const message = await asked(desk);
    bench.fake.expireTokens();
    await desk.chat.update(desk.post, running(secret, 3));
    await desk.chat.update(desk.post, running(secret, 4));
    await until(() => expect(bench.fake.sent('PATCH', /^\/webhooks/).length).toBeGreaterThan(1));
    const moved = await desk.finish(secret, 2);
    expect(moved).toMatchObject({ platform: 'discord', channel: DM });
    expect(shown(moved!.message)).toMatchObject({
      content: expect.stringContaining('Done'),
      attachments: [{ filename: 'pictures.png' }],
    });
    expect(shown(message).content).not.toContain('Done');
    expect(desk.logged.join('')).not.toMatch(/"level":50/);
  });

  it('is not asked for by an interaction that has ended, by the clock', async () => {
    let now = new Date('2026-01-01T12:00:00Z');
    const desk = await bench.started({ clock: () => now });
    await asked(desk);
    now = new Date('2026-01-01T12:14:30Z');
    const before = bench.fake.sent('PATCH', /^\/webhooks/).length;
    expect(await desk.finish(secret, 1)).toMatchObject({ channel: DM });
    expect(bench.fake.sent('PATCH', /^\/webhooks/)).toHaveLength(before);
  });

  it('from before a restart ends as a direct message', async () => {
    const before = await bench.started();
    await asked(before);
    await before.chat.stop();
    const after = await bench.started();
    after.posts.push(before.post);
    expect(await after.finish(secret, 1)).toMatchObject({ channel: DM });
  });

  it('where direct messages are refused leaves a note that says where the pictures are', async () => {
    const desk = await bench.started();
    await asked(desk);
    bench.fake.expireTokens();
    bench.fake.refusesDms = true;
    expect(await desk.finish(secret, 1)).toBeUndefined();
    const [note] = bench.fake.sent('POST', CREATE).filter(({ path }) => path.includes(IDS.channel));
    expect(note?.body).toMatchObject({
      content: expect.stringMatching(/<@\d+> Your private request is over.*\/show job-1/),
      allowed_mentions: { parse: [], users: [IDS.ada] },
    });
    expect(JSON.stringify(note?.body)).not.toContain('a secret');
  });

  it('whose person and channel are both closed to us is over, and the log says so once', async () => {
    const desk = await bench.started();
    await asked(desk);
    bench.fake.expireTokens();
    bench.fake.refusesDms = true;
    bench.fake.hidden.add(IDS.channel);
    expect(await desk.finish(secret, 1)).toBeUndefined();
    expect(desk.logged.filter((line) => line.includes('can be told nothing'))).toHaveLength(1);
  });

  it('without an event to answer is refused with what to do where direct messages are', async () => {
    const desk = await bench.started();
    bench.fake.refusesDms = true;
    const place = { platform: 'discord', channel: IDS.channel };
    await expect(desk.chat.post(place, secret)).rejects.toThrow(/Allow them/);
  });

  it('can be shared: everyone in the channel gets a message of their own', async () => {
    const desk = await bench.started();
    const message = await asked(desk);
    await desk.finish(secret, 1);
    bench.fake.interact(press('31', shown(message), 'darkroom:share'));
    await until(() => expect(desk.intents).toHaveLength(2));
    const { private: _, ...view } = done(secret, 1);
    await desk.show(desk.intents[1]!, view);
    const posted = shown(desk.post.message);
    expect(posted).toMatchObject({ channel_id: IDS.channel, flags: 0, attachments: [{}] });
    expect(posted.id).not.toBe(message);
  });

  it('is shared in its channel or not at all: what is missing there is said', async () => {
    const desk = await bench.started();
    const message = await asked(desk);
    await desk.finish(secret, 1);
    bench.fake.interact(press('31', shown(message), 'darkroom:share'));
    await until(() => expect(desk.intents).toHaveLength(2));
    const { private: _, ...view } = done(secret, 1);
    const { key, place } = desk.intents[1]!;
    const share = (channel: string): Promise<unknown> =>
      desk.chat.post({ ...place, channel }, view, { key, share: true });

    bench.fake.hidden.add(IDS.quiet);
    await expect(share(IDS.quiet)).rejects.toThrow('the permissions Send Messages, Attach Files;');
    bench.fake.failNext('POST', CREATE, { status: 404, body: { code: 10003, message: 'Unknown Channel' } });
    await expect(share(IDS.channel)).rejects.toThrow('can not be shared: the channel');
    expect(bench.fake.sent('POST', FOLLOW_UP)).toEqual([]);
    expect([...bench.fake.messages.keys()]).toEqual([message]);
  });

  it('that is pressed later is shown and removed through the new interaction', async () => {
    const desk = await bench.started();
    const message = await asked(desk);
    await desk.finish(secret, 1);
    bench.fake.expireTokens();
    bench.fake.interact(press('31', shown(message), 'darkroom:remove'));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(await desk.chat.linkTo(desk.post)).toBeUndefined();
    await desk.chat.remove(desk.post);
    expect(bench.fake.messages.has(message)).toBe(false);
  });

  it('in a direct message is private there too', async () => {
    const desk = await bench.started();
    desk.privately = true;
    bench.fake.interact(
      command('11', 'imagine', fields({ prompt: 'a cat', private: true }), { channel: DM }),
    );
    await until(() => expect(desk.posts).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({ by: { id: IDS.ada, name: 'Ada' }, place: { channel: DM } });
    bench.fake.expireTokens();
    const moved = await desk.finish(secret, 1);
    expect(moved).toMatchObject({ channel: DM });
  });
});

describe('a public request', () => {
  it('outlives its interaction as the same message', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.expireTokens();
    expect(await desk.finish(queued('a red heart'), 1)).toBeUndefined();
    expect(shown(message).content).toContain('Done');
  });

  it('whose reply is lost comes as a message of its own', async () => {
    const desk = await bench.started();
    bench.fake.failNext('PATCH', ORIGINAL, {
      status: 401,
      body: { code: 50027, message: 'Invalid Webhook Token' },
    });
    await bench.asked(desk);
    expect(bench.fake.sent('POST', CREATE)).toHaveLength(1);
  });
});
