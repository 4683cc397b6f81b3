// Slack over signed HTTP: what is signed is served, once; everything else is refused before anybody reads it.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { SlackChat } from '../src/bots/slack/slack.ts';
import { eventPayload } from './support/slack/payloads.ts';
import { BOT, FakeSlack, PERSON, type HttpTarget } from './support/slack/fake-slack.ts';
import { freePort } from './support/slack/free-port.ts';
import { SlackDesk, slackDeps } from './support/slack/slack-desk.ts';
import { Eyes, pictureOf, until } from './support/slack/slack-eyes.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;
let target: HttpTarget;

function overHttp(port: number) {
  const { appToken: _, ...deps } = slackDeps(slack);
  return { ...deps, signingSecret: SECRET, port, host: '127.0.0.1' };
}

beforeEach(async () => {
  slack = await FakeSlack.start();
  const port = await freePort();
  desk = new SlackDesk(slack, {}, overHttp(port));
  eyes = new Eyes(slack, desk);
  target = { url: `http://127.0.0.1:${port}/slack/events`, secret: SECRET };
  slack.target = target;
  await desk.start();
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

const mention = (id: string) =>
  eventPayload(
    { type: 'app_mention', user: PERSON.id, channel: 'C1', ts: '9.1', text: `<@${BOT.user}> imagine a cat` },
    id,
  );

it('everything goes as over a socket, and no socket is opened', async () => {
  await eyes.drawing('a red heart');
  await desk.finish(['red', 'blue']);
  expect(pictureOf(eyes.newest)).toBeDefined();
  slack.press(eyes.newest, 'darkroom:vary:1');
  slack.react(eyes.newest, 'star', 'Ev1');
  slack.command('');
  await eyes.intents(3);
  await until(() => expect(slack.views).toHaveLength(1));
  const sent = slack.submit(slack.views[0]!, { prompt: 'x', size: 'huge' });
  await until(() => expect(JSON.stringify(slack.acks.get(sent))).toContain('--size needs two numbers'));
  slack.shortcut('darkroom_recipe', { channel: 'C1', message: { ts: eyes.newest.ts } });
  await eyes.intents(4);
  expect(desk.intents.map(({ kind }) => kind).toSorted()).toEqual(['favorite', 'imagine', 'recipe', 'vary']);
  expect(slack.connections).toBe(0);
  expect(slack.of('apps.connections.open')).toEqual([]);
});

it('the address is proven to Slack', async () => {
  const answer = await slack.post('events_api', { type: 'url_verification', challenge: 'abc' }, target);
  expect(await answer.text()).toContain('abc');
});

it.each([
  ['with another secret', { secret: 'x'.repeat(32) }, {}],
  ['six minutes ago', {}, { at: Date.now() - 6 * 60_000 }],
  ['not at all', {}, { unsigned: true }],
])('what was signed %s is refused', async (_, other, more) => {
  const answer = await slack.post('events_api', mention('Ev1'), { ...target, ...other }, more);
  expect(answer.status).toBe(401);
  expect((await slack.post('events_api', mention('Ev2'), target)).status).toBe(200);
  expect(desk.intents.map(({ key }) => key)).toEqual(['slack:Ev2']);
});

it('what Slack sends again is served once', async () => {
  const first = slack.post('events_api', mention('Ev1'), target);
  const again = slack.post('events_api', mention('Ev1'), target, { retry_attempt: 1 });
  expect((await Promise.all([first, again])).map(({ status }) => status)).toEqual([200, 200]);
  expect((await slack.post('events_api', mention('Ev1'), target, { retry_attempt: 2 })).status).toBe(200);
  expect(desk.intents).toHaveLength(1);
});

it('a port that is taken is told in a sentence', async () => {
  const port = Number(new URL(target.url).port);
  const second = new SlackChat(overHttp(port));
  await expect(second.start(desk)).rejects.toThrow(`on port ${port} (EADDRINUSE)`);
});
