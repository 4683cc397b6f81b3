// Admins' commands: the same from typed text and from a platform's fields, and what each makes of the rules.

import { describe, expect, it } from 'vitest';
import { commandText, parseAdminLine } from '../src/bots/admin-line.ts';
import { shownWords } from '../src/bots/admin-words.ts';
import { applyCommand, type ApplyContext } from '../src/core/admin/apply.ts';
import { changesRules, type AdminCommand, type ChangeCommand } from '../src/core/admin/command.ts';
import { mentionsIn, withNames } from '../src/core/admin/mention.ts';
import { adminCommandOf, type OptionValue } from '../src/core/admin/read.ts';
import { adminCommands } from '../src/core/admin/table.ts';
import { noRules, rules as rulesShape, type Rules } from '../src/core/rules.ts';
import { UserError } from '../src/core/user-error.ts';

const DAY = 86_400;

/** Typed, the command's name and fields as a platform gives them, and what both mean. */
const cases: [line: string, name: string, options: Record<string, OptionValue>, command: AdminCommand][] = [
  [
    'quota set everyone 50 pictures per day',
    'quota set',
    { who: 'everyone', amount: 50, unit: 'pictures', per: 'day' },
    { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 50 },
  ],
  [
    'quota set <@&7> 20 pictures an hour model sdxl burst 5',
    'quota set',
    { who: '<@&7>', amount: 20, unit: 'pictures', per: 'hour', model: 'sdxl', burst: 5 },
    { kind: 'quota set', who: 'role:7', unit: 'pictures', per: 'hour', amount: 20, burst: 5, model: 'sdxl' },
  ],
  [
    'quota set server 2h a month',
    'quota set',
    { who: 'server', amount: 2, unit: 'hours', per: 'month' },
    { kind: 'quota set', who: 'server', unit: 'seconds', per: 'month', amount: 7200 },
  ],
  [
    'quota set <@U1|ada> 90 min a day',
    'quota set',
    { who: 'person:U1', amount: 90, unit: 'minutes', per: 'day' },
    { kind: 'quota set', who: 'person:U1', unit: 'seconds', per: 'day', amount: 5400 },
  ],
  [
    'quota remove everyone pictures per day',
    'quota remove',
    { who: 'everyone', unit: 'pictures', per: 'day' },
    { kind: 'quota remove', who: 'everyone', unit: 'pictures', per: 'day' },
  ],
  [
    'quota bonus @ada 100 pictures for 7 days',
    'quota bonus',
    { person: 'ada', amount: 100, unit: 'pictures', for: '7 days' },
    { kind: 'quota bonus', person: 'ada', amount: 100, unit: 'pictures', seconds: 7 * DAY },
  ],
  ['quota over refuse', 'quota over', { choice: 'refuse' }, { kind: 'quota over', choice: 'refuse' }],
  [
    'models allow one, two',
    'models allow',
    { names: 'one, two' },
    { kind: 'models allow', names: ['one', 'two'] },
  ],
  ['models max-size 1024', 'models max-size', { pixels: 1024 }, { kind: 'models max-size', pixels: 1024 }],
  ['models max-size off', 'models max-size', {}, { kind: 'models max-size' }],
  ['channel allow <#C1|art>', 'channel allow', { channel: 'C1' }, { kind: 'channel allow', channel: 'C1' }],
  [
    'channel private #art on',
    'channel private',
    { channel: 'art', on: true },
    { kind: 'channel private', channel: 'art', on: true },
  ],
  [
    'ban <@!5> for 7 days spamming us',
    'ban',
    { person: '5', for: '7 days', reason: 'spamming us' },
    { kind: 'ban', person: '5', seconds: 7 * DAY, reason: 'spamming us' },
  ],
  [
    'ban @ada spamming us for 7 days',
    'ban',
    { person: 'ada', for: '7d', reason: 'spamming us' },
    { kind: 'ban', person: 'ada', seconds: 7 * DAY, reason: 'spamming us' },
  ],
  ['unban @ada', 'unban', { person: 'ada' }, { kind: 'unban', person: 'ada' }],
  ['pause moving house', 'pause', { reason: 'moving house' }, { kind: 'pause', reason: 'moving house' }],
  ['resume', 'resume', {}, { kind: 'resume' }],
  ['words add two heads', 'words add', { rule: 'two heads' }, { kind: 'words add', rule: 'two heads' }],
  ['words standard off', 'words standard', { on: false }, { kind: 'words standard', on: false }],
  [
    'words flagged withhold',
    'words flagged',
    { choice: 'withhold' },
    { kind: 'words flagged', choice: 'withhold' },
  ],
  [
    'settings time-zone Europe/Berlin',
    'settings time-zone',
    { name: 'Europe/Berlin' },
    { kind: 'settings time-zone', name: 'Europe/Berlin' },
  ],
  [
    'settings log-channel #mods',
    'settings log-channel',
    { channel: 'mods' },
    { kind: 'settings log-channel', channel: 'mods' },
  ],
  ['settings digest off', 'settings digest', {}, { kind: 'settings digest' }],
  ['settings prompts off', 'settings prompts', { on: false }, { kind: 'settings prompts', on: false }],
  ['settings keep 30 days', 'settings keep', { days: 30 }, { kind: 'settings keep', days: 30 }],
  [
    'settings weight <@&9> 2',
    'settings weight',
    { role: '9', share: 2 },
    { kind: 'settings weight', role: '9', share: 2 },
  ],
  ['settings weight <@&9> off', 'settings weight', { role: '9' }, { kind: 'settings weight', role: '9' }],
  [
    'report last month by model',
    'report',
    { period: 'last month', by: 'model' },
    { kind: 'report', period: 'last month', by: 'model' },
  ],
  ['audit 20', 'audit', { limit: 20 }, { kind: 'audit', limit: 20 }],
  ['reviews', 'reviews', {}, { kind: 'reviews' }],
  ['quota', 'quota show', {}, { kind: 'quota show' }],
  ['/darkroom help', 'help', {}, { kind: 'help' }],
];

describe('a command', () => {
  it.each(cases)('is the same typed and in fields: %s', (line, name, options, command) => {
    expect(parseAdminLine(line)).toEqual(command);
    expect(adminCommandOf(name, options)).toEqual(command);
  });

  it.each(cases.map(([, , , command]) => command))(
    'can be typed again as the audit log has it: $kind',
    (command) => {
      expect(parseAdminLine(commandText(command))).toEqual(command);
    },
  );

  it.each([
    'quota set',
    'quota set everyone many pictures a day',
    'quota set everyone 5 apples a day',
    'models max-size',
    'channel private #art',
    'ban',
    'settings weight 2',
    'settings weight <@&9>',
    'nonsense',
    'quota nonsense',
  ])('that is wrong says how it is written: %s', (line) => {
    expect(() => parseAdminLine(line)).toThrow(UserError);
    expect(() => parseAdminLine(line)).toThrow(/\/darkroom/);
  });

  it('of every name in the table can be typed as its example says', () => {
    for (const { name, example } of adminCommands)
      expect(parseAdminLine(`${name} ${example.replace('@role', '<@&7>')}`).kind).toBe(name);
  });
});

const context: ApplyContext = {
  now: new Date('2026-11-23T12:00:00Z'),
  by: { id: 'eve' },
  models: ['emoji', 'SDXL'],
  checkedRule: (text) => text.trim(),
};
const applied = (line: string, rules: Rules = noRules): Rules =>
  applyCommand(rules, parseAdminLine(line) as ChangeCommand, context).rules;

describe('rules', () => {
  it('are whole after every change, and say what is so', () => {
    let rules = { ...noRules, limits: [...noRules.limits] };
    for (const [line, , , command] of cases) {
      if (!changesRules(command)) continue;
      if (
        /^(quota remove|unban|words remove|models allow|quota set <@&7>|settings weight .* off)/u.test(line)
      )
        continue;
      const { rules: next, said } = applyCommand(rules, command, context);
      expect(rulesShape.parse(JSON.parse(JSON.stringify(next)))).toEqual(next);
      expect(said).toMatch(/^[“<A-Z].+\.$/u);
      rules = next;
    }
  });

  it('have one limit of each kind', () => {
    const first = applied('quota set everyone 5 pictures a day');
    const second = applied('quota set everyone 9 pictures a day', first);
    expect(second.limits).toEqual([{ who: 'everyone', unit: 'pictures', per: 'day', amount: 9 }]);
    const both = applied('quota set everyone 9 pictures a day model sdxl', second);
    expect(both.limits.map(({ model }) => model)).toEqual([undefined, 'SDXL']);
    expect(applied('quota remove everyone pictures a day', both).limits).toHaveLength(1);
  });

  it('take a role’s share back, and no other’s', () => {
    const two = applied('settings weight <@&8> 3', applied('settings weight <@&9> 2'));
    expect(applied('settings weight <@&9> off', two).weights).toEqual({ 8: 3 });
    expect(() => applied('settings weight <@&7> off', two)).toThrow('These have: <role:8> and <role:9>.');
  });

  it('end by the clock where they are for a time', () => {
    expect(applied('ban @ada for 2 days').bans).toEqual([
      { person: 'ada', until: '2026-11-25T12:00:00.000Z' },
    ]);
    expect(applied('quota bonus @ada 5 pictures for 1h').grants[0]!.until).toBe('2026-11-23T13:00:00.000Z');
  });

  it.each([
    'settings time-zone Mars/Olympus',
    'models allow nothing',
    'quota set everyone 5 pictures a day model nothing',
    'quota remove everyone pictures a day',
    'words remove nothing',
    'channel forget #art',
    'unban @ada',
    'ban @eve',
    'settings weight <@&9> off',
  ])('are not changed by what can not be: %s', (line) => {
    expect(() => applied(line)).toThrow(UserError);
  });

  it('are shown, each with what changes it', () => {
    const rules = applied(
      'ban @ada',
      applied('quota set everyone 5 pictures a day', applied('channel allow #art')),
    );
    const shown = { rules, now: context.now, audit: [], models: context.models };
    const words = (
      kind: 'quota show' | 'channel show' | 'bans' | 'models show' | 'words show' | 'settings show',
    ) =>
      shownWords({ kind }, shown)
        .map(({ text, code }) => [text, code].join(' '))
        .join('\n');
    expect(words('quota show')).toContain('5 pictures a day for each person');
    expect(words('channel show')).toContain('<channel:art>');
    expect(words('bans')).toContain('<person:ada>');
    for (const kind of ['quota show', 'channel show', 'models show', 'words show', 'settings show'] as const)
      expect(words(kind)).toContain('/darkroom');
  });
});

it('bans and bonuses that are over are not shown, though nothing was changed since', () => {
  const rules = applied(
    'quota bonus @ada 5 pictures for 1h',
    applied('ban @bob for 2 hours', applied('ban @ada for 1h')),
  );
  const shown = (kind: 'bans' | 'quota show', minutes: number): string => {
    const now = new Date(context.now.getTime() + minutes * 60_000);
    return JSON.stringify(shownWords({ kind }, { rules, now, audit: [], models: [] }));
  };
  for (const kind of ['bans', 'quota show'] as const) {
    expect(shown(kind, 59)).toContain('<person:ada>');
    expect(shown(kind, 60)).not.toContain('<person:ada>');
  }
  expect(shown('bans', 60)).toContain('<person:bob>');
  expect(shown('bans', 120)).toContain('Nobody is banned');
});

describe('a mention', () => {
  it('in our words is found again, and named by who knows the names', () => {
    expect(mentionsIn('Hello <person:1>, see <channel:2>.')).toEqual([
      'Hello ',
      { kind: 'person', id: '1' },
      ', see ',
      { kind: 'channel', id: '2' },
      '.',
    ]);
    expect(withNames('Hi <role:3>', (kind, id) => `${kind} ${id}`)).toBe('Hi role 3');
  });
});
