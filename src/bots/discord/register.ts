// Telling Discord of our commands, only when it knows other ones, for all servers or for one. Knows how Discord writes
// definitions back, with its defaults left out or written in.

import { isDeepStrictEqual } from 'node:util';
import {
  ApplicationCommandType,
  REST,
  Routes,
  type APIApplication,
  type APIApplicationCommand,
  type APIApplicationCommandOption,
} from 'discord.js';
import { UserError } from '../../core/user-error.ts';
import type { Definition } from './commands.ts';
import { RENEW_TOKEN } from './login.ts';
import { INVITED_WITH } from './permissions.ts';
import { isForbidden, isUnauthorized } from './problems.ts';

type Known = Definition | APIApplicationCommand;

/** Names of commands as people see them, by what has to be done about each. */
export interface Changes {
  added: string[];
  changed: string[];
  removed: string[];
}

export const isEmpty = ({ added, changed, removed }: Changes): boolean =>
  added.length + changed.length + removed.length === 0;

/** "new: /again; changed: /imagine" */
export function inWords({ added, changed, removed }: Changes): string {
  const parts = [
    ['new', added],
    ['changed', changed],
    ['to remove', removed],
  ] as const;
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${names.join(', ')}`)
    .join('; ');
}

/** With `guild`, the commands of that server alone. */
const routeOf = (application: string, guild: string | undefined): `/${string}` =>
  guild === undefined
    ? Routes.applicationCommands(application)
    : Routes.applicationGuildCommands(application, guild);

/** What Discord knows otherwise than we define it. */
export async function compare(
  rest: REST,
  application: string,
  ours: readonly Definition[],
  guild?: string,
): Promise<Changes> {
  const theirs = (await rest.get(routeOf(application, guild))) as APIApplicationCommand[];
  const same = (a: Known, b: Known): boolean => isDeepStrictEqual(plain(a, guild), plain(b, guild));
  const find = (all: readonly Known[], like: Known): Known | undefined =>
    all.find((each) => each.name === like.name && each.type === like.type);
  return {
    added: ours.filter((each) => !find(theirs, each)).map(title),
    changed: ours
      .filter((each) => {
        const known = find(theirs, each);
        return known && !same(each, known);
      })
      .map(title),
    removed: theirs.filter((each) => !find(ours, each)).map(title),
  };
}

/** Makes Discord know these commands and no others. Nothing is sent when it does already. */
export async function register(
  rest: REST,
  application: string,
  ours: readonly Definition[],
  guild?: string,
): Promise<Changes> {
  try {
    const changes = await compare(rest, application, ours, guild);
    const body = guild === undefined ? ours : ours.map(inOneServer);
    if (!isEmpty(changes)) await rest.put(routeOf(application, guild), { body });
    return changes;
  } catch (error) {
    if (guild === undefined || !isForbidden(error)) throw error;
    const todo = `Invite it there, then try again: ${inviteUrl(application)}`;
    throw new UserError(`The bot is not in the server ${guild}. ${todo}`, { cause: error });
  }
}

/** The same without a connection: what changed, and where to invite the bot. Rejects with a UserError. */
export async function registerOnce(
  { token, apiUrl }: { token: string; apiUrl: string },
  ours: readonly Definition[],
  guild?: string,
): Promise<{ changes: Changes; invite: string }> {
  const rest = new REST({ api: apiUrl }).setToken(token);
  try {
    const { id } = (await rest.get(Routes.currentApplication())) as APIApplication;
    return { changes: await register(rest, id, ours, guild), invite: inviteUrl(id) };
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    throw new UserError(`Discord does not accept DISCORD_TOKEN. ${RENEW_TOKEN}`, { cause: error });
  }
}

/** Where to invite the bot, with the permissions that it needs and no more. */
export function inviteUrl(application: string): string {
  const query = new URLSearchParams({
    client_id: application,
    scope: 'bot applications.commands',
    permissions: INVITED_WITH,
  });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}

const title = ({ type, name }: Known): string =>
  type === ApplicationCommandType.Message ? `"${name}"` : `/${name}`;

/** A server's own commands are there and nowhere else, so Discord takes no word on where. */
function inOneServer(definition: Definition): Definition {
  const { contexts: _, integration_types: __, ...rest } = definition;
  return rest;
}

/** What matters of a definition, with Discord's defaults written out. */
function plain(definition: Known, guild: string | undefined): object {
  const { type, name, contexts, integration_types: installs } = definition;
  const options: readonly APIApplicationCommandOption[] =
    'options' in definition ? (definition.options ?? []) : [];
  return {
    type,
    name,
    description: ('description' in definition && definition.description) || '',
    ...(guild === undefined && {
      contexts: (contexts ?? []).toSorted((a, b) => a - b),
      installs: (installs ?? []).toSorted((a, b) => a - b),
    }),
    permissions: definition.default_member_permissions ?? null,
    options: options.map(plainOption),
  };
}

function plainOption(option: APIApplicationCommandOption): object {
  const { type, name, description, required = false } = option;
  const choices = 'choices' in option ? (option.choices ?? []) : [];
  const below: readonly APIApplicationCommandOption[] = 'options' in option ? (option.options ?? []) : [];
  return {
    type,
    name,
    description,
    required,
    autocomplete: 'autocomplete' in option ? (option.autocomplete ?? false) : false,
    min: 'min_value' in option ? option.min_value : undefined,
    max: 'max_value' in option ? option.max_value : undefined,
    choices: choices.map((choice) => [choice.name, choice.value]),
    options: below.map(plainOption),
  };
}
