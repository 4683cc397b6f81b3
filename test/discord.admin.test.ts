// Admins' commands, what people ask about themselves, and who is who, as Discord's fields and events say it.

import { describe, expect, it } from 'vitest';
import type { Control, Intent } from '../src/bots/chat.ts';
import { adminCommands } from '../src/core/admin/table.ts';
import { Bench, CALLBACK, until } from './support/discord/bench.ts';
import type { Desk } from './support/discord/desk.ts';
import { queued } from './support/discord/desk.ts';
import { DM, IDS, command, fields, filled, menu, reaction, typing } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const EPHEMERAL = 64;
const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;
const MANAGE_MESSAGES = 1n << 13n;

const callbacks = (): object[] => bench.fake.sent('POST', CALLBACK).map(({ body }) => body);
const whispered = (): string =>
  [...bench.fake.messages.values()]
    .filter(({ flags }) => flags === EPHEMERAL)
    .map(({ content }) => content)
    .join('\n');

/** Somebody sends a command with these fields; the intent that comes of it. */
async function said(
  desk: Desk,
  line: string,
  values: object = {},
  more: Parameters<typeof command>[3] = {},
): Promise<Intent> {
  const before = desk.intents.length;
  const [name = ''] = line.split(' ');
  bench.fake.interact(command(`${100 + before}`, name, filled(bench.fake.commands, line, values), more));
  await until(() => expect(desk.intents).toHaveLength(before + 1));
  return desk.intents[before]!;
}

const ROLE = '1000000000000000099';

describe('an admin’s command', () => {
  const all: [string, object, object?][] = [
    ['quota show', {}],
    [
      'quota set',
      { who: `<@&${ROLE}>`, amount: 2, unit: 'hours', per: 'month', burst: 1, model: 'emoji' },
      { who: `role:${ROLE}`, amount: 7200, unit: 'seconds', per: 'month', burst: 3600, model: 'emoji' },
    ],
    ['quota remove', { who: `<@${IDS.bo}>`, unit: 'pictures', per: 'day' }, { who: `person:${IDS.bo}` }],
    [
      'quota bonus',
      { person: IDS.bo, amount: 100, unit: 'pictures', for: '7 days' },
      { person: IDS.bo, amount: 100, unit: 'pictures', seconds: 604_800 },
    ],
    ['quota over', { choice: 'refuse' }, { choice: 'refuse' }],
    ['models show', {}],
    ['models allow', { names: 'sdxl, flux' }, { names: ['sdxl', 'flux'] }],
    ['models all', {}],
    ['models max-size', { pixels: 1024 }, { pixels: 1024 }],
    ['models max-steps', { steps: 40 }, { steps: 40 }],
    ['channel show', {}],
    ['channel allow', { channel: IDS.quiet }, { channel: IDS.quiet }],
    ['channel forget', { channel: IDS.quiet }, { channel: IDS.quiet }],
    ['channel all', {}],
    ['channel private', { channel: IDS.quiet, on: false }, { channel: IDS.quiet, on: false }],
    ['channel age-restricted', { on: true }, { on: true }],
    [
      'ban',
      { person: IDS.bo, for: '12h', reason: 'spam' },
      { person: IDS.bo, seconds: 43_200, reason: 'spam' },
    ],
    ['unban', { person: IDS.bo }, { person: IDS.bo }],
    ['bans', {}],
    ['pause', { reason: 'moving house' }, { reason: 'moving house' }],
    ['resume', {}],
    ['words show', {}],
    ['words add', { rule: 'gore*' }, { rule: 'gore*' }],
    ['words remove', { rule: 'gore*' }, { rule: 'gore*' }],
    ['words standard', { on: true }, { on: true }],
    ['words flagged', { choice: 'withhold' }, { choice: 'withhold' }],
    ['settings show', {}],
    ['settings time-zone', { name: 'Europe/Berlin' }, { name: 'Europe/Berlin' }],
    ['settings log-channel', { channel: IDS.quiet }, { channel: IDS.quiet }],
    ['settings digest', {}],
    ['settings keep', { days: 30 }, { days: 30 }],
    ['settings prompts', { on: false }, { on: false }],
    ['settings weight', { role: ROLE, share: 2 }, { role: ROLE, share: 2 }],
    ['report', { by: 'person', period: 'last month' }, { by: 'person', period: 'last month' }],
    ['audit', { limit: 20 }, { limit: 20 }],
    ['reviews', {}],
    ['help', {}],
  ];

  it('is each of the table, with what its fields say', async () => {
    expect(all.map(([name]) => name)).toEqual(adminCommands.map(({ name }) => name));
    const desk = await bench.started();
    for (const [name, values, meant = {}] of all)
      expect(await said(desk, `darkroom ${name}`, values)).toMatchObject({
        kind: 'admin',
        command: { kind: name, ...meant },
      });
  });

  it('is answered to the admin alone, but for a report, which is for all', async () => {
    const desk = await bench.started();
    await said(desk, 'darkroom quota show');
    await said(desk, 'darkroom report');
    expect(callbacks()).toEqual([{ type: 5, data: { flags: EPHEMERAL } }, { type: 5 }]);
  });

  it('that can not be read is answered with the right form, to nobody else', async () => {
    const desk = await bench.started();
    const values = { who: '@somebody', amount: 1, unit: 'pictures', per: 'day' };
    const options = filled(bench.fake.commands, 'darkroom quota set', values);
    bench.fake.interact(command('21', 'darkroom', options));
    await until(() => expect(whispered()).toContain('For example: /darkroom quota set'));
    expect(desk.intents).toEqual([]);
  });

  it('is offered in servers alone, to those who manage them', async () => {
    await bench.started();
    const known = bench.fake.commands as { name: string; type: number }[];
    expect(known.find(({ name }) => name === 'darkroom')).toMatchObject({
      contexts: [0],
      default_member_permissions: String(MANAGE_GUILD),
    });
  });

  it('has the names of models suggested, one after another', async () => {
    await bench.started();
    const suggestedFor = async (line: string, values: Record<string, string>): Promise<unknown> => {
      const before = callbacks().length;
      const path = line.split(' ').slice(1);
      const last = Object.keys(values).at(-1);
      const options = path.reduceRight<object[]>(
        (below, name, i) => [{ name, type: i === 0 ? 2 : 1, options: below }],
        fields(values, last),
      );
      bench.fake.interact(typing(`${60 + before}`, 'darkroom', options as never));
      await until(() => expect(callbacks()).toHaveLength(before + 1));
      return (callbacks().at(-1) as { data: { choices: { value: string }[] } }).data.choices;
    };
    expect(await suggestedFor('darkroom quota set', { who: 'everyone', model: 'em' })).toMatchObject([
      { value: 'emoji' },
    ]);
    expect(await suggestedFor('darkroom models allow', { names: 'sdxl, em' })).toMatchObject([
      { value: 'sdxl, emoji' },
    ]);
  });
});

describe('what people ask about themselves', () => {
  it('is their use and their data, answered to them alone', async () => {
    const desk = await bench.started();
    expect(await said(desk, 'usage')).toMatchObject({ kind: 'usage' });
    expect(await said(desk, 'mydata export')).toMatchObject({ kind: 'mydata', what: 'export' });
    const forget = { kind: 'mydata', what: 'forget' };
    expect(await said(desk, 'mydata forget')).toMatchObject({ ...forget, sure: false });
    expect(await said(desk, 'mydata forget', { confirm: false })).toMatchObject({ ...forget, sure: false });
    expect(await said(desk, 'mydata forget', { confirm: true })).toMatchObject({ ...forget, sure: true });
    for (const body of callbacks()) expect(body).toEqual({ type: 5, data: { flags: EPHEMERAL } });
  });
});

describe('who somebody is', () => {
  it('comes from their permissions in the channel', async () => {
    const desk = await bench.started();
    const rights = async (permissions: bigint, channel?: string): Promise<object> => {
      const { admin = false, moderator = false } = await said(
        desk,
        'queue',
        {},
        {
          permissions,
          ...(channel !== undefined && { channel }),
        },
      );
      return { admin, moderator };
    };
    expect(await rights(0n)).toEqual({ admin: false, moderator: false });
    expect(await rights(MANAGE_MESSAGES)).toEqual({ admin: false, moderator: true });
    expect(await rights(MANAGE_GUILD)).toEqual({ admin: true, moderator: false });
    expect(await rights(ADMINISTRATOR)).toEqual({ admin: true, moderator: true });
    expect(await rights(ADMINISTRATOR, DM)).toEqual({ admin: false, moderator: false });
  });

  it('is told with their roles', async () => {
    const desk = await bench.started();
    const roles = [IDS.moderators, IDS.admins];
    expect(await said(desk, 'queue', {}, { roles })).toMatchObject({ roles });
    expect(await said(desk, 'queue', {}, { channel: DM })).not.toHaveProperty('roles');
  });

  it('is known of a reaction too, from the roles of the server', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const react = async (by: string, more: { roles?: string[]; channel?: string } = {}): Promise<Intent> => {
      const before = desk.intents.length;
      const event = reaction(message, '🔁', by, IDS.bot, more);
      bench.fake.gateway.dispatch('MESSAGE_REACTION_ADD', event);
      await until(() => expect(desk.intents).toHaveLength(before + 1));
      return desk.intents[before]!;
    };
    const roles = [IDS.admins];
    expect(await react(IDS.ada)).not.toHaveProperty('admin');
    expect(await react(IDS.ada, { roles: [IDS.moderators] })).not.toHaveProperty('admin');
    expect(await react(IDS.ada, { roles, channel: IDS.thread })).toMatchObject({ admin: true, roles });
    expect(await react(IDS.owner)).toMatchObject({ admin: true });
    const direct = await react(IDS.owner, { channel: DM });
    expect(direct).not.toHaveProperty('admin');
    expect(direct).not.toHaveProperty('roles');
  });
});

describe('a channel for adults', () => {
  it('is known as one, with its threads', async () => {
    const desk = await bench.started();
    const forAdults = async (channel: string, parent?: string): Promise<boolean> => {
      const { place } = await said(desk, 'queue', {}, { channel, ...(parent !== undefined && { parent }) });
      return place.ageRestricted ?? false;
    };
    expect(await forAdults(IDS.channel)).toBe(false);
    expect(await forAdults(IDS.adults)).toBe(true);
    expect(await forAdults(IDS.thread, IDS.channel)).toBe(false);
    expect(await forAdults(IDS.adultsThread, IDS.adults)).toBe(true);
    // One that the gateway did not tell of.
    expect(await forAdults(IDS.strangeThread, IDS.adults)).toBe(true);
    expect(await forAdults(IDS.strangeThread, IDS.channel)).toBe(false);
    expect(await forAdults(DM)).toBe(false);
  });

  it('is known of a reaction too', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    for (const [i, channel] of [IDS.adults, IDS.adultsThread, IDS.thread].entries()) {
      const event = reaction(message, '🔁', IDS.ada, IDS.bot, { channel });
      bench.fake.gateway.dispatch('MESSAGE_REACTION_ADD', event);
      await until(() => expect(desk.intents).toHaveLength(i + 2));
    }
    const restricted = desk.intents.slice(1).map(({ place }) => place.ageRestricted ?? false);
    expect(restricted).toEqual([true, true, false]);
  });
});

describe('reporting a picture', () => {
  it('is in a message’s menu', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.interact(menu('31', 'Report picture', { id: message }));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'report', post: { channel: IDS.channel, message } });
    expect(callbacks().at(-1)).toEqual({ type: 5, data: { flags: EPHEMERAL } });
  });

  it('is a button where there is room, and left out where there is none', async () => {
    const desk = await bench.started();
    const report = { action: 'report' as const, emoji: '⚠️', label: 'Report' };
    const rerun = { action: 'rerun' as const, emoji: '🔁', label: 'Again' };
    const remove = { action: 'remove' as const, emoji: '🗑️', label: 'Delete' };
    const larger = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        action: 'upscale' as const,
        index,
        emoji: '⬆️',
        label: `Larger ${index + 1}`,
      }));
    const shown = async (count: number, rest: readonly Control[]): Promise<string[]> => {
      const view = { ...queued('a cat'), controls: [...larger(count), ...rest] };
      const post = await desk.chat.post({ platform: 'discord', channel: IDS.channel }, view, {
        key: `discord:${count}-${rest.length}`,
      });
      const { components } = bench.fake.messages.get(post.message)!;
      return components.flatMap((row) => row.components.map((each) => each.custom_id));
    };
    expect(await shown(4, [rerun, report, remove])).toContain('darkroom:report');
    expect(await shown(20, [rerun, rerun, rerun, rerun, report])).toContain('darkroom:report');
    const full = await shown(20, [rerun, rerun, rerun, rerun, report, remove]);
    expect(full).toHaveLength(25);
    expect(full).not.toContain('darkroom:report');
    expect(full).toContain('darkroom:remove');
  });
});
