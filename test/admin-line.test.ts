// Admins' commands as people type them: in any order, with quotes, with words that look like options.

import { describe, expect, it } from 'vitest';
import { commandText, parseAdminLine } from '../src/bots/admin-line.ts';
import type { AdminCommand } from '../src/core/admin/command.ts';
import type { Mentions } from '../src/core/admin/mention.ts';
import { UserError } from '../src/core/user-error.ts';

const DAY = 86_400;

describe('a typed command', () => {
  it.each<[string, AdminCommand]>([
    [
      'quota set server 2h a day burst 1h',
      { kind: 'quota set', who: 'server', unit: 'seconds', per: 'day', amount: 7200, burst: 3600 },
    ],
    [
      'quota set server 2h a day burst 90 min',
      { kind: 'quota set', who: 'server', unit: 'seconds', per: 'day', amount: 7200, burst: 5400 },
    ],
    [
      'quota set everyone 10 pictures a day burst 5 pictures',
      { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 10, burst: 5 },
    ],
    ['ban @ada for 7 days', { kind: 'ban', person: 'ada', seconds: 7 * DAY }],
    ['ban @ada for spamming', { kind: 'ban', person: 'ada', reason: 'for spamming' }],
    [
      'ban @ada asking for more for 2h',
      { kind: 'ban', person: 'ada', seconds: 7200, reason: 'asking for more' },
    ],
    ['words add two "heads"', { kind: 'words add', rule: 'two "heads"' }],
    ['words add 5m', { kind: 'words add', rule: '5m' }],
    ['pause back in 2h', { kind: 'pause', reason: 'back in 2h' }],
    ['models allow a b,c', { kind: 'models allow', names: ['a', 'b', 'c'] }],
    ['models allow sd2s', { kind: 'models allow', names: ['sd2s'] }],
    ['report 7d', { kind: 'report', period: '7d' }],
    ['report', { kind: 'report', period: 'month' }],
    ['report by person last week', { kind: 'report', period: 'last week', by: 'person' }],
    [
      'report 2026-11-01..2026-11-15 by channel',
      { kind: 'report', period: '2026-11-01..2026-11-15', by: 'channel' },
    ],
    ['Models Max-Steps OFF', { kind: 'models max-steps' }],
    ['unban <@U1|Ada Lovelace>', { kind: 'unban', person: 'U1' }],
    ['', { kind: 'help' }],
  ])('means what it says: %s', (line, command) => {
    expect(parseAdminLine(line)).toEqual(command);
  });

  it.each<AdminCommand>([
    { kind: 'ban', person: 'ada', reason: 'for 7 days of spam' },
    { kind: 'ban', person: 'ada', seconds: DAY, reason: 'asked for 2 h' },
    { kind: 'ban', person: 'ada', reason: '"gore", again' },
    { kind: 'ban', person: 'ada', seconds: 90 },
    { kind: 'pause', reason: '2h of work' },
    { kind: 'pause', reason: 'a  b' },
    { kind: 'words add', rule: '"' },
    { kind: 'words remove', rule: 'for 3 days' },
    { kind: 'quota set', who: 'server', unit: 'seconds', per: 'day', amount: 5400, burst: 1800.5 },
    { kind: 'quota set', who: 'role:1', unit: 'pictures', per: 'hour', amount: 0, model: 'my model' },
    { kind: 'quota set', who: 'role:1', unit: 'pictures', per: 'hour', amount: 0, model: '2h' },
    { kind: 'quota remove', who: 'person:ada', unit: 'seconds', per: 'month', model: 'sdxl' },
    { kind: 'quota bonus', person: 'ada', unit: 'seconds', amount: 3600, seconds: 90 },
    { kind: 'channel private', channel: 'art', on: false },
    { kind: 'channel age-restricted', on: true },
    { kind: 'settings log-channel' },
    { kind: 'settings prompts', on: true },
    { kind: 'settings keep' },
    { kind: 'settings keep', days: 30 },
    { kind: 'settings weight', role: '7', share: 0.5 },
    { kind: 'report', period: 'last month', by: 'person' },
  ])('written back can be typed again: %j', (command) => {
    expect(parseAdminLine(commandText(command))).toEqual(command);
  });

  it('takes from the platform who is meant by a plain name', () => {
    const mentions: Mentions = (_, name) => (name === 'painters' ? { kind: 'role', id: '7' } : undefined);
    expect(parseAdminLine('quota set @painters 5 pictures a day', mentions)).toMatchObject({ who: 'role:7' });
    expect(() => parseAdminLine('ban @nobody', mentions)).toThrow(UserError);
    expect(() => parseAdminLine('ban @painters', mentions)).toThrow(UserError);
  });

  it.each([
    'models max-size',
    'settings digest',
    'quota set everyone 5 pictures a day tomorrow',
    'quota set everyone 5 pictures a day burst 1h',
    'quota set everyone 5 pictures a day model',
    'quota set everyone 2.5 pictures a day',
    'quota set server 1000000000 hours a day',
    'quota bonus @ada 100 pictures',
    'ban #art',
    'resume now',
    'report by nobody',
  ])('that can not be shows one that can: %s', (line) => {
    expect(() => parseAdminLine(line)).toThrow(UserError);
    expect(() => parseAdminLine(line)).toThrow(/\/darkroom/);
  });
});
