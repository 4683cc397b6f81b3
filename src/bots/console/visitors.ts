// What somebody at the page does, as intents: a typed line, a press, a reaction. Everyone acts in a conversation of
// their own, and on nothing outside it. Knows no HTTP.

import { namesAreIds, type Mentions } from '../../core/admin/mention.ts';
import { UserError } from '../../core/user-error.ts';
import type { Desk, Draft, Intent, Line, Overview } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import { Recent } from '../recent.ts';
import { readLine } from '../typed-line.ts';
import { folded, type Access } from './access/access.ts';
import { readPeopleLine, servePeople, type PeopleLine } from './access/people-line.ts';
import { OWNER_ID, PLATFORM, type Who } from './access/who.ts';
import type { Conversation } from './conversation.ts';
import { help } from './help.ts';
import { pressIntent, reactIntent, type About, type Decided, type Pressed, type Reacted } from './intents.ts';

/** Typed lines whose keys are remembered, so that one sent twice is shown once. */
const REMEMBERED_KEYS = 500;
const ANSWERED_BY_MESSAGE: ReadonlySet<Intent['kind']> = new Set(['imagine', 'again', 'show']);

interface Deps {
  desk: Desk;
  conversation: Conversation;
  reactions: Reactions;
  /** Absent where nobody signs in. */
  access?: Access;
  /** Somebody may use the page no longer. */
  left: (who: Who) => void;
}

export class Visitors {
  readonly #deps: Deps;
  readonly #keysSeen = new Recent<true>(REMEMBERED_KEYS);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether the line was something we can do. Resolves once it is kept. `origin`: where the page was found. */
  async type(who: Who, text: string, key: string, origin: string): Promise<boolean> {
    const people = who.admin && readPeopleLine(text);
    if (people) return this.#people(who, people, origin);
    const line = readLine(text, who.admin && (await this.#names()));
    if (line.kind === 'help' || line.kind === 'unknown') {
      this.#tell(who, line.kind === 'help' ? help(this.#deps.reactions) : [{ text: line.reply }]);
      return line.kind === 'help';
    }
    // What is answered by a note alone leaves nothing to be answered in the conversation.
    if (ANSWERED_BY_MESSAGE.has(line.kind)) await this.#showOnce(who, key, text.trim());
    await this.#deps.desk.serve({ ...line, ...saidBy(who, key) });
    return true;
  }

  /** Whether there is such a message; so does `react`. */
  async press(who: Who, message: string, press: Pressed): Promise<boolean> {
    const known = await this.#about(who, message, press.key);
    if (known) await this.#deps.desk.serve(pressIntent(press, known));
    return known !== undefined;
  }

  async react(who: Who, message: string, reaction: Reacted): Promise<boolean> {
    const known = await this.#about(who, message, reaction.key);
    const intent = known && reactIntent(reaction, known);
    if (intent) await this.#deps.desk.serve(intent);
    return known !== undefined;
  }

  /** Presses a button under words of ours. */
  decide(who: Who, review: string, { act, key }: Decided): Promise<void> {
    return this.#deps.desk.serve({ kind: 'review', review, act, ...saidBy(who, key) });
  }

  async draft(who: Who, message: string): Promise<Draft | undefined> {
    const { conversation, desk } = this.#deps;
    const ours = await conversation.ours(who.channel, message);
    return ours && desk.draft({ platform: PLATFORM, channel: who.channel, message }, who.by);
  }

  overview(who: Who): Promise<Overview> {
    return this.#deps.desk.overview(who.by);
  }

  async #about(who: Who, message: string, key: string): Promise<About | undefined> {
    if (!(await this.#deps.conversation.ours(who.channel, message))) return undefined;
    return { ...saidBy(who, key), post: { platform: PLATFORM, channel: who.channel, message } };
  }

  async #people(who: Who, line: PeopleLine, origin: string): Promise<boolean> {
    try {
      this.#tell(who, await servePeople(line, { ...this.#deps, origin }));
      return line.act !== 'help';
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#tell(who, [{ text: error.message }]);
      return false;
    }
  }

  /** Names of the page's own people however they are written; any other is an id, as of people on Discord or Slack. */
  async #names(): Promise<Mentions> {
    const people = (await this.#deps.access?.people()) ?? [];
    return (sign, typed) => {
      const name = folded(typed);
      if (sign === '@' && name === 'owner') return { kind: 'person', id: OWNER_ID };
      const known = sign === '@' ? people.find((each) => each.name === name) : undefined;
      return known ? { kind: 'person', id: known.name } : namesAreIds(sign, typed);
    };
  }

  #tell({ channel }: Who, lines: Line[]): void {
    this.#deps.conversation.whisper(channel, lines);
  }

  // The same line sent again, because its answer was lost, is shown once. Whether it is drawn again is not ours to say.
  async #showOnce(who: Who, key: string, text: string): Promise<void> {
    const seen = keyOf(who, key);
    if (this.#keysSeen.has(seen)) return;
    this.#keysSeen.set(seen, true);
    try {
      await this.#deps.conversation.say(who.channel, who.by.name, text);
    } catch (error) {
      this.#keysSeen.delete(seen);
      throw error;
    }
  }
}

const saidBy = (who: Who, key: string) => ({
  key: keyOf(who, key),
  by: who.by,
  place: { platform: PLATFORM, channel: who.channel },
  ...(who.admin && { admin: who.admin }),
});

/** Nobody finds what another asked for by its key. */
const keyOf = ({ by }: Who, key: string): string => `${PLATFORM}:${by.id}:${key}`;
