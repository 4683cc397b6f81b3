// What is so by the rules, in sentences: for the answer to a change and for whoever asks later. People, roles and
// channels stand in them as marks.

import { limitText, momentText, quantity } from '../quota.ts';
import type { Ban, Grant, Limit, Period, Rules, Who } from '../rules.ts';
import { mark, type MentionKind } from './mention.ts';

/** "50 pictures a day for each person with the role <role:1>, and up to 20 pictures that the day before left". */
export function limitWords(limit: Limit): string {
  const { burst, unit, per } = limit;
  const words = limitText(limit, whomWords(limit.who));
  return burst === undefined
    ? words
    : `${words}, and up to ${quantity(unit, burst)} that ${before[per]} left`;
}

const before: Record<Period, string> = {
  hour: 'the hour before',
  day: 'the day before',
  month: 'the month before',
};

/** Whom a limit is for, after "for". */
export function whomWords(who: Who): string {
  if (who === 'server') return 'the whole server';
  if (who === 'everyone') return 'each person';
  const id = who.slice(who.indexOf(':') + 1);
  return who.startsWith('role:') ? `each person with the role ${mark('role', id)}` : mark('person', id);
}

export const overWords: Record<Rules['overBudget'], string> = {
  relax: 'What goes beyond a limit is drawn when a device is idle, and is not counted.',
  refuse: 'What goes beyond a limit is refused until the limit renews.',
};

export const flaggedWords: Record<Rules['flagged'], string> = {
  spoiler: "Pictures that a model's safety checker flags are hidden until somebody wants to see them.",
  withhold: "Pictures that a model's safety checker flags are withheld.",
};

export const maxSideWords = (pixels?: number): string =>
  pixels === undefined
    ? 'Pictures may have any size that their model allows.'
    : `Pictures may have up to ${pixels} pixels a side.`;

export const maxStepsWords = (steps?: number): string =>
  steps === undefined
    ? 'Pictures may take as many steps as their model allows.'
    : `Pictures may take up to ${steps} ${steps === 1 ? 'step' : 'steps'}.`;

export const channelsWords = (channels?: readonly string[]): string =>
  channels ? `Requests are taken in ${marked('channel', channels)} only.` : 'Requests are taken everywhere.';

export const privateWords = (channel: string, on: boolean): string =>
  on
    ? `Requests in ${mark('channel', channel)} are private unless they say otherwise.`
    : `Requests in ${mark('channel', channel)} are for everyone there to see.`;

export const ageWords = (on: boolean): string =>
  on ? 'Requests are taken in age-restricted channels only.' : 'Channels need not be age-restricted.';

export function pausedWords(paused?: { reason?: string | undefined }): string {
  if (!paused) return 'Requests are taken.';
  const why = paused.reason === undefined ? '' : `: ${ended(paused.reason)}`;
  return `No requests are taken until /darkroom resume${why}.`;
}

export const standardWords = (on: boolean): string =>
  on
    ? 'The list that comes with Darkroom holds here.'
    : 'The list that comes with Darkroom does not hold here, but for what nobody may draw.';

export const zoneWords = (timeZone: string): string => `Hours, days and months are those of ${timeZone}.`;

export const logWords = (channel?: string): string =>
  channel === undefined
    ? 'Moderators are asked nowhere.'
    : `Moderators are asked, and told of reported pictures, in ${mark('channel', channel)}.`;

export const digestWords = (channel?: string): string =>
  channel === undefined
    ? 'The report of each week goes nowhere.'
    : `The report of each week goes to ${mark('channel', channel)}, on Mondays at nine.`;

export const keepWords = (days?: number): string =>
  days === undefined
    ? "Pictures are kept as long as Darkroom's owner keeps them."
    : `Pictures are kept for ${days} ${days === 1 ? 'day' : 'days'}.`;

export const promptsWords = (on: boolean): string =>
  on
    ? 'The recipe in a picture’s file has its prompt, unless Darkroom’s owner leaves them out everywhere.'
    : 'The recipe in a picture’s file leaves its prompt out.';

export const weightWords = (role: string, share: number): string =>
  `People with the role ${mark('role', role)} have a share of ${share} of device time; everyone else has 1.`;

export const noWeightWords = (role: string): string =>
  `The role ${mark('role', role)} has no share of its own any more.`;

/** "<person:ada> may not draw here until 1 December 2026 at 12:00 (UTC): spamming." */
export function banWords({ person, until, reason }: Ban, zone: string): string {
  const end = until === undefined ? '' : ` until ${momentText(zone, new Date(until))}`;
  const why = reason === undefined ? '' : `: ${ended(reason)}`;
  return `${mark('person', person)} may not draw here${end}${why}.`;
}

export const grantWords = ({ person, amount, unit, until }: Grant, zone: string): string =>
  `Each limit of ${mark('person', person)} has ${quantity(unit, amount)}${unit === 'seconds' ? ' of device time' : ''} ` +
  `more until ${momentText(zone, new Date(until))}.`;

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nothing';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last;
}

export const marked = (kind: MentionKind, ids: readonly string[]): string =>
  listed(ids.map((id) => mark(kind, id)));

/** For a full stop of ours. */
const ended = (text: string): string => text.replace(/\.$/, '');
