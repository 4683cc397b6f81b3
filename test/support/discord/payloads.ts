// Events as Discord sends them.

import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIUser,
} from 'discord.js';

export const IDS = {
  application: '1000000000000000001',
  bot: '1000000000000000002',
  guild: '1000000000000000003',
  channel: '1000000000000000004',
  ada: '1000000000000000005',
  otherBot: '1000000000000000006',
  command: '1000000000000000007',
};

export const ada: APIUser = {
  id: IDS.ada,
  username: 'ada',
  global_name: 'Ada',
  discriminator: '0',
  avatar: null,
};

type Option = APIApplicationCommandInteractionDataBasicOption;

const types = {
  string: ApplicationCommandOptionType.String,
  number: ApplicationCommandOptionType.Number,
} as const;

/** A command's fields, or one of them in focus, as people fill them in. */
export function fields(values: Record<string, string | number>, focused?: string): Option[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    type: typeof value === 'number' ? types.number : types.string,
    value,
    ...(name === focused && { focused: true }),
  })) as Option[];
}

const member = {
  user: ada,
  nick: null,
  roles: [],
  permissions: '0',
  joined_at: '2026-01-01T00:00:00.000Z',
  deaf: false,
  mute: false,
  flags: 0,
  avatar: null,
};

function interaction(id: string, type: InteractionType, channel: string): object {
  return {
    id,
    application_id: IDS.application,
    type,
    token: `token-${id}`,
    version: 1,
    guild_id: IDS.guild,
    channel_id: channel,
    channel: { id: channel, type: 0, permissions: '0' },
    member,
    app_permissions: '0',
    locale: 'en-US',
    guild_locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: { '0': IDS.guild },
    context: 0,
    attachment_size_limit: 10_485_760,
  };
}

export function command(id: string, name: string, options: Option[], channel = IDS.channel): object {
  const data = { id: IDS.command, name, type: ApplicationCommandType.ChatInput, options };
  return { ...interaction(id, InteractionType.ApplicationCommand, channel), data };
}

export function typing(id: string, name: string, options: Option[]): object {
  const data = { id: IDS.command, name, type: ApplicationCommandType.ChatInput, options };
  return { ...interaction(id, InteractionType.ApplicationCommandAutocomplete, IDS.channel), data };
}

export function press(id: string, message: object, customId: string): object {
  const data = { component_type: ComponentType.Button, custom_id: customId, id: 2 };
  return { ...interaction(id, InteractionType.MessageComponent, IDS.channel), data, message };
}

/** A reaction in the channel; `author` is left out where Discord does not know it. */
export function reaction(message: string, emoji: string, by: string = IDS.ada, author?: string): object {
  return {
    user_id: by,
    channel_id: IDS.channel,
    message_id: message,
    guild_id: IDS.guild,
    ...(author !== undefined && { message_author_id: author }),
    emoji: { id: null, name: emoji },
    member: { ...member, user: { ...ada, id: by, ...(by !== IDS.ada && { bot: true }) } },
    burst: false,
    type: 0,
  };
}
