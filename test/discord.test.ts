// Discord over the wire: the real client against a fake Discord, whose recorded requests are held against Discord's own
// contract after every test.

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gridOf } from '../src/bots/grid.ts';
import { breaches } from './support/discord/contract.ts';
import { Desk, dot, done, queued, running } from './support/discord/desk.ts';
import { FakeDiscord } from './support/discord/fake-discord.ts';
import { IDS, command, fields, press, reaction, typing } from './support/discord/payloads.ts';

const ORIGINAL = /^\/webhooks\/.*\/messages\/@original$/;
const EDIT = /^\/channels\/\d+\/messages\/\d+$/;
const CREATE = /^\/channels\/\d+\/messages$/;
const CALLBACK = /\/callback$/;
const FOLLOW_UP = /^\/webhooks\/\d+\/[^/]+$/;

let fake: FakeDiscord;
let desks: Desk[];

beforeEach(async () => {
  fake = await FakeDiscord.start();
  desks = [];
});

afterEach(async () => {
  for (const desk of desks) await desk.chat.stop();
  await fake.stop();
  const found = breaches(fake.requests);
  if (found.length > 0) throw new Error(found.join('\n'));
});

function deskOn(limits: Parameters<typeof Desk.on>[1] = {}): Desk {
  const desk = Desk.on(fake, limits);
  desks.push(desk);
  return desk;
}

async function started(limits: Parameters<typeof Desk.on>[1] = {}): Promise<Desk> {
  const desk = deskOn(limits);
  await desk.start();
  return desk;
}

const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 15_000, interval: 10 });

/** A job of Ada's whose message stands in the channel. */
async function asked(desk: Desk, id = '11', prompt = 'a red heart'): Promise<string> {
  fake.interact(command(id, 'imagine', fields({ prompt })));
  await until(() => expect(desk.posts).not.toHaveLength(0));
  return desk.post.message;
}

describe('/imagine', () => {
  it('is acknowledged, becomes the message of the job, develops and ends with one picture', async () => {
    const desk = await started();
    const message = await asked(desk);
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      key: 'discord:11',
      text: 'a red heart',
      by: { platform: 'discord', id: IDS.ada, name: 'Ada' },
      place: { platform: 'discord', channel: IDS.channel },
    });
    expect(fake.sent('POST', CALLBACK)[0]?.body).toEqual({ type: 5 });
    expect(desk.post).toEqual({ platform: 'discord', channel: IDS.channel, message });
    expect(fake.sent('PATCH', ORIGINAL)).toHaveLength(1);

    const preview = await dot('gray');
    const view = queued('a red heart');
    await desk.chat.update(desk.post, running(view, 7, preview));
    await until(() => expect(fake.messages.get(message)?.attachments).toHaveLength(1));
    const shown = fake.messages.get(message)!;
    expect(shown.content).toContain('Developing, step 7 of 25');
    expect(shown.content).toContain('28 %');
    expect(shown.attachments[0]).toMatchObject({ description: 'a red heart: a preview at step 7' });
    expect(Buffer.from(shown.attachments[0]!.bytes)).toEqual(Buffer.from(preview));

    await desk.finish(view, 4);
    const last = fake.messages.get(message)!;
    expect(last.content).toContain('`/imagine a red heart --seed 7`');
    expect(last.attachments).toHaveLength(1);
    const pngs = [...desk.pictures.values()];
    expect(Buffer.from(last.attachments[0]!.bytes)).toEqual(Buffer.from(await gridOf(pngs)));
    for (let i = 1; i <= 4; i++)
      expect(last.attachments[0]!.description).toContain(`${i}: a red heart: drawn by the model emoji`);
    expect(last.components.flatMap((row) => row.components).map((b) => b.custom_id)).toEqual([
      'darkroom:vary:0',
      'darkroom:vary:1',
      'darkroom:vary:2',
      'darkroom:vary:3',
      'darkroom:rerun',
      'darkroom:remove',
    ]);
    expect(last.components.flatMap((row) => row.components)[4]).toMatchObject({
      emoji: { name: '🔁' },
      label: 'Again',
    });
  });

  it('reads its fields with the grammar of typed lines', async () => {
    const desk = await started();
    const values = {
      prompt: 'a cat --n 2',
      negative: 'blue -- and red',
      count: 3,
      steps: 12,
      guidance: 4.5,
      scheduler: 'euler',
      seed: 7,
      size: '128x128',
      model: 'emoji',
    };
    fake.interact(command('12', 'imagine', fields(values)));
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({
      text: 'a cat --n 2',
      options: {
        negativePrompt: 'blue -- and red',
        count: 3,
        steps: 12,
        guidanceScale: 4.5,
        scheduler: 'euler',
        seed: 7,
        width: 128,
        height: 128,
        model: 'emoji',
      },
    });
  });

  it('tells a person what is wrong with a field, and nobody else', async () => {
    const desk = await started();
    fake.interact(command('13', 'imagine', fields({ prompt: 'a cat', aspect: 'wide' })));
    await until(() => expect(fake.sent('POST', FOLLOW_UP)).toHaveLength(1));
    expect(fake.sent('POST', FOLLOW_UP)[0]?.body).toMatchObject({ flags: 64 });
    expect(desk.intents).toHaveLength(0);
  });

  it('shows a refusal to that person only and takes the public reply back first', async () => {
    const desk = await started();
    desk.refusal = 'Steps must be a whole number from 1 to 200, not 1000.';
    fake.interact(command('14', 'imagine', fields({ prompt: 'a cat --steps 1000' })));
    await until(() => expect(fake.sent('POST', FOLLOW_UP)).toHaveLength(1));
    expect(fake.sent('DELETE', ORIGINAL)).toHaveLength(1);
    const [whisper, ...others] = fake.messages.values();
    expect(whisper).toMatchObject({ flags: 64, content: expect.stringContaining('whole number') });
    expect(others).toEqual([]);
  });

  it('is one intent when Discord delivers it twice', async () => {
    const desk = await started();
    const packet = fake.interact(command('15', 'imagine', fields({ prompt: 'a cat' })))!;
    fake.gateway.again(packet);
    await until(() => expect(desk.posts).toHaveLength(1));
    await asked(desk, '16');
    await until(() => expect(desk.posts).toHaveLength(2));
    expect(desk.intents.map(({ key }) => key)).toEqual(['discord:15', 'discord:16']);
    expect(fake.sent('POST', CALLBACK)).toHaveLength(2);
  });

  it('is drawn although it was acknowledged too late, as a message of its own', async () => {
    const desk = await started();
    const late = { status: 404, body: { code: 10062, message: 'Unknown interaction' } };
    fake.failNext('POST', CALLBACK, late);
    await asked(desk);
    expect(fake.sent('POST', CREATE)).toHaveLength(1);
  });

  it('pings nobody and formats nothing that the prompt says', async () => {
    const desk = await started();
    const message = await asked(desk, '17', '@everyone **bold** <@1> `x` https://a.example');
    const { content } = fake.messages.get(message)!;
    expect(content).toContain('\\@everyone \\*\\*bold\\*\\* \\<\\@1\\> \\`x\\` https\\://a.example');
    expect(fake.sent('PATCH', ORIGINAL)[0]?.body).toMatchObject({ allowed_mentions: { parse: [] } });
  });
});

describe('a message', () => {
  it('holds the longest prompt and recipe', async () => {
    const desk = await started();
    const message = await asked(desk, '20', '*'.repeat(2000));
    await desk.finish(queued('*'.repeat(2000)), 4);
    expect(fake.messages.get(message)!.content).toContain('Done in 4.2 s');
    expect(fake.messages.get(message)!.attachments[0]!.description!.length).toBeLessThanOrEqual(1024);
  });

  it('is replaced by the newest view when steps come faster than the pace', async () => {
    const desk = await started({ pace: { gapMs: 60_000, budget: 5, windowMs: 5000 } });
    const message = await asked(desk);
    const view = queued('a red heart');
    for (let step = 1; step <= 20; step++) await desk.chat.update(desk.post, running(view, step));
    await desk.finish(view, 1);
    expect(fake.messages.get(message)!.content).toContain('Done');
    expect(fake.sent('PATCH', EDIT)).toHaveLength(2);
  });

  it('is delivered when Discord asks for patience and when it fails for a moment', async () => {
    const desk = await started();
    const message = await asked(desk);
    fake.failNext('PATCH', EDIT, {
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 0.01, global: false },
      headers: { 'retry-after': '0.01', 'x-ratelimit-scope': 'user' },
    });
    for (let i = 0; i < 5; i++) fake.failNext('PATCH', EDIT, { status: 502 });
    await desk.finish(queued('a red heart'), 1);
    expect(fake.messages.get(message)!.content).toContain('Done');
  });

  it('that was deleted ends quietly', async () => {
    const desk = await started();
    const message = await asked(desk);
    fake.messages.delete(message);
    const view = queued('a red heart');
    await desk.chat.update(desk.post, running(view, 3));
    await until(() => expect(fake.sent('PATCH', EDIT)).toHaveLength(1));
    await desk.finish(view, 1);
    await desk.chat.remove(desk.post);
    expect(desk.logged.join('')).not.toMatch(/"level":(40|50)/);
  });

  it('is edited through its interaction where the bot may not see the channel', async () => {
    const desk = await started();
    fake.hidden.add(IDS.channel);
    const message = await asked(desk);
    await desk.finish(queued('a red heart'), 2);
    expect(fake.messages.get(message)!.content).toContain('Done');
  });

  it('that may not be edited is complained about once, with the name of the permission', async () => {
    const desk = await started();
    await asked(desk);
    fake.hidden.add(IDS.channel);
    fake.expireTokens();
    const elsewhere = { ...desk.post, message: '2999999999999999999' };
    await expect(desk.chat.deliver(elsewhere, done(queued('a red heart'), 0))).rejects.toThrow(
      'Missing Access',
    );
    await expect(desk.chat.deliver(elsewhere, done(queued('a red heart'), 0))).rejects.toThrow(
      'Missing Access',
    );
    expect(desk.logged.filter((line) => line.includes('View Channel'))).toHaveLength(1);
  });

  it('of a job from before a restart is a plain one, and is made once', async () => {
    const desk = await started();
    const place = { platform: 'discord', channel: IDS.channel };
    const cause = { key: 'discord:1', answers: { ...place, message: '1000000000000000099' } };
    const first = await desk.chat.post(place, queued('a cat', 'job-9'), cause);
    const again = await desk.chat.post(place, queued('a cat', 'job-9'), cause);
    expect(again).toEqual(first);
    expect(fake.messages.size).toBe(1);
    expect(fake.messages.get(first.message)).toMatchObject({
      message_reference: { message_id: '1000000000000000099' },
    });
  });

  it('too big for Discord is made smaller', async () => {
    const desk = await started({ attachmentBytes: 3000 });
    const message = await asked(desk);
    await desk.finish(queued('a red heart'), 4);
    const { bytes, filename } = fake.messages.get(message)!.attachments[0]!;
    expect(filename).toBe('pictures.jpg');
    expect(bytes.byteLength).toBeLessThanOrEqual(3000);
    expect((await sharp(bytes).metadata()).format).toBe('jpeg');
  });
});

describe('buttons', () => {
  it('are intents about the message they stand under, acknowledged without a change', async () => {
    const desk = await started();
    const message = fake.messages.get(await asked(desk))!;
    for (const [id, customId] of [
      ['31', 'darkroom:vary:2'],
      ['32', 'darkroom:rerun'],
      ['33', 'darkroom:cancel'],
      ['34', 'darkroom:remove'],
      ['35', 'someone-elses'],
    ] as const)
      fake.interact(press(id, message, customId));
    await until(() => expect(fake.sent('POST', CALLBACK)).toHaveLength(6));
    await until(() => expect(desk.intents).toHaveLength(5));
    const pressed = desk.intents.slice(1).toSorted((a, b) => a.key.localeCompare(b.key));
    expect(pressed).toMatchObject([
      { kind: 'vary', index: 2, key: 'discord:31', post: { message: message.id, channel: IDS.channel } },
      { kind: 'rerun', key: 'discord:32' },
      { kind: 'cancel', key: 'discord:33' },
      { kind: 'remove', key: 'discord:34' },
    ]);
    for (const { body } of fake.sent('POST', CALLBACK).slice(1)) expect(body).toEqual({ type: 6 });
  });

  it('lead to a new message that answers the old one, and to whispers for that person only', async () => {
    const desk = await started();
    const message = fake.messages.get(await asked(desk))!;
    fake.interact(press('36', message, 'darkroom:rerun'));
    await until(() => expect(desk.intents).toHaveLength(2));
    await desk.show(desk.intents[1]!, queued('a red heart', 'job-2'));
    expect(fake.messages.get(desk.post.message)).toMatchObject({
      message_reference: { message_id: message.id },
    });
    const { by, place, key } = desk.intents[1]!;
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', key);
    expect(fake.sent('POST', FOLLOW_UP).at(-1)?.body).toMatchObject({ flags: 64 });
  });
});

describe('reactions', () => {
  it('draw again, cancel what runs and remove what is over', async () => {
    const desk = await started();
    const message = await asked(desk);
    const react = (emoji: string): unknown =>
      fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, emoji, IDS.ada, IDS.bot));
    react('🔁');
    react('❌');
    await until(() => expect(desk.intents).toHaveLength(3));
    await desk.finish(queued('a red heart'), 1);
    react('❌');
    await until(() => expect(desk.intents).toHaveLength(4));
    expect(desk.intents.slice(1).map(({ kind }) => kind)).toEqual(['rerun', 'cancel', 'remove']);
    expect(desk.intents[1]).toMatchObject({
      by: { id: IDS.ada, name: 'Ada' },
      post: { platform: 'discord', channel: IDS.channel, message },
    });
  });

  it('of bots, of unknown kinds and on messages of others mean nothing', async () => {
    const desk = await started();
    const message = await asked(desk);
    const dispatch = (d: object): unknown => fake.gateway.dispatch('MESSAGE_REACTION_ADD', d);
    dispatch(reaction(message, '🔁', IDS.bot, IDS.bot));
    dispatch(reaction(message, '🔁', IDS.otherBot, IDS.bot));
    dispatch(reaction(message, '👍', IDS.ada, IDS.bot));
    dispatch(reaction(message, '❌', IDS.ada, IDS.otherBot));
    // Discord does not say whose message it is: it is looked up.
    dispatch(reaction(message, '🔁'));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'rerun' });
    expect(fake.sent('GET', EDIT)).toHaveLength(1);
  });

  it('delivered again have the same key, and put back after being taken away another', async () => {
    const desk = await started();
    const message = await asked(desk);
    const packet = fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, '🔁', IDS.ada, IDS.bot))!;
    fake.gateway.again(packet);
    fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, '🔁', IDS.ada, IDS.bot));
    await until(() => expect(desk.intents).toHaveLength(4));
    const [, first, same, other] = desk.intents.map(({ key }) => key);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('are answered by a direct message, or by a passing note where those are refused', async () => {
    const desk = await started({ passingNoteMs: 1 });
    const place = { platform: 'discord', channel: IDS.channel };
    const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', 'discord:none');
    expect([...fake.messages.values()]).toMatchObject([{ channel_id: `9${IDS.ada}` }]);
    fake.refusesDms = true;
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', 'discord:none');
    expect(fake.sent('POST', CREATE).at(-1)?.body).toMatchObject({
      content: `<@${IDS.ada}> Only Bo can cancel this.`,
      allowed_mentions: { parse: [], users: [IDS.ada] },
    });
    await until(() => expect(fake.sent('DELETE', EDIT)).toHaveLength(1));
  });
});

describe('the contract', () => {
  it('is enforced', () => {
    const request = { method: 'POST', path: '/channels/1/messages', files: [], status: 200 };
    expect(breaches([{ ...request, body: { content: 5, allowed_mentions: {} } }])).not.toEqual([]);
    expect(breaches([{ ...request, body: { content: 'x' } }])).toEqual([
      'POST /channels/1/messages: mentions are left to chance',
    ]);
    expect(breaches([{ ...request, path: '/unknown', body: {} }])).toHaveLength(1);
  });
});

describe('the connection', () => {
  it('asks for no privileged event, and registers the commands only when they have changed', async () => {
    await started();
    await started();
    expect(fake.gateway.identified).toHaveLength(2);
    expect(fake.sent('PUT', /commands$/)).toHaveLength(1);
    expect(fake.commands).toMatchObject([{ name: 'imagine' }, { name: 'help' }]);
    Object.assign(fake.commands[0] as object, { description: 'Something else' });
    await started();
    expect(fake.sent('PUT', /commands$/)).toHaveLength(2);
  });

  it('may break while a job runs: what was missed comes after the resume, and the job is delivered', async () => {
    const desk = await started();
    const message = await asked(desk);
    fake.gateway.kill();
    fake.interact(command('41', 'imagine', fields({ prompt: 'a cat' })));
    await desk.finish(queued('a red heart'), 1);
    expect(fake.messages.get(message)!.content).toContain('Done');
    await until(() => expect(desk.intents.map(({ key }) => key)).toEqual(['discord:11', 'discord:41']));
    expect(fake.gateway.resumed).toBe(1);
  });

  it('may have to begin anew: the same count of another session is another event', async () => {
    const desk = await started();
    const message = await asked(desk);
    const react = (): unknown =>
      fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, '🔁', IDS.ada, IDS.bot));
    react(); // the session's third event, after READY and the command
    await until(() => expect(desk.intents).toHaveLength(2));
    fake.gateway.forgetSession();
    fake.gateway.kill();
    await until(() => expect(fake.gateway.identified).toHaveLength(2));
    fake.gateway.dispatch('TYPING_START', {});
    react();
    await until(() => expect(desk.intents).toHaveLength(3));
    const [, first, second] = desk.intents.map(({ key }) => key);
    expect(first).toMatch(/\.3$/);
    expect(second).toMatch(/\.3$/);
    expect(second).not.toBe(first);
  });

  it('suggests models while people type, and helps', async () => {
    await started();
    fake.interact(typing('51', 'imagine', fields({ prompt: 'a', model: 'EMO' }, 'model')));
    fake.interact(command('52', 'help', []));
    await until(() => expect(fake.sent('POST', CALLBACK)).toHaveLength(2));
    const bodies = fake.sent('POST', CALLBACK).map(({ body }) => body);
    expect(bodies).toContainEqual({
      type: 8,
      data: { choices: [{ name: 'emoji: Small icons from words', value: 'emoji' }] },
    });
    expect(bodies).toContainEqual({ type: 4, data: expect.objectContaining({ flags: 64 }) });
  });

  it('with a bad token is refused with what to do', async () => {
    await expect(deskOn({ token: 'not.the.token' }).start()).rejects.toThrow(/DISCORD_TOKEN.*Reset Token/);
  });

  it('with events that are not allowed is refused with what to do', async () => {
    fake.gateway.refuseWith = 4014;
    await expect(deskOn().start()).rejects.toThrow(/disallowed intents/);
  });

  it('to a Discord that does not answer is given up with what to do', async () => {
    fake.gateway.mute = true;
    await expect(deskOn({ startWithinMs: 300 }).start()).rejects.toThrow(/did not answer/);
  });
});
