// Who somebody is: a name for the words of a refusal, and whether it is a program, whose reactions mean nothing. Slack's
// events bring ids alone, so it is asked once for each.

import type { Logger } from 'pino';
import type { Requester } from '../../queue/job.ts';
import { Recent } from '../recent.ts';
import { PLATFORM } from './address.ts';
import { codeOf } from './failures.ts';
import type { Groups } from './groups.ts';
import type { SlackWeb } from './web.ts';

const REMEMBERED = 5000;
/** Slack's own helper, which Slack does not call a bot. */
const SLACKBOT = 'USLACKBOT';
/** Words that still read well: "Only the person who asked can cancel this." */
const SOMEBODY = 'the person who asked';

interface Person {
  name: string;
  bot: boolean;
}

export function requester(id: string, name = SOMEBODY): Requester {
  return { platform: PLATFORM, id, name };
}

export class People {
  readonly #web: SlackWeb;
  readonly #log: Logger;
  readonly #groups: Groups;
  readonly #known = new Recent<Person>(REMEMBERED);

  constructor(web: SlackWeb, groups: Groups, log: Logger) {
    this.#web = web;
    this.#groups = groups;
    this.#log = log;
  }

  /** Undefined for a bot. Whoever Slack does not tell of is taken for a person. */
  async find(id: string): Promise<Requester | undefined> {
    const person = this.#known.get(id) ?? (await this.#ask(id));
    return person.bot ? undefined : requester(id, person.name);
  }

  /** For words about somebody; the id where Slack says no name. */
  async nameOf(id: string): Promise<string> {
    const { name } = this.#known.get(id) ?? (await this.#ask(id));
    return name === SOMEBODY ? id : name;
  }

  /** For words about a user group; the id where Slack says no name. */
  groupNameOf(id: string): string {
    return this.#groups.handleOf(id) ?? id;
  }

  async #ask(id: string): Promise<Person> {
    try {
      const { user } = await this.#web.client.users.info({ user: id });
      const name = user?.profile?.display_name || user?.real_name || user?.name || SOMEBODY;
      const person = { name, bot: (user?.is_bot ?? false) || id === SLACKBOT };
      this.#known.set(id, person);
      return person;
    } catch (error) {
      this.#log.warn({ code: codeOf(error) }, 'Slack did not say who somebody is');
      return { name: SOMEBODY, bot: id === SLACKBOT };
    }
  }
}
