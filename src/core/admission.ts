// The door: whether a request is accepted, and on what terms. It asks the server's rules, the moderation and the
// ledger, and lets the requests of one account in one after the other where limits hold. Knows no rows and no messages.

import type { Job, JobParams, NewJob, Requester } from '../queue/job.ts';
import { mark } from './admin/mention.ts';
import type { Account, LedgerStore, Used } from './ledger.ts';
import { drawnTexts } from './moderation/drawn-texts.ts';
import {
  amountOf,
  limitsOn,
  limitText,
  momentText,
  quantity,
  renewalText,
  share,
  thisPeriod,
  windowBefore,
  windowOf,
  type Held,
  type Window,
} from './quota.ts';
import {
  banOn,
  DIRECT,
  rulerOf,
  serverKey,
  type Limit,
  type Rules,
  type ServerRef,
  type Unit,
} from './rules.ts';
import { Turns } from './turns.ts';
import { UserError } from './user-error.ts';

export interface Asker {
  by: Requester;
  /** None in direct messages and on the console. */
  server?: string;
  channel: string;
  /** The channel that a thread hangs in. */
  parent?: string;
  /** The platform's ids. */
  roles?: readonly string[];
  /** May set the server's rules. */
  admin?: boolean;
  /** The channel is for adults. */
  ageRestricted?: boolean;
}

/** On what terms a request is accepted: they go into its row. */
export type Terms = Pick<NewJob, 'weight' | 'flaggedAs'> & Pick<JobParams, 'promptless'> & { relaxed?: true };

/** A limit and how the asker stands with it now. */
export interface Standing {
  limit: Limit;
  /** "50 pictures a day for each person". */
  text: string;
  used: number;
  /** With grants and burst. */
  amount: number;
  renewsAt: Date;
}

/** Why a prompt may not be drawn. */
export interface Refusal {
  /** For the person who asked. */
  message: string;
  /** No moderator may allow it. */
  final?: true;
}

/** The moderation refuses; somebody may be asked to allow it all the same. */
export class Moderated<R extends Refusal = Refusal> extends UserError {
  override name = 'Moderated';
  readonly refusal: R;

  constructor(refusal: R) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

interface Deps {
  rulesOf: (server: ServerRef) => Rules;
  ledger: LedgerStore;
  /** Device-seconds that a request will take. */
  predictSeconds: (params: JobParams) => number;
  now: () => Date;
  /** Undefined: it may be drawn. */
  check: (prompt: string, rules: Rules) => Refusal | undefined;
  /** False: no picture's file has its prompts, whatever a server's rules say. */
  picturePrompts?: boolean;
}

/** From this part of a limit on, people are warned. */
const NEARLY = 0.8;
/** Sums of seconds are not exact. */
const ROUNDING = 1e-6;

export class Admission {
  readonly #deps: Deps;
  /** By account: through the door one goes after the other. */
  readonly #turns = new Turns();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Refuses with a UserError (what is wrong, what is allowed, when it renews) or calls `accept` with the terms. Until
   * what `accept` promises is settled nobody else of the account is admitted where limits hold, so two requests can
   * not both spend the last picture. `accept` has reserved in the ledger when it resolves; one that rejects has spent
   * nothing.
   *
   * An upscale counts its pictures, by Lanczos' filter too: what people count is what they get. Of device time it
   * counts what is predicted, next to nothing. `approved`: a moderator has allowed the words.
   */
  async admit<T>(
    asker: Asker,
    params: JobParams,
    accept: (terms: Terms) => Promise<T>,
    { approved = false }: { approved?: boolean } = {},
  ): Promise<{ value: T; warning?: string }> {
    const check = (): Rules => this.#mayAsk(asker, params, approved);
    const rules = check();
    if (limitsOn(rules, bearer(asker, params), this.#deps.now()).length === 0)
      return { value: await accept(this.#termsOf(rules, asker)) };
    return this.#turns.take(serverKey(accountOf(asker)), async () => {
      check(); // the rules may have changed while others had their turn
      return this.#withinLimits(asker, params, accept);
    });
  }

  /** Throws a UserError where pictures that were drawn elsewhere may not be shown to this person in this place. */
  mayShow(asker: Asker, { params, flagged }: Pick<Job, 'params' | 'flagged'>): void {
    const rules = this.#rulesFor(asker);
    checkPlace(rules, asker, this.#deps.now());
    const refusal = this.#refusalOf(params, rules);
    if (refusal) throw new UserError(refusal.message);
    if (flagged?.length && !asker.ageRestricted)
      throw new UserError("The model's safety checker flagged it: it is shown in channels for adults only.");
  }

  #mayAsk(asker: Asker, params: JobParams, approved: boolean): Rules {
    const rules = this.#rulesFor(asker);
    checkPlace(rules, asker, this.#deps.now());
    checkParams(rules, params);
    const refusal = approved ? undefined : this.#refusalOf(params, rules);
    if (refusal) throw new Moderated(refusal);
    return rules;
  }

  /** One that nobody may allow before all others. */
  #refusalOf(params: JobParams, rules: Rules): Refusal | undefined {
    const found = drawnTexts(params).flatMap((text) => this.#deps.check(text, rules) ?? []);
    return found.find(({ final }) => final) ?? found[0];
  }

  /** Whether requests in this channel are private unless they say otherwise. */
  isPrivate(asker: Asker): boolean {
    return asker.server !== undefined && isIn(this.#rulesFor(asker).privateChannels, asker);
  }

  /** How the asker stands with each limit that concerns them, of every model. */
  async standing(asker: Asker): Promise<Standing[]> {
    const rules = this.#rulesFor(asker);
    const now = this.#deps.now();
    return this.#standings(rules, limitsOn(rules, bearer(asker), now), asker, now);
  }

  #rulesFor({ by, server }: Asker): Rules {
    return this.#deps.rulesOf(rulerOf(by.platform, server));
  }

  async #withinLimits<T>(
    asker: Asker,
    params: JobParams,
    accept: (terms: Terms) => Promise<T>,
  ): Promise<{ value: T; warning?: string }> {
    const rules = this.#rulesFor(asker);
    const now = this.#deps.now();
    const limits = limitsOn(rules, bearer(asker, params), now);
    const standings = await this.#standings(rules, limits, asker, now);
    const needs = this.#needs(params, limits);
    const closed = standings.find(({ amount }) => amount === 0);
    if (closed) throw new UserError(closedText(closed.limit));
    const over = standings.filter(({ limit, used, amount }) => used + needs[limit.unit] > amount + ROUNDING);
    const worst = latest(over);
    const terms = this.#termsOf(rules, asker);
    if (!worst) {
      const warning = warningOf(standings, needs, rules.timeZone);
      return { value: await accept(terms), ...(warning !== undefined && { warning }) };
    }
    if (rules.overBudget === 'refuse') throw new UserError(overText(worst, needs, rules.timeZone));
    const value = await accept({ ...terms, relaxed: true });
    return { value, warning: relaxedText(worst, rules.timeZone) };
  }

  #termsOf(rules: Rules, asker: Asker): Terms {
    const { picturePrompts = true } = this.#deps;
    return {
      ...termsOf(rules, asker),
      ...(!(picturePrompts && rules.picturePrompts) && { promptless: true }),
    };
  }

  #needs(params: JobParams, limits: readonly Limit[]): Record<Unit, number> {
    const timed = limits.some(({ unit }) => unit === 'seconds');
    return { pictures: params.count, seconds: timed ? this.#deps.predictSeconds(params) : 0 };
  }

  async #standings(rules: Rules, limits: readonly Held[], asker: Asker, now: Date): Promise<Standing[]> {
    const server = accountOf(asker);
    const asked = new Map<string, Promise<Used>>();
    const usedIn = (account: Account, { from, to }: Window): Promise<Used> => {
      const key = JSON.stringify([account.person, account.model, from, to]);
      const used = asked.get(key) ?? this.#deps.ledger.used(account, from, to);
      asked.set(key, used);
      return used;
    };
    return Promise.all(
      limits.map(async (held) => {
        const { granted: _, ...limit } = held;
        const { who, unit, per, burst, model } = limit;
        const account: Account = {
          server,
          ...(who !== 'server' && { person: asker.by.id }),
          ...(model !== undefined && { model }),
        };
        const window = windowOf(per, rules.timeZone, now);
        const [used, before] = await Promise.all([
          usedIn(account, window),
          burst === undefined ? undefined : usedIn(account, windowBefore(per, rules.timeZone, window)),
        ]);
        const amount = amountOf(held, before?.[unit] ?? 0);
        return { limit, text: textFor(limit), used: used[unit], amount, renewsAt: window.to };
      }),
    );
  }
}

/** Whom the ledger charges: direct messages of a platform have an account of their own. */
export const accountOf = ({ by, server }: Pick<Asker, 'by' | 'server'>): ServerRef => ({
  platform: by.platform,
  id: server ?? DIRECT,
});

const bearer = ({ by, roles = [] }: Asker, params?: JobParams) => ({
  person: by.id,
  roles,
  ...(params && { model: params.model }),
});

/** Throws a UserError for who may not ask, or not here. */
function checkPlace(rules: Rules, asker: Asker, now: Date): void {
  const { paused, timeZone, channels } = rules;
  const whose = asker.server === undefined ? "Darkroom's owner" : "this server's admins";
  if (paused) throw new UserError(because(`Drawing is paused by ${whose}`, paused.reason));
  const ban = banOn(rules, asker.by.id, now);
  if (ban) {
    const until = ban.until === undefined ? '' : ` until ${momentText(timeZone, new Date(ban.until))}`;
    throw new UserError(because(`You may not draw here${until}`, ban.reason));
  }
  if (asker.server === undefined) return;
  if (channels && !isIn(channels, asker))
    throw new UserError(
      `Pictures are drawn here only in ${channels.map((id) => mark('channel', id)).join(', ') || 'no channel'}.`,
    );
  if (rules.ageRestrictedOnly && !asker.ageRestricted)
    throw new UserError('Pictures are drawn in age-restricted channels only here.');
}

const isIn = (channels: readonly string[], { channel, parent }: Asker): boolean =>
  channels.includes(channel) || (parent !== undefined && channels.includes(parent));

const because = (what: string, reason?: string): string =>
  reason ? `${what}: ${reason.replace(/\.$/, '')}.` : `${what}.`;

/** Throws a UserError for what is more than the rules allow. */
function checkParams({ models, maxSide, maxSteps }: Rules, params: JobParams): void {
  if (models && !models.some((name) => name.toLowerCase() === params.model.toLowerCase())) {
    const allowed = models.length ? `You can use: ${models.join(', ')}.` : 'No model may be used.';
    throw new UserError(`The model ${params.model} may not be used here. ${allowed}`);
  }
  const { width, height, steps } = params;
  if (maxSide !== undefined && Math.max(width, height) > maxSide)
    throw new UserError(
      `Pictures may have up to ${maxSide} pixels a side here; this one would have ${width} x ${height}.`,
    );
  if (maxSteps !== undefined && steps > maxSteps)
    throw new UserError(`Pictures may take up to ${maxSteps} steps here, not ${steps}.`);
}

function termsOf({ weights, flagged }: Rules, { roles = [], ageRestricted }: Asker): Terms {
  const own = roles.flatMap((role) => (Object.hasOwn(weights, role) ? [weights[role]!] : []));
  return {
    ...(own.length > 0 && { weight: Math.max(...own) }),
    ...(!ageRestricted && { flaggedAs: flagged === 'withhold' ? 'withheld' : 'spoiler' }),
  };
}

const isPersons = ({ who }: Limit): boolean => who !== 'server';

/** To the person a limit is on. */
const textFor = (limit: Limit): string =>
  limit.who === 'server' || limit.who === 'everyone' ? limitText(limit) : limitText(limit, 'you');

/** The one that renews last: only then there is room in all of them. */
const latest = (over: readonly Standing[]): Standing | undefined =>
  over.toSorted((a, b) => b.renewsAt.getTime() - a.renewsAt.getTime())[0];

const renewal = ({ limit, renewsAt }: Standing, zone: string): string =>
  `it renews ${renewalText(limit.per, zone, renewsAt)}`;

function closedText({ who, unit, model }: Limit): string {
  const whom = who === 'server' ? 'Nobody' : 'You';
  const may = who === 'server' ? 'may' : 'may not';
  const what = unit === 'pictures' ? 'draw pictures' : 'use device time';
  return `${whom} ${may} ${what}${model === undefined ? '' : ` with the model ${model}`} here.`;
}

function overText(standing: Standing, needs: Record<Unit, number>, zone: string): string {
  const { limit, text, used, amount } = standing;
  const needed = quantity(limit.unit, needs[limit.unit]);
  const left = `${share(limit.unit, used, amount)} used, and this needs ${needed}`;
  const isTooMuch = needs[limit.unit] > limit.amount + (limit.burst ?? 0) && needs[limit.unit] > amount;
  const then = isTooMuch ? 'That is more than it ever allows: ask for less' : renewal(standing, zone);
  return `The limit is ${text}: ${left}. ${then[0]!.toUpperCase()}${then.slice(1)}.`;
}

const relaxedText = (standing: Standing, zone: string): string =>
  `This goes beyond ${standing.text}: it is drawn when a device is idle and is not counted; ` +
  `the limit renews ${renewalText(standing.limit.per, zone, standing.renewsAt)}.`;

/** For the fullest limit of the person that this request takes to four fifths. */
function warningOf(
  standings: readonly Standing[],
  needs: Record<Unit, number>,
  zone: string,
): string | undefined {
  const after = ({ limit, used }: Standing): number => used + needs[limit.unit];
  const [fullest] = standings
    .filter((s) => isPersons(s.limit) && s.used < NEARLY * s.amount && after(s) >= NEARLY * s.amount)
    .toSorted((a, b) => after(b) / b.amount - after(a) / a.amount);
  if (!fullest) return undefined;
  const { limit, amount } = fullest;
  const model = limit.model === undefined ? '' : ` of the model ${limit.model}`;
  const used = share(limit.unit, after(fullest), amount);
  return `You have used ${used}${model} ${thisPeriod[limit.per]}; ${renewal(fullest, zone)}.`;
}
