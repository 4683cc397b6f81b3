// The check of the Slack settings, against a small Slack on loopback.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkSlack } from '../src/bots/slack/doctor.ts';
import { SCOPES } from '../src/bots/slack/doctor.ts';
import { BOT, FakeSlack } from './support/slack/fake-slack.ts';

let slack: FakeSlack;

beforeEach(async () => {
  slack = await FakeSlack.start();
  slack.scopes = Object.keys(SCOPES).join(',');
});

afterEach(() => slack.stop());

const check = (more: Partial<Parameters<typeof checkSlack>[0]> = {}) =>
  checkSlack({ botToken: BOT.token, appToken: BOT.appToken, apiUrl: slack.apiUrl, ...more });

it('good settings are found good, and the manifest is named for what can not be looked up', async () => {
  const found = await check();
  expect(found.every(({ ok }) => ok)).toBe(true);
  expect(found.map(({ what }) => what)).toEqual([
    'SLACK_BOT_TOKEN belongs to darkroom in Test',
    'the bot token has every scope that it needs',
    'SLACK_APP_TOKEN opens a socket',
    expect.stringContaining('commands'),
  ]);
  expect(found.at(-1)?.todo).toContain('src/bots/slack/manifest.json');
});

it('each scope that is missing is named', async () => {
  slack.scopes = 'commands, chat:write,files:read,reactions:read,app_mentions:read,im:write,users:read';
  const missing = (await check()).filter(({ ok }) => !ok);
  expect(missing.map(({ what }) => what)).toEqual([
    'the bot token lacks the scope files:write, for pictures',
    'the bot token lacks the scope im:history, for what people write to me in direct messages',
    'the bot token lacks the scope usergroups:read, for limits and shares of user groups',
  ]);
});

it('tokens that Slack does not take are named, with where to find good ones', async () => {
  const bad = (await check({ botToken: 'xoxb-bad', appToken: 'xapp-bad' })).filter(({ ok }) => !ok);
  expect(bad.map(({ what }) => what)).toEqual([
    'SLACK_BOT_TOKEN is not accepted: invalid_auth',
    'SLACK_APP_TOKEN opens no socket: invalid_auth',
  ]);
  expect(bad.every(({ todo }) => todo)).toBe(true);
});

it('a Slack out of reach is told, without a long wait', async () => {
  const [bot] = await check({ apiUrl: 'http://127.0.0.1:9/api/' });
  expect(bot).toMatchObject({ ok: false, what: expect.stringContaining('can not be reached') as string });
});

it.each([
  ['0123456789abcdef0123456789abcdef', true],
  ['not-a-secret', false],
])('the signing secret %s is looked at where there is no app token', async (signingSecret, ok) => {
  const found = await checkSlack({ botToken: BOT.token, signingSecret, apiUrl: slack.apiUrl });
  expect(found.find(({ what }) => what.includes('SLACK_SIGNING_SECRET'))?.ok).toBe(ok);
  expect(slack.of('apps.connections.open')).toEqual([]);
});

it('without a way for events both ways are named', async () => {
  const found = await checkSlack({ botToken: BOT.token, apiUrl: slack.apiUrl });
  expect(found.find(({ ok }) => !ok)?.todo).toContain('SLACK_APP_TOKEN');
});
