// What a test looks at on the small Slack.

import assert from 'node:assert/strict';
import { vi } from 'vitest';
import type { Block, FakeSlack, Shown } from './fake-slack.ts';
import type { SlackDesk } from './slack-desk.ts';

export const until = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });

export const wordsOf = ({ blocks }: { blocks: Block[] }): string => JSON.stringify(blocks);

/** The buttons' ids, a list for each row. */
export const rowsOf = ({ blocks }: Shown): string[][] =>
  blocks.flatMap(({ type, elements = [] }) =>
    type === 'actions' ? [elements.map(({ action_id: id }) => (id ?? '').replace('darkroom:', ''))] : [],
  );

export const pictureOf = ({ blocks }: Shown): Block | undefined =>
  blocks.find(({ type }) => type === 'image');

export class Eyes {
  readonly #slack: FakeSlack;
  readonly #desk: SlackDesk;

  constructor(slack: FakeSlack, desk: SlackDesk) {
    this.#slack = slack;
    this.#desk = desk;
  }

  get shown(): Shown[] {
    return [...this.#slack.messages.values()];
  }

  get newest(): Shown {
    return this.shown.at(-1)!;
  }

  /** So many intents have come. */
  async intents(count: number): Promise<void> {
    await until(() => assert.equal(this.#desk.intents.length, count));
  }

  /** A command whose answer is posted. */
  async drawing(text = 'a red heart', more: Parameters<FakeSlack['command']>[1] = {}): Promise<Shown> {
    const posted = this.#desk.pieces.length + 1;
    this.#slack.command(text, more);
    await until(() => assert.equal(this.#desk.pieces.length, posted));
    return this.newest;
  }
}
