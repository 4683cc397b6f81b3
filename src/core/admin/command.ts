// What an admin can say about one server: every command of `/darkroom`, the same on every platform. Knows neither how
// it is typed nor what it does.

import type { Period, Rules, Unit, Who } from '../rules.ts';

/** Which limit is meant: there is one of each. */
export interface LimitKey {
  who: Who;
  unit: Unit;
  per: Period;
  model?: string | undefined;
}

/** What only shows something. */
export type ShowCommand =
  | { kind: 'quota show' }
  | { kind: 'models show' }
  | { kind: 'channel show' }
  | { kind: 'bans' }
  | { kind: 'words show' }
  | { kind: 'settings show' }
  /** `period` as it was typed, for `periodOf`. */
  | { kind: 'report'; period: string; by?: ReportBy }
  | { kind: 'audit'; limit?: number }
  /** What moderators have yet to decide. */
  | { kind: 'reviews' }
  | { kind: 'help' };

/** What changes the rules. People, roles and channels are the platform's ids. */
export type ChangeCommand =
  | ({ kind: 'quota set'; amount: number; burst?: number } & LimitKey)
  | ({ kind: 'quota remove' } & LimitKey)
  | { kind: 'quota bonus'; person: string; amount: number; unit: Unit; seconds: number }
  | { kind: 'quota over'; choice: Rules['overBudget'] }
  | { kind: 'models allow'; names: string[] }
  | { kind: 'models all' }
  /** Without a number: any. */
  | { kind: 'models max-size'; pixels?: number }
  | { kind: 'models max-steps'; steps?: number }
  | { kind: 'channel allow'; channel: string }
  | { kind: 'channel forget'; channel: string }
  | { kind: 'channel all' }
  | { kind: 'channel private'; channel: string; on: boolean }
  | { kind: 'channel age-restricted'; on: boolean }
  /** Without `seconds`: until it is lifted. */
  | { kind: 'ban'; person: string; seconds?: number; reason?: string }
  | { kind: 'unban'; person: string }
  | { kind: 'pause'; reason?: string }
  | { kind: 'resume' }
  | { kind: 'words add'; rule: string }
  | { kind: 'words remove'; rule: string }
  | { kind: 'words standard'; on: boolean }
  | { kind: 'words flagged'; choice: Rules['flagged'] }
  | { kind: 'settings time-zone'; name: string }
  /** Without a channel: none. */
  | { kind: 'settings log-channel'; channel?: string }
  | { kind: 'settings digest'; channel?: string }
  /** Without days: for good, or as long as the owner keeps pictures. */
  | { kind: 'settings keep'; days?: number }
  | { kind: 'settings prompts'; on: boolean }
  /** Without a share: what everyone has. */
  | { kind: 'settings weight'; role: string; share?: number };

export type AdminCommand = ShowCommand | ChangeCommand;
export type AdminName = AdminCommand['kind'];

export const reportBy = ['person', 'channel', 'model'] as const;
/** What a report lists one by one. */
export type ReportBy = (typeof reportBy)[number];

const shows: ReadonlySet<string> = new Set<ShowCommand['kind']>([
  'quota show',
  'models show',
  'channel show',
  'bans',
  'words show',
  'settings show',
  'report',
  'audit',
  'reviews',
  'help',
]);

export const changesRules = (command: AdminCommand): command is ChangeCommand => !shows.has(command.kind);
