// What admins say about their server, and what people ask about their own use. Answers in words; a report is a message
// with a chart and its numbers. Knows no platform.

import { applyCommand } from '../core/admin/apply.ts';
import { changesRules, type AdminCommand } from '../core/admin/command.ts';
import type { Admission } from '../core/admission.ts';
import { checkedRule } from '../core/moderation/moderation.ts';
import { windowOf } from '../core/quota.ts';
import { periodOf } from '../core/report-period.ts';
import type { UsageReport } from '../core/report.ts';
import { DIRECT, HOUSE, isHouse, rulerOf, type ServerRef } from '../core/rules.ts';
import type { RulesBook } from '../core/rules-book.ts';
import type { Usage } from '../core/usage.ts';
import { UserError } from '../core/user-error.ts';
import type { ModelCard } from '../pipeline/model-card.ts';
import { commandText } from './admin-line.ts';
import { shownWords } from './admin-words.ts';
import type { Chat, Intent, Place, Sheet, Words } from './chat.ts';
import { askerOf } from './asker.ts';
import { reportChart } from './report/chart.ts';
import { reportCsv } from './report/csv.ts';
import { reportWords, usageWords } from './report/words.ts';

interface Deps {
  rules: RulesBook;
  usage: Usage;
  admission: Pick<Admission, 'standing'>;
  cards: readonly ModelCard[];
  now: () => Date;
}

type Said = Extract<Intent, { kind: 'admin' }>;
/** All but what moderators decide. */
type Command = Exclude<AdminCommand, { kind: 'reviews' }>;

const AUDITED = 20;

export class Office {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Carries out an admin's command. Throws a UserError for everyone else. */
  async command(chat: Chat, intent: Said, command: Command): Promise<Words | undefined> {
    const { by, place, key } = intent;
    const server = administered(intent);
    if (command.kind === 'report') {
      await chat.publish(place, await this.report(server, command), key);
      return undefined;
    }
    const { rules, cards, now } = this.#deps;
    const models = cards.map(({ name }) => name);
    if (changesRules(command)) {
      const context = { now: now(), by, models, checkedRule };
      return rules.change(server, by, commandText(command), (old) => applyCommand(old, command, context));
    }
    const audit = command.kind === 'audit' ? await rules.audit(server, command.limit ?? AUDITED) : [];
    return shownWords(command, { rules: rules.of(server), now: now(), audit, models });
  }

  /** Of a server, or for the owner of all of them. */
  async report(server: ServerRef, { period, by }: Extract<AdminCommand, { kind: 'report' }>): Promise<Sheet> {
    const report = await this.numbers(isHouse(server) ? undefined : server, period);
    return {
      words: reportWords(report, by),
      picture: await reportChart(report),
      files: [
        {
          name: `darkroom-${report.from}-${report.to}.csv`,
          bytes: new TextEncoder().encode(reportCsv(report)),
        },
      ],
    };
  }

  /** Of a server, or of all of them. Throws a UserError for a period that there is not. */
  async numbers(server: ServerRef | undefined, period: string): Promise<UsageReport> {
    const { rules, usage, now } = this.#deps;
    const ruler = !server || server.id === DIRECT ? HOUSE : server;
    const { from, to } = periodOf(period, rules.of(ruler).timeZone, now());
    return usage.report({ ...(server && { server }), from, to, now: now() });
  }

  /** Those that something was decided for, or asked for in; the house is everywhere. */
  async servers(): Promise<ServerRef[]> {
    const { rules, usage } = this.#deps;
    const ruled = rules.list().map(({ server }) => server);
    const known = new Map(
      [...(await usage.servers()), ...ruled].map((each) => [JSON.stringify([each.platform, each.id]), each]),
    );
    return [...known.values()];
  }

  /** What this person has used here today and this month, and what each limit leaves them. */
  async usage(intent: Intent): Promise<Words> {
    const { admission, rules, usage, now } = this.#deps;
    const { by, place } = intent;
    const { timeZone } = rules.of(rulerOf(place.platform, place.server));
    const [today, month] = await Promise.all(
      (['day', 'month'] as const).map((period) => usage.useOf(by, windowOf(period, timeZone, now()))),
    );
    const standings = await admission.standing(askerOf(intent));
    return usageWords({ today: today!, month: month!, standings, timeZone });
  }
}

/** The server whose rules an admin means. Throws a UserError for everyone else. */
export function administered({ place, admin }: Said): ServerRef {
  const server = serverOf(place);
  if (admin) return server;
  throw new UserError(
    'Only admins can do that: on Discord who may manage the server, on Slack who is named in SLACK_ADMINS, on the page its owner.',
  );
}

/** On the console the owner's. */
function serverOf({ platform, server }: Place): ServerRef {
  if (server !== undefined) return { platform, id: server };
  if (platform === HOUSE.platform) return HOUSE;
  throw new UserError('Say that in a server: in direct messages the rules of the owner hold.');
}
