// What people call the servers and channels of a report. Where a platform does not tell, their ids stand for them.

import type { Share, UsageReport } from '../../core/report.ts';
import { DIRECT, HOUSE, type ServerRef } from '../../core/rules.ts';
import { plainName } from '../report/names.ts';

/** What people call a server or a channel of a platform, where it is known. */
export type NameOf = (kind: 'server' | 'channel', platform: string, id: string) => string | undefined;

export function serverName({ platform, id }: ServerRef, nameOf: NameOf): string {
  if (platform === HOUSE.platform) return 'This page';
  if (id === DIRECT) return `Direct messages on ${titled(platform)}`;
  const name = nameOf('server', platform, id);
  if (name !== undefined) return `${plainName(name, id)} on ${titled(platform)}`;
  return `${titled(platform)} ${platform === 'slack' ? 'workspace' : 'server'} ${id}`;
}

export function withChannelNames(report: UsageReport, nameOf: NameOf): UsageReport {
  const { server, channels } = report;
  const named = (share: Share): Share => {
    const slash = share.key.indexOf('/');
    const [platform, id] = server
      ? [server.platform, share.key]
      : [share.key.slice(0, slash), share.key.slice(slash + 1)];
    return { ...share, name: nameOf('channel', platform, id) ?? share.name };
  };
  return { ...report, channels: channels.map(named) };
}

const titled = (platform: string): string => platform.charAt(0).toUpperCase() + platform.slice(1);
