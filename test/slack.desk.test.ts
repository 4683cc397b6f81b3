// Slack with the real front desk, studio and queue behind it, over a socket and over HTTP.

import { afterEach, describe, expect, it } from 'vitest';
import { SlackChat, type SlackDeps } from '../src/bots/slack/slack.ts';
import { BOT, FakeSlack, type Shown } from './support/slack/fake-slack.ts';
import { freePort } from './support/slack/free-port.ts';
import { plain, slackDeps } from './support/slack/slack-desk.ts';
import { pictureOf, rowsOf, until, wordsOf } from './support/slack/slack-eyes.ts';
import { memory, workingStudio } from './support/studio.ts';

const SECRET = '0123456789abcdef0123456789abcdef';

let slack: FakeSlack;
let chat: SlackChat;
let stores: ReturnType<typeof memory>;
let studio: Awaited<ReturnType<typeof workingStudio>>;

const shown = (): Shown[] => [...slack.messages.values()];
const words = (at: number): string => (shown()[at] ? wordsOf(shown()[at]!) : '');

async function start(way: 'socket' | 'http' = 'socket'): Promise<void> {
  slack = await FakeSlack.start();
  stores = memory();
  studio = await workingStudio(stores);
  const picture = await plain('red');
  const { appToken, ...deps } = slackDeps(slack);
  const port = await freePort();
  const line: Partial<SlackDeps> =
    way === 'http' ? { signingSecret: SECRET, port, host: '127.0.0.1' } : { appToken: appToken! };
  chat = new SlackChat({ ...deps, ...line, images: { get: async () => picture } });
  await chat.start(studio.desk.at(chat));
  if (way === 'http') slack.target = { url: `http://127.0.0.1:${port}/slack/events`, secret: SECRET };
}

async function stop(): Promise<void> {
  studio.desk.stop();
  await chat.stop();
  await studio.queue.stop();
}

afterEach(async () => {
  await stop();
  await slack.stop();
});

/** The drawing with this number is begun and ended. */
async function draw(number: number): Promise<void> {
  await until(() => expect(studio.painters.easels).toHaveLength(number));
  studio.painters.easels[number - 1]!.finish();
}

describe.each(['socket', 'http'] as const)('over %s', (way) => {
  it('a command becomes a job, its picture, and another one by a reaction', async () => {
    await start(way);
    slack.command('a red heart --n 1');
    await until(() => expect(studio.painters.easels).toHaveLength(1));
    await until(() => expect(words(0)).toContain('Developing'));
    studio.painters.easels[0]!.step(10);
    await until(() => expect(words(0)).toContain('step 10 of 20 · ▰▰▰▰▰▱▱▱▱▱ 50 %'));
    expect(rowsOf(shown()[0]!)).toEqual([['keep', 'cancel']]);
    studio.painters.easels[0]!.finish();
    await until(() => expect(words(0)).toContain('slack_file'));
    slack.react(shown()[0]!, 'repeat', 'Ev1', { user: 'U2BOB' });
    await until(() => expect(shown()).toHaveLength(2));
    await until(() => expect(words(1)).toContain('<@U2BOB>'));
  });

  it('every control works from the first message to the last file', async () => {
    await start(way);
    slack.mention(`<@${BOT.user}> imagine a cat --n 2`, 'Ev1', { thread_ts: '17.5' });
    await draw(1);
    await until(() => expect(pictureOf(shown()[0]!)).toBeDefined());
    const message = shown()[0]!;
    for (const [i, control] of ['upscale:1', 'vary:0', 'rerun'].entries()) {
      slack.press(message, `darkroom:${control}`);
      await until(() => expect(shown()).toHaveLength(i + 2));
      await draw(i + 2);
      await until(() => expect(pictureOf(shown()[i + 1]!)).toBeDefined());
      expect(shown()[i + 1]?.thread).toBe('17.5');
    }
    slack.press(message, 'darkroom:remix');
    await until(() => expect(slack.views).toHaveLength(1));
    slack.submit(slack.views[0]!, { prompt: 'a dog', flags: '--n 1' });
    await draw(5);
    await until(() => expect(shown()[4] && pictureOf(shown()[4]!)).toBeDefined());
    expect(shown()[4]?.text).toContain('a dog');
    slack.react(message, 'envelope', 'Ev2');
    await until(() => expect(shown()[5]?.channel).toBe('D1'));
    expect(shown()[5]?.blocks.filter(({ type }) => type === 'image')).toHaveLength(2);
    slack.shortcut('darkroom_recipe', { channel: 'C1', message: { ts: message.ts, thread_ts: '17.5' } });
    await until(() => expect(slack.whispers.at(-1)?.text).toContain('/imagine a cat'));
    const star = slack.react(message, 'star', 'Ev3');
    await until(() => expect(slack.acks.has(star)).toBe(true));
    slack.command('history favorites', { command: '/darkroom' });
    await until(() => expect(slack.whispers.at(-1)?.text).toContain('a cat: Done'));
    slack.press(message, 'darkroom:remove');
    await until(() => expect(slack.messages.has(`C1/${message.ts}`)).toBe(false));
  });
});

it('a mention that Slack delivers twice becomes one job and one message', async () => {
  await start();
  for (const attempt of [0, 1])
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev2', {}, { retry_attempt: attempt });
  slack.mention(`<@${BOT.user}> imagine a dog`, 'Ev3');
  await until(() => expect(shown().some(({ text }) => text.includes('a dog'))).toBe(true));
  expect(shown().filter(({ text }) => text.includes('a cat'))).toHaveLength(1);
  const jobs = await studio.jobs.history({ platform: 'slack', id: 'U1ALICE' }, 10);
  expect(jobs).toHaveLength(2);
  expect(jobs[0]?.server).toBe('T1');
});

it('an event that came again after a restart finds its job and its message made', async () => {
  await start();
  slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev2');
  await until(() => expect(words(0)).toContain('Developing'));
  await stop();
  studio = await workingStudio(stores);
  chat = new SlackChat({ ...slackDeps(slack), images: { get: async () => plain('red') } });
  await chat.start(studio.desk.at(chat));
  const again = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev2', {}, { retry_attempt: 1 });
  await until(() => expect(slack.acks.has(again)).toBe(true));
  expect(shown()).toHaveLength(1);
  expect(await studio.jobs.history({ platform: 'slack', id: 'U1ALICE' }, 10)).toHaveLength(1);
});

it('only the person who asked can cancel, by a button or a cross, or a moderator', async () => {
  await start();
  slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev4');
  await until(() => expect(words(0)).toContain('Developing'));
  const message = shown()[0]!;
  slack.react(message, 'x', 'Ev5', { user: 'U2BOB' });
  await until(() => expect(slack.whispers).toHaveLength(1));
  expect(slack.whispers[0]).toMatchObject({ user: 'U2BOB', text: 'Only alice can cancel this.' });
  slack.press(message, 'darkroom:cancel');
  await until(() => expect(words(0)).toContain('Canceled'));
  slack.press(message, 'darkroom:remove', undefined, { id: 'U9MODERATOR', name: 'mo' });
  await until(() => expect(shown()).toEqual([]));
});

it('what the rules of an admin refuse is drawn when the moderators are asked and allow it', async () => {
  await start();
  const admin = { command: '/darkroom', by: { id: 'U8ADMIN', name: 'ada' } };
  slack.command('words add dragon', admin);
  await until(() => expect(slack.whispers).toHaveLength(1));
  slack.command('settings log-channel <#C2|mods>', admin);
  await until(() => expect(slack.whispers).toHaveLength(2));
  slack.command('a dragon --n 1');
  await until(() => expect(slack.whispers).toHaveLength(3));
  const idOf = ({ blocks }: Pick<Shown, 'blocks'>, act: string): string =>
    blocks.flatMap(({ elements = [] }) => elements).find(({ action_id: id }) => id?.includes(`:${act}:`))!
      .action_id!;
  slack.press({ ...slack.whispers[2]!, ts: '1.1' }, idOf(slack.whispers[2]!, 'ask'));
  await until(() => expect(shown()[0]).toMatchObject({ channel: 'C2' }));
  expect(shown()[0]?.text).toContain('@alice asks to draw this all the same:');
  await until(() => expect(slack.whispers.at(-1)?.text).toContain('The moderators are asked.'));
  slack.press(shown()[0]!, idOf(shown()[0]!, 'approve'), undefined, { id: 'U9MODERATOR', name: 'mo' });
  await draw(1);
  await until(() => expect(shown()[1] && pictureOf(shown()[1]!)).toBeDefined());
  expect(shown()[1]?.channel).toBe('C1');
  await until(() => expect(rowsOf(shown()[0]!)).toEqual([]));
  slack.press(shown()[1]!, 'darkroom:report', undefined, { id: 'U2BOB', name: 'bob' });
  await until(() => expect(shown().at(-1)).toMatchObject({ channel: 'C2' }));
  expect(shown().at(-1)?.text).toContain('@bob reports a picture of @alice.');
});

it('stopping keeps the picture as it is', async () => {
  await start();
  slack.command('a cat --n 1');
  await until(() => expect(studio.painters.easels).toHaveLength(1));
  await until(() => expect(words(0)).toContain('Developing'));
  studio.painters.easels[0]!.step(5);
  await until(() => expect(rowsOf(shown()[0]!)).toEqual([['keep', 'cancel']]));
  slack.press(shown()[0]!, 'darkroom:keep');
  await until(() => expect(words(0)).toContain('stopped after step 5'));
  expect(studio.painters.easels[0]!.signal.aborted).toBe(false);
});

it('a private picture stays between the two of us until it is shared', async () => {
  await start();
  slack.command('a cat --n 1 --private');
  await draw(1);
  await until(() => expect(shown()[0] && pictureOf(shown()[0]!)).toBeDefined());
  expect(shown().map(({ channel }) => channel)).toEqual(['D1']);
  slack.press(shown()[0]!, 'darkroom:share');
  await until(() => expect(shown().map(({ channel }) => channel)).toEqual(['C1']));
  await until(() => expect(pictureOf(shown()[0]!)).toBeDefined());
  expect(rowsOf(shown()[0]!).flat()).not.toContain('share');
});

it('a picture shared where the bot is no member stays private until the bot is invited', async () => {
  await start();
  slack.command('a cat --n 1 --private', { channel: 'C9' });
  await draw(1);
  await until(() => expect(shown()[0] && pictureOf(shown()[0]!)).toBeDefined());
  const secret = shown()[0]!;
  const isPrivate = async (): Promise<boolean | undefined> =>
    (await studio.jobs.history({ platform: 'slack', id: 'U1ALICE' }, 1))[0]?.private;
  slack.press(secret, 'darkroom:share');
  await until(() => expect(shown()).toHaveLength(2));
  expect(shown()[1]).toMatchObject({
    channel: 'D1',
    text: 'I may not write in that channel: /invite me there, then press Share again.',
  });
  expect(shown()[0]).toBe(secret);
  expect(rowsOf(secret).flat()).toContain('share');
  expect(await isPrivate()).toBe(true);
  slack.joined.add('C9');
  slack.press(secret, 'darkroom:share');
  await until(() => expect(shown().some(({ channel }) => channel === 'C9')).toBe(true));
  await until(() => expect(shown()).not.toContain(secret));
  expect(await isPrivate()).toBeUndefined();
});

it('/darkroom show where the bot is no member comes to the person who asked, not to the one who drew', async () => {
  await start();
  slack.command('a cat --n 1');
  await draw(1);
  await until(() => expect(pictureOf(shown()[0]!)).toBeDefined());
  const [job] = await studio.jobs.history({ platform: 'slack', id: 'U1ALICE' }, 1);
  const by = { id: 'U2BOB', name: 'bob' };
  slack.command(`show ${job!.id}`, { command: '/darkroom', channel: 'C9', by });
  await until(() => expect(shown()[1] && pictureOf(shown()[1]!)).toBeDefined());
  expect(shown()[1]?.channel).toBe('D2');
});

it('the home page lists what one has drawn, with a way to it', async () => {
  await start();
  slack.command('a cat --n 1');
  await draw(1);
  await until(() => expect(pictureOf(shown()[0]!)).toBeDefined());
  slack.event({ type: 'app_home_opened', user: 'U1ALICE', channel: 'D1', tab: 'home' }, 'Ev1');
  await until(() => expect(slack.homes.size).toBe(1));
  const page = wordsOf(slack.homes.get('U1ALICE')!);
  expect(page).toContain('a cat: Done');
  expect(page).toContain('https://test.slack.com/archives/C1/');
});
