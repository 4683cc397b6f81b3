// Who we are on Slack, and how its events come: by a receiver. Socket Mode and signed HTTP are two of them, and
// nobody else has to know which one is open. Knows no events.

import type { AppOptions, Logger, Receiver } from '@slack/bolt';
import { UserError } from '../../core/user-error.ts';
import { codeOf, isBadToken } from './failures.ts';
import { KeptApp } from './kept-app.ts';
import type { SlackWeb } from './web.ts';

/** Who we are on Slack. */
export interface Self {
  userId: string;
  botId: string;
  teamId: string;
  team: string;
}

/** How events come. */
export interface EventReceiver {
  /** Bolt's own, which hands them to its app. */
  readonly bolt: Receiver;
  /** Rejects with a plain sentence when it can not be opened. */
  open(): Promise<void>;
  /** Also when it was never opened. */
  close(): Promise<void>;
}

interface Deps {
  web: SlackWeb;
  botToken: string;
  apiUrl: string;
  logger: Logger;
  ackWithinMs?: number;
}

/** Who the bot token belongs to, or a sentence about what is wrong with it. */
export async function whoAmI({ web, apiUrl }: Pick<Deps, 'web' | 'apiUrl'>): Promise<Self> {
  try {
    const told = await web.call((client) => client.auth.test());
    const { user_id: userId = '', bot_id: botId = '', team_id: teamId = '', team = 'Slack' } = told;
    return { userId, botId, teamId, team };
  } catch (error) {
    throw isBadToken(error)
      ? new UserError(
          `Slack does not accept SLACK_BOT_TOKEN (${codeOf(error)}). Copy the Bot User OAuth Token, which begins with xoxb-, from your app's page at api.slack.com/apps under OAuth & Permissions.`,
          { cause: error },
        )
      : unreachable(apiUrl, error);
  }
}

/** Bolt's app, to be given listeners before its receiver is opened. */
export function appOn(
  receiver: EventReceiver,
  self: Self,
  { web, botToken, logger, ackWithinMs }: Deps,
): KeptApp {
  const options: AppOptions = {
    receiver: receiver.bolt,
    authorize: async () => ({ botToken, botId: self.botId, botUserId: self.userId }),
    clientOptions: { ...web.options },
    logger,
    convoStore: false,
  };
  return new KeptApp(options, ackWithinMs);
}

export function unreachable(apiUrl: string, error: unknown): UserError {
  const code = codeOf(error);
  const reason = code ? `Slack answered ${code}` : `Slack can not be reached at ${apiUrl}`;
  return new UserError(
    `${reason}. Check this machine's way to the internet and the app's settings, then start again.`,
    { cause: error },
  );
}
