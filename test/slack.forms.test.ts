// Slack's forms, shortcuts and home page, over the wire.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOT, FakeSlack, PERSON, type OpenView } from './support/slack/fake-slack.ts';
import { SlackDesk } from './support/slack/slack-desk.ts';
import { Eyes, until, wordsOf } from './support/slack/slack-eyes.ts';

let slack: FakeSlack;
let desk: SlackDesk;
let eyes: Eyes;

const alice = { platform: 'slack', id: PERSON.id, name: PERSON.name };

beforeEach(async () => {
  slack = await FakeSlack.start();
  desk = new SlackDesk(slack);
  eyes = new Eyes(slack, desk);
  await desk.start();
});

afterEach(async () => {
  await desk.chat.stop();
  await slack.stop();
});

async function form(count = 1): Promise<OpenView> {
  await until(() => expect(slack.views).toHaveLength(count));
  return slack.views.at(-1)!;
}

const fieldsOf = ({ blocks }: OpenView): string[] => blocks.map(({ block_id: id }) => id ?? '');
const field = ({ blocks }: OpenView, name: string) => blocks.find(({ block_id: id }) => id === name)?.element;

describe('the form', () => {
  it('opens for /imagine alone, with everything that a request can say', async () => {
    const envelope = slack.command('  ', { channel: 'C2', trigger: 'trigger-f' });
    const view = await form();
    expect(view.trigger).toBe('trigger-f');
    expect(fieldsOf(view)).toEqual([
      'prompt',
      'negative',
      'n',
      'size',
      'steps',
      'guidance',
      'scheduler',
      'seed',
      'model',
      'style',
      'image',
      'strength',
      'private',
    ]);
    expect(field(view, 'scheduler')?.options?.map(({ value }) => value)).toEqual(['euler', 'ddim']);
    await until(() => expect(slack.acks.has(envelope)).toBe(true));

    const sent = slack.submit(view, {
      prompt: 'a *red* heart --stop 3',
      negative: 'text, blue',
      n: '2',
      size: '3:2',
      steps: '30',
      guidance: '7.5',
      scheduler: 'ddim',
      seed: '41',
      model: 'other',
      style: 'ink',
      image: 'https://example.com/a.png',
      strength: '0.6',
      private: true,
    });
    await eyes.intents(1);
    expect(desk.intents[0]).toEqual({
      kind: 'imagine',
      key: `slack:${view.id}`,
      by: alice,
      place: { platform: 'slack', server: 'T1', channel: 'C2' },
      text: 'a *red* heart --stop 3',
      options: {
        negativePrompt: 'text, blue',
        count: 2,
        aspect: [3, 2],
        steps: 30,
        guidanceScale: 7.5,
        scheduler: 'ddim',
        seed: 41,
        model: 'other',
        style: 'ink',
        strength: 0.6,
        private: true,
        image: { from: 'web', url: 'https://example.com/a.png' },
      },
    });
    await until(() => expect(slack.acks.has(sent)).toBe(true));
    expect(slack.acks.get(sent)).toEqual({});
  });

  it('says nothing of the fields that were left empty', async () => {
    slack.command('');
    slack.submit(await form(), { prompt: 'a heart' });
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({ text: 'a heart', options: {} });
  });

  it('names what can not be read beside its field, and stays open', async () => {
    slack.command('');
    const view = await form();
    const sent = slack.submit(view, { prompt: 'a heart', size: 'huge', seed: '1.5' });
    await until(() => expect(slack.acks.has(sent)).toBe(true));
    expect(slack.acks.get(sent)).toEqual({
      response_action: 'errors',
      errors: {
        size: '--size needs two numbers, like 512x512, not "huge".',
        seed: '--seed needs a whole number, not "1.5".',
      },
    });
    expect(desk.intents).toEqual([]);
    slack.submit(view, { prompt: 'a heart', size: '256x128' });
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({ options: { width: 256, height: 128 } });
  });

  it('answers where its command came from, also where the bot is no member', async () => {
    slack.command('', { channel: 'C9', trigger: 'trigger-c9' });
    slack.submit(await form(), { prompt: 'a heart --steps 1000' });
    await until(() => expect(slack.responses).toHaveLength(1));
    expect(slack.responses[0]).toMatchObject({ path: 'trigger-c9' });
  });

  it('that comes too late for Slack is excused with a sentence', async () => {
    slack.fail('views.open', { error: 'expired_trigger_id' });
    slack.command('');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toBe(
      'There is no form this time: I was too slow for Slack. Try again, or write /imagine and your words.',
    );
  });

  it('that is opened anywhere answers in the direct message', async () => {
    slack.shortcut('darkroom_draw');
    slack.submit(await form(), { prompt: 'a heart' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    expect(desk.intents[0]?.place.channel).toBe('D1');
    expect(eyes.newest.channel).toBe('D1');
  });

  it('that Slack does not open there is excused there', async () => {
    slack.fail('views.open', { error: 'internal_error' });
    slack.shortcut('darkroom_draw');
    await until(() => expect(eyes.shown).toHaveLength(1));
    expect(eyes.newest).toMatchObject({ channel: 'D1' });
    expect(eyes.newest.text).toContain('There is no form this time');
  });

  it('names what can not be read before it looks for a direct message', async () => {
    slack.shortcut('darkroom_draw');
    const sent = slack.submit(await form(), { prompt: 'a heart', seed: '1.5' });
    await until(() => expect(slack.acks.has(sent)).toBe(true));
    expect(slack.acks.get(sent)).toMatchObject({ response_action: 'errors' });
    expect(slack.of('conversations.open')).toEqual([]);
  });

  it('for somebody who takes no direct message says so', async () => {
    slack.directs.clear();
    slack.shortcut('darkroom_draw');
    const sent = slack.submit(await form(), { prompt: 'a heart' });
    await until(() => expect(slack.acks.has(sent)).toBe(true));
    expect(JSON.stringify(slack.acks.get(sent))).toContain('Messages tab');
  });
});

describe('remix', () => {
  it('opens with the request as it was, and sends what became of it', async () => {
    slack.mention(`<@${BOT.user}> imagine a cat`, 'Ev1', { thread_ts: '17.5' });
    await until(() => expect(desk.pieces).toHaveLength(1));
    const message = eyes.newest;
    slack.press(message, 'darkroom:remix', 'press-r');
    const view = await form();
    expect(view.trigger).toBe('press-r');
    expect(field(view, 'prompt')?.initial_value).toBe('a red heart');
    expect(field(view, 'flags')?.initial_value).toBe('--steps 25');
    expect(desk.intents).toHaveLength(1);
    slack.submit(view, { prompt: 'a blue heart', flags: '--steps 30 --seed 7' });
    await eyes.intents(2);
    expect(desk.intents[1]).toEqual({
      kind: 'remix',
      key: `slack:${view.id}`,
      by: alice,
      place: { platform: 'slack', server: 'T1', channel: 'C1/17.5', parent: 'C1' },
      post: { platform: 'slack', channel: 'C1', message: message.ts },
      text: 'a blue heart --steps 30 --seed 7',
    });
  });

  it('of a request longer than a field holds begins with as much as fits', async () => {
    desk.drafts = { prompt: 'a'.repeat(4000), flags: '' };
    slack.press(await eyes.drawing(), 'darkroom:remix');
    expect(field(await form(), 'prompt')?.initial_value).toHaveLength(3000);
  });

  it('of a request that can not be read now says so', async () => {
    const message = await eyes.drawing();
    desk.draft = () => Promise.reject(new Error('database is locked'));
    slack.press(message, 'darkroom:remix');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('Press Remix again in a moment');
    expect(slack.views).toEqual([]);
  });

  it('on a message without a picture of ours is refused with a sentence', async () => {
    desk.drafts = undefined;
    slack.press(await eyes.drawing(), 'darkroom:remix');
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('no picture of mine any more');
    expect(slack.views).toEqual([]);
  });
});

describe('"Use as input"', () => {
  it('on a message of ours asks which picture', async () => {
    await eyes.drawing();
    await desk.finish(['red', 'blue']);
    const { ts, blocks } = eyes.newest;
    slack.shortcut('darkroom_input', { channel: 'C1', message: { ts, user: BOT.user, blocks } });
    const view = await form();
    expect(field(view, 'index')?.options?.map(({ value }) => value)).toEqual(['1', '2']);
    slack.submit(view, { prompt: 'in winter', index: '2', strength: '0.4' });
    await eyes.intents(2);
    expect(desk.intents[1]).toMatchObject({
      kind: 'imagine',
      text: 'in winter',
      options: {
        strength: 0.4,
        image: { from: 'post', post: { platform: 'slack', channel: 'C1', message: ts }, index: 1 },
      },
    });
  });

  it('on a message of ours with one picture takes that one', async () => {
    await eyes.drawing();
    await desk.finish(['red']);
    const { ts, blocks } = eyes.newest;
    slack.shortcut('darkroom_input', { channel: 'C1', message: { ts, user: BOT.user, blocks } });
    const view = await form();
    expect(fieldsOf(view)).toEqual(['prompt', 'strength']);
    slack.submit(view, { prompt: 'in winter' });
    await eyes.intents(2);
    expect(desk.intents[1]).toMatchObject({ options: { image: { from: 'post', index: 0 } } });
  });

  it.each([
    [
      'a file of Slack’s, with our token and never in the form',
      { files: [{ id: 'F1', mimetype: 'image/png', url_private: 'https://files.slack.com/a.png' }] },
      { from: 'web', url: 'https://files.slack.com/a.png', authorization: `Bearer ${BOT.token}` },
    ],
    [
      'a file that Slack only knows of, without it',
      {
        files: [
          { id: 'F1', mimetype: 'image/png', url_private: 'https://a.example/a.png', is_external: true },
        ],
      },
      { from: 'web', url: 'https://a.example/a.png' },
    ],
    [
      'a picture from elsewhere, without it',
      { attachments: [{ image_url: 'https://example.com/b.png' }] },
      { from: 'web', url: 'https://example.com/b.png' },
    ],
  ])('on a message of somebody else takes %s', async (_, shown, image) => {
    const message = { ts: '9.9', user: 'U2BOB', thread_ts: '9.8', ...shown };
    slack.shortcut('darkroom_input', { channel: 'C1', message });
    const view = await form();
    expect(JSON.stringify(view)).not.toContain(BOT.token);
    slack.submit(view, { prompt: 'in winter' });
    await eyes.intents(1);
    expect(desk.intents[0]).toMatchObject({ place: { channel: 'C1/9.8' } });
    expect((desk.intents[0] as { options?: { image?: unknown } }).options?.image).toEqual(image);
  });

  it('on a picture that is still being drawn is refused with a sentence', async () => {
    const { ts, blocks } = await eyes.drawing();
    const preview = { type: 'image', slack_file: { id: 'F1' }, alt_text: 'a preview' };
    const message = { ts, user: BOT.user, blocks: [preview, ...blocks] };
    slack.shortcut('darkroom_input', { channel: 'C1', message });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('no picture on that message');
    expect(slack.views).toEqual([]);
  });

  it('on a message without a picture is refused with a sentence', async () => {
    slack.shortcut('darkroom_input', { channel: 'C1', message: { ts: '9.9', user: 'U2BOB', text: 'hello' } });
    await until(() => expect(slack.whispers).toHaveLength(1));
    expect(slack.whispers[0]?.text).toContain('no picture on that message');
    expect(slack.views).toEqual([]);
  });
});

it('"Show recipe" asks for the recipe of that message', async () => {
  slack.shortcut('darkroom_recipe', { channel: 'C2', message: { ts: '9.9', user: BOT.user } }, 'trigger-s');
  await eyes.intents(1);
  expect(desk.intents[0]).toEqual({
    kind: 'recipe',
    key: 'slack:trigger-s',
    by: alice,
    place: { platform: 'slack', server: 'T1', channel: 'C2' },
    post: { platform: 'slack', channel: 'C2', message: '9.9' },
  });
});

describe('the home page', () => {
  const entry = (jobId: string, prompt: string, headline: string) => {
    const at = new Date('2026-05-04T10:00:00Z');
    return { jobId, prompt, headline, at, pictures: [], href: `https://test.slack.com/${jobId}` };
  };

  it('shows what one person waits for, has drawn and has marked', async () => {
    desk.overviews = {
      waiting: 3,
      running: 1,
      own: [entry('j1', 'a <red> *heart*', 'In line, 2 ahead of you')],
      recent: [entry('j2', 'a cat', 'Done in 4.2 s')],
      favorites: [entry('j3', 'a dog', 'Done in 3.1 s')],
      marked: [],
      budget: '40 of 60 s of today are left.',
    };
    slack.event({ type: 'app_home_opened', user: PERSON.id, channel: 'D1', tab: 'home' }, 'Ev1');
    await until(() => expect(slack.homes.has(PERSON.id)).toBe(true));
    const words = wordsOf(slack.homes.get(PERSON.id)!);
    for (const said of [
      'Waiting: 3',
      'a <red> *heart*: In line, 2 ahead of you (2026-05-04)',
      'https://test.slack.com/j1',
      'a cat: Done',
      'a dog: Done',
      '40 of 60 s',
      '"text":"j2","style":{"code":true}',
    ])
      expect(words).toContain(said);
  });

  it('has a button that opens the form', async () => {
    slack.event({ type: 'app_home_opened', user: PERSON.id, channel: 'D1', tab: 'home' }, 'Ev1');
    await until(() => expect(slack.homes.has(PERSON.id)).toBe(true));
    const actions = slack.homes.get(PERSON.id)!.blocks.flatMap(({ elements = [] }) => elements);
    const draw = actions.find(({ type }) => type === 'button');
    slack.press('home', draw?.action_id ?? '');
    slack.submit(await form(), { prompt: 'a heart' });
    await eyes.intents(1);
    expect(desk.intents[0]?.place.channel).toBe('D1');
  });

  it('is not made when somebody opens the messages', async () => {
    slack.event({ type: 'app_home_opened', user: PERSON.id, channel: 'D1', tab: 'messages' }, 'Ev1');
    const envelope = slack.event(
      { type: 'app_home_opened', user: 'U2BOB', channel: 'D2', tab: 'home' },
      'Ev2',
    );
    await until(() => expect(slack.acks.has(envelope)).toBe(true));
    expect([...slack.homes.keys()]).toEqual(['U2BOB']);
  });
});
