// Permissions under the names that a server's settings show: those this bot needs, those that are missing, and what a
// person is allowed in a channel. Knows the rules by which roles and a channel's exceptions add up, and no network.

import { PermissionFlagsBits as Bit, type Channel, type Guild } from 'discord.js';

/** No more than these: the bot adds no reactions, embeds nothing, and reads nobody's messages. */
const NEEDED: readonly { name: string; bit: bigint }[] = [
  { name: 'View Channel', bit: Bit.ViewChannel },
  { name: 'Send Messages', bit: Bit.SendMessages },
  { name: 'Send Messages in Threads', bit: Bit.SendMessagesInThreads },
  { name: 'Attach Files', bit: Bit.AttachFiles },
  { name: 'Read Message History', bit: Bit.ReadMessageHistory },
];
const EVERYTHING = NEEDED.reduce(
  (all, { bit }) => all | bit,
  Bit.Administrator | Bit.ManageMessages | Bit.ManageGuild,
);

/** What the invite link asks for, as Discord writes it. */
export const INVITED_WITH: string = String(NEEDED.reduce((all, { bit }) => all | bit, 0n));

/** The permissions that the bot lacks, by name; `of`: those that matter here. */
export function missingIn(granted: bigint, of = NEEDED.map(({ name }) => name)): string[] {
  if ((granted & Bit.Administrator) !== 0n) return [];
  return NEEDED.filter(({ name, bit }) => of.includes(name) && (granted & bit) === 0n).map(
    ({ name }) => name,
  );
}

/** `permissions`: as an interaction or a server's list carries them. */
export function mayModerate(permissions: string | bigint | undefined): boolean {
  return (BigInt(permissions ?? 0) & (Bit.Administrator | Bit.ManageMessages)) !== 0n;
}

/** Whether these let a person set the rules of a server. */
export function mayAdminister(permissions: string | bigint | undefined): boolean {
  return (BigInt(permissions ?? 0) & (Bit.Administrator | Bit.ManageGuild)) !== 0n;
}

interface Member {
  id: string;
  roles: readonly string[];
}

/** A server's roles and a channel's exceptions to them. */
export interface Rules {
  owner: string;
  /** The role that all have. */
  everyone: string;
  roles: ReadonlyMap<string, bigint>;
  overwrites: ReadonlyMap<string, { allow: bigint; deny: bigint }>;
}

/** In Discord's order: roles add up; then the channel's exceptions for all, for the roles together, for the person. */
export function grantedTo({ id, roles }: Member, { owner, everyone, ...rules }: Rules): bigint {
  const base = [everyone, ...roles].reduce((all, role) => all | (rules.roles.get(role) ?? 0n), 0n);
  if (id === owner || (base & Bit.Administrator) !== 0n) return EVERYTHING;
  const exceptions = (of: readonly string[]): { allow: bigint; deny: bigint } =>
    of.reduce(
      (all, each) => {
        const { allow, deny } = rules.overwrites.get(each) ?? { allow: 0n, deny: 0n };
        return { allow: all.allow | allow, deny: all.deny | deny };
      },
      { allow: 0n, deny: 0n },
    );
  return [[everyone], roles, [id]]
    .map(exceptions)
    .reduce((granted, { allow, deny }) => (granted & ~deny) | allow, base);
}

/** The rules of a channel as the gateway told them; a thread has those of its channel. */
export function rulesOf(channel: Channel): { guild: Guild; thread: boolean; rules: Rules } | undefined {
  if (channel.isDMBased()) return undefined;
  const { guild } = channel;
  const ruled = channel.isThread() ? channel.parent : channel;
  const overwrites = ruled && 'permissionOverwrites' in ruled ? [...ruled.permissionOverwrites.cache] : [];
  const rules = {
    owner: guild.ownerId,
    everyone: guild.id,
    roles: new Map([...guild.roles.cache].map(([id, role]) => [id, role.permissions.bitfield])),
    overwrites: new Map(
      overwrites.map(([id, { allow, deny }]) => [id, { allow: allow.bitfield, deny: deny.bitfield }]),
    ),
  };
  return { guild, thread: channel.isThread(), rules };
}

/** Whether a channel is kept for adults, as the gateway told; a thread is as its channel. */
export function isForAdults(channel: Channel | null | undefined): boolean {
  if (!channel || channel.isDMBased()) return false;
  if (channel.isThread()) return isForAdults(channel.parent);
  return 'nsfw' in channel && channel.nsfw;
}

/** What the bot lacks in a channel, as far as the gateway told; empty when that says nothing. */
export function lackingIn(channel: Channel | undefined): string[] {
  const ruled = channel && rulesOf(channel);
  const me = ruled?.guild.members.me;
  if (!ruled || !me) return [];
  const send = ruled.thread ? 'Send Messages in Threads' : 'Send Messages';
  const granted = grantedTo({ id: me.id, roles: [...me.roles.cache.keys()] }, ruled.rules);
  return missingIn(granted, ['View Channel', send, 'Attach Files', 'Read Message History']);
}
