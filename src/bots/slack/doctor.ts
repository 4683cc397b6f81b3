// Looks whether the Slack settings work, without starting anything: which tokens Slack takes, and what they may do.

import { pino } from 'pino';
import { webApi } from '@slack/bolt';
import type { Finding } from '../finding.ts';
import { codeOf } from './failures.ts';
import { boltLog } from './log.ts';

/** What the bot token must be allowed, and why. manifest.json asks for exactly these. */
export const SCOPES: Readonly<Record<string, string>> = {
  commands: 'the commands and shortcuts',
  'chat:write': 'messages in channels that I was invited to',
  'files:write': 'pictures',
  'files:read': 'pictures to start from, and whether mine are ready to be shown',
  'reactions:read': 'reactions on my messages',
  'app_mentions:read': 'mentions, also in threads',
  'im:write': 'private answers as direct messages',
  'im:history': 'what people write to me in direct messages',
  'users:read': 'names, and whether a reaction came from a bot',
  'usergroups:read': 'limits and shares of user groups',
};

interface Settings {
  botToken: string;
  appToken?: string;
  signingSecret?: string;
  apiUrl: string;
}

const WITHIN_MS = 10_000;
const INSTALL =
  'add it under OAuth & Permissions, or paste the manifest once more, and install the app again';

export async function checkSlack(settings: Settings): Promise<Finding[]> {
  const bot = await checkBotToken(settings);
  const events = await checkEvents(settings);
  return [
    ...bot,
    ...events,
    {
      ok: true,
      what: 'Slack tells nobody which commands, shortcuts and events an app has',
      todo: 'compare them with src/bots/slack/manifest.json, under App Manifest on the page of your app',
    },
  ];
}

async function checkBotToken({ botToken, apiUrl }: Settings): Promise<Finding[]> {
  try {
    const { user, team, response_metadata: told } = await clientOf(botToken, apiUrl).auth.test();
    return [
      { ok: true, what: `SLACK_BOT_TOKEN belongs to ${user ?? 'a bot'} in ${team ?? 'a workspace'}` },
      ...scopeFindings(told?.scopes ?? []),
    ];
  } catch (error) {
    return [
      {
        ok: false,
        what: `SLACK_BOT_TOKEN is not accepted: ${reason(error, apiUrl)}`,
        todo: 'copy the Bot User OAuth Token, which begins with xoxb-, from OAuth & Permissions',
      },
    ];
  }
}

function scopeFindings(given: readonly string[]): Finding[] {
  const missing = Object.entries(SCOPES).filter(([scope]) => !given.includes(scope));
  if (missing.length === 0) return [{ ok: true, what: 'the bot token has every scope that it needs' }];
  return missing.map(([scope, why]) => ({
    ok: false,
    what: `the bot token lacks the scope ${scope}, for ${why}`,
    todo: INSTALL,
  }));
}

async function checkEvents({ appToken, signingSecret, apiUrl }: Settings): Promise<Finding[]> {
  if (appToken) return [await checkAppToken(appToken, apiUrl)];
  if (!signingSecret)
    return [
      {
        ok: false,
        what: 'there is no way for events to come in',
        todo: 'set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for signed HTTP',
      },
    ];
  return [
    /^[0-9a-f]{32}$/.test(signingSecret)
      ? {
          ok: true,
          what: 'SLACK_SIGNING_SECRET looks like one; Slack tells nobody whether it is the right one',
        }
      : {
          ok: false,
          what: 'SLACK_SIGNING_SECRET is not 32 digits and letters from a to f',
          todo: 'copy the Signing Secret from Basic Information',
        },
  ];
}

async function checkAppToken(appToken: string, apiUrl: string): Promise<Finding> {
  try {
    await clientOf(appToken, apiUrl).apps.connections.open();
    return { ok: true, what: 'SLACK_APP_TOKEN opens a socket' };
  } catch (error) {
    return {
      ok: false,
      what: `SLACK_APP_TOKEN opens no socket: ${reason(error, apiUrl)}`,
      todo: 'make an app-level token with the scope connections:write under Basic Information, and switch Socket Mode on',
    };
  }
}

function clientOf(token: string, slackApiUrl: string): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl,
    timeout: WITHIN_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: boltLog(pino({ level: 'silent' })),
  });
}

function reason(error: unknown, apiUrl: string): string {
  return codeOf(error) ?? `Slack can not be reached at ${apiUrl}`;
}
