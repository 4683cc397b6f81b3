// What Discord thinks of this bot's settings: its token, its application, its commands, and its permissions in each
// server. It only looks; nothing is changed.

import {
  ApplicationFlags,
  REST,
  Routes,
  type APIApplication,
  type APIUser,
  type RESTAPIPartialCurrentUserGuild,
} from 'discord.js';
import type { Finding } from '../finding.ts';
import type { Definition } from './commands.ts';
import { RENEW_TOKEN } from './login.ts';
import { missingIn } from './permissions.ts';
import { isForbidden, isUnauthorized } from './problems.ts';
import { compare, inviteUrl, inWords, isEmpty } from './register.ts';

const ANSWER_WITHIN_MS = 15_000;

interface Asked {
  token: string;
  apiUrl: string;
  definitions: readonly Definition[];
  guild?: string | undefined;
}

export async function checkDiscord({ token, apiUrl, definitions, guild }: Asked): Promise<Finding[]> {
  const rest = new REST({ api: apiUrl, timeout: ANSWER_WITHIN_MS, retries: 1 }).setToken(token);
  try {
    const application = (await rest.get(Routes.currentApplication())) as APIApplication;
    const bot = (await rest.get(Routes.user())) as APIUser;
    return [
      { ok: true, what: `The token is accepted: ${bot.username}, of the application ${application.name}.` },
      ...eventFindings(application),
      await commandFinding(rest, application.id, definitions, guild),
      ...(guild === undefined ? [] : await twiceFindings(rest, application.id, definitions, guild)),
      ...(await serverFindings(rest, application.id)),
      { ok: true, what: `To invite the bot: ${inviteUrl(application.id)}` },
    ];
  } catch (error) {
    return [unanswered(error)];
  }
}

function unanswered(error: unknown): Finding {
  if (isUnauthorized(error))
    return { ok: false, what: 'Discord does not accept DISCORD_TOKEN.', todo: RENEW_TOKEN };
  return {
    ok: false,
    what: `Discord can not be asked: ${error instanceof Error ? error.message : String(error)}.`,
    todo: "Check this machine's way to discord.com, and DISCORD_API_URL if it is set.",
  };
}

const privileged: readonly [ApplicationFlags, string][] = [
  [ApplicationFlags.GatewayPresence | ApplicationFlags.GatewayPresenceLimited, 'Presence'],
  [ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited, 'Server Members'],
  [ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited, 'Message Content'],
];

function eventFindings({ flags, interactions_endpoint_url: elsewhere }: APIApplication): Finding[] {
  const granted = privileged.filter(([bits]) => ((flags ?? 0) & bits) !== 0).map(([, name]) => name);
  const spare = granted.length > 0 ? `; you may switch off ${granted.join(', ')}` : '';
  return [
    elsewhere
      ? {
          ok: false,
          what: `Discord sends commands and buttons to ${elsewhere}, and not to Darkroom.`,
          todo: 'Empty Interactions Endpoint URL: discord.com/developers, your application, General Information.',
        }
      : { ok: true, what: 'Commands, buttons and reactions come to Darkroom.' },
    { ok: true, what: `No privileged intent is needed${spare}.` },
  ];
}

async function commandFinding(
  rest: REST,
  application: string,
  ours: readonly Definition[],
  guild: string | undefined,
): Promise<Finding> {
  const where = guild === undefined ? 'for all servers' : `for the server ${guild}`;
  try {
    const changes = await compare(rest, application, ours, guild);
    if (isEmpty(changes)) return { ok: true, what: `The commands are registered ${where}.` };
    return {
      ok: false,
      what: `The commands are not registered as they are now, ${where}: ${inWords(changes)}.`,
      todo: `Run npm run discord:register${guild === undefined ? '' : ` -- --guild ${guild}`}, or start Darkroom.`,
    };
  } catch (error) {
    if (guild === undefined || !isForbidden(error)) throw error;
    return {
      ok: false,
      what: `The bot is not in the server ${guild}, which DISCORD_GUILD_ID names.`,
      todo: `Invite it: ${inviteUrl(application)}`,
    };
  }
}

/** What Discord knows for all servers and for one, it shows twice in that one. */
async function twiceFindings(
  rest: REST,
  application: string,
  ours: readonly Definition[],
  guild: string,
): Promise<Finding[]> {
  const { added } = await compare(rest, application, ours);
  if (added.length === ours.length) return [];
  return [
    {
      ok: false,
      what: `Commands are registered for all servers too, so the server ${guild} shows them twice.`,
      todo: 'Empty DISCORD_GUILD_ID and run npm run discord:register -- --remove; then set it again, or leave it empty for all servers.',
    },
  ];
}

async function serverFindings(rest: REST, application: string): Promise<Finding[]> {
  const servers = (await rest.get(Routes.userGuilds())) as RESTAPIPartialCurrentUserGuild[];
  const todo = `Give them to the bot's role in Server Settings, Roles, or invite it again: ${inviteUrl(application)}`;
  if (servers.length === 0)
    return [
      { ok: false, what: 'The bot is in no server yet.', todo: `Invite it: ${inviteUrl(application)}` },
    ];
  return servers.map(({ name, permissions }) => {
    const missing = missingIn(BigInt(permissions));
    return missing.length === 0
      ? { ok: true, what: `In ${name} it has every permission it needs.` }
      : { ok: false, what: `In ${name} it lacks ${missing.join(', ')}.`, todo };
  });
}
