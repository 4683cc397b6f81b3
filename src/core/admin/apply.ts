// What an admin's command makes of the rules, and what is so from then on, in one sentence. Pure: knows neither where
// rules are kept nor who may change them.

import { IANAZone } from 'luxon';
import { lasts, type Rules } from '../rules.ts';
import { UserError } from '../user-error.ts';
import type { ChangeCommand, LimitKey } from './command.ts';
import { mark } from './mention.ts';
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
  marked,
  maxSideWords,
  maxStepsWords,
  noWeightWords,
  overWords,
  pausedWords,
  privateWords,
  promptsWords,
  standardWords,
  weightWords,
  zoneWords,
} from './said.ts';

export interface ApplyContext {
  now: Date;
  /** Who says it: the platform's id. */
  by: { id: string };
  /** Names of all models there are. */
  models: readonly string[];
  /** A word or phrase as it is kept. Throws a UserError for what can be none. */
  checkedRule: (text: string) => string;
}

export interface Applied {
  rules: Rules;
  /** With people, roles and channels as marks. */
  said: string;
}

/** Throws a UserError, which says what is allowed, for what can not be. */
export function applyCommand(rules: Rules, command: ChangeCommand, context: ApplyContext): Applied {
  const so = (changes: Changes, said: string): Applied => ({ rules: changed(rules, changes), said });
  switch (command.kind) {
    case 'quota set':
      return setLimit(rules, command, context);
    case 'quota remove':
      return removeLimit(rules, command);
    case 'quota bonus':
      return addGrant(rules, command, context);
    case 'quota over':
      return so({ overBudget: command.choice }, overWords[command.choice]);
    case 'models allow': {
      const models = [...new Set(command.names.map((name) => knownModel(name, context.models)))];
      return so({ models }, `Only ${listed(models)} may be used.`);
    }
    case 'models all':
      return so({ models: undefined }, 'Every model may be used.');
    case 'models max-size':
      return so({ maxSide: command.pixels }, maxSideWords(command.pixels));
    case 'models max-steps':
      return so({ maxSteps: command.steps }, maxStepsWords(command.steps));
    case 'channel allow': {
      const channels = withOne(rules.channels ?? [], command.channel);
      return so({ channels }, channelsWords(channels));
    }
    case 'channel forget':
      return forgetChannel(rules, command.channel);
    case 'channel all':
      return so({ channels: undefined }, channelsWords());
    case 'channel private': {
      const { channel, on } = command;
      const privateChannels = on
        ? withOne(rules.privateChannels, channel)
        : without(rules.privateChannels, channel);
      return so({ privateChannels }, privateWords(channel, on));
    }
    case 'channel age-restricted':
      return so({ ageRestrictedOnly: command.on }, ageWords(command.on));
    case 'ban':
      return addBan(rules, command, context);
    case 'unban':
      return liftBan(rules, command.person, context.now);
    case 'pause': {
      const { reason } = command;
      return so({ paused: reason === undefined ? {} : { reason } }, pausedWords({ reason }));
    }
    case 'resume':
      return so({ paused: undefined }, pausedWords());
    case 'words add':
      return addWord(rules, context.checkedRule(command.rule));
    case 'words remove':
      return removeWord(rules, command.rule, context.checkedRule);
    case 'words standard':
      return so({ standardWords: command.on }, standardWords(command.on));
    case 'words flagged':
      return so({ flagged: command.choice }, flaggedWords[command.choice]);
    case 'settings time-zone': {
      const timeZone = knownZone(command.name);
      return so({ timeZone }, zoneWords(timeZone));
    }
    case 'settings log-channel':
      return so({ logChannel: command.channel }, logWords(command.channel));
    case 'settings digest':
      return so({ digestChannel: command.channel }, digestWords(command.channel));
    case 'settings keep':
      return so({ keepDays: command.days }, keepWords(command.days));
    case 'settings prompts':
      return so({ picturePrompts: command.on }, promptsWords(command.on));
    case 'settings weight':
      return setWeight(rules, command);
  }
}

type Changes = { [K in keyof Rules]?: Rules[K] | undefined };

/** What is undefined in the changes goes. */
function changed(rules: Rules, changes: Changes): Rules {
  const all = Object.entries({ ...rules, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as Rules;
}

// Quotas.

type SetLimit = Extract<ChangeCommand, { kind: 'quota set' }>;
type Bonus = Extract<ChangeCommand, { kind: 'quota bonus' }>;
type Weight = Extract<ChangeCommand, { kind: 'settings weight' }>;
type NewBan = Extract<ChangeCommand, { kind: 'ban' }>;

function setLimit(
  rules: Rules,
  { who, unit, per, amount, burst, model: name }: SetLimit,
  { models }: ApplyContext,
): Applied {
  const model = name === undefined ? undefined : knownModel(name, models);
  const limit = {
    who,
    unit,
    per,
    amount,
    ...(burst !== undefined && { burst }),
    ...(model !== undefined && { model }),
  };
  const at = rules.limits.findIndex((each) => isSameLimit(each, limit));
  const limits = at < 0 ? [...rules.limits, limit] : rules.limits.with(at, limit);
  return { rules: { ...rules, limits }, said: `The limit is ${limitWords(limit)}.` };
}

function removeLimit(rules: Rules, key: LimitKey): Applied {
  const gone = rules.limits.find((each) => isSameLimit(each, key));
  if (!gone) {
    const there = rules.limits.length
      ? `The limits are: ${rules.limits.map(limitWords).join('; ')}.`
      : 'There are none.';
    throw new UserError(`There is no such limit. ${there}`);
  }
  const limits = rules.limits.filter((each) => each !== gone);
  return { rules: { ...rules, limits }, said: `No longer a limit: ${limitWords(gone)}.` };
}

function addGrant(rules: Rules, { person, amount, unit, seconds }: Bonus, { now }: ApplyContext): Applied {
  const grant = { person, unit, amount, until: after(now, seconds) };
  return {
    rules: { ...rules, grants: [...rules.grants, grant] },
    said: grantWords(grant, rules.timeZone),
  };
}

/** Capitals in a model's name do not matter. */
const isSameLimit = (a: LimitKey, b: LimitKey): boolean =>
  a.who === b.who &&
  a.unit === b.unit &&
  a.per === b.per &&
  a.model?.toLowerCase() === b.model?.toLowerCase();

const after = (now: Date, seconds: number): string => new Date(now.getTime() + seconds * 1000).toISOString();

function setWeight(rules: Rules, { role, share }: Weight): Applied {
  if (share !== undefined) {
    const weights = { ...rules.weights, [role]: share };
    return { rules: { ...rules, weights }, said: weightWords(role, share) };
  }
  const roles = Object.keys(rules.weights);
  if (!roles.includes(role)) {
    const there = roles.length ? `These have: ${marked('role', roles)}.` : 'No role has.';
    throw new UserError(`The role ${mark('role', role)} has no share of its own. ${there}`);
  }
  const left = Object.entries(rules.weights).filter(([each]) => each !== role);
  return { rules: { ...rules, weights: Object.fromEntries(left) }, said: noWeightWords(role) };
}

// Places and people.

function forgetChannel(rules: Rules, channel: string): Applied {
  const { channels = [] } = rules;
  if (!channels.includes(channel)) {
    const there = channels.length
      ? `On it: ${marked('channel', channels)}.`
      : 'Requests are taken everywhere.';
    throw new UserError(`${mark('channel', channel)} is not on the list. ${there}`);
  }
  if (channels.length === 1)
    throw new UserError(
      'That is the last on the list: /darkroom channel all takes requests everywhere, and /darkroom pause nowhere.',
    );
  const left = without(channels, channel);
  return { rules: { ...rules, channels: left }, said: channelsWords(left) };
}

/** In the place of one that the person has already. */
function addBan(rules: Rules, { person, seconds, reason }: NewBan, { now, by }: ApplyContext): Applied {
  if (person === by.id) throw new UserError('You can ban others, but not yourself.');
  const ban = {
    person,
    ...(seconds !== undefined && { until: after(now, seconds) }),
    ...(reason !== undefined && { reason }),
  };
  const bans = [...rules.bans.filter((each) => each.person !== person), ban];
  return { rules: { ...rules, bans }, said: banWords(ban, rules.timeZone) };
}

function liftBan(rules: Rules, person: string, now: Date): Applied {
  const lasting = rules.bans.filter((ban) => lasts(ban, now));
  if (!lasting.some((ban) => ban.person === person)) {
    const banned = lasting.map((ban) => ban.person);
    const there = banned.length ? `Banned: ${marked('person', banned)}.` : 'Nobody is.';
    throw new UserError(`${mark('person', person)} is not banned. ${there}`);
  }
  const bans = rules.bans.filter((ban) => ban.person !== person);
  return { rules: { ...rules, bans }, said: `${mark('person', person)} may draw here again.` };
}

// Words, models and zones.

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function addWord(rules: Rules, rule: string): Applied {
  const said = `“${rule}” may not be drawn here.`;
  if (rules.words.some((word) => sameText(word, rule))) return { rules, said };
  return { rules: { ...rules, words: [...rules.words, rule] }, said };
}

function removeWord(rules: Rules, text: string, checkedRule: ApplyContext['checkedRule']): Applied {
  const { words } = rules;
  const gone = words.find((word) => sameText(word, text)) ?? words.find(sameAs(() => checkedRule(text)));
  if (gone === undefined) {
    const there = words.length
      ? `The list: ${words.map((word) => `“${word}”`).join(', ')}.`
      : 'The list is empty; the words that come with Darkroom go with /darkroom words standard off.';
    throw new UserError(`“${text}” is not on the list. ${there}`);
  }
  return {
    rules: { ...rules, words: words.filter((word) => word !== gone) },
    said: `“${gone}” is no longer on the list.`,
  };
}

/** What can be no rule is the same as none. */
function sameAs(read: () => string): (word: string) => boolean {
  try {
    const rule = read();
    return (word) => sameText(word, rule);
  } catch (error) {
    if (error instanceof UserError) return () => false;
    throw error;
  }
}

function knownModel(name: string, models: readonly string[]): string {
  const known = models.find((each) => sameText(each, name));
  if (known === undefined)
    throw new UserError(
      `There is no model ${name}. ${models.length ? `There are: ${models.join(', ')}.` : ''}`.trim(),
    );
  return known;
}

const MOST_ZONES = 5;

/** As it is written in the list of zones. */
function knownZone(name: string): string {
  const all = Intl.supportedValuesOf('timeZone');
  const known = all.find((zone) => sameText(zone, name));
  if (known !== undefined) return known;
  if (sameText(name, 'utc')) return 'UTC';
  if (/^[a-z]/i.test(name) && IANAZone.isValidZone(name)) return name;
  const part = name.toLowerCase().replace(/\s+/g, '_');
  const near = all.filter((zone) => zone.toLowerCase().includes(part)).slice(0, MOST_ZONES);
  const like = near.length ? near.join(', ') : 'Europe/Berlin, America/New_York or UTC';
  throw new UserError(`There is no time zone ${name}. Their names are like ${like}.`);
}

const withOne = (ids: readonly string[], id: string): string[] => [...new Set([...ids, id])];
const without = (ids: readonly string[], id: string): string[] => ids.filter((each) => each !== id);
