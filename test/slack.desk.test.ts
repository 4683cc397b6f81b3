// Slack with the real front desk, studio and queue behind it.

import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SlackChat } from '../src/bots/slack/slack.ts';
import { BOT, FakeSlack, type Shown } from './support/slack/fake-slack.ts';
import { plain } from './support/slack/slack-desk.ts';
import { workingStudio } from './support/studio.ts';

let slack: FakeSlack;
let chat: SlackChat;
let studio: Awaited<ReturnType<typeof workingStudio>>;

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const shown = (): Shown[] => [...slack.messages.values()];
const words = (at: number): string => JSON.stringify(shown()[at]?.blocks);

beforeEach(async () => {
  slack = await FakeSlack.start();
  studio = await workingStudio();
  const { desk } = studio;
  const picture = await plain('red');
  chat = new SlackChat({
    botToken: BOT.token,
    appToken: BOT.appToken,
    apiUrl: slack.apiUrl,
    images: { get: async () => picture },
    cards: () => [],
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    pace: { everyMs: 20, perMessageMs: 40 },
  });
  await chat.start((intent) => desk.serve(chat, intent));
});

afterEach(async () => {
  await chat.stop();
  await studio.queue.stop();
  await slack.stop();
});

it('a command on Slack becomes a job, its picture, and another one by a reaction', async () => {
  slack.command('a red heart --n 1');
  await until(() => expect(studio.painters.easels).toHaveLength(1));
  await until(() => expect(words(0)).toContain('Developing'));
  studio.painters.easels[0]!.step(10);
  await until(() => expect(words(0)).toContain('step 10 of 20 · ▰▰▰▰▰▱▱▱▱▱ 50 %'));
  studio.painters.easels[0]!.finish();
  await until(() => expect(words(0)).toContain('slack_file'));
  slack.react(shown()[0]!, 'repeat', 'Ev1', { user: 'U2BOB' });
  await until(() => expect(shown()).toHaveLength(2));
  await until(() => expect(words(1)).toContain('<@U2BOB>'));
});

it('a mention that Slack delivers twice becomes one job and one message', async () => {
  for (const attempt of [0, 1])
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev2', {}, { retry_attempt: attempt });
  slack.mention(`<@${BOT.user}> imagine a dog`, 'Ev3');
  await until(() => expect(shown().some(({ text }) => text.includes('a dog'))).toBe(true));
  expect(shown().filter(({ text }) => text.includes('a cat'))).toHaveLength(1);
  expect(await studio.jobs.history({ platform: 'slack', id: 'U1ALICE' }, 10)).toHaveLength(2);
});

it('only the person who asked can cancel, by a button or a cross', async () => {
  slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev4');
  await until(() => expect(studio.painters.easels).toHaveLength(1));
  const message = shown()[0]!;
  slack.react(message, 'x', 'Ev5', { user: 'U2BOB' });
  await until(() => expect(slack.whispers).toHaveLength(1));
  expect(slack.whispers[0]).toMatchObject({
    user: 'U2BOB',
    text: 'Only the person who asked can cancel this.',
  });
  slack.press(message, 'darkroom:cancel', 'press-1');
  await until(() => expect(words(0)).toContain('Canceled'));
  slack.react(message, 'x', 'Ev6');
  await until(() => expect(shown()).toEqual([]));
});
