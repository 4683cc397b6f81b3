// A console whose report is of a house made of memory: what was used stands in its ledger, and its queue is real.

import type { Reports } from '../../src/bots/console/report-routes.ts';
import { Office } from '../../src/bots/office.ts';
import type { ServerRef } from '../../src/core/rules.ts';
import { flexible } from './cards.ts';
import { ScriptedDesk } from './scripted-desk.ts';
import { workingStudio } from './studio.ts';

export const discord = { platform: 'discord', id: '42' };
export const slack = { platform: 'slack', id: 'T1' };
export const utc = (day: number, hour = 12): Date => new Date(Date.UTC(2026, 10, day, hour));
/** Of the report, where a test says nothing else. */
export const NOW = utc(23, 18);

export interface Drawn {
  server?: ServerRef;
  person?: string;
  channel?: string;
  model?: string;
  pictures?: number;
  seconds?: number;
  wait?: number;
}

export async function reportDesk(now: () => Date = () => NOW) {
  const studio = await workingStudio();
  const { ledger, queue, rules, usage, admission } = studio;
  const office = new Office({ rules, usage, admission, cards: [flexible], now });
  const asked: unknown[] = [];
  const reports: Reports = {
    report: (of) => {
      asked.push(of);
      return office.numbers(of.server, of.period);
    },
    servers: () => office.servers(),
    load: () => queue.load,
    watch: (heard) => {
      queue.on('moved', heard);
      return () => queue.off('moved', heard);
    },
  };
  const desk = new ScriptedDesk({ reports });
  await desk.start();
  /** A request that was over then. */
  const drew = (at: Date, drawn: Drawn = {}): void => {
    const { server = discord, person = 'ada', pictures = 4, seconds = 8, model = 'emoji' } = drawn;
    const reserved = ledger.reserve({ server, person, model, at, pictures, seconds });
    ledger.settle(reserved, { pictures, seconds });
    const entry = ledger.entries.at(-1)!;
    if (drawn.channel !== undefined) entry.channel = drawn.channel;
    if (drawn.wait !== undefined) entry.waitSeconds = drawn.wait;
  };
  return { ...studio, office, desk, reports, asked, drew, url: desk.chat.url };
}
