// The report of each week, posted where a server's admins want it: on Mondays from nine, once. The audit log says that
// it was, so a restart posts it no second time. Knows no platform.

import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import type { RulesBook } from '../core/rules-book.ts';
import { DIRECT, type Rules, type ServerRef } from '../core/rules.ts';
import type { Chat } from './chat.ts';
import type { Office } from './office.ts';

interface Deps {
  rules: RulesBook;
  office: Pick<Office, 'report'>;
  chats: readonly Chat[];
  log: Logger;
}

const DARKROOM = { id: 'darkroom', name: 'Darkroom' };
const MONDAY = 1;
const FROM_HOUR = 9;
/** So many of the newest changes are looked through: more are not made within a day. */
const LOOKED_AT = 200;

/** Posts what is due. Called every hour; what fails is tried again then, until the day is over. */
export async function postDigests(deps: Deps, now: Date): Promise<void> {
  for (const { server, rules } of deps.rules.list())
    await postDigest(deps, server, rules, now).catch((error: unknown) =>
      deps.log.warn({ err: error, server }, 'the weekly report could not be posted'),
    );
}

async function postDigest({ rules, office, chats }: Deps, server: ServerRef, own: Rules, now: Date) {
  const { digestChannel: channel, timeZone } = own;
  const local = DateTime.fromJSDate(now, { zone: timeZone });
  const chat = chats.find(({ platform }) => platform === server.platform);
  if (channel === undefined || !chat || local.weekday !== MONDAY || local.hour < FROM_HOUR) return;
  const done = `weekly report of ${local.minus({ weeks: 1 }).toFormat("kkkk-'W'WW")}`;
  const audit = await rules.audit(server, LOOKED_AT);
  if (audit.some(({ change }) => change === done)) return;
  const sheet = await office.report(server, { kind: 'report', period: 'last week' });
  const place = { platform: server.platform, channel, ...(server.id !== DIRECT && { server: server.id }) };
  await chat.publish(place, sheet);
  await rules.change(server, DARKROOM, done, (same) => ({ rules: same, said: '' }));
}
