// What goes wrong on Slack, over the wire: rate limits, lost messages, dropped sockets, missing scopes, bad tokens.

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runModule } from './support/run-module.ts';
import { BOT, FakeSlack, PERSON } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';
import { Eyes, pictureOf, rowsOf, until, wordsOf } from './support/slack/slack-eyes.ts';

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;

const alice = { platform: 'slack', id: PERSON.id, name: PERSON.name };

function opened(more: ConstructorParameters<typeof SlackDesk>[1] = {}): Promise<void> {
  desk = new SlackDesk(slack, more);
  eyes = new Eyes(slack, desk);
  return desk.start();
}

const outage = (calls: number) => Array.from({ length: calls }, () => ({ status: 503 }));

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
    await opened();
    await eyes.drawing();
    slack.fail('chat.update', { status: 429, retryAfter: 1 });
    await desk.step(3);
    await until(() => expect(slack.of('chat.update')).toHaveLength(1));
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(slack.of('chat.update')).toHaveLength(2);
  });

  it('gets its last view after an outage', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('chat.update', { status: 503 });
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
  });

  it('that somebody deleted is left alone, and others go on', async () => {
    await opened();
    await eyes.drawing('a cat');
    await eyes.drawing('a dog');
    const [cat, dog] = desk.pieces;
    slack.messages.delete(`${cat!.post.channel}/${cat!.post.message}`);
    await desk.step(3, cat);
    await until(() => expect(desk.logged.join('')).toContain('was deleted on Slack'));
    expect(await desk.finish(['red'], cat)).toBeUndefined();
    expect(slack.files.size).toBe(0);
    await desk.finish(['blue'], dog);
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(slack.messages.size).toBe(1);
  });

  it('that was deleted before its last view is left alone as well', async () => {
    await opened();
    await eyes.drawing();
    slack.messages.clear();
    expect(await desk.finish(['red'])).toBeUndefined();
    expect(slack.messages.size).toBe(0);
  });

  it('gets its picture although Slack refuses a file that it called ready', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('chat.update', { error: 'invalid_blocks' });
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
  });

  it('gets its words when Slack never shows the file', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('chat.update', ...Array.from({ length: 4 }, () => ({ error: 'invalid_blocks' })));
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeUndefined();
    expect(wordsOf(eyes.newest)).toContain('Slack did not take it');
    expect(rowsOf(eyes.newest)[0]).toContain('rerun');
  });

  it('goes on without a preview that Slack does not show', async () => {
    await opened();
    await eyes.drawing();
    const bytes = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const preview = { bytes, type: 'image/png', alt: 'a preview' };
    await desk.step(1, desk.newest(), preview);
    await until(() => expect([...slack.files.values()].some(({ looks }) => looks >= 2)).toBe(true));
    slack.fail('chat.update', { error: 'invalid_blocks' });
    await until(() => {
      void desk.step(2, desk.newest(), preview);
      expect(desk.logged.join('')).toContain('an edit on Slack was given up');
    });
    await desk.step(3, desk.newest(), preview);
    await until(() => expect(wordsOf(eyes.newest)).toContain('step 3 of 25'));
    expect(pictureOf(eyes.newest)).toBeUndefined();
  });

  it.each(['edit_window_closed', 'cant_update_message'])(
    'that can not be changed any more (%s) is followed by a new one in its thread',
    async (error) => {
      await opened();
      slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1', { thread_ts: '17.5' });
      await until(() => expect(desk.pieces).toHaveLength(1));
      slack.fail('chat.update', { error });
      const moved = await desk.finish(['red']);
      expect(moved).toEqual({ platform: 'slack', channel: 'C1', message: eyes.newest.ts });
      expect(eyes.shown).toHaveLength(2);
      expect(eyes.newest).toMatchObject({ channel: 'C1', thread: '17.5' });
      expect(pictureOf(eyes.newest)).toBeDefined();
      expect(wordsOf(eyes.newest)).toContain('takes its place');
    },
  );

  it('that was deleted is not remembered when it is over', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('chat.update', { error: 'message_not_found' });
    expect(await desk.finish(['red'])).toBeUndefined();
    await desk.step(3); // Slack had it after all
    await until(() => expect(wordsOf(eyes.newest)).toContain('step 3 of 25'));
  });

  it('of somebody of another platform comes nowhere else', async () => {
    await opened();
    await eyes.drawing();
    const { view } = desk.newest();
    const by = { platform: 'console', id: PERSON.id, name: 'me' };
    const post = await desk.chat.post({ platform: 'slack', channel: 'C2' }, { ...view, by });
    slack.joined.delete('C2');
    const last = await desk.done(['red'], { post, view: { ...view, by } });
    expect(await desk.chat.deliver(post, last)).toBeUndefined();
    expect(slack.of('conversations.open')).toEqual([]);
  });

  it('in a channel that we had to leave comes as a direct message', async () => {
    await opened();
    await eyes.drawing();
    slack.joined.delete('C1');
    const moved = await desk.finish(['red']);
    expect(moved).toEqual({ platform: 'slack', channel: 'D1', message: eyes.newest.ts });
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(wordsOf(eyes.newest)).toContain('I can not write where you asked');
  });
});

it('a message that Slack does not let us delete is not passed over in silence', async () => {
  await opened();
  await eyes.drawing();
  slack.joined.delete('C1');
  await expect(desk.chat.remove(desk.newest().post)).rejects.toMatchObject({ name: 'UserError' });
});

describe('an upload', () => {
  it('without its scope still delivers the words, and says which scope', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('files.getUploadURLExternal', { error: 'missing_scope', needed: 'files:write' });
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeUndefined();
    expect(wordsOf(eyes.newest)).toContain('give the Slack app the scope files:write');
    expect(rowsOf(eyes.newest)[0]).toContain('rerun');
  });

  it('that Slack never gets done with still delivers the words', async () => {
    await opened();
    await eyes.drawing();
    slack.stuck = true;
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeUndefined();
    expect(slack.files.size).toBe(1);
    expect(wordsOf(eyes.newest)).toContain('Slack did not take it');
  });

  it('begins anew when its line breaks', async () => {
    await opened();
    await eyes.drawing();
    slack.broken = 2;
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
  });

  it.each([
    ['asking for a place', () => slack.fail('files.getUploadURLExternal', ...outage(15)), 'statusCode = 503'],
    ['sending', () => void (slack.broken = 3), 'The upload to Slack broke off.'],
    ['looking whether it is ready', () => slack.fail('files.info', ...outage(5)), 'statusCode = 503'],
  ])('that an outage ends while %s comes with the next delivery, and once', async (_, fail, said) => {
    await opened();
    await eyes.drawing();
    fail();
    await expect(desk.finish(['red'])).rejects.toThrow(said);
    expect(wordsOf(eyes.newest)).not.toContain('Slack did not take it');
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect([...slack.files.values()].filter(({ complete }) => complete)).toHaveLength(1);
  });

  it('waits for a rate limit', async () => {
    const waits: number[] = [];
    await opened({ wait: async (ms) => void waits.push(ms) });
    await eyes.drawing();
    slack.fail('files.completeUploadExternal', { status: 429, retryAfter: 7 });
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
    expect(waits).toContain(7000);
  });

  it('of pictures that are not kept any more says so', async () => {
    await opened();
    await eyes.drawing();
    const view = await desk.done(['red']);
    desk.pictures.clear();
    await desk.chat.deliver(desk.newest().post, view);
    expect(wordsOf(eyes.newest)).toContain('not kept any more');
  });
});

describe('a picture that is too large', () => {
  const noise = () =>
    sharp({
      create: {
        width: 256,
        height: 256,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .png()
      .toBuffer();

  async function finishNoisy(): Promise<void> {
    const view = await desk.done(['red']);
    desk.pictures.set(view.pictures[0]!.id, await noise());
    await desk.chat.deliver(desk.newest().post, view);
  }

  it('comes as a JPEG when Slack refuses the PNG as it arrives', async () => {
    await opened();
    await eyes.drawing();
    slack.largestUpload = 100_000;
    await finishNoisy();
    const file = slack.files.get(pictureOf(eyes.newest)?.slack_file?.id ?? '');
    expect(file?.name).toBe('job-1.jpg');
    expect(await sharp(file?.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 256 });
  });

  it('comes smaller when the workspace refuses that as well', async () => {
    await opened();
    await eyes.drawing();
    const refusal = { error: 'file_upload_size_restricted' };
    slack.fail('files.getUploadURLExternal', refusal, refusal);
    await finishNoisy();
    const file = slack.files.get(pictureOf(eyes.newest)?.slack_file?.id ?? '');
    expect(await sharp(file?.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 128 });
  });

  it('is told of with a link to each picture when nothing is taken', async () => {
    await opened({ publicUrl: 'https://pictures.example' });
    await eyes.drawing();
    slack.largestUpload = 10;
    await desk.finish(['red', 'blue']);
    expect(pictureOf(eyes.newest)).toBeUndefined();
    const words = wordsOf(eyes.newest);
    expect(words).toContain('larger than Slack takes here');
    for (const i of [0, 1]) expect(words).toContain(`https://pictures.example/pictures/job-1-${i}.png`);
  });

  it('is told of without a link to what is to be hidden, which who has it sent gets all the same', async () => {
    await opened({ publicUrl: 'https://pictures.example' });
    await eyes.drawing();
    slack.largestUpload = 10;
    const done = await desk.done(['red', 'blue']);
    const [first, second] = done.pictures;
    const view = { ...done, pictures: [first!, { ...second!, spoiler: true as const }] };
    await desk.chat.deliver(desk.newest().post, view);
    const words = wordsOf(eyes.newest);
    expect(words).toContain('job-1-0.png');
    expect(words).not.toContain('job-1-1.png');
    expect(words).toContain('flagged has no link here. React with :email:');
    await desk.chat.direct(alice, view, 'Here.');
    for (const i of [0, 1]) expect(wordsOf(eyes.newest)).toContain(`job-1-${i}.png`);
  });

  it('is told of in a direct message too', async () => {
    await opened({ publicUrl: 'https://pictures.example' });
    await eyes.drawing();
    slack.largestUpload = 10;
    await desk.chat.direct(alice, await desk.done(['red']), [{ text: 'a red heart' }]);
    expect(eyes.newest.channel).toBe('D1');
    expect(wordsOf(eyes.newest)).toContain('https://pictures.example/pictures/job-1-0.png');
    expect(wordsOf(eyes.newest)).toContain('a red heart');
  });
});

describe('a new message', () => {
  const place = { platform: 'slack', channel: 'C1' };

  it.each([{ status: 503 }, { status: 429, retryAfter: 1 }, { error: 'service_unavailable' }])(
    'that Slack did not take is sent again: %j',
    async (fault) => {
      await opened();
      await eyes.drawing();
      slack.fail('chat.postMessage', fault);
      await desk.chat.post(place, desk.newest().view);
      expect(slack.of('chat.postMessage')).toHaveLength(3);
      expect(eyes.shown).toHaveLength(2);
    },
  );

  it.each([
    [{ status: 500 }, 'statusCode = 500'],
    [{ error: 'internal_error' }, 'internal_error'],
  ])('that Slack may have taken is not sent a second time: %j', async (fault, said) => {
    await opened();
    await eyes.drawing();
    slack.fail('chat.postMessage', fault);
    await expect(desk.chat.post(place, desk.newest().view)).rejects.toThrow(said);
    expect(slack.of('chat.postMessage')).toHaveLength(2);
  });
});

describe('people', () => {
  it('of whom Slack tells nothing are served all the same', async () => {
    await opened();
    slack.fail('users.info', { error: 'missing_scope', needed: 'users:read' });
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1');
    await eyes.intents(1);
    expect(desk.intents[0]?.by).toEqual({ ...alice, name: 'the person who asked' });
  });

  it('to whom we may not write hear which scope is missing', async () => {
    await opened();
    await eyes.drawing();
    slack.fail('conversations.open', { error: 'missing_scope', needed: 'im:write' });
    await expect(desk.chat.direct(alice, await desk.done(['red']), 'x')).rejects.toThrow(
      'the scope im:write',
    );
  });

  it('with a private picture and no direct message hear of it in the channel', async () => {
    await opened();
    slack.directs.clear();
    slack.command('a heart --private');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('Messages tab');
    expect(slack.messages.size).toBe(0);
  });
});

describe('the socket', () => {
  it('that drops while a picture develops is opened again, and the picture still comes', async () => {
    await opened();
    await eyes.drawing();
    for (const socket of slack.sockets) socket.terminate();
    await desk.step(3);
    await desk.finish(['red']);
    expect(pictureOf(eyes.newest)).toBeDefined();
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await eyes.drawing('a blue heart');
  });

  it('that drops before an event is acknowledged serves the event once when it comes again', async () => {
    await opened();
    let keep = (): void => undefined;
    desk.hold = new Promise((resolve) => (keep = resolve));
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1');
    await eyes.intents(1);
    for (const socket of slack.sockets) socket.terminate();
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    const again = slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1', {}, { retry_attempt: 1 });
    keep();
    await until(() => expect(slack.acks.has(again)).toBe(true));
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents).toHaveLength(1);
  });

  it.each(['refresh_requested', 'warning'])('is renewed when Slack says %s', async (reason) => {
    await opened();
    for (const socket of slack.sockets) socket.send(JSON.stringify({ type: 'disconnect', reason }));
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await eyes.drawing();
  });

  it('is asked for again and again while Slack is out of reach, even with a token that went bad', async () => {
    await opened();
    slack.fail(
      'apps.connections.open',
      { status: 503 },
      { error: 'invalid_auth' },
      { error: 'internal_error' },
    );
    for (const socket of slack.sockets) socket.terminate();
    await until(() => expect(slack.connections).toBe(2));
    await until(() => expect(desk.logged.join('')).toContain('connected to Slack again'));
    await eyes.drawing();
  });
});

describe('the end', () => {
  it('rejects what is still owed, closes the socket and opens none again', async () => {
    await opened({ pace: { gapMs: 600_000, everyMs: 600_000, atOnce: 1, retryMs: 50 } });
    await eyes.drawing();
    await desk.step(1);
    await until(() => expect(slack.of('chat.update')).toHaveLength(1));
    const owed = desk.finish(['red']).catch((error: Error) => error.message);
    await until(() => expect([...slack.files.values()].some(({ looks }) => looks >= 2)).toBe(true));
    await desk.chat.stop();
    // Its turn had not come, or Slack was still being asked about the picture.
    expect(await owed).toMatch(/after the next start|aborted/u);
    await until(() => expect(slack.sockets.size).toBe(0));
    expect(slack.connections).toBe(1);
  });

  it('may come twice, and before the beginning', async () => {
    await expect(desk.chat.stop()).resolves.toBeUndefined();
    await expect(desk.chat.stop()).resolves.toBeUndefined();
  });

  it.each([
    ['a socket', `appToken: '${BOT.appToken}'`],
    ['HTTP', `signingSecret: 'secret'`],
  ])('leaves nothing behind that would keep the program alive, with %s', async (_, way) => {
    const child = runModule(
      `
      import { pino } from 'pino';
      import { SlackChat } from './src/bots/slack/slack.ts';
      const chat = new SlackChat({
        botToken: '${BOT.token}', ${way}, port: 0, apiUrl: '${slack.apiUrl}', moderators: [], schedulers: [],
        images: { get: async () => undefined }, cards: () => [], styles: () => [], reactions: new Map(),
        log: pino({ level: 'silent' }), clock: () => new Date(),
      });
      await chat.start({ serve: async () => undefined });
      const by = { platform: 'slack', id: 'U1ALICE', name: 'alice' };
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
    await expect(opened({ botToken: 'xoxb-bad' })).rejects.toThrow(
      'Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Copy the',
    );
    expect(slack.of('apps.connections.open')).toHaveLength(0);
  });

  it('with a bad app token says how to make one', async () => {
    await expect(opened({ appToken: 'xapp-bad' })).rejects.toThrow(
      'Slack does not accept SLACK_APP_TOKEN (invalid_auth). Make an',
    );
  });

  it('without a way to Slack says so', async () => {
    await expect(opened({ apiUrl: 'http://127.0.0.1:9/api/' })).rejects.toThrow(
      'Slack can not be reached at http://127.0.0.1:9/api/',
    );
  });
});
