// What admins are shown of their server's rules. Pure; people, roles and channels stand in it as marks.

import {
  ageWords,
  banWords,
  channelsWords,
  digestWords,
  flaggedWords,
  grantWords,
  keepWords,
  limitWords,
  listed,
  logWords,
  maxSideWords,
  maxStepsWords,
  overWords,
  pausedWords,
  privateWords,
  promptsWords,
  standardWords as standardListWords,
  weightWords,
  zoneWords,
} from '../core/admin/said.ts';
import type { ShowCommand } from '../core/admin/command.ts';
import { mark } from '../core/admin/mention.ts';
import { adminCommands, exampleOf } from '../core/admin/table.ts';
import { momentText } from '../core/quota.ts';
import { lasts, type AuditEntry, type Rules } from '../core/rules.ts';
import type { Line } from './chat.ts';

interface Shown {
  rules: Rules;
  now: Date;
  /** The newest first. */
  audit: readonly AuditEntry[];
  models: readonly string[];
}

type Show = Exclude<ShowCommand, { kind: 'report' | 'reviews' }>;

export function shownWords({ kind }: Show, { rules, now, audit, models }: Shown): Line[] {
  switch (kind) {
    case 'quota show':
      return quotaWords(rules, now);
    case 'models show':
      return modelWords(rules, models);
    case 'channel show':
      return channelWords(rules);
    case 'bans':
      return bannedWords(rules, now);
    case 'words show':
      return wordWords(rules);
    case 'settings show':
      return settingWords(rules);
    case 'audit':
      return auditWords(rules, audit);
    case 'help':
      return [
        { text: 'What admins can say:' },
        ...adminCommands.map((form) => ({ text: form.description, code: exampleOf(form) })),
      ];
  }
}

const change = (how: string): Line => ({ text: 'To change it:', code: `/darkroom ${how}` });
const lines = (texts: readonly string[]): Line[] => texts.map((text) => ({ text }));

function quotaWords({ limits, grants, overBudget, timeZone }: Rules, now: Date): Line[] {
  return [
    ...lines([
      limits.length === 0 ? 'There are no limits.' : 'The limits:',
      ...limits.map(limitWords),
      ...grants.filter((grant) => lasts(grant, now)).map((grant) => grantWords(grant, timeZone)),
      overWords[overBudget],
    ]),
    change('quota set everyone 50 pictures per day'),
    { text: 'To give somebody more for a time:', code: '/darkroom quota bonus @ada 100 pictures for 7 days' },
  ];
}

function modelWords({ models, maxSide, maxSteps }: Rules, all: readonly string[]): Line[] {
  return [
    ...lines([
      models ? `Only ${listed(models)} may be used.` : `Every model may be used: ${listed(all)}.`,
      maxSideWords(maxSide),
      maxStepsWords(maxSteps),
    ]),
    change(`models allow ${(models ?? all).join(', ')}`),
    change('models max-size 1024'),
    change('models max-steps 40'),
  ];
}

function channelWords({ channels, privateChannels, ageRestrictedOnly }: Rules): Line[] {
  return [
    ...lines([
      channelsWords(channels),
      ...privateChannels.map((id) => privateWords(id, true)),
      ageWords(ageRestrictedOnly),
    ]),
    change('channel allow #art'),
    change('channel private #art on'),
  ];
}

function bannedWords({ bans, timeZone }: Rules, now: Date): Line[] {
  const lasting = bans.filter((ban) => lasts(ban, now));
  if (lasting.length === 0)
    return [{ text: 'Nobody is banned. To ban somebody:', code: '/darkroom ban @ada for 7 days spamming' }];
  return [
    ...lines(lasting.map((ban) => banWords(ban, timeZone))),
    { text: 'To lift a ban:', code: '/darkroom unban @ada' },
  ];
}

function wordWords({ words, standardWords, flagged }: Rules): Line[] {
  return [
    ...lines([
      standardListWords(standardWords),
      words.length === 0 ? 'The server has no words of its own.' : 'These may not be drawn:',
      ...words,
      flaggedWords[flagged],
    ]),
    change('words add gore*'),
    change('words flagged withhold'),
  ];
}

function settingWords(rules: Rules): Line[] {
  const { timeZone, logChannel, digestChannel, keepDays, picturePrompts, weights, paused } = rules;
  return [
    ...lines([
      pausedWords(paused),
      zoneWords(timeZone),
      logWords(logChannel),
      digestWords(digestChannel),
      keepWords(keepDays),
      promptsWords(picturePrompts),
      ...Object.entries(weights).map(([role, share]) => weightWords(role, share)),
    ]),
    change(`settings time-zone ${timeZone}`),
    change('settings log-channel #mods'),
    change('settings keep 30 days'),
  ];
}

function auditWords({ timeZone }: Rules, audit: readonly AuditEntry[]): Line[] {
  if (audit.length === 0) return [{ text: 'Nothing was changed yet.' }];
  return audit.map(({ at, by, change: what }) => ({
    text: `${momentText(timeZone, at)}, ${mark('person', by.id)}: ${what}`,
  }));
}
