// Events as Discord sends them.

import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  PermissionFlagsBits as Bit,
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
  bo: '1000000000000000008',
  moderators: '1000000000000000009',
  thread: '1000000000000000010',
  owner: '1000000000000000011',
  quiet: '1000000000000000012',
  cy: '1000000000000000013',
  admins: '1000000000000000014',
  adults: '1000000000000000015',
  adultsThread: '1000000000000000016',
  strangeThread: '1000000000000000017',
};

/** A direct message's channel with Ada. */
export const DM = `9${IDS.ada}`;

export const ada: APIUser = {
  id: IDS.ada,
  username: 'ada',
  global_name: 'Ada',
  discriminator: '0',
  avatar: null,
};

export const bot = { id: IDS.bot, username: 'Darkroom', discriminator: '0', avatar: null, bot: true };

const TALK = Bit.ViewChannel | Bit.SendMessages | Bit.SendMessagesInThreads | Bit.ReadMessageHistory;

/** The server: all may talk and attach files, moderators delete, admins manage it, Cy in one channel, and nobody may write in the quiet one. */
export function guildOf(): object {
  const role = (id: string, permissions: bigint): object => ({
    id,
    name: id,
    permissions: String(permissions),
    position: 0,
  });
  const channel = (id: string, overwrites: object[] = [], nsfw = false): object => ({
    id,
    type: 0,
    name: id,
    position: 0,
    permission_overwrites: overwrites,
    nsfw,
  });
  const thread = (id: string, parent: string): object => ({
    id,
    type: 11,
    name: 'thread',
    parent_id: parent,
    thread_metadata: {},
  });
  const silence = { id: IDS.guild, type: 0, allow: '0', deny: String(Bit.SendMessages | Bit.AttachFiles) };
  const trust = { id: IDS.cy, type: 1, allow: String(Bit.ManageMessages), deny: '0' };
  return {
    id: IDS.guild,
    name: 'Studio',
    owner_id: IDS.owner,
    roles: [
      role(IDS.guild, TALK | Bit.AttachFiles),
      role(IDS.moderators, Bit.ManageMessages),
      role(IDS.admins, Bit.ManageGuild),
    ],
    channels: [channel(IDS.channel, [trust]), channel(IDS.quiet, [silence]), channel(IDS.adults, [], true)],
    threads: [thread(IDS.thread, IDS.channel), thread(IDS.adultsThread, IDS.adults)],
    members: [{ user: bot, roles: [], joined_at: '2026-01-01T00:00:00.000Z' }],
    emojis: [],
    stickers: [],
  };
}

type Option = APIApplicationCommandInteractionDataBasicOption;

const types = {
  string: ApplicationCommandOptionType.String,
  number: ApplicationCommandOptionType.Number,
  boolean: ApplicationCommandOptionType.Boolean,
} as const;

/** A command's fields, or one of them in focus, as people fill them in. */
export function fields(values: Record<string, string | number | boolean>, focused?: string): Option[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    type: types[typeof value as keyof typeof types],
    value,
    ...(name === focused && { focused: true }),
  })) as Option[];
}

/** The field `image` with a file attached to it, and the file. */
export function attached(type: string, url = 'https://cdn.example/cat.png') {
  const id = '1000000000000000021';
  const file = { id, filename: 'cat.png', size: 100, url, proxy_url: url, content_type: type };
  const option = { name: 'image', type: ApplicationCommandOptionType.Attachment, value: id } as Option;
  return { option, file, resolved: { attachments: { [id]: file } } };
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

interface Circumstances {
  channel?: string;
  /** What the person may do in the channel. */
  permissions?: bigint;
  roles?: string[];
  /** The channel's own, where it is a thread. */
  parent?: string;
  fileLimit?: number;
}

function interaction(id: string, type: InteractionType, more: Circumstances = {}): object {
  const { channel = IDS.channel, permissions = 0n, roles = [], parent, fileLimit = 10_485_760 } = more;
  const dm = channel === DM;
  return {
    id,
    application_id: IDS.application,
    type,
    token: `token-${id}`,
    version: 1,
    channel_id: channel,
    channel: {
      id: channel,
      type: dm ? 1 : parent === undefined ? 0 : 11,
      permissions: '0',
      ...(parent !== undefined && { parent_id: parent }),
    },
    ...(dm
      ? { user: ada }
      : { guild_id: IDS.guild, member: { ...member, roles, permissions: String(permissions) } }),
    app_permissions: '0',
    locale: 'en-US',
    guild_locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: { '0': IDS.guild },
    context: dm ? 1 : 0,
    attachment_size_limit: fileLimit,
  };
}

export function command(
  id: string,
  name: string,
  options: Option[],
  { resolved, ...more }: Circumstances & { resolved?: object } = {},
): object {
  const data = { id: IDS.command, name, type: ApplicationCommandType.ChatInput, options, resolved };
  return { ...interaction(id, InteractionType.ApplicationCommand, more), data };
}

/** An entry of a message's menu. */
export function menu(id: string, name: string, message: { id: string }): object {
  const data = {
    id: IDS.command,
    name,
    type: ApplicationCommandType.Message,
    target_id: message.id,
    resolved: { messages: { [message.id]: message } },
  };
  return { ...interaction(id, InteractionType.ApplicationCommand), data };
}

/** A registered command as far as its options. */
interface Registered {
  name: string;
  type: number;
  options?: Registered[];
}

/** The options of "name group subcommand" with these fields filled in, each of the type that was registered. */
export function filled(commands: readonly unknown[], line: string, values: object): Option[] {
  const [name, ...path] = line.split(' ');
  const find = (all: readonly Registered[], wanted: string | undefined): Registered => {
    const found = all.find((each) => each.name === wanted);
    if (!found) throw new Error(`${wanted} of ${line} is not registered.`);
    return found;
  };
  const below = (from: Registered, [next, ...rest]: string[]): object[] => {
    const options = from.options ?? [];
    if (next === undefined)
      return Object.entries(values).map(([field, value]) => {
        const { type } = find(options, field);
        return { name: field, type, value: value as unknown };
      });
    const chosen = find(options, next);
    return [{ name: next, type: chosen.type, options: below(chosen, rest) }];
  };
  return below(find(commands as Registered[], name), path) as Option[];
}

export function typing(id: string, name: string, options: Option[]): object {
  const data = { id: IDS.command, name, type: ApplicationCommandType.ChatInput, options };
  return { ...interaction(id, InteractionType.ApplicationCommandAutocomplete), data };
}

export function press(id: string, message: object, customId: string, more: Circumstances = {}): object {
  const data = { component_type: ComponentType.Button, custom_id: customId, id: 2 };
  return { ...interaction(id, InteractionType.MessageComponent, more), data, message };
}

/** A form that was filled in; `chosen` are its lists. */
export function submit(
  id: string,
  customId: string,
  typed: Record<string, string>,
  chosen: Record<string, string> = {},
): object {
  const text = Object.entries(typed).map(([name, value]) => ({
    type: ComponentType.Label,
    component: { type: ComponentType.TextInput, custom_id: name, value },
  }));
  const lists = Object.entries(chosen).map(([name, value]) => ({
    type: ComponentType.Label,
    component: { type: ComponentType.StringSelect, custom_id: name, values: [value] },
  }));
  const data = { custom_id: customId, components: [...text, ...lists] };
  return { ...interaction(id, InteractionType.ModalSubmit), data };
}

/** A reaction in the channel; `author` is left out where Discord does not know it. */
export function reaction(
  message: string,
  emoji: string,
  by: string = IDS.ada,
  author?: string,
  { roles = [], channel = IDS.channel }: { roles?: string[]; channel?: string } = {},
): object {
  const bots: string[] = [IDS.bot, IDS.otherBot];
  const named = /^:(.+):$/.exec(emoji)?.[1];
  return {
    user_id: by,
    channel_id: channel,
    message_id: message,
    ...(author !== undefined && { message_author_id: author }),
    emoji: named === undefined ? { id: null, name: emoji } : { id: '1000000000000000031', name: named },
    ...(channel !== DM && {
      guild_id: IDS.guild,
      member: { ...member, roles, user: { ...ada, id: by, ...(bots.includes(by) && { bot: true }) } },
    }),
    burst: false,
    type: 0,
  };
}

/** The same when it is taken away: Discord tells less then. */
export function unreaction(message: string, emoji: string, by: string = IDS.ada): object {
  return {
    user_id: by,
    channel_id: IDS.channel,
    message_id: message,
    guild_id: IDS.guild,
    emoji: { id: null, name: emoji },
    burst: false,
    type: 0,
  };
}
