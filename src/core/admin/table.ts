// Every admin command with its options: help, the typed grammar and a platform's own definitions come from here.

import { periods } from '../rules.ts';
import { reportBy, type AdminName } from './command.ts';

/** `who` is "everyone", "server", a role or a person; `flag` is on or off. */
export type OptionKind =
  'who' | 'person' | 'role' | 'channel' | 'number' | 'choice' | 'text' | 'duration' | 'flag';

export interface AdminOption {
  name: string;
  kind: OptionKind;
  /** At most 100 letters. */
  description: string;
  required?: true;
  choices?: readonly string[];
  /** In typed text it stands behind one of these. */
  after?: readonly string[];
  /** Left out, it means off; in typed text "off" says so. */
  orOff?: true;
  /** The names of models are offered. */
  models?: true;
}

export interface AdminForm {
  /** "quota set": a group and a command, or one command alone. */
  name: AdminName;
  /** At most 100 letters. */
  description: string;
  options: readonly AdminOption[];
  /** What stands behind the name, in an example that people can type. */
  example: string;
}

/** Minutes and hours are of a device, and become seconds. */
export const unitWords = ['pictures', 'seconds', 'minutes', 'hours'] as const;

const who = {
  name: 'who',
  kind: 'who',
  description: 'everyone, server, a role or a person',
  required: true,
} as const;
const amount = {
  name: 'amount',
  kind: 'number',
  description: 'How many; pictures are whole',
  required: true,
} as const;
const unit = {
  name: 'unit',
  kind: 'choice',
  description: 'Pictures, or device time',
  required: true,
  choices: unitWords,
} as const;
const per = {
  name: 'per',
  kind: 'choice',
  description: 'Calendar period',
  required: true,
  choices: periods,
} as const;
const model = {
  name: 'model',
  kind: 'text',
  description: 'For this model alone',
  after: ['model'],
  models: true,
} as const;
const person = { name: 'person', kind: 'person', description: 'Who', required: true } as const;
const channel = { name: 'channel', kind: 'channel', description: 'Which channel', required: true } as const;
const on = { name: 'on', kind: 'flag', description: 'On or off', required: true } as const;
const rule = {
  name: 'rule',
  kind: 'text',
  description: 'A word or phrase; * stands for any letters',
  required: true,
} as const;
const reason = { name: 'reason', kind: 'text', description: 'Why, for the people it concerns' } as const;

const channelOrOff = {
  name: 'channel',
  kind: 'channel',
  description: 'Leave it out for none',
  orOff: true,
} as const;

export const adminCommands: readonly AdminForm[] = [
  { name: 'quota show', description: 'Limits and bonuses', options: [], example: '' },
  {
    name: 'quota set',
    description: 'Sets a limit',
    options: [
      who,
      amount,
      unit,
      per,
      { name: 'burst', kind: 'number', description: 'Unused from before that counts too', after: ['burst'] },
      model,
    ],
    example: 'everyone 50 pictures per day',
  },
  {
    name: 'quota remove',
    description: 'Removes a limit',
    options: [who, unit, per, model],
    example: 'everyone pictures per day',
  },
  {
    name: 'quota bonus',
    description: 'Gives a person more for a time',
    options: [
      person,
      amount,
      unit,
      { name: 'for', kind: 'duration', description: 'How long, like 7 days', required: true, after: ['for'] },
    ],
    example: '@ada 100 pictures for 7 days',
  },
  {
    name: 'quota over',
    description: 'What happens over a limit',
    options: [
      {
        name: 'choice',
        kind: 'choice',
        description: 'Draw when a device is idle, or refuse',
        required: true,
        choices: ['relax', 'refuse'],
      },
    ],
    example: 'refuse',
  },
  { name: 'models show', description: 'Which models may be used, and how', options: [], example: '' },
  {
    name: 'models allow',
    description: 'Allows these models and no others',
    options: [
      {
        name: 'names',
        kind: 'text',
        description: 'Names, with commas between',
        required: true,
        models: true,
      },
    ],
    example: 'sdxl, flux',
  },
  { name: 'models all', description: 'Allows every model', options: [], example: '' },
  {
    name: 'models max-size',
    description: 'The longest side of a picture',
    options: [{ name: 'pixels', kind: 'number', description: 'Leave it out for any', orOff: true }],
    example: '1024',
  },
  {
    name: 'models max-steps',
    description: 'The most steps of a request',
    options: [{ name: 'steps', kind: 'number', description: 'Leave it out for any', orOff: true }],
    example: '40',
  },
  { name: 'channel show', description: 'Where requests are taken', options: [], example: '' },
  {
    name: 'channel allow',
    description: 'Takes requests here and in other allowed channels only',
    options: [channel],
    example: '#art',
  },
  {
    name: 'channel forget',
    description: 'Takes a channel off the list',
    options: [channel],
    example: '#art',
  },
  { name: 'channel all', description: 'Takes requests in every channel', options: [], example: '' },
  {
    name: 'channel private',
    description: 'Makes requests in a channel private',
    options: [channel, on],
    example: '#art on',
  },
  {
    name: 'channel age-restricted',
    description: 'Takes requests in channels for adults only',
    options: [on],
    example: 'on',
  },
  {
    name: 'ban',
    description: 'Refuses what a person asks for',
    options: [
      person,
      {
        name: 'for',
        kind: 'duration',
        description: 'How long, like 7 days; left out: until lifted',
        after: ['for'],
      },
      reason,
    ],
    example: '@ada for 7 days spamming',
  },
  { name: 'unban', description: 'Lifts a ban', options: [person], example: '@ada' },
  { name: 'bans', description: 'Who is banned', options: [], example: '' },
  { name: 'pause', description: 'Takes no requests for now', options: [reason], example: 'moving house' },
  { name: 'resume', description: 'Takes requests again', options: [], example: '' },
  { name: 'words show', description: 'What may not be drawn', options: [], example: '' },
  { name: 'words add', description: 'Forbids a word or phrase', options: [rule], example: 'gore*' },
  { name: 'words remove', description: 'Allows a word or phrase again', options: [rule], example: 'gore*' },
  { name: 'words standard', description: 'The list that comes with Darkroom', options: [on], example: 'on' },
  {
    name: 'words flagged',
    description: 'What becomes of pictures that the safety checker flags',
    options: [
      {
        name: 'choice',
        kind: 'choice',
        description: 'Hide or withhold',
        required: true,
        choices: ['spoiler', 'withhold'],
      },
    ],
    example: 'withhold',
  },
  {
    name: 'settings show',
    description: 'Time zone, channels and shares of this server',
    options: [],
    example: '',
  },
  {
    name: 'settings time-zone',
    description: 'When days and months begin',
    options: [{ name: 'name', kind: 'text', description: 'Like Europe/Berlin', required: true }],
    example: 'Europe/Berlin',
  },
  {
    name: 'settings log-channel',
    description: 'Where moderators are asked',
    options: [channelOrOff],
    example: '#mods',
  },
  {
    name: 'settings digest',
    description: 'Where the report of each week goes',
    options: [channelOrOff],
    example: '#mods',
  },
  {
    name: 'settings keep',
    description: 'How long pictures are kept',
    options: [{ name: 'days', kind: 'number', description: 'Leave it out for no end', orOff: true }],
    example: '30 days',
  },
  {
    name: 'settings prompts',
    description: 'Whether the prompt stands in a picture’s file',
    options: [on],
    example: 'off',
  },
  {
    name: 'settings weight',
    description: 'A role’s share of device time',
    options: [
      { name: 'role', kind: 'role', description: 'Which role', required: true },
      { name: 'share', kind: 'number', description: 'Others have 1; leave it out for that', orOff: true },
    ],
    example: '@role 2',
  },
  {
    name: 'report',
    description: 'Who used what',
    options: [
      { name: 'by', kind: 'choice', description: 'What is listed', choices: reportBy, after: ['by'] },
      { name: 'period', kind: 'text', description: 'today, week, last month, 7d, 2026-11 …' },
    ],
    example: 'last month by person',
  },
  {
    name: 'audit',
    description: 'Who changed what',
    options: [{ name: 'limit', kind: 'number', description: 'How many entries' }],
    example: '20',
  },
  { name: 'reviews', description: 'What moderators have yet to decide', options: [], example: '' },
  { name: 'help', description: 'All of these commands', options: [], example: '' },
];

/** As it is typed: "/darkroom quota set everyone 50 pictures per day". */
export const exampleOf = ({ name, example }: AdminForm): string => `/darkroom ${name} ${example}`.trim();
