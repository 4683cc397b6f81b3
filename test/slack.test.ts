// Slack as people use it, over the wire: the real Bolt client against a small Slack on loopback.

import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { manifestFaults } from './support/slack/contract.ts';
import { BOT, FakeSlack, PERSON, type Shown } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';

let slack: FakeSlack;
let desk: SlackDesk;

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const shown = (): Shown[] => [...slack.messages.values()];
const newest = (): Shown => shown().at(-1)!;
const wordsOf = ({ blocks }: Shown): string => JSON.stringify(blocks);
const buttonsOf = ({ blocks }: Shown): string[] =>
  blocks.flatMap(({ type, elements = [] }) => (type === 'actions' ? elements.map((e) => e.action_id!) : []));

/** A command that is posted. */
async function drawing(text = 'a red heart'): Promise<Shown> {
  slack.command(text);
  const posted = desk.pieces.length + 1;
  await until(() => expect(desk.pieces).toHaveLength(posted));
  return newest();
}

beforeEach(async () => {
  slack = await FakeSlack.start();
  desk = new SlackDesk(slack);
  await desk.start();
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

describe('/imagine on Slack', () => {
  it('is acknowledged, posted, edited as it develops, and ends with the picture and its buttons', async () => {
    const envelope = slack.command('a red heart --n 2', { trigger: 'trigger-a' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(slack.acks).toContain(envelope);
    expect(desk.intents).toEqual([
      {
        kind: 'imagine',
        key: 'slack:trigger-a',
        by: { platform: 'slack', id: PERSON.id, name: PERSON.name },
        place: { platform: 'slack', channel: 'C1' },
        text: 'a red heart --n 2',
      },
    ]);
    expect(wordsOf(newest())).toContain('Next in line');
    expect(buttonsOf(newest())).toEqual(['darkroom:cancel']);

    await desk.step(5);
    await until(() => expect(wordsOf(newest())).toContain('step 5 of 25 · ▰▰▱▱▱▱▱▱▱▱ 20 %'));
    expect(slack.files.size).toBe(0);

    await desk.finish(['red', 'blue']);
    const image = newest().blocks.find(({ type }) => type === 'image');
    expect(image?.alt_text).toBe('2 pictures in a grid, two in a row: a red heart --n 2');
    const bytes = slack.files.get(image?.slack_file?.id ?? '')?.bytes;
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 520, height: 256 });
    expect(wordsOf(newest())).toContain('--seed 7');
    expect(buttonsOf(newest())).toEqual([
      'darkroom:vary:0',
      'darkroom:vary:1',
      'darkroom:rerun',
      'darkroom:remove',
    ]);
    expect(slack.of('chat.postMessage')).toHaveLength(1);
    expect(slack.responses).toEqual([]);
  });

  it('is acknowledged before its answer is posted', async () => {
    slack.fail('chat.postMessage', { status: 429, retryAfter: 1 });
    const envelope = slack.command('a red heart');
    await until(() => expect(slack.of('chat.postMessage')).toHaveLength(1));
    await until(() => expect(slack.acks).toContain(envelope));
    expect(desk.pieces).toEqual([]);
    await until(() => expect(desk.pieces).toHaveLength(1));
  });

  it('shows the newest step only, however many come', async () => {
    await drawing();
    for (let step = 1; step <= 25; step += 1) await desk.step(step);
    await until(() => expect(wordsOf(newest())).toContain('step 25 of 25'));
    expect(slack.of('chat.update').length).toBeLessThan(5);
  });

  it('without words is answered with help, for that person only', async () => {
    slack.command('  ');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]).toMatchObject({ channel: 'C1', user: PERSON.id });
    expect(slack.whispers[0]?.text).toContain('/imagine a red heart');
    expect(desk.intents).toEqual([]);
  });

  it('can neither ping nor link nor break the message with its words', async () => {
    const message = await drawing('a <!channel> & <@U2|x> @here http://example.com &lt;b&gt;');
    await desk.finish(['red']);
    const parsed = newest().blocks.filter(({ type }) => type !== 'image'); // alternative text is never parsed
    const all = [newest().text, message.text, JSON.stringify(parsed)].join('\n');
    expect(all).not.toContain('<!channel>');
    expect(all).not.toContain('<@U2');
    expect(all).toContain('&lt;!channel&gt; &amp; &lt;@U2|x&gt; @here');
    expect(desk.intents[0]).toMatchObject({ text: 'a <!channel> & <@U2|x> @here http://example.com <b>' });
    expect(slack.of('chat.postMessage')[0]?.args).toMatchObject({
      unfurl_links: 'false',
      unfurl_media: 'false',
      parse: 'none',
      link_names: 'false',
    });
    const sections = newest().blocks.filter(({ type }) => type === 'section');
    expect(sections.map(({ text }) => text)).toMatchObject([{ type: 'mrkdwn', verbatim: true }]);
  });

  it('takes prompts as long as Slack sends them', async () => {
    await drawing('&'.repeat(6000));
    await desk.finish(['red']);
    expect(newest().blocks.some(({ type }) => type === 'image')).toBe(true);
  });

  it('whispers a refusal, escaped', async () => {
    slack.command('a heart --steps 1000');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toBe('--steps goes from 1 to 200, not &lt;1000&gt;.');
    expect(slack.messages.size).toBe(0);
  });
});

describe('where the bot is no member', () => {
  it('a refusal goes to the address that came with the command', async () => {
    slack.command('a heart --steps 1000', { channel: 'C9', trigger: 'trigger-c9' });
    await until(() => expect(slack.responses).toHaveLength(1));
    expect(slack.responses[0]).toMatchObject({
      path: 'trigger-c9',
      body: { response_type: 'ephemeral', replace_original: false },
    });
  });

  it('a sentence without such an address comes as a direct message', async () => {
    const person = { platform: 'slack', id: PERSON.id, name: PERSON.name };
    await desk.chat.whisper(person, { platform: 'slack', channel: 'C9' }, 'No room.');
    expect(newest()).toMatchObject({ channel: 'D1', text: 'No room.' });
  });

  it('the picture comes as a direct message, and the person is told why', async () => {
    slack.command('a heart', { channel: 'C9' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    await desk.finish(['red']);
    expect(newest()).toMatchObject({ channel: 'D1' });
    expect(newest().blocks.some(({ type }) => type === 'image')).toBe(true);
    expect(slack.responses[0]?.body['text']).toContain('/invite');
  });
});

describe('a mention', () => {
  it('in a thread is answered in that thread', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat &amp; a dog`, 'Ev1', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      key: 'slack:Ev1',
      text: 'a cat & a dog',
      by: { id: PERSON.id },
      place: { channel: 'C1/1712.34' },
    });
    expect(newest()).toMatchObject({ channel: 'C1', thread: '1712.34' });
    expect(desk.newest().post.channel).toBe('C1');
  });

  it('that asks for nothing is answered with help in the thread', async () => {
    slack.mention(`hello <@${BOT.user}|darkroom>`, 'Ev2', { thread_ts: '1712.34' });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]).toMatchObject({ thread: '1712.34', user: PERSON.id });
  });

  it('that Slack delivers twice has one key', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev3');
    slack.mention(
      `<@${BOT.user}> imagine a cat`,
      'Ev3',
      {},
      { retry_attempt: 1, retry_reason: 'http_timeout' },
    );
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents.map(({ key }) => key)).toEqual(['slack:Ev3', 'slack:Ev3']);
  });

  it('by a bot, or one that was only edited, is left alone', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev4', { bot_id: 'B2' });
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev5', { edited: { user: PERSON.id, ts: '9.2' } });
    slack.mention(`<@${BOT.user}> imagine a dog`, 'Ev6');
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]?.key).toBe('slack:Ev6');
  });
});

describe('buttons', () => {
  it('mean what they say, on the message they are under', async () => {
    const message = await drawing();
    await desk.finish(['red', 'blue']);
    const envelopes = buttonsOf(message).map((id, i) => slack.press(message, id, `press-${i}`));
    await until(() => expect(desk.intents).toHaveLength(5));
    const post = { platform: 'slack', channel: 'C1', message: message.ts };
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'vary', index: 0, post, key: 'slack:press-0', by: { id: PERSON.id, name: PERSON.name } },
      { kind: 'vary', index: 1, post, key: 'slack:press-1' },
      { kind: 'rerun', post, key: 'slack:press-2' },
      { kind: 'remove', post, key: 'slack:press-3' },
    ]);
    for (const envelope of envelopes) expect(slack.acks).toContain(envelope);
  });

  it('in a thread ask for an answer in the thread', async () => {
    slack.mention(`<@${BOT.user}|darkroom> imagine a cat`, 'Ev7', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    slack.press(newest(), 'darkroom:rerun', 'press-t');
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]?.place.channel).toBe('C1/1712.34');
  });

  it('of somebody else are left alone', async () => {
    const message = await drawing();
    slack.press(message, 'other:rerun', 'press-o');
    slack.press(message, 'darkroom:cancel', 'press-c');
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'cancel', key: 'slack:press-c' });
  });
});

describe('reactions', () => {
  it('draw again in the same place', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev8', { thread_ts: '1712.34' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    slack.react(newest(), 'repeat', 'Ev9');
    slack.react(newest(), 'arrows_counterclockwise', 'Ev10');
    await until(() => expect(desk.intents).toHaveLength(3));
    for (const intent of desk.intents.slice(1))
      expect(intent).toMatchObject({ kind: 'rerun', place: { channel: 'C1/1712.34' } });
    expect(desk.intents.map(({ key }) => key)).toEqual(['slack:Ev8', 'slack:Ev9', 'slack:Ev10']);
  });

  it('with a cross cancel what is drawn and remove what is done', async () => {
    const message = await drawing();
    slack.react(message, 'x', 'Ev11');
    await until(() => expect(desk.intents).toHaveLength(2));
    await desk.finish(['red']);
    slack.react(message, 'x', 'Ev12');
    await until(() => expect(desk.intents).toHaveLength(3));
    const post = { platform: 'slack', channel: 'C1', message: message.ts };
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'cancel', post },
      { kind: 'remove', post },
    ]);
  });

  it('of ours, on others, or of other kinds are left alone', async () => {
    const message = await drawing();
    slack.react(message, 'x', 'Ev13', { user: BOT.user });
    slack.react(message, 'x', 'Ev14', { item_user: 'U2' });
    slack.react(message, 'tada', 'Ev15');
    slack.react(message, 'repeat', 'Ev16');
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]?.key).toBe('slack:Ev16');
  });
});

describe('a message', () => {
  it('that is removed is gone, also when it was gone before', async () => {
    await drawing();
    const { post } = desk.newest();
    await desk.chat.remove(post);
    expect(shown()).toEqual([]);
    await desk.chat.remove(post);
  });
});

describe('the app manifest', () => {
  it('is one that Slack takes, with what the bot uses and no more', () => {
    const manifest = JSON.parse(readFileSync('src/bots/slack/manifest.json', 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    expect(manifestFaults(manifest)).toEqual([]);
    expect(manifest['oauth_config']).toEqual({
      scopes: {
        bot: [
          'commands',
          'chat:write',
          'files:write',
          'files:read',
          'reactions:read',
          'app_mentions:read',
          'im:write',
        ],
      },
    });
    expect(manifest['settings']).toMatchObject({
      socket_mode_enabled: true,
      interactivity: { is_enabled: true },
      event_subscriptions: { bot_events: ['app_mention', 'reaction_added'] },
    });
  });
});
