// Slack as people use it, over the wire: the real Bolt client against a small Slack on loopback.

import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCOPES } from '../src/bots/slack/doctor.ts';
import { SHORTCUTS } from '../src/bots/slack/shortcuts.ts';
import { manifestFaults } from './support/slack/contract.ts';
import { BOT, FakeSlack, PERSON } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';
import { Eyes, pictureOf, rowsOf, until, wordsOf } from './support/slack/slack-eyes.ts';

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;

const alice = { platform: 'slack', id: PERSON.id, name: PERSON.name };

beforeEach(async () => {
  slack = await FakeSlack.start();
  desk = new SlackDesk(slack, { publicUrl: 'https://pictures.example' });
  eyes = new Eyes(slack, desk);
  await desk.start();
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

describe('/imagine on Slack', () => {
  it('is acknowledged, posted, edited as it develops, and ends with the picture and its buttons', async () => {
    const envelope = slack.command('a red heart --n 2', { trigger: 'trigger-a' });
    await until(() => expect(slack.acks.has(envelope)).toBe(true));
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents).toEqual([
      {
        kind: 'imagine',
        key: 'slack:trigger-a',
        by: alice,
        place: { platform: 'slack', server: 'T1', channel: 'C1' },
        text: 'a red heart --n 2',
      },
    ]);
    expect(wordsOf(eyes.newest)).toContain('Next in line');
    expect(rowsOf(eyes.newest)).toEqual([['cancel']]);

    await desk.step(5);
    await until(() => expect(wordsOf(eyes.newest)).toContain('step 5 of 25 · ▰▰▱▱▱▱▱▱▱▱ 20 %'));
    expect(slack.files.size).toBe(0);

    expect(await desk.finish(['red', 'blue'])).toBeUndefined();
    const image = pictureOf(eyes.newest);
    expect(image?.alt_text).toBe('2 pictures in a grid, two in a row: a red heart --n 2');
    const bytes = slack.files.get(image?.slack_file?.id ?? '')?.bytes;
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 520, height: 256 });
    expect(wordsOf(eyes.newest)).toContain('/imagine a red heart --n 2 --seed 7 --steps 25');
    expect(rowsOf(eyes.newest)).toEqual([
      ['upscale:0', 'upscale:1'],
      ['vary:0', 'vary:1'],
      ['rerun', 'remix', 'remove'],
    ]);
    expect(slack.of('chat.postMessage')).toHaveLength(1);
    expect(slack.responses).toEqual([]);
  });

  it('with one picture has all its buttons in a row', async () => {
    await eyes.drawing();
    await desk.finish(['red']);
    expect(rowsOf(eyes.newest)).toEqual([['upscale:0', 'vary:0', 'rerun', 'remix', 'remove']]);
    expect(pictureOf(eyes.newest)?.alt_text).toBe('a red heart: picture 1');
  });

  it('is not acknowledged before it is kept, unless Slack would give up', async () => {
    let keep = (): void => undefined;
    desk.hold = new Promise((resolve) => (keep = resolve));
    const asked = slack.command('a red heart');
    const mentioned = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1');
    await eyes.intents(2);
    expect([asked, mentioned].map((id) => slack.acks.has(id))).toEqual([false, false]);
    await until(() => expect(slack.acks.has(asked) && slack.acks.has(mentioned)).toBe(true));
    expect(desk.pieces).toEqual([]);
    keep();
    await until(() => expect(desk.pieces).toHaveLength(2));
  });

  it('is acknowledged when it is kept, however long its message takes', async () => {
    let release = (): void => undefined;
    const wait = new Promise<void>((resolve) => (release = resolve));
    await desk.chat.stop();
    desk = new SlackDesk(slack, { ackWithinMs: 600_000, wait: () => wait });
    await desk.start();
    slack.fail('chat.postMessage', { status: 429, retryAfter: 1 }, { status: 429, retryAfter: 1 });
    const asked = slack.command('a red heart');
    const mentioned = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1');
    await until(() => expect(slack.acks.has(asked) && slack.acks.has(mentioned)).toBe(true));
    expect(desk.pieces).toEqual([]);
    release();
    await until(() => expect(desk.pieces).toHaveLength(2));
  });

  it('shows the newest step only, however many come', async () => {
    await eyes.drawing();
    for (let step = 1; step <= 25; step += 1) await desk.step(step);
    await until(() => expect(wordsOf(eyes.newest)).toContain('step 25 of 25'));
    expect(slack.of('chat.update').length).toBeLessThan(5);
  });

  it('shows a preview while it develops, and takes it away at the end', async () => {
    await eyes.drawing();
    const bytes = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
      .webp()
      .toBuffer();
    const preview = { bytes, type: 'image/webp', alt: 'a preview at step 3' };
    await desk.step(3, desk.newest(), preview);
    await until(() => expect([...slack.files.values()].some(({ looks }) => looks >= 2)).toBe(true));
    await until(() => {
      void desk.step(4, desk.newest(), preview);
      expect(pictureOf(eyes.newest)?.alt_text).toBe('a preview at step 3');
    });
    const early = pictureOf(eyes.newest)?.slack_file?.id ?? '';
    expect(await sharp(slack.files.get(early)?.bytes).metadata()).toMatchObject({
      format: 'png',
      width: 256,
    });
    await desk.finish(['red']);
    await until(() => expect(slack.files.has(early)).toBe(false));
    expect(slack.files.has(pictureOf(eyes.newest)?.slack_file?.id ?? '')).toBe(true);
  });

  it('can neither ping nor link nor break the message with its words', async () => {
    const message = await eyes.drawing('a <!channel> & <@U2|x> @here http://example.com &lt;b&gt; *bold*');
    await desk.finish(['red']);
    // Alternative text and rich text are never parsed.
    const parsed = eyes.newest.blocks.filter(({ type }) => type !== 'image' && type !== 'rich_text');
    const all = [eyes.newest.text, message.text, JSON.stringify(parsed)].join('\n');
    expect(all).not.toContain('<!channel>');
    expect(all).not.toContain('<@U2');
    expect(all).toContain('&lt;!channel&gt; &amp; &lt;@U2|x&gt; @here');
    const text = 'a <!channel> & <@U2|x> @here http://example.com <b> *bold*';
    expect(desk.intents[0]).toMatchObject({ text });
    const recipe = eyes.newest.blocks.find(({ type }) => type === 'rich_text');
    expect(recipe?.elements?.[0]?.elements).toContainEqual({
      type: 'text',
      text: `/imagine ${text} --seed 7 --steps 25`,
      style: { code: true },
    });
    expect(slack.of('chat.postMessage')[0]?.args).toMatchObject({
      unfurl_links: 'false',
      unfurl_media: 'false',
      parse: 'none',
      link_names: 'false',
    });
    const sections = eyes.newest.blocks.filter(({ type }) => type === 'section');
    expect(sections.map((section) => section.text)).toMatchObject([{ type: 'mrkdwn', verbatim: true }]);
  });

  it('takes prompts as long as Slack sends them', async () => {
    await eyes.drawing('&'.repeat(6000));
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
  });

  it('has its recipe whole, or what brings it back', async () => {
    await eyes.drawing('a'.repeat(2100));
    await desk.finish(['red']);
    const words = wordsOf(eyes.newest);
    expect(words).toContain('"text":"/darkroom show job-1","style":{"code":true}');
    expect(words).not.toContain('/imagine');
  });

  it('whispers a refusal, escaped', async () => {
    slack.command('a heart --steps 1000');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]).toMatchObject({
      channel: 'C1',
      user: PERSON.id,
      text: '--steps goes from 1 to 200, not &lt;1000&gt;.',
    });
    expect(slack.messages.size).toBe(0);
  });
});

describe('/darkroom', () => {
  it.each([
    ['show 0198-abc', { kind: 'show', jobId: '0198-abc' }],
    ['again', { kind: 'again' }],
    ['queue', { kind: 'queue' }],
    ['history favorites', { kind: 'history', favorites: true }],
    ['info', { kind: 'info' }],
    ['settings --n 2', { kind: 'settings', text: '--n 2' }],
    ['imagine a cat', { kind: 'imagine', text: 'a cat' }],
  ])('%s is understood', async (text, intent) => {
    slack.command(text, { command: '/darkroom' });
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({ ...intent, by: alice, place: { channel: 'C1' } });
  });

  it.each(['', 'help'])('"%s" is answered with help, in the commands of this place', async (text) => {
    slack.command(text, { command: '/darkroom' });
    await until(() => expect(slack.whispers).toHaveLength(1));
    const words = slack.whispers[0]!.text;
    for (const said of ['/imagine a red heart', '/darkroom show id', '--seed', ':repeat: draws it again'])
      expect(words).toContain(said);
    expect(desk.intents).toEqual([]);
  });

  it('without an id to show says what to type', async () => {
    slack.command('show', { command: '/darkroom' });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('/darkroom show');
    expect(desk.intents).toEqual([]);
  });
});

describe('words for one person', () => {
  it('can be copied and followed, and name the commands of this place', async () => {
    await desk.chat.whisper(alice, { platform: 'slack', channel: 'C1/17.5' }, [
      { text: 'Your pictures. /show and an id brings one back.' },
      { text: 'a *red* <heart>', code: '0198-abc', href: 'https://test.slack.com/p1' },
      { text: 'For example:', code: '/settings --n 2' },
    ]);
    const [whisper] = slack.whispers;
    expect(whisper).toMatchObject({ channel: 'C1', thread: '17.5', user: PERSON.id });
    expect(whisper?.text).toContain('a *red* &lt;heart&gt; 0198-abc');
    const words = wordsOf(whisper!);
    expect(words).toContain('/darkroom show and an id');
    expect(words).toContain('"text":"0198-abc","style":{"code":true}');
    expect(words).toContain('"url":"https://test.slack.com/p1"');
    expect(words).toContain('"/darkroom settings --n 2"');
  });

  it('that are to be copied are never cut, however long', async () => {
    const code = `/imagine ${'😀 '.repeat(1400)}`;
    const by = { platform: 'slack', id: PERSON.id, name: PERSON.name };
    await desk.chat.whisper(by, { platform: 'slack', channel: 'C1' }, [{ text: 'Recipe:', code }]);
    const [line] = slack.whispers[0]?.blocks[0]?.elements ?? [];
    const spans = (line?.elements ?? []).flatMap((each) =>
      'style' in each && typeof each.text === 'string' ? [each.text] : [],
    );
    expect(spans.join('')).toBe(code);
    expect(spans.every((span) => span.length <= 2000)).toBe(true);
  });

  it('are a message where only the two of us are', async () => {
    await desk.chat.whisper(alice, { platform: 'slack', channel: 'D1' }, 'No room.');
    expect(slack.whispers).toEqual([]);
    expect(eyes.newest).toMatchObject({ channel: 'D1', text: 'No room.' });
  });
});

describe('where the bot is no member', () => {
  it('a refusal goes to the address that came with the command', async () => {
    slack.command('a heart --steps 1000', { channel: 'C9', trigger: 'trigger-c9' });
    await until(() => expect(slack.responses).toHaveLength(1));
    expect(slack.responses[0]).toMatchObject({
      path: 'trigger-c9',
      body: { response_type: 'ephemeral', replace_original: false },
    });
  });

  it('a sentence without such an address comes as a direct message', async () => {
    await desk.chat.whisper(alice, { platform: 'slack', channel: 'C9' }, 'No room.');
    expect(eyes.newest).toMatchObject({ channel: 'D1', text: 'No room.' });
  });

  it('the picture comes as a direct message, and the person is told why', async () => {
    await eyes.drawing('a heart', { channel: 'C9' });
    await desk.finish(['red']);
    expect(eyes.newest).toMatchObject({ channel: 'D1' });
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(slack.responses[0]?.body['text']).toContain('/invite');
  });
});

describe('a private picture', () => {
  it('is in the direct message from the start, with a line for its person in the channel', async () => {
    await eyes.drawing('a heart --private');
    expect(eyes.newest.channel).toBe('D1');
    expect(slack.whispers[0]).toMatchObject({ channel: 'C1', user: PERSON.id });
    expect(wordsOf(slack.whispers[0]!)).toContain('https://test.slack.com/archives/D1/');
    await desk.finish(['red']);
    expect(rowsOf(eyes.newest)[0]).toContain('share');
    slack.press(eyes.newest, 'darkroom:share');
    await eyes.intents(2);
    expect(desk.intents[1]).toMatchObject({ kind: 'share', post: { channel: 'D1' } });
    expect(eyes.shown.every(({ channel }) => channel === 'D1')).toBe(true);
  });

  it('asked for there needs no such line', async () => {
    await eyes.drawing('a heart --private', { channel: 'D1' });
    expect(eyes.newest.channel).toBe('D1');
    expect(slack.whispers).toEqual([]);
  });
});

describe('pictures for one person', () => {
  it('come in one direct message, each with its own words', async () => {
    await eyes.drawing();
    await desk.chat.direct(
      { platform: 'slack', id: 'U2BOB', name: 'bob' },
      await desk.done(['red', 'blue']),
      [{ text: 'a red heart' }, { text: 'Seeds', code: '7, 8' }],
    );
    expect(eyes.newest.channel).toBe('D2');
    const images = eyes.newest.blocks.filter(({ type }) => type === 'image');
    expect(images.map((image) => image.alt_text)).toEqual([
      'a red heart: picture 1',
      'a red heart: picture 2',
    ]);
    const sizes = await Promise.all(
      images.map((image) => sharp(slack.files.get(image.slack_file!.id)?.bytes).metadata()),
    );
    expect(sizes.map(({ width }) => width)).toEqual([64, 64]);
    expect(wordsOf(eyes.newest)).toContain('7, 8');
  });

  it('are refused with a sentence for who takes none', async () => {
    await eyes.drawing();
    const nobody = { platform: 'slack', id: 'U7NOBODY', name: 'nobody' };
    await expect(desk.chat.direct(nobody, await desk.done(['red']), 'x')).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('Messages tab') as string,
    });
    expect(slack.files.size).toBe(0);
  });
});

describe('a mention', () => {
  it('in a thread is answered in that thread', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat &amp; a dog`, 'Ev1', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      key: 'slack:Ev1',
      text: 'a cat & a dog',
      by: alice,
      place: { channel: 'C1/1712.34' },
    });
    expect(eyes.newest).toMatchObject({ channel: 'C1', thread: '1712.34' });
    expect(desk.newest().post.channel).toBe('C1');
  });

  it('can ask for everything that a command can', async () => {
    slack.mention(`<@${BOT.user}> queue`, 'Ev1', { thread_ts: '1712.34' });
    slack.mention(`<@${BOT.user}> /show abc`, 'Ev2');
    await eyes.intents(2);
    expect(desk.intents).toMatchObject([
      { kind: 'queue', place: { channel: 'C1/1712.34' } },
      { kind: 'show', jobId: 'abc' },
    ]);
  });

  it('is read as it was written, without the marks that Slack puts into it', async () => {
    const marked =
      'a <http://cat.example|cat.example> by <@U2BOB> in <#C2|art> for <!here> &lt;3 --image <https://a.example/x.png>';
    slack.mention(`<@${BOT.user}> imagine ${marked}`, 'Ev1');
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({
      text: 'a http://cat.example by @U2BOB in #art for @here <3 --image https://a.example/x.png',
    });
  });

  it('that asks for nothing is answered with help in the thread', async () => {
    slack.mention(`<@${BOT.user}|darkroom>`, 'Ev2', { thread_ts: '1712.34' });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]).toMatchObject({ thread: '1712.34', user: PERSON.id });
    expect(slack.whispers[0]?.text).toContain('/imagine a red heart');
  });

  it('with other words says how to ask', async () => {
    slack.mention(`<@${BOT.user}> a &lt;b&gt;`, 'Ev2');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toBe('To draw it, put /imagine in front: /imagine a &lt;b&gt;');
  });

  it('starts from the picture that is attached to it', async () => {
    const url = 'https://files.slack.com/files-pri/T1-F1/cat.png';
    const files = [
      { id: 'F0', mimetype: 'text/plain', url_private: 'https://files.slack.com/x.txt' },
      { id: 'F1', mimetype: 'image/png', url_private: url },
    ];
    slack.mention(`<@${BOT.user}> imagine a cat --strength 0.5`, 'Ev1', { files });
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({
      text: 'a cat --strength 0.5',
      options: { image: { from: 'web', url, authorization: `Bearer ${BOT.token}` } },
    });
  });

  it.each([
    ['that lies elsewhere', { url_private: 'https://files.slack.com/a.png', is_external: true }],
    ['at a strange address', { url_private: 'https://example.com/a.png' }],
    [
      'at an address that only begins like Slack',
      { url_private: 'https://files.slack.com.example.com/a.png' },
    ],
    ['on an open line', { url_private: 'http://files.slack.com/a.png' }],
  ])('starts from a file %s without our token', async (_, more) => {
    const files = [{ id: 'F1', mimetype: 'image/png', ...more }];
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1', { files });
    await eyes.intents(1);
    const { options } = desk.intents[0] as { options?: { image?: unknown } };
    expect(options?.image).toEqual({ from: 'web', url: more.url_private });
  });

  it('with a file that is no picture is refused with a sentence', async () => {
    const files = [{ id: 'F0', mimetype: 'text/plain', url_private: 'https://files.slack.com/x.txt' }];
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1', { files });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('no picture to start from');
    expect(desk.intents).toEqual([]);
  });

  it('that Slack delivers twice is served once, and acknowledged twice', async () => {
    const first = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev3');
    const again = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev3', {}, { retry_attempt: 1 });
    await until(() => expect([first, again].every((id) => slack.acks.has(id))).toBe(true));
    expect(desk.intents.map(({ key }) => key)).toEqual(['slack:Ev3']);
  });

  it('by a bot, or one that was only edited, is left alone', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev4', { bot_id: 'B2' });
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev5', { edited: { user: PERSON.id, ts: '9.2' } });
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev6', { user: 'U3ROBOT' });
    slack.mention(`<@${BOT.user}> imagine a dog`, 'Ev7');
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents.map(({ key }) => key)).toEqual(['slack:Ev7']);
  });
});

describe('a direct message', () => {
  it('is read like a mention, pictures and all', async () => {
    const files = [{ id: 'F1', mimetype: 'image/jpeg', url_private: 'https://files.slack.com/y.jpg' }];
    slack.write('imagine a cat', 'Ev1', { subtype: 'file_share', files });
    slack.write('queue', 'Ev2', { thread_ts: '9.1' });
    await eyes.intents(2);
    expect(desk.intents).toMatchObject([
      { kind: 'imagine', text: 'a cat', place: { channel: 'D1' }, options: { image: { from: 'web' } } },
      { kind: 'queue', place: { channel: 'D1/9.1' } },
    ]);
  });

  it('that we do not understand is answered, and our own are left alone', async () => {
    slack.write('Done in 4.2 s', 'Ev1', { user: BOT.user, bot_id: BOT.bot });
    slack.write('imagine x', 'Ev2', { subtype: 'message_changed' });
    slack.write('hello', 'Ev3');
    await until(() => expect(eyes.shown).toHaveLength(1));
    expect(eyes.newest.text).toBe('To draw it, put /imagine in front: /imagine hello');
    expect(desk.intents).toEqual([]);
  });
});

describe('buttons', () => {
  it('mean what they say, on the message they are under', async () => {
    const message = await eyes.drawing();
    const pressed = ['upscale:1', 'vary:0', 'pick:2', 'rerun', 'cancel', 'keep', 'share', 'remove'];
    const envelopes = pressed.map((id, i) => slack.press(message, `darkroom:${id}`, `press-${i}`));
    await eyes.intents(9);
    const post = { platform: 'slack', channel: 'C1', message: message.ts };
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'upscale', index: 1, post, key: 'slack:press-0', by: alice },
      { kind: 'vary', index: 0, post, key: 'slack:press-1' },
      { kind: 'pick', index: 2, post },
      { kind: 'rerun', post },
      { kind: 'cancel', post },
      { kind: 'keep', post },
      { kind: 'share', post },
      { kind: 'remove', post, key: 'slack:press-7' },
    ]);
    await until(() => expect(envelopes.every((id) => slack.acks.has(id))).toBe(true));
  });

  it('to go on with one picture alone have a row of their own', async () => {
    await eyes.drawing('a heart --n 2');
    const { post, view } = desk.newest();
    await desk.chat.update(post, {
      ...view,
      status: 'running',
      controls: [
        ...[0, 1].map((index) => ({
          action: 'pick' as const,
          index,
          emoji: '👉',
          label: `Only ${index + 1}`,
        })),
        ...view.controls,
      ],
    });
    await until(() => expect(rowsOf(eyes.newest)).toEqual([['pick:0', 'pick:1'], ['cancel']]));
  });

  it('in a thread ask for an answer in the thread', async () => {
    slack.mention(`<@${BOT.user}|darkroom> imagine a cat`, 'Ev7', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    slack.press(eyes.newest, 'darkroom:rerun', 'press-t');
    await eyes.intents(2);
    expect(desk.intents[1]?.place.channel).toBe('C1/1712.34');
  });

  it('on a message that has a thread of its own ask for an answer beside it', async () => {
    const message = await eyes.drawing();
    message.thread = message.ts;
    slack.press(message, 'darkroom:rerun');
    slack.react(message, 'repeat', 'Ev1');
    await eyes.intents(3);
    expect(desk.intents.map(({ place }) => place.channel)).toEqual(['C1', 'C1', 'C1']);
  });

  it('of somebody else are left alone', async () => {
    const message = await eyes.drawing();
    slack.press(message, 'other:rerun', 'press-o');
    slack.press(message, 'darkroom:unknown', 'press-u');
    slack.press(message, 'darkroom:cancel', 'press-c');
    await eyes.intents(2);
    expect(desk.intents[1]).toMatchObject({ kind: 'cancel', key: 'slack:press-c' });
  });

  it('say when a moderator presses them', async () => {
    const message = await eyes.drawing();
    slack.press(message, 'darkroom:remove', 'p1', { id: 'U9MODERATOR', name: 'mo' });
    slack.press(message, 'darkroom:remove', 'p2');
    await eyes.intents(3);
    expect(desk.intents.map(({ moderator }) => moderator)).toEqual([undefined, true, undefined]);
  });
});

describe('reactions', () => {
  it('mean what the table says, for the person who reacts, in the thread of the message', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev0', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    const names = ['repeat', 'arrow_up', 'envelope', 'x', 'star::skin-tone-3'];
    names.forEach((name, i) => slack.react(eyes.newest, name, `Ev${i + 1}`, { user: 'U2BOB' }));
    slack.react(eyes.newest, 'star', 'Ev9', { type: 'reaction_removed', user: 'U2BOB' });
    await eyes.intents(7);
    const bySent = desk.intents.toSorted((a, b) => a.key.localeCompare(b.key)).slice(1);
    expect(bySent).toMatchObject([
      { kind: 'rerun' },
      { kind: 'upscale' },
      { kind: 'send' },
      { kind: 'end' },
      { kind: 'favorite', on: true },
      { kind: 'favorite', on: false },
    ]);
    expect(bySent[1]).not.toHaveProperty('index');
    for (const intent of bySent)
      expect(intent).toMatchObject({ by: { id: 'U2BOB', name: 'bob' }, place: { channel: 'C1/1712.34' } });
  });

  it('of bots and ours, on messages of others, of other kinds, or taken away are left alone', async () => {
    const message = await eyes.drawing();
    slack.react(message, 'x', 'Ev13', { user: BOT.user });
    slack.react(message, 'x', 'Ev14', { user: 'U3ROBOT' });
    slack.react(message, 'x', 'Ev15', { item_user: 'U2BOB' });
    slack.react(message, 'tada', 'Ev16');
    slack.react(message, 'repeat', 'Ev17', { type: 'reaction_removed' });
    const envelope = slack.react(message, 'repeat', 'Ev18');
    await until(() => expect(slack.acks.has(envelope)).toBe(true));
    expect(desk.intents.slice(1).map(({ key }) => key)).toEqual(['slack:Ev18']);
  });

  it('on a message of before this start are understood', async () => {
    slack.react({ channel: 'C2', ts: '1600000000.1' }, 'repeat', 'Ev1');
    await eyes.intents(1);
    const post = { platform: 'slack', channel: 'C2', message: '1600000000.1' };
    expect(desk.intents[0]).toMatchObject({ kind: 'rerun', post, place: { channel: 'C2' } });
  });
});

it('a job that was asked for elsewhere shows a name and points to nobody', async () => {
  await eyes.drawing();
  const { view } = desk.newest();
  const by = { platform: 'discord', id: '42', name: 'Eve <@U2BOB>' };
  await desk.chat.post({ platform: 'slack', channel: 'C2' }, { ...view, by });
  expect(wordsOf(eyes.newest)).toContain('· Eve &lt;@U2BOB&gt;');
});

describe('a message', () => {
  it('that is removed is gone with its picture, also when it was gone before', async () => {
    await eyes.drawing();
    await desk.finish(['red']);
    const { post } = desk.newest();
    await desk.chat.remove(post);
    expect(eyes.shown).toEqual([]);
    expect(slack.files.size).toBe(0);
    await desk.chat.remove(post);
  });

  it('has an address, as long as it is there', async () => {
    await eyes.drawing();
    const { post } = desk.newest();
    expect(await desk.chat.linkTo(post)).toBe(
      `https://test.slack.com/archives/C1/p${post.message.replace('.', '')}`,
    );
    await desk.chat.linkTo(post);
    expect(slack.of('chat.getPermalink')).toHaveLength(1);
    expect(await desk.chat.linkTo({ ...post, message: '1.1' })).toBeUndefined();
  });
});

describe('the app manifest', () => {
  it('is one that Slack takes, with what the bot uses and no more', () => {
    const manifest = JSON.parse(readFileSync('src/bots/slack/manifest.json', 'utf8')) as {
      features: {
        shortcuts: { callback_id: string }[];
        slash_commands: { command: string; should_escape: boolean }[];
      };
      oauth_config: unknown;
      settings: unknown;
    };
    expect(manifestFaults(manifest)).toEqual([]);
    expect(manifest.oauth_config).toEqual({ scopes: { bot: Object.keys(SCOPES) } });
    const { shortcuts, slash_commands: commands } = manifest.features;
    expect(shortcuts.map(({ callback_id: id }) => id)).toEqual(Object.values(SHORTCUTS));
    // Prompts are taken as they are; people and channels that admins name come with their ids.
    expect(commands.map(({ command, should_escape: marks }) => [command, marks])).toEqual([
      ['/imagine', false],
      ['/darkroom', true],
    ]);
    expect(manifest.settings).toMatchObject({
      socket_mode_enabled: true,
      interactivity: { is_enabled: true },
      event_subscriptions: {
        bot_events: [
          'app_mention',
          'message.im',
          'reaction_added',
          'reaction_removed',
          'app_home_opened',
          'subteam_members_changed',
          'subteam_updated',
        ],
      },
    });
  });
});
