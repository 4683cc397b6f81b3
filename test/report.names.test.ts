// What the platforms tell unasked about the names of their servers and channels, over fakes of both.

import { expect, it } from 'vitest';
import { Bench } from './support/discord/bench.ts';
import { IDS } from './support/discord/payloads.ts';
import { FakeSlack } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';

const bench = Bench.forEachTest();

it('Discord names its servers and their channels, and no direct message', async () => {
  const { chat } = await bench.started();
  await expect.poll(() => chat.nameOf('server', IDS.guild)).toBe('Studio');
  expect(chat.nameOf('channel', IDS.channel)).toBe(IDS.channel); // so they are called there
  expect(chat.nameOf('channel', '404')).toBeUndefined();
  expect(chat.nameOf('server', 'direct')).toBeUndefined();
});

it('Slack names its workspace once it is connected, and no other', async () => {
  const slack = await FakeSlack.start();
  const desk = new SlackDesk(slack);
  expect(desk.chat.nameOf('server', 'T1')).toBeUndefined();
  await desk.start();
  expect(desk.chat.nameOf('server', 'T1')).toBe('Test');
  expect(desk.chat.nameOf('server', 'T2')).toBeUndefined();
  expect(desk.chat.nameOf('channel', 'T1')).toBeUndefined();
  await desk.chat.stop();
  await slack.stop();
});
