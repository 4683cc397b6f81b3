// What goes wrong on Slack, over the wire: rate limits, lost messages, dropped sockets, missing scopes, bad tokens.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runModule } from './support/run-module.ts';
import { BOT, FakeSlack, type Shown } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';

let slack: FakeSlack;
let desk: SlackDesk;

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const newest = (): Shown => [...slack.messages.values()].at(-1)!;
const wordsOf = ({ blocks }: Shown): string => JSON.stringify(blocks);
const hasPicture = ({ blocks }: Shown): boolean => blocks.some(({ type }) => type === 'image');

async function drawing(text = 'a red heart'): Promise<void> {
  slack.command(text);
  const posted = desk.pieces.length + 1;
  await until(() => expect(desk.pieces).toHaveLength(posted));
}

beforeEach(async () => {
  slack = await FakeSlack.start();
  desk = new SlackDesk(slack);
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

describe('a message under edit', () => {
  it('keeps quiet when Slack says so, and still gets its last view', async () => {
    await desk.start();
    await drawing();
    slack.fail('chat.update', { status: 429, retryAfter: 1 });
    await desk.step(3);
    await until(() => expect(slack.of('chat.update')).toHaveLength(1));
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
    expect(slack.of('chat.update')).toHaveLength(2);
  });

  it('gets its last view after an outage', async () => {
    await desk.start();
    await drawing();
    slack.fail('chat.update', { status: 503 });
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
  });

  it('that somebody deleted is left alone, and others go on', async () => {
    await desk.start();
    await drawing('a cat');
    await drawing('a dog');
    const [cat, dog] = desk.pieces;
    slack.messages.delete(`${cat!.post.channel}/${cat!.post.message}`);
    await desk.step(3, cat);
    await desk.finish(['red'], cat);
    await desk.finish(['blue'], dog);
    expect(hasPicture(newest())).toBe(true);
    expect(slack.messages.size).toBe(1);
  });

  it('gets its picture although Slack refuses a file that it called ready', async () => {
    desk = new SlackDesk(slack, { wait: async () => undefined });
    await desk.start();
    await drawing();
    slack.fail('chat.update', { error: 'invalid_blocks' });
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
  });
});

describe('an upload', () => {
  it('without its scope still delivers the words, and says which scope', async () => {
    await desk.start();
    await drawing();
    slack.fail('files.getUploadURLExternal', { error: 'missing_scope', needed: 'files:write' });
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(false);
    expect(wordsOf(newest())).toContain('give the Slack app the scope files:write');
    expect(wordsOf(newest())).toContain('darkroom:rerun');
  });

  it('that Slack never gets done with still delivers the words', async () => {
    desk = new SlackDesk(slack, { wait: async () => undefined });
    await desk.start();
    await drawing();
    slack.stuck = true;
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(false);
    expect(slack.files.size).toBe(1);
    expect(wordsOf(newest())).toContain('Slack did not take it');
  });

  it('begins anew when its line breaks', async () => {
    desk = new SlackDesk(slack, { wait: async () => undefined });
    await desk.start();
    await drawing();
    slack.broken = 2;
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
  });

  it('waits for a rate limit', async () => {
    const waits: number[] = [];
    desk = new SlackDesk(slack, { wait: async (ms) => void waits.push(ms) });
    await desk.start();
    await drawing();
    slack.fail('files.completeUploadExternal', { status: 429, retryAfter: 7 });
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
    expect(waits).toContain(7000);
  });
});

describe('the socket', () => {
  it('that drops while a picture develops is opened again, and the picture still comes', async () => {
    await desk.start();
    await drawing();
    for (const socket of slack.sockets) socket.terminate();
    await desk.step(3);
    await desk.finish(['red']);
    expect(hasPicture(newest())).toBe(true);
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await drawing('a blue heart');
  });

  it.each(['refresh_requested', 'warning'])('is renewed when Slack says %s', async (reason) => {
    await desk.start();
    for (const socket of slack.sockets) socket.send(JSON.stringify({ type: 'disconnect', reason }));
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await drawing();
  });

  it('is asked for again and again while Slack is out of reach, even with a token that went bad', async () => {
    desk = new SlackDesk(slack, { wait: async () => undefined });
    await desk.start();
    slack.fail(
      'apps.connections.open',
      { status: 503 },
      { error: 'invalid_auth' },
      { error: 'internal_error' },
    );
    for (const socket of slack.sockets) socket.terminate();
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await drawing();
  });
});

describe('the end', () => {
  it('rejects what is still owed, closes the socket and opens none again', async () => {
    desk = new SlackDesk(slack, { pace: { everyMs: 600_000, perMessageMs: 600_000 } });
    await desk.start();
    await drawing();
    await desk.step(1);
    await until(() => expect(slack.of('chat.update')).toHaveLength(1));
    const owed = desk.finish(['red']).catch((error: Error) => error.message);
    await until(() => expect([...slack.files.values()].some(({ looks }) => looks >= 2)).toBe(true));
    await desk.chat.stop();
    expect(await owed).toContain('after the next start');
    await until(() => expect(slack.sockets.size).toBe(0));
    expect(slack.connections).toBe(1);
  });

  it('may come twice, and before the beginning', async () => {
    await expect(desk.chat.stop()).resolves.toBeUndefined();
    await expect(desk.chat.stop()).resolves.toBeUndefined();
  });

  it('leaves nothing behind that would keep the program alive', async () => {
    const child = runModule(
      `
      import { pino } from 'pino';
      import { SlackChat } from './src/bots/slack/slack.ts';
      const chat = new SlackChat({
        botToken: '${BOT.token}', appToken: '${BOT.appToken}', apiUrl: '${slack.apiUrl}',
        images: { get: async () => undefined }, cards: () => [], log: pino({ level: 'silent' }), clock: () => new Date(),
      });
      await chat.start(async () => undefined);
      const by = { platform: 'slack', id: 'U1', name: 'alice' };
      const view = { jobId: 'j', status: 'queued', by, prompt: 'p', headline: 'h', recipe: 'r', pictures: [], controls: [] };
      const post = await chat.post({ platform: 'slack', channel: 'C1' }, view);
      for (let i = 0; i < 3; i += 1) await chat.update(post, view);
      const owed = chat.deliver(post, view).catch(() => undefined);
      await chat.stop();
      await owed;
      process.on('exit', () => console.log('ended by itself'));
      console.log('stopped');
      `,
    );
    expect(await child.nextLine()).toBe('stopped');
    expect(await child.nextLine()).toBe('ended by itself');
  });
});

describe('the beginning', () => {
  it('with a bad bot token says where to find the right one', async () => {
    desk = new SlackDesk(slack, { botToken: 'xoxb-bad' });
    await expect(desk.start()).rejects.toThrow(
      'Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Copy the',
    );
    expect(slack.of('apps.connections.open')).toHaveLength(0);
  });

  it('with a bad app token says how to make one', async () => {
    desk = new SlackDesk(slack, { appToken: 'xapp-bad' });
    await expect(desk.start()).rejects.toThrow(
      'Slack does not accept SLACK_APP_TOKEN (invalid_auth). Make an',
    );
  });

  it('without a way to Slack says so', async () => {
    desk = new SlackDesk(slack, { apiUrl: 'http://127.0.0.1:9/api/', wait: async () => undefined });
    await expect(desk.start()).rejects.toThrow('Slack can not be reached at http://127.0.0.1:9/api/');
  });
});
