// Slack under load and on a bad line: fifty jobs at once within its rate limits, and a hundred broken sockets that lose
// nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { View } from '../src/bots/chat.ts';
import { EDIT_PACE } from '../src/bots/slack/edit-limits.ts';
import { SlackChat, type SlackDeps } from '../src/bots/slack/slack.ts';
import { Door, type Rule } from './support/rate-limits.ts';
import { FakeSlack, PERSON, BOT } from './support/slack/fake-slack.ts';
import { plain, slackDeps } from './support/slack/slack-desk.ts';
import { chance, CountingDesk, viewOf } from './support/storm.ts';

let slack: FakeSlack;
let chat: SlackChat;
let desk: CountingDesk;

beforeEach(async () => {
  slack = await FakeSlack.start();
  desk = new CountingDesk(() => chat);
});

afterEach(async () => {
  await chat.stop();
  await slack.stop();
});

const until = (look: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!look()) throw new Error('not yet');
    },
    { timeout: 15_000, interval: 2 },
  );

function start(more: Partial<SlackDeps> = {}): Promise<void> {
  chat = new SlackChat({ ...slackDeps(slack), ...more });
  return chat.start(desk);
}

describe('fifty jobs at once', () => {
  /** A minute is a second here, for Slack's limits and for our pace. */
  const FASTER = 60;
  const aMinute = (method: string, budget: number): Rule => ({
    bucket: (_, path) => (path === `/api/${method}` ? method : undefined),
    budget,
    windowMs: 60_000 / FASTER,
  });
  /** Tier 3 is 50 a minute, tier 4 is 100; of new messages each channel takes one a second. */
  const rules: Rule[] = [
    {
      bucket: (_, path, body) =>
        path === '/api/chat.postMessage'
          ? `messages of ${new URLSearchParams(body).get('channel')}`
          : undefined,
      budget: 1,
      windowMs: 1000 / FASTER,
    },
    aMinute('chat.update', 50),
    aMinute('conversations.open', 50),
    aMinute('users.info', 100),
    aMinute('reactions.get', 50),
    aMinute('files.getUploadURLExternal', 100),
    aMinute('files.completeUploadExternal', 100),
    aMinute('files.info', 100),
    aMinute('files.delete', 50),
  ];

  const doneView = (prompt: string): View => ({
    ...viewOf(prompt, 'done', 'Done in 4.2 s'),
    pictures: [{ id: prompt, alt: prompt }],
  });

  it('are shown in turn and to the end, and no call is refused for its rate', async () => {
    const door = await Door.before(slack.origin, rules);
    const { gapMs, everyMs, atOnce, retryMs } = EDIT_PACE;
    const red = await plain('red');
    await start({
      apiUrl: `${door.origin}/api/`,
      pace: { gapMs: gapMs / FASTER, everyMs: everyMs / FASTER, atOnce, retryMs: retryMs / FASTER },
      wait: (ms) => sleep(Math.ceil(ms / FASTER)),
      images: { get: async () => red },
    });
    const prompts = Array.from({ length: 50 }, (_, job) => `picture ${job}`);
    for (const [job, prompt] of prompts.entries()) slack.command(prompt, { channel: `C${1 + (job % 2)}` });
    await until(() => desk.posts.size === prompts.length);

    const edits = (): number => door.passed.filter(({ path }) => path === '/api/chat.update').length;
    const running = new Map(desk.posts);
    let step = 0;
    const showSteps = async (): Promise<void> => {
      step += 1;
      for (const [prompt, post] of running)
        await chat.update(post, viewOf(prompt, 'running', `Drawing, step ${step}`));
      const seen = edits();
      await until(() => edits() > seen);
    };
    while (edits() < 75) await showSteps();
    const each = [...desk.posts.values()].map(
      ({ message }) => slack.of('chat.update').filter(({ args }) => args['ts'] === message).length,
    );
    expect(Math.min(...each)).toBeGreaterThan(0);
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);

    // A device finishes one after the other; each end is worth an edit, and the others' steps wait.
    const ends: Promise<unknown>[] = [];
    for (const [prompt, post] of desk.posts) {
      running.delete(prompt);
      ends.push(chat.deliver(post, doneView(prompt)));
      await showSteps();
      await sleep(2500 / FASTER);
    }
    await Promise.all(ends);
    for (const { blocks } of slack.messages.values()) {
      expect(JSON.stringify(blocks)).toContain('Done in');
      expect(blocks.some(({ type }) => type === 'image')).toBe(true);
    }
    expect(door.refused).toEqual([]);
    await door.close();
  });
});

type Kind = 'mention' | 'reaction';

/** Events as Slack delivers them: what was not acknowledged when a socket broke comes again over the next one. */
class Delivery {
  readonly sent = new Map<string, Kind>();
  readonly #envelopes = new Map<string, string>();

  /** While no socket is open it waits for the next one. */
  send(kind: Kind): void {
    const label = `event ${this.sent.size}`;
    this.sent.set(label, kind);
    if (slack.sockets.size > 0) this.#deliver(label, kind);
  }

  #deliver(label: string, kind: Kind, more: object = {}): void {
    const event =
      kind === 'mention'
        ? { type: 'app_mention', channel: 'C1', ts: '9.1', text: `<@${BOT.user}> imagine ${label}` }
        : {
            type: 'reaction_added',
            item_user: BOT.user,
            reaction: 'repeat',
            item: { type: 'message', channel: 'C1', ts: label },
          };
    const whole = { ...event, user: PERSON.id, event_ts: '9.1' };
    this.#envelopes.set(label, slack.event(whole, `Ev ${label}`, more));
  }

  /** What was not acknowledged yet. */
  get owed(): string[] {
    return [...this.sent.keys()].filter((label) => !slack.acks.has(this.#envelopes.get(label) ?? ''));
  }

  again(): void {
    for (const label of this.owed)
      this.#deliver(label, this.sent.get(label)!, { retry_attempt: 1, retry_reason: 'timeout' });
  }
}

describe('a hundred broken sockets', () => {
  it('lose no event, and none is served twice', async () => {
    await start();
    const below = chance(20_261_123);
    const delivery = new Delivery();
    const send = (): void => {
      for (let count = below(4); count > 0; count -= 1)
        delivery.send(below(2) === 0 ? 'mention' : 'reaction');
    };
    for (let drop = 0; drop < 100; drop += 1) {
      const { connections } = slack;
      send();
      for (const socket of slack.sockets) socket.terminate();
      slack.sockets.clear();
      send();
      await until(() => slack.connections > connections);
      delivery.again();
      // The line breaks again at once, when some of it was heard, or when all was.
      const owed = delivery.owed.length;
      const moments = [
        () => true,
        () => delivery.owed.length < Math.max(1, owed),
        () => delivery.owed.length === 0,
      ];
      await until(moments[below(moments.length)]!);
    }
    await until(() => delivery.owed.length === 0);
    const served = desk.served.map((intent) =>
      'text' in intent ? intent.text : 'post' in intent ? intent.post.message : '',
    );
    expect(delivery.sent.size).toBeGreaterThan(200);
    expect(served.toSorted()).toEqual([...delivery.sent.keys()].toSorted());
  });
});
