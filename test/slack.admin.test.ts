// Admins, moderators and people's own data on Slack, over the wire: the real Bolt client against a small Slack on
// loopback.

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sheet } from '../src/bots/chat.ts';
import { BOT, FakeSlack, PERSON } from './support/slack/fake-slack.ts';
import { plain, SlackDesk } from './support/slack/slack-desk.ts';
import { Eyes, pictureOf, rowsOf, until, wordsOf } from './support/slack/slack-eyes.ts';

const ADMIN = { id: 'U8ADMIN', name: 'ada' };
const alice = { platform: 'slack', id: PERSON.id, name: PERSON.name };
const channel = { platform: 'slack', server: 'T1', channel: 'C1' };
const chart = async (): Promise<Sheet> => ({
  words: [{ text: 'This week: 12 pictures.' }],
  picture: { png: await plain('red'), alt: '12 pictures, by day' },
  files: [{ name: 'darkroom.csv', bytes: new TextEncoder().encode('person,pictures\nU1ALICE,12\n') }],
});
const question: Sheet = {
  words: [{ text: '<person:U2BOB> asks in <channel:C2>:', code: 'a <person:U2BOB>' }],
  presses: [
    { review: '0198-a', act: 'approve', emoji: '✅', label: 'Approve' },
    { review: '0198-a', act: 'deny', emoji: '🚫', label: 'Deny' },
  ],
};

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;

beforeEach(async () => {
  slack = await FakeSlack.start();
  slack.people.set(ADMIN.id, { name: ADMIN.name, is_bot: false });
  desk = new SlackDesk(slack);
  eyes = new Eyes(slack, desk);
  await desk.start();
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

const darkroom = (text: string): string => slack.command(text, { command: '/darkroom', by: ADMIN });

describe('a line after /darkroom', () => {
  it.each([
    ['usage', { kind: 'usage' }],
    ['mydata export', { kind: 'mydata', what: 'export' }],
    ['mydata forget yes', { kind: 'mydata', what: 'forget', sure: true }],
    [
      'ban <@U2BOB|bob the builder> for 7 days spam &amp; more',
      { kind: 'admin', command: { kind: 'ban', person: 'U2BOB', reason: 'spam & more' } },
    ],
    ['unban @U2BOB', { kind: 'admin', command: { kind: 'unban', person: 'U2BOB' } }],
    ['darkroom channel allow <#C2|art>', { kind: 'admin', command: { channel: 'C2' } }],
    ['/channel allow <#C2>', { kind: 'admin', command: { channel: 'C2' } }],
    ['settings log-channel <#C2|mods>', { kind: 'admin', command: { channel: 'C2' } }],
    ['settings --n 2', { kind: 'settings', text: '--n 2' }],
    ['darkroom usage', { kind: 'usage' }],
    [
      'quota set <!subteam^S1DESIGN|@the designers> 50 pictures per day',
      { kind: 'admin', command: { kind: 'quota set', who: 'role:S1DESIGN', amount: 50 } },
    ],
    ['settings weight <!subteam^S1DESIGN> 2', { kind: 'admin', command: { role: 'S1DESIGN', share: 2 } }],
    ['settings weight @S1DESIGN 2', { kind: 'admin', command: { role: 'S1DESIGN', share: 2 } }],
    ['quota show', { kind: 'admin' }],
    ['imagine a cat by <@U2BOB|bob> &amp; <#C2|art>', { kind: 'imagine', text: 'a cat by @bob & #art' }],
  ])('"%s" is understood', async (text, intent) => {
    darkroom(text);
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject(intent);
  });

  it('of an admin in a wrong form is answered with the right one', async () => {
    darkroom('unban U2BOB');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('/darkroom unban @ada');
    expect(desk.intents).toEqual([]);
  });

  it('with a plain name, which Slack does not resolve, says how to name somebody', async () => {
    darkroom('ban @bob');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('who or what @bob is');
    expect(desk.intents).toEqual([]);
  });

  it('says whether an admin wrote it', async () => {
    slack.command('usage', { command: '/darkroom' });
    await eyes.intents(1);
    darkroom('usage');
    await eyes.intents(2);
    expect(desk.intents.map(({ admin }) => admin)).toEqual([undefined, true]);
  });

  it('that asks for help is answered for admins with what they may set, too', async () => {
    slack.command('help', { command: '/darkroom' });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(desk.intents).toEqual([]);
    darkroom('help');
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({ kind: 'admin', command: { kind: 'help' }, admin: true });
  });
});

it('a mention of us takes admin commands with the people and channels that it names', async () => {
  slack.mention(`<@${BOT.user}|darkroom> ban <@U2BOB> for 1 day`, 'Ev1', { user: ADMIN.id });
  await eyes.intents(1);
  expect(desk.intents[0]).toMatchObject({
    kind: 'admin',
    admin: true,
    by: { id: ADMIN.id },
    command: { kind: 'ban', person: 'U2BOB' },
  });
});

describe('what is published', () => {
  it('shows its words and its chart, and its numbers in a thread under it', async () => {
    const post = await desk.chat.publish(channel, await chart());
    expect(post).toEqual({ platform: 'slack', channel: 'C1', message: eyes.newest.ts });
    expect(wordsOf(eyes.newest)).toContain('This week: 12 pictures.');
    const image = pictureOf(eyes.newest);
    expect(image?.alt_text).toBe('12 pictures, by day');
    expect(await sharp(slack.files.get(image!.slack_file!.id)?.bytes).metadata()).toMatchObject({
      width: 64,
    });
    expect(slack.shares).toEqual([{ channel: 'C1', thread: post.message, files: ['darkroom.csv'] }]);
    const csv = [...slack.files.values()].find(({ name }) => name === 'darkroom.csv');
    expect(new TextDecoder().decode(csv?.bytes)).toBe('person,pictures\nU1ALICE,12\n');
  });

  it('in a thread has its numbers in the same one', async () => {
    await desk.chat.publish({ ...channel, channel: 'C1/17.5' }, await chart());
    expect(eyes.newest.thread).toBe('17.5');
    expect(slack.shares).toMatchObject([{ channel: 'C1', thread: '17.5' }]);
  });

  it('comes without a chart that Slack does not take, and says so', async () => {
    slack.largestUpload = 0;
    await desk.chat.publish(channel, await chart());
    const [report, numbers] = eyes.shown;
    expect(pictureOf(report!)).toBeUndefined();
    expect(report?.text).toContain('Slack did not take it');
    expect(numbers).toMatchObject({
      thread: report?.ts,
      text: 'darkroom.csv: larger than Slack takes here.',
    });
  });

  it('where we may not write is refused with what to do, by the name of the channel', async () => {
    await expect(desk.chat.publish({ ...channel, channel: 'C9' }, question)).rejects.toMatchObject({
      name: 'UserError',
      message: 'I may not write in <channel:C9>: /invite me there, then try again.',
    });
  });

  it('names people without pinging them, and channels as links', async () => {
    slack.people.set('U2BOB', { name: 'bob <channel:C1>', is_bot: false });
    await desk.chat.publish(channel, question);
    const [line] = eyes.newest.blocks[0]?.elements ?? [];
    expect(line?.elements?.slice(0, 5)).toEqual([
      { type: 'text', text: '@bob channel:C1 asks in ' },
      { type: 'channel', channel_id: 'C2' },
      { type: 'text', text: ':' },
      { type: 'text', text: ' ' },
      { type: 'text', text: 'a <person:U2BOB>', style: { code: true } },
    ]);
    expect(eyes.newest.text).toBe('@bob channel:C1 asks in <#C2>: a &lt;person:U2BOB&gt;');
  });

  it('names by their id people of whom Slack says nothing', async () => {
    await desk.chat.publish(channel, { words: [{ text: '<person:U5GONE>: 3' }] });
    expect(eyes.newest.text).toBe('@U5GONE: 3');
  });

  it('is revised in its place, with nothing left to press', async () => {
    const post = await desk.chat.publish(channel, question);
    await desk.chat.revise(post, { words: [{ text: '<person:U2BOB> allowed it.' }] });
    expect(eyes.shown).toHaveLength(1);
    expect(eyes.newest.text).toBe('@bob allowed it.');
    expect(rowsOf(eyes.newest)).toEqual([]);
  });

  it('and deleted since then is revised in silence', async () => {
    const post = await desk.chat.publish(channel, question);
    slack.messages.clear();
    await desk.chat.revise(post, question);
    expect(eyes.shown).toEqual([]);
  });
});

describe('presses under words of ours', () => {
  it('mean what they say, for who presses them', async () => {
    await desk.chat.publish(channel, question);
    expect(rowsOf(eyes.newest)).toEqual([['darkroom-review:approve:0198-a', 'darkroom-review:deny:0198-a']]);
    slack.press(eyes.newest, 'darkroom-review:approve:0198-a', 'p1', ADMIN);
    slack.press(eyes.newest, 'darkroom-review:burn:0198-a', 'p2', ADMIN);
    slack.press(eyes.newest, 'darkroom-review:deny:0198-a', 'p3');
    await eyes.intents(2);
    expect(desk.intents).toEqual([
      {
        kind: 'review',
        review: '0198-a',
        act: 'approve',
        key: 'slack:p1',
        by: { platform: 'slack', ...ADMIN },
        place: channel,
        admin: true,
      },
      { kind: 'review', review: '0198-a', act: 'deny', key: 'slack:p3', by: alice, place: channel },
    ]);
  });

  it('report a picture to the moderators', async () => {
    const message = await eyes.drawing();
    const { post, view } = desk.newest();
    const done = await desk.done(['red', 'blue', 'green', 'white'], { post, view });
    await desk.chat.deliver(post, {
      ...done,
      controls: [...done.controls, { action: 'report', emoji: '⚠️', label: 'Report' }],
    });
    expect(rowsOf(eyes.newest).at(-1)).toContain('report');
    slack.press(message, 'darkroom:report', 'p1', { id: 'U2BOB', name: 'bob' });
    await eyes.intents(2);
    expect(desk.intents[1]).toMatchObject({ kind: 'report', post, by: { id: 'U2BOB' } });
  });
});

describe('what is handed to one person', () => {
  it('is seen by nobody else, with its buttons', async () => {
    await desk.chat.hand(alice, { ...channel, channel: 'C1/17.5' }, question);
    expect(eyes.shown).toEqual([]);
    expect(slack.whispers[0]).toMatchObject({ channel: 'C1', user: PERSON.id, thread: '17.5' });
    expect(wordsOf(slack.whispers[0]!)).toContain('darkroom-review:approve:0198-a');
  });

  it('goes to the address that came with the command where we are no member', async () => {
    slack.command('usage', { command: '/darkroom', channel: 'C9', trigger: 'trigger-c9' });
    await eyes.intents(1);
    await desk.chat.hand(alice, { ...channel, channel: 'C9' }, question, 'slack:trigger-c9');
    expect(slack.responses[0]).toMatchObject({ path: 'trigger-c9', body: { response_type: 'ephemeral' } });
    expect(JSON.stringify(slack.responses[0]?.body)).toContain('darkroom-review:deny:0198-a');
  });

  it('is a direct message when it has files, with a line where it was asked for', async () => {
    await desk.chat.hand(alice, channel, await chart());
    expect(eyes.newest).toMatchObject({ channel: 'D1' });
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(slack.shares).toEqual([{ channel: 'D1', files: ['darkroom.csv'] }]);
    expect(slack.whispers[0]).toMatchObject({ channel: 'C1', user: PERSON.id });
    expect(wordsOf(slack.whispers[0]!)).toContain('https://test.slack.com/archives/D1/');
  });

  it('needs no such line in our direct messages', async () => {
    await desk.chat.hand(alice, { platform: 'slack', channel: 'D1' }, await chart());
    expect(eyes.shown).toHaveLength(1);
    expect(slack.whispers).toEqual([]);
  });

  it('is refused with a sentence for who takes none, before anything is uploaded', async () => {
    const nobody = { platform: 'slack', id: 'U7NOBODY', name: 'nobody' };
    await expect(desk.chat.hand(nobody, channel, await chart())).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('Messages tab') as string,
    });
    expect(slack.files.size).toBe(0);
  });
});

describe('a picture that the safety checker flagged', () => {
  /** Half red, half blue. */
  const halves = async (): Promise<Uint8Array> =>
    sharp(await plain('red'))
      .composite([
        {
          input: await sharp(await plain('blue'))
            .resize(32, 64)
            .toBuffer(),
          left: 32,
          top: 0,
        },
      ])
      .png()
      .toBuffer();

  /** The largest step of red from one pixel to the next in the first picture of a grid. */
  const edge = async (grid: Uint8Array | undefined): Promise<number> => {
    const row = { left: 0, top: 128, width: 256, height: 1 };
    const { data, info } = await sharp(grid).extract(row).raw().toBuffer({ resolveWithObject: true });
    const reds = Array.from({ length: info.width }, (_, x) => data[x * info.channels]!);
    return Math.max(...reds.slice(1).map((red, x) => Math.abs(red - reds[x]!)));
  };

  it('is blurred beyond recognition where everyone sees it, with words about how to see it', async () => {
    await eyes.drawing();
    const { post } = desk.newest();
    const done = await desk.done(['red']);
    desk.pictures.set(done.pictures[0]!.id, await halves());
    await desk.chat.deliver(post, { ...done, pictures: [{ ...done.pictures[0]!, spoiler: true }] });
    const bytes = slack.files.get(pictureOf(eyes.newest)!.slack_file!.id)?.bytes;
    expect(await edge(bytes)).toBeLessThan(25);
    expect(wordsOf(eyes.newest)).toContain("flagged by the model's safety checker. React with :email:");
  });

  it('is not blurred for who has it sent, nor are its neighbours in the grid', async () => {
    await eyes.drawing();
    const { post } = desk.newest();
    const done = await desk.done(['red', 'blue']);
    const [first, second] = done.pictures;
    desk.pictures.set(first!.id, await halves());
    desk.pictures.set(second!.id, await halves());
    const view = { ...done, pictures: [first!, { ...second!, spoiler: true as const }] };
    await desk.chat.deliver(post, view);
    const grid = slack.files.get(pictureOf(eyes.newest)!.slack_file!.id)?.bytes;
    expect(await edge(grid)).toBeGreaterThan(40);
    await desk.chat.direct(alice, view, 'Here.');
    for (const { slack_file: file } of eyes.newest.blocks.filter(({ type }) => type === 'image'))
      expect(await sharp(slack.files.get(file!.id)?.bytes).raw().toBuffer()).toEqual(
        await sharp(await halves())
          .raw()
          .toBuffer(),
      );
  });

  it('says nothing of blurring where there is none', async () => {
    await eyes.drawing();
    await desk.finish(['red']);
    expect(wordsOf(eyes.newest)).not.toContain('blurred');
  });
});
