// Discord over the wire: the real client against a fake Discord, whose recorded requests are held against Discord's own
// contract after every test.

import { describe, expect, it } from 'vitest';
import { contentOf } from '../src/bots/discord/wording.ts';
import { gridOf } from '../src/bots/grid.ts';
import { Bench, CALLBACK, CREATE, EDIT, FOLLOW_UP, ORIGINAL, until } from './support/discord/bench.ts';
import { breaches } from './support/discord/contract.ts';
import { done, dot, queued, running } from './support/discord/desk.ts';
import { DM, IDS, command, fields, reaction } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();

describe('/imagine', () => {
  it('is acknowledged, becomes the message of the job, develops and ends with one picture', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      key: 'discord:11',
      text: 'a red heart',
      by: { platform: 'discord', id: IDS.ada, name: 'Ada' },
      place: { platform: 'discord', channel: IDS.channel, server: IDS.guild },
    });
    expect(bench.fake.sent('POST', CALLBACK)[0]?.body).toEqual({ type: 5 });
    expect(desk.post).toEqual({ platform: 'discord', channel: IDS.channel, message });
    expect(bench.fake.sent('PATCH', ORIGINAL)).toHaveLength(1);

    const preview = await dot('gray');
    const view = queued('a red heart');
    await desk.chat.update(desk.post, running(view, 7, preview));
    await until(() => expect(bench.fake.messages.get(message)?.attachments).toHaveLength(1));
    const shown = bench.fake.messages.get(message)!;
    expect(shown.content).toContain('Developing, step 7 of 25');
    expect(shown.content).toContain('28 %');
    expect(shown.attachments[0]).toMatchObject({ description: 'a red heart: a preview at step 7' });
    expect(Buffer.from(shown.attachments[0]!.bytes)).toEqual(Buffer.from(preview));

    await desk.finish(view, 4);
    const last = bench.fake.messages.get(message)!;
    expect(last.content).toContain('`/imagine a red heart --seed 7`');
    expect(last.attachments).toHaveLength(1);
    const pngs = [...desk.pictures.values()];
    expect(Buffer.from(last.attachments[0]!.bytes)).toEqual(Buffer.from(await gridOf(pngs)));
    for (let i = 1; i <= 4; i++)
      expect(last.attachments[0]!.description).toContain(`${i}: a red heart: drawn by the model emoji`);
    expect(last.components.map((row) => row.components.map((b) => b.custom_id))).toEqual([
      ['darkroom:upscale:0', 'darkroom:upscale:1', 'darkroom:upscale:2', 'darkroom:upscale:3'],
      ['darkroom:vary:0', 'darkroom:vary:1', 'darkroom:vary:2', 'darkroom:vary:3'],
      ['darkroom:rerun', 'darkroom:remix', 'darkroom:remove'],
    ]);
    expect(last.components[2]!.components[0]).toMatchObject({ emoji: { name: '🔁' }, label: 'Again' });
  });

  it('reads its fields with the grammar of typed lines', async () => {
    const desk = await bench.started();
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
    bench.fake.interact(command('12', 'imagine', fields(values)));
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
    const desk = await bench.started();
    bench.fake.interact(command('13', 'imagine', fields({ prompt: 'a cat', aspect: 'wide' })));
    await until(() => expect(bench.fake.sent('POST', FOLLOW_UP)).toHaveLength(1));
    expect(bench.fake.sent('POST', FOLLOW_UP)[0]?.body).toMatchObject({ flags: 64 });
    expect(desk.intents).toHaveLength(0);
  });

  it('shows a refusal to that person only and takes the public reply back first', async () => {
    const desk = await bench.started();
    desk.refusal = 'Steps must be a whole number from 1 to 200, not 1000.';
    bench.fake.interact(command('14', 'imagine', fields({ prompt: 'a cat --steps 1000' })));
    await until(() => expect(bench.fake.sent('POST', FOLLOW_UP)).toHaveLength(1));
    expect(bench.fake.sent('DELETE', ORIGINAL)).toHaveLength(1);
    const [whisper, ...others] = bench.fake.messages.values();
    expect(whisper).toMatchObject({ flags: 64, content: expect.stringContaining('whole number') });
    expect(others).toEqual([]);
  });

  it('is one intent when Discord delivers it twice', async () => {
    const desk = await bench.started();
    const packet = bench.fake.interact(command('15', 'imagine', fields({ prompt: 'a cat' })))!;
    bench.fake.gateway.again(packet);
    await until(() => expect(desk.posts).toHaveLength(1));
    await bench.asked(desk, '16');
    await until(() => expect(desk.posts).toHaveLength(2));
    expect(desk.intents.map(({ key }) => key)).toEqual(['discord:15', 'discord:16']);
    expect(bench.fake.sent('POST', CALLBACK)).toHaveLength(2);
  });

  it('is drawn although it was acknowledged too late, as a message of its own', async () => {
    const desk = await bench.started();
    const late = { status: 404, body: { code: 10062, message: 'Unknown interaction' } };
    bench.fake.failNext('POST', CALLBACK, late);
    await bench.asked(desk);
    expect(bench.fake.sent('POST', CREATE)).toHaveLength(1);
  });

  it('pings nobody and formats nothing that the prompt says', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk, '17', '@everyone **bold** <@1> `x` https://a.example');
    const { content } = bench.fake.messages.get(message)!;
    expect(content).toContain('\\@everyone \\*\\*bold\\*\\* \\<\\@1\\> \\`x\\` https\\://a.example');
    expect(bench.fake.sent('PATCH', ORIGINAL)[0]?.body).toMatchObject({ allowed_mentions: { parse: [] } });
  });
});

describe('a message', () => {
  it('of a request from elsewhere has the name of who asked, and pings nobody', async () => {
    const desk = await bench.started();
    const by = { platform: 'slack', id: 'U1', name: '<@1> *Bo*' };
    const place = { platform: 'discord', channel: IDS.channel };
    const post = await desk.chat.post(place, { ...queued('a cat'), by });
    expect(bench.fake.messages.get(post.message)!.content).toContain('\\<\\@1\\> \\*Bo\\*');
  });

  it('holds the longest prompt and recipe', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk, '20', '*'.repeat(2000));
    await desk.finish(queued('*'.repeat(2000)), 4);
    expect(bench.fake.messages.get(message)!.content).toContain('Done in 4.2 s');
    expect(bench.fake.messages.get(message)!.attachments[0]!.description!.length).toBeLessThanOrEqual(1024);
  });

  it('has room for whatever people write, and says at least what was asked and how it stands', () => {
    for (const text of ['*', '`', '\\', '😀', '``@', 'a '].map((each) => each.repeat(1000)))
      for (const note of [undefined, '[picture 1](<https://darkroom.example/1.png>) '.repeat(40)]) {
        const by = { platform: 'slack', id: 'U1', name: text };
        const view = { ...queued(text), headline: text, recipe: `/imagine ${text}`, by };
        const content = contentOf({ ...view, status: 'running', progress: { step: 1, of: 3 } }, note);
        expect(content.length).toBeLessThanOrEqual(2000);
        expect(content).toMatch(/^\*\*.{100}[^]*33 %[^]*`\/(imagine .*[^…]|show job-1) ?`+$/u);
      }
  });

  it('is replaced by the newest view when steps come faster than the pace', async () => {
    const desk = await bench.started({ pace: { gapMs: 60_000, everyMs: 0, atOnce: 100, retryMs: 1 } });
    const message = await bench.asked(desk);
    const view = queued('a red heart');
    for (let step = 1; step <= 20; step++) await desk.chat.update(desk.post, running(view, step));
    await desk.finish(view, 1);
    expect(bench.fake.messages.get(message)!.content).toContain('Done');
    expect(bench.fake.sent('PATCH', EDIT)).toHaveLength(2);
  });

  it('is delivered when Discord asks for patience and when it fails for a moment', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.failNext('PATCH', EDIT, {
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 0.01, global: false },
      headers: { 'retry-after': '0.01', 'x-ratelimit-scope': 'user' },
    });
    for (let i = 0; i < 5; i++) bench.fake.failNext('PATCH', EDIT, { status: 502 });
    await desk.finish(queued('a red heart'), 1);
    expect(bench.fake.messages.get(message)!.content).toContain('Done');
    expect(desk.logged.join('')).toContain('a last view was not shown on Discord; trying again');
  });

  it('that was deleted ends quietly', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.messages.delete(message);
    const view = queued('a red heart');
    await desk.chat.update(desk.post, running(view, 3));
    await until(() => expect(bench.fake.sent('PATCH', EDIT)).toHaveLength(1));
    await desk.finish(view, 1);
    await desk.chat.remove(desk.post);
    expect(desk.logged.join('')).not.toMatch(/"level":(40|50)/);
  });

  it('is edited through its interaction where the bot may not see the channel', async () => {
    const desk = await bench.started();
    bench.fake.hidden.add(IDS.channel);
    const message = await bench.asked(desk);
    await desk.finish(queued('a red heart'), 2);
    expect(bench.fake.messages.get(message)!.content).toContain('Done');
  });

  it('that may no longer be edited comes as a direct message that names the permission', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.hidden.add(IDS.channel);
    bench.fake.expireTokens();
    const elsewhere = { ...desk.post, message: '2999999999999999999' };
    const view = done(queued('a red heart'), 0);
    const moved = await desk.chat.deliver(elsewhere, view);
    expect(moved?.channel).toBe(DM);
    expect(bench.fake.messages.get(moved!.message)!.content).toContain('I need the permission');
    await desk.chat.deliver({ ...elsewhere, message: '2999999999999999998' }, view);
    expect(desk.logged.filter((line) => line.includes('View Channel'))).toHaveLength(1);
    bench.fake.refusesDms = true;
    await expect(desk.chat.deliver(elsewhere, view)).rejects.toThrow('View Channel');
    expect(bench.fake.messages.get(message)).toBeDefined();
  });

  it('in a channel where the bot may not write is refused with the permissions that it lacks there', async () => {
    const desk = await bench.started();
    bench.fake.hidden.add(IDS.quiet);
    const post = desk.chat.post({ platform: 'discord', channel: IDS.quiet }, queued('a cat'));
    await expect(post).rejects.toThrow('the permissions Send Messages, Attach Files;');
  });

  it('that is too old for another edit is followed by a new one', async () => {
    const desk = await bench.started();
    await bench.asked(desk);
    const body = { code: 30046, message: 'Maximum number of edits to messages older than 1 hour reached.' };
    bench.fake.failNext('PATCH', EDIT, { status: 400, body });
    const first = desk.post;
    const moved = await desk.finish(queued('a red heart'), 1);
    expect(moved?.message).not.toBe(first.message);
    expect(bench.fake.messages.get(moved!.message)).toMatchObject({
      content: expect.stringContaining('Done'),
      message_reference: { message_id: first.message },
    });
  });

  it('of a job from before a restart is a plain one, and is made once', async () => {
    const desk = await bench.started();
    const place = { platform: 'discord', channel: IDS.channel };
    const cause = { key: 'discord:1', answers: { ...place, message: '1000000000000000099' } };
    const first = await desk.chat.post(place, queued('a cat', 'job-9'), cause);
    const again = await desk.chat.post(place, queued('a cat', 'job-9'), cause);
    expect(again).toEqual(first);
    expect(bench.fake.messages.size).toBe(1);
    const asked = await desk.chat.post(place, queued('a cat', 'job-9'), { key: 'discord:2' });
    expect(asked).not.toEqual(first); // somebody asked for it once more
    const elsewhere = { ...cause, key: 'discord:3', answers: { ...cause.answers, channel: '7' } };
    const shared = await desk.chat.post(place, queued('a cat', 'job-9'), elsewhere);
    expect(bench.fake.messages.get(shared.message)).not.toHaveProperty('message_reference');
    expect(bench.fake.messages.get(first.message)).toMatchObject({
      message_reference: { message_id: '1000000000000000099' },
    });
  });

  it('has an address that people can follow, in a server and in a direct message', async () => {
    const desk = await bench.started();
    const link = (channel: string): Promise<string | undefined> =>
      desk.chat.linkTo({ platform: 'discord', channel, message: '7' });
    expect(await link(IDS.channel)).toBe(`https://discord.com/channels/${IDS.guild}/${IDS.channel}/7`);
    expect(await link(IDS.thread)).toBe(`https://discord.com/channels/${IDS.guild}/${IDS.thread}/7`);
    expect(await link(DM)).toBe(`https://discord.com/channels/@me/${DM}/7`);
    expect(await link('1000000000000000099')).toBeUndefined();
    await link('1000000000000000099');
    await link(DM);
    expect(bench.fake.sent('GET', /^\/channels\/\d+$/)).toHaveLength(2); // asked once for each
  });

  it('has its address again when Discord could not tell it for a moment', async () => {
    const desk = await bench.started();
    for (let i = 0; i < 4; i++) bench.fake.failNext('GET', /^\/channels\/\d+$/, { status: 502 }); // the client's own tries
    const post = { platform: 'discord', channel: DM, message: '7' };
    expect(await desk.chat.linkTo(post)).toBeUndefined();
    expect(await desk.chat.linkTo(post)).toBe(`https://discord.com/channels/@me/${DM}/7`);
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
    const long = { name: 'imagine', description: 'x'.repeat(100), type: 1, options: [] };
    const options = Array.from({ length: 25 }, (_, i) => ({
      type: 3,
      name: `option${i}`,
      description: 'x'.repeat(100),
      choices: Array.from({ length: 4 }, (_each, j) => ({ name: 'x'.repeat(60), value: `${j}` })),
    }));
    const put = { ...request, method: 'PUT', path: '/applications/1/commands' };
    expect(breaches([{ ...put, body: [long] }])).toEqual([]);
    expect(breaches([{ ...put, body: [{ ...long, options }] }])).toEqual(['the command imagine is too long']);
  });
});

describe('the connection', () => {
  it('asks for no privileged event, and registers the commands only when they have changed', async () => {
    await bench.started();
    await bench.started();
    expect(bench.fake.gateway.identified).toHaveLength(2);
    expect(bench.fake.sent('PUT', /commands$/)).toHaveLength(1);
    expect(bench.fake.commands.map((each) => (each as { name: string }).name)).toEqual([
      'imagine',
      'show',
      'again',
      'queue',
      'history',
      'info',
      'settings',
      'usage',
      'mydata',
      'darkroom',
      'help',
      'Use as input',
      'Show recipe',
      'Report picture',
    ]);
    Object.assign(bench.fake.commands[0] as object, { description: 'Something else' });
    await bench.started();
    expect(bench.fake.sent('PUT', /commands$/)).toHaveLength(2);
  });

  it('registers the commands for one server alone where that is wanted', async () => {
    await bench.started({ guild: IDS.guild });
    await bench.started({ guild: IDS.guild });
    expect(bench.fake.commands).toEqual([]);
    expect(bench.fake.guildCommands.get(IDS.guild)).toHaveLength(14);
    expect(bench.fake.sent('PUT', /commands$/)).toHaveLength(1);
  });

  it('to a server that the bot is not in is refused with what to do', async () => {
    const forbidden = { status: 403, body: { code: 50001, message: 'Missing Access' } };
    bench.fake.failNext('GET', /guilds/, forbidden);
    await expect(bench.started({ guild: '7' })).rejects.toThrow(/not in the server 7.*Invite it there/);
  });

  it('that is dead although it is open is given up, and resumed without losing an event', async () => {
    bench.fake.gateway.heartbeatMs = 50;
    const desk = await bench.started();
    bench.fake.gateway.deaf = true;
    await until(() => expect(bench.fake.gateway.resumed).toBeGreaterThan(0));
    bench.fake.gateway.deaf = false;
    await bench.asked(desk);
    expect(desk.intents).toHaveLength(1);
  });

  it('may break while a job runs: what was missed comes after the resume, and the job is delivered', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.gateway.kill();
    bench.fake.interact(command('41', 'imagine', fields({ prompt: 'a cat' })));
    await desk.finish(queued('a red heart'), 1);
    expect(bench.fake.messages.get(message)!.content).toContain('Done');
    await until(() => expect(desk.intents.map(({ key }) => key)).toEqual(['discord:11', 'discord:41']));
    expect(bench.fake.gateway.resumed).toBe(1);
  });

  it('may have to begin anew: the same count of another session is another event', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const react = (): unknown =>
      bench.fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, '🔁', IDS.ada, IDS.bot));
    react(); // the session's fourth event, after READY, the server and the command
    await until(() => expect(desk.intents).toHaveLength(2));
    bench.fake.gateway.forgetSession();
    bench.fake.gateway.kill();
    await until(() => expect(bench.fake.gateway.identified).toHaveLength(2));
    await until(() => expect(bench.fake.gateway.dispatched).toBe(2));
    bench.fake.gateway.dispatch('TYPING_START', {});
    react();
    await until(() => expect(desk.intents).toHaveLength(3));
    const [, first, second] = desk.intents.map(({ key }) => key);
    expect(first).toMatch(/\.4$/);
    expect(second).toMatch(/\.4$/);
    expect(second).not.toBe(first);
  });

  it('with a bad token is refused with what to do', async () => {
    await expect(bench.desk({ token: 'not.the.token' }).start()).rejects.toThrow(
      /DISCORD_TOKEN.*Reset Token/,
    );
  });

  it('with events that are not allowed is refused with what to do', async () => {
    bench.fake.gateway.refuseWith = 4014;
    await expect(bench.desk().start()).rejects.toThrow(/disallowed intents/);
  });

  it('to a Discord that does not answer is given up with what to do', async () => {
    bench.fake.gateway.mute = true;
    await expect(bench.desk({ startWithinMs: 300 }).start()).rejects.toThrow(/did not answer/);
  });
});
