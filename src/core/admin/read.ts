// Options by name to an admin command: where typed text and a platform's fields meet. Checks shapes and bounds; what
// the rules allow is for apply.ts.

import { units, type Period, type Unit, type Who } from '../rules.ts';
import { UserError } from '../user-error.ts';
import type { AdminCommand, AdminName, LimitKey, ReportBy } from './command.ts';
import { namesAreIds, readMention, type MentionKind, type Mentions } from './mention.ts';
import { readSpan, secondsIn } from './span.ts';
import { adminCommands, exampleOf, type AdminForm, type AdminOption } from './table.ts';

export type OptionValue = string | number | boolean;
export type Options = Readonly<Record<string, OptionValue | undefined>>;

const MOST_AMOUNT = 1e9;
const MOST_DAYS = 100_000;
const MOST_REASON = 200;
const MOST_AUDIT = 50;
const MOST_PIXELS = 100_000;

const formOf = (name: string): AdminForm | undefined => adminCommands.find((form) => form.name === name);

/**
 * The command of that name, of options as a platform's fields give them: ids or mentions, numbers, or text. Throws a
 * UserError that shows the right form.
 */
export function adminCommandOf(
  name: string,
  options: Options,
  mentions: Mentions = namesAreIds,
): AdminCommand {
  const form = formOf(name);
  if (!form) throw new UserError(`There is no /darkroom ${name}. /darkroom help names all commands.`);
  return commandOf(form.name, new Fields(form, options, mentions));
}

function commandOf(kind: AdminName, fields: Fields): AdminCommand {
  switch (kind) {
    case 'quota show':
    case 'models show':
    case 'models all':
    case 'channel show':
    case 'channel all':
    case 'bans':
    case 'resume':
    case 'words show':
    case 'settings show':
    case 'reviews':
    case 'help':
      return { kind };
    case 'quota set': {
      const { each, ...limit } = limitOf(fields);
      const burst = fields.amount('burst', each, { above: 0 });
      const amount = fields.needed('amount', fields.amount('amount', each));
      return { kind, ...limit, amount, ...(burst !== undefined && { burst }) };
    }
    case 'quota remove': {
      const { each: _, ...limit } = limitOf(fields);
      return { kind, ...limit };
    }
    case 'quota bonus': {
      const { unit, each } = unitOf(fields);
      const amount = fields.needed('amount', fields.amount('amount', each, { above: 0 }));
      const seconds = fields.needed('for', fields.span('for'));
      return { kind, person: fields.id('person', 'person'), amount, unit, seconds };
    }
    case 'quota over':
      return { kind, choice: fields.choice('choice') as 'relax' | 'refuse' };
    case 'models allow':
      return {
        kind,
        names: [
          ...new Set(
            fields
              .text('names')
              .split(/[\s,]+/)
              .filter(Boolean),
          ),
        ],
      };
    case 'models max-size':
      return { kind, ...fields.whole('pixels', MOST_PIXELS) };
    case 'models max-steps':
      return { kind, ...fields.whole('steps', MOST_PIXELS) };
    case 'channel allow':
    case 'channel forget':
      return { kind, channel: fields.id('channel', 'channel') };
    case 'channel private':
      return { kind, channel: fields.id('channel', 'channel'), on: fields.flag('on') };
    case 'channel age-restricted':
    case 'words standard':
    case 'settings prompts':
      return { kind, on: fields.flag('on') };
    case 'ban': {
      const seconds = fields.span('for');
      return {
        kind,
        person: fields.id('person', 'person'),
        ...(seconds !== undefined && { seconds }),
        ...fields.reason(),
      };
    }
    case 'unban':
      return { kind, person: fields.id('person', 'person') };
    case 'pause':
      return { kind, ...fields.reason() };
    case 'words add':
    case 'words remove':
      return { kind, rule: fields.text('rule') };
    case 'words flagged':
      return { kind, choice: fields.choice('choice') as 'spoiler' | 'withhold' };
    case 'settings time-zone':
      return { kind, name: fields.text('name') };
    case 'settings log-channel':
    case 'settings digest':
      return { kind, ...(fields.given('channel') && { channel: fields.id('channel', 'channel') }) };
    case 'settings keep':
      return { kind, ...fields.whole('days', MOST_DAYS) };
    case 'settings weight': {
      const share = fields.number('share', { above: 0 });
      return { kind, role: fields.id('role', 'role'), ...(share !== undefined && { share }) };
    }
    case 'report': {
      const by = fields.given('by') ? (fields.choice('by') as ReportBy) : undefined;
      const period = fields.given('period') ? fields.text('period') : 'month';
      return { kind, period, ...(by && { by }) };
    }
    case 'audit':
      return { kind, ...fields.whole('limit', MOST_AUDIT) };
  }
}

function limitOf(fields: Fields): LimitKey & { each: number | undefined } {
  const model = fields.given('model') ? fields.text('model') : undefined;
  const per = fields.choice('per') as Period;
  return { who: fields.who(), ...unitOf(fields), per, ...(model !== undefined && { model }) };
}

/** `each`: the seconds in one of them; none in a picture. */
function unitOf(fields: Fields): { unit: Unit; each: number | undefined } {
  const word = fields.choice('unit');
  return word === units[0]
    ? { unit: word, each: undefined }
    : { unit: 'seconds', each: secondsIn(word) ?? 1 };
}

/** The options of one command, each read as its kind. */
class Fields {
  readonly #form: AdminForm;
  readonly #options: Options;
  readonly #mentions: Mentions;

  constructor(form: AdminForm, options: Options, mentions: Mentions) {
    this.#form = form;
    this.#options = options;
    this.#mentions = mentions;
  }

  given(name: string): boolean {
    return this.#word(name) !== undefined;
  }

  needed<T>(name: string, value: T | undefined): T {
    return value === undefined ? this.#refuse(name) : value;
  }

  text(name: string): string {
    return this.needed(name, this.#word(name));
  }

  reason(): { reason?: string } {
    const reason = this.#word('reason')?.slice(0, MOST_REASON);
    return reason === undefined ? {} : { reason };
  }

  choice(name: string): string {
    const word = this.text(name).toLowerCase();
    return this.#option(name).choices?.includes(word) ? word : this.#refuse(name);
  }

  flag(name: string): boolean {
    const word = this.text(name).toLowerCase();
    if (/^(on|yes|true)$/.test(word)) return true;
    return /^(off|no|false)$/.test(word) ? false : this.#refuse(name);
  }

  /** At least 0, or more than `above`. */
  number(name: string, { above }: { above?: number } = {}): number | undefined {
    const word = this.#word(name);
    if (word === undefined) return undefined;
    const value = Number(word);
    const fits = value <= MOST_AMOUNT && value >= 0 && (above === undefined || value > above);
    return fits ? value : this.#refuse(name);
  }

  /** In seconds where `each` says how many are in one; else pictures, which are whole. */
  amount(name: string, each: number | undefined, bounds?: { above?: number }): number | undefined {
    const value = this.number(name, bounds);
    if (value === undefined) return undefined;
    const fits = each === undefined ? Number.isInteger(value) : value * each <= MOST_AMOUNT;
    return fits ? value * (each ?? 1) : this.#refuse(name);
  }

  /** A whole number from 1, by its name; nothing when it is left out or off. */
  whole<N extends string>(name: N, most: number): { [K in N]?: number } {
    const off = this.#option(name).orOff && this.#word(name)?.toLowerCase() === 'off';
    const value = off ? undefined : this.number(name, { above: 0 });
    if (value === undefined) return {};
    if (!Number.isInteger(value) || value > most) this.#refuse(name);
    return { [name]: value } as { [K in N]?: number };
  }

  /** In seconds. */
  span(name: string): number | undefined {
    const word = this.#word(name);
    if (word === undefined) return undefined;
    const seconds = readSpan(word);
    return seconds !== undefined && seconds > 0 && seconds <= MOST_AMOUNT ? seconds : this.#refuse(name);
  }

  /** A mention, or the id alone. */
  id(name: string, kind: MentionKind): string {
    const word = this.text(name);
    const mention = readMention(word, this.#mentions);
    if (mention) return mention.kind === kind ? mention.id : this.#refuse(name);
    return /^[\w.-]+$/.test(word) ? word : this.#refuse(name);
  }

  who(): Who {
    const word = this.text('who');
    const plain = word.toLowerCase().replace(/^@|^<!(\w+)>$/, '$1');
    if (plain === 'everyone' || plain === 'server') return plain;
    const mention = readMention(word, this.#mentions);
    if (!mention || mention.kind === 'channel') return this.#refuse('who');
    return `${mention.kind}:${mention.id}`;
  }

  /** Undefined when it was left out. */
  #word(name: string): string | undefined {
    const value = this.#options[name];
    const word = value === undefined ? '' : String(value).trim();
    const off = this.#option(name).kind === 'channel' && this.#option(name).orOff && /^off$/i.test(word);
    return word === '' || off ? undefined : word;
  }

  #option(name: string): AdminOption {
    const option = this.#form.options.find((each) => each.name === name);
    if (!option) throw new Error(`/darkroom ${this.#form.name} has no option ${name}.`);
    return option;
  }

  #refuse(name: string): never {
    const { kind, choices, description } = this.#option(name);
    const value = this.#word(name);
    const wanted = choices ? choices.join(', ') : `${names[kind]} (${description})`;
    const said = value === undefined ? 'is missing' : `can not be "${value}"`;
    throw new UserError(`${name} ${said}: ${wanted}. For example: ${exampleOf(this.#form)}`);
  }
}

const names: Record<AdminOption['kind'], string> = {
  who: 'everyone, server, a role or a person',
  person: 'a person, like @ada',
  role: 'a role',
  channel: 'a channel, like #art',
  number: 'a number',
  choice: 'one of a few words',
  text: 'words',
  duration: 'a time, like 7 days',
  flag: 'on or off',
};
