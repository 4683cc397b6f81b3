// User groups, which are the roles of people on Slack, over the wire: the real Bolt client against a small Slack on
// loopback.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeSlack, PERSON } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';
import { Eyes, until } from './support/slack/slack-eyes.ts';

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;
let now: number;

beforeEach(async () => {
  slack = await FakeSlack.start();
  slack.groups.set('S1', { handle: 'designers', users: [PERSON.id, 'U2BOB'] });
  slack.groups.set('S2', { handle: 'night-shift', users: [PERSON.id] });
  now = Date.now();
  desk = new SlackDesk(slack, { clock: () => new Date(now) });
  eyes = new Eyes(slack, desk);
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

/** What roles the person has whose line this is. */
async function rolesOf(
  more: Parameters<FakeSlack['command']>[1] = {},
): Promise<readonly string[] | undefined> {
  const before = desk.intents.length;
  slack.command('queue', { command: '/darkroom', ...more });
  await eyes.intents(before + 1);
  return desk.intents.at(-1)!.roles;
}

const questions = (): number => slack.of('usergroups.list').length;
const BOB = { id: 'U2BOB', name: 'bob' };

describe('somebody’s user groups', () => {
  it('are their roles from the first line on, in channels', async () => {
    await desk.start();
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    expect(await rolesOf({ by: BOB })).toEqual(['S1']);
    expect(await rolesOf({ by: { id: 'U4EVE', name: 'eve' } })).toBeUndefined();
    expect(await rolesOf({ channel: 'D1' })).toBeUndefined();
    expect(questions()).toBe(1);
  });

  it.each(['subteam_members_changed', 'subteam_updated'])('change when Slack says %s', async (type) => {
    await desk.start();
    slack.groups.set('S2', { handle: 'night-shift', users: ['U2BOB'] });
    slack.event({ type, subteam_id: 'S2' }, 'Ev1');
    await until(() => expect(questions()).toBe(2));
    await until(async () => expect(await rolesOf({ by: BOB })).toEqual(['S1', 'S2']));
    expect(await rolesOf()).toEqual(['S1']);
  });

  it('are asked for anew behind a line when they were told some minutes ago, and the line does not wait', async () => {
    await desk.start();
    slack.groups.delete('S2');
    now += 4 * 60_000;
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    expect(questions()).toBe(1);
    now += 2 * 60_000;
    slack.hold('usergroups.list');
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    slack.release('usergroups.list');
    await until(async () => expect(await rolesOf()).toEqual(['S1']));
    expect(questions()).toBe(2);
  });

  it('stay as they were known when Slack does not answer, which is asked again later', async () => {
    await desk.start();
    now += 6 * 60_000;
    slack.groups.clear();
    slack.fail('usergroups.list', { status: 429, retryAfter: 1 });
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    await until(() => expect(desk.logged.join()).toContain('did not say who is in which user group'));
    expect(await rolesOf()).toEqual(['S1', 'S2']);
    expect(questions()).toBe(2);
    now += 31_000;
    await until(async () => expect(await rolesOf()).toBeUndefined());
  });

  it('are none without the scope, which is logged once with what to do', async () => {
    const refusal = { error: 'missing_scope', needed: 'usergroups:read' };
    slack.fail('usergroups.list', refusal, refusal);
    await desk.start();
    expect(await rolesOf()).toBeUndefined();
    now += 6 * 60_000;
    await rolesOf();
    await until(() => expect(questions()).toBe(2));
    now += 6 * 60_000;
    await until(async () => expect(await rolesOf()).toEqual(['S1', 'S2'])); // the scope was given
    const warnings = desk.logged.filter((line) => line.includes('usergroups:read'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"level":40');
    expect(warnings[0]).toContain('install it again');
  });
});

it('a user group stands in words by its name, and pings nobody', async () => {
  await desk.start();
  const place = { platform: 'slack', server: 'T1', channel: 'C1' };
  const person = { platform: 'slack', id: PERSON.id, name: PERSON.name };
  await desk.chat.whisper(person, place, 'A limit for <role:S1> and <role:S9>.');
  expect(slack.whispers[0]?.text).toBe('A limit for @designers and @S9.');
  expect(JSON.stringify(slack.whispers[0]?.blocks)).not.toContain('subteam');
});
