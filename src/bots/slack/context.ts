// What every way in needs: the desk behind it, a voice for what needs no desk, and who is who. A line that somebody
// typed becomes an intent here, whether it came as a command, a mention or a direct message.

import type { types } from '@slack/bolt';
import type { Logger } from 'pino';
import type { ImagineFields } from '../../core/prompt-line.ts';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Requester } from '../../queue/job.ts';
import type { Desk, Intent, Place, Words } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import type { TypedLine } from '../typed-line.ts';
import { isDirect, PLATFORM, whereIs } from './address.ts';
import type { Self } from './connection.ts';
import { codeOf } from './failures.ts';
import type { Groups } from './groups.ts';
import { help } from './help.ts';
import type { People } from './people.ts';
import type { SlackWeb } from './web.ts';
import type { Whispers } from './whispers.ts';
import { IMAGINE } from './words.ts';

export interface Context {
  self: Self;
  web: SlackWeb;
  desk: Desk;
  people: People;
  groups: Groups;
  whispers: Whispers;
  reactions: Reactions;
  moderators: readonly string[];
  /** Ids of people who may set the workspace's rules. */
  admins: readonly string[];
  /** The header that Slack's own files need. */
  authorization: string;
  cards: () => readonly ModelCard[];
  styles: () => readonly Style[];
  schedulers: readonly string[];
  log: Logger;
}

/** What every intent has. */
export interface Common {
  key: string;
  by: Requester;
  place: Place;
  moderator?: true;
  admin?: true;
  /** Ids of their user groups. */
  roles?: readonly string[];
}

function parentOf(place: Place): { parent?: string } {
  const { channel, thread_ts: thread } = whereIs(place);
  return thread === undefined ? {} : { parent: channel };
}

export function commonOf(context: Context, id: string, by: Requester, place: Place): Common {
  const key = `${PLATFORM}:${id}`;
  const moderator = context.moderators.includes(by.id);
  const admin = context.admins.includes(by.id);
  const roles = isDirect(place) ? [] : context.groups.of(by.id);
  context.whispers.remember(key, by);
  return {
    key,
    by,
    place: isDirect(place) ? place : { ...place, ...parentOf(place), server: context.self.teamId },
    ...(roles.length > 0 && { roles }),
    ...(moderator && { moderator: true as const }),
    ...(admin && { admin: true as const }),
  };
}

/** For one person, from us and not from the desk. Never rejects. */
export async function tell(context: Context, { by, place, key }: Common, words: Words): Promise<void> {
  await context.whispers
    .whisper(by, place, words, key)
    .catch((error: unknown) =>
      context.log.error({ err: error, key }, 'a sentence did not reach a person on Slack'),
    );
}

/** What can be asked; for admins also what they may set. */
export async function sayHelp(context: Context, common: Common): Promise<void> {
  await tell(context, common, help(context));
  if (common.admin) await context.desk.serve({ ...common, kind: 'admin', command: { kind: 'help' } });
}

/** Carries out a typed line; "imagine" without words is for `empty` to answer. */
export function serveLine(
  context: Context,
  line: TypedLine,
  common: Common,
  more: { empty: () => Promise<void>; options?: ImagineFields },
): Promise<void> {
  switch (line.kind) {
    case 'help':
      return sayHelp(context, common);
    case 'unknown':
      return tell(context, common, line.reply);
    case 'imagine': {
      if (!line.text) return more.empty();
      const { options } = more;
      return context.desk.serve({ ...common, ...line, ...(options && { options }) });
    }
    case 'show':
    case 'again':
    case 'queue':
    case 'history':
    case 'info':
    case 'settings':
    case 'usage':
    case 'mydata':
    case 'admin':
      return context.desk.serve({ ...common, ...line } satisfies Intent);
  }
}

/** Slack lets us open a form for three seconds after somebody pressed something, and only once. */
export async function openForm(
  context: Context,
  trigger: string,
  view: types.ModalView,
  common: Common,
): Promise<void> {
  try {
    await context.web.client.views.open({ trigger_id: trigger, view });
  } catch (error) {
    context.log.warn({ err: error, key: common.key }, 'a form could not be opened on Slack');
    const why = codeOf(error) === 'expired_trigger_id' ? 'I was too slow for Slack' : 'Slack did not open it';
    await tell(
      context,
      common,
      `There is no form this time: ${why}. Try again, or write ${IMAGINE} and your words.`,
    );
  }
}
