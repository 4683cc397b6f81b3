// What the admins of one server have decided: who may use how much, of which models, in which channels, and what may
// be drawn. One document per server. Knows no people and no time.

import { z } from 'zod';

/** A server or workspace on a platform. */
export interface ServerRef {
  platform: string;
  id: string;
}

/** "discord/123": the same for the same server alone, as no platform's name has a slash. */
export const serverKey = ({ platform, id }: ServerRef): string => `${platform}/${id}`;

/** The server of requests that come from none: direct messages and the console. */
export const DIRECT = 'direct';

/** Whose rules hold in direct messages and on the console: the owner's, who sets them on the console. */
export const HOUSE: ServerRef = { platform: 'console', id: DIRECT };

export const units = ['pictures', 'seconds'] as const;
/** Pictures, or seconds of a device. */
export type Unit = (typeof units)[number];

export const periods = ['hour', 'day', 'month'] as const;
/** A calendar hour, day or month in the server's time zone. */
export type Period = (typeof periods)[number];

/**
 * Whom a limit is for: all people together, each person, each person with a role, or one person. Of the limits for
 * everyone and for a person's roles the most generous holds; one for the person alone holds instead of them.
 */
export type Who = 'server' | 'everyone' | `role:${string}` | `person:${string}`;

const amount = z.number().positive().max(1e9);
const date = z.iso.datetime();
const names = z.array(z.string().min(1));

const limit = z.object({
  who: z.custom<Who>(
    (value) => typeof value === 'string' && /^(server|everyone|(role|person):.+)$/.test(value),
  ),
  unit: z.enum(units),
  per: z.enum(periods),
  /** 0 allows nothing. */
  amount: z.number().min(0).max(1e9),
  /** So much of what the period before left unused may be used as well. */
  burst: amount.optional(),
  /** For requests to this model alone. */
  model: z.string().optional(),
});
export type Limit = z.output<typeof limit>;

/** While it lasts, each limit of this unit on this person is higher by the amount. */
const grant = z.object({ person: z.string(), unit: z.enum(units), amount, until: date });
export type Grant = z.output<typeof grant>;

const ban = z.object({ person: z.string(), until: date.optional(), reason: z.string().optional() });
export type Ban = z.output<typeof ban>;

export const rules = z.object({
  /** An IANA name. */
  timeZone: z.string().default('UTC'),
  limits: z.array(limit).default([]),
  grants: z.array(grant).default([]),
  /** Over budget: drawn when a device is idle, or refused until the period ends. */
  overBudget: z.enum(['relax', 'refuse']).default('relax'),
  /** Shares of the server's device time by role; everyone else has 1. The largest of a person's roles counts. */
  weights: z.record(z.string(), amount).default({}),
  /** Names of models; all of them where absent. */
  models: names.optional(),
  /** The longest side in pixels, and the most steps. */
  maxSide: z.number().int().positive().optional(),
  maxSteps: z.number().int().positive().optional(),
  /** Channels in which requests are taken; every channel where absent. */
  channels: names.optional(),
  /** Channels in which requests are private unless they say otherwise. */
  privateChannels: names.default([]),
  /** Only channels that the platform keeps for adults. */
  ageRestrictedOnly: z.boolean().default(false),
  bans: z.array(ban).default([]),
  paused: z.object({ reason: z.string().optional() }).optional(),
  /** Whether the list that Darkroom brings along is applied. */
  standardWords: z.boolean().default(true),
  /** Words and phrases that may not be drawn; an asterisk stands for any letters. */
  words: names.default([]),
  /** A picture that the model's safety checker flags, where it is not for adults: hidden behind a spoiler, or withheld. */
  flagged: z.enum(['spoiler', 'withhold']).default('spoiler'),
  /** Whether the recipe in a picture's file has its prompts, where Darkroom's owner lets them in. */
  picturePrompts: z.boolean().default(true),
  /** Where moderators are asked, and told of reports. */
  logChannel: z.string().optional(),
  /** Where the report of each week goes, on Mondays at nine. */
  digestChannel: z.string().optional(),
  /** Pictures are removed after so many days. */
  keepDays: z.number().int().positive().max(100_000).optional(),
});
export type Rules = z.output<typeof rules>;

export const noRules: Rules = rules.parse({});

export const isHouse = ({ platform, id }: ServerRef): boolean =>
  platform === HOUSE.platform && id === HOUSE.id;

/** Whose rules hold for what is asked on a platform: the server's, or the house's where there is none. */
export const rulerOf = (platform: string, server: string | undefined): ServerRef =>
  server === undefined ? HOUSE : { platform, id: server };

/** Whether a ban or a grant is not over. */
export const lasts = ({ until }: { until?: string | undefined }, now: Date): boolean =>
  until === undefined || Date.parse(until) > now.getTime();

/** The ban that keeps this person from drawing now. */
export const banOn = ({ bans }: Rules, person: string, now: Date): Ban | undefined =>
  bans.find((each) => each.person === person && lasts(each, now));

/** Something that somebody changed, for admins to read. */
export interface AuditEntry {
  at: Date;
  by: { id: string; name: string };
  /** "ban @ada for 7 days": the change in the words of the command. */
  change: string;
}

export interface RulesStore {
  /** Undefined: nothing was ever set. */
  get(server: ServerRef): Promise<Rules | undefined>;
  /** The rules as they are from now on, and the entry that says why, in one statement each; the entry first. */
  set(server: ServerRef, rules: Rules, entry: AuditEntry): Promise<void>;
  /** The newest first. */
  audit(server: ServerRef, limit: number): Promise<AuditEntry[]>;
  /** All servers that have rules. */
  list(): Promise<{ server: ServerRef; rules: Rules }[]>;
}
