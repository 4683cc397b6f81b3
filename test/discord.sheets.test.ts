// Messages of ours that are about no job: reports, reviews, and what is handed to one person, over the wire; and
// pictures that are hidden until somebody wants to see them.

import { describe, expect, it } from 'vitest';
import type { Press, Sheet } from '../src/bots/chat.ts';
import { pagesOf } from '../src/bots/discord/wording.ts';
import { Bench, CALLBACK, CREATE, EDIT, FOLLOW_UP, ORIGINAL, until } from './support/discord/bench.ts';
import { done, dot, queued, type Desk } from './support/discord/desk.ts';
import { DM, IDS, command, filled, press } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const EPHEMERAL = 64;
const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
const place = { platform: 'discord', server: IDS.guild, channel: IDS.channel };
const ID = '0198c3a2-77aa-7b1e-9d3f-0123456789ab';

const presses: Press[] = [
  { review: ID, act: 'approve', emoji: '✅', label: 'Approve' },
  { review: ID, act: 'deny', emoji: '🚫', label: 'Deny' },
];
const report = async (): Promise<Sheet> => ({
  words: [{ text: 'Ten *pictures*.' }, { text: 'All of them:', code: 'darkroom.csv' }],
  picture: { png: await dot('white'), alt: 'Pictures by day' },
  files: [{ name: 'darkroom.csv', bytes: new TextEncoder().encode('day,pictures\n') }],
});

const shown = (message: string) => bench.fake.messages.get(message)!;
const buttonsOf = (message: string): string[] =>
  shown(message).components.flatMap((row) => row.components.map((each) => each.custom_id));

/** A command whose answer is for all, or for one. */
async function asked(desk: Desk, line: string): Promise<string> {
  const [name = ''] = line.split(' ');
  bench.fake.interact(command('21', name, filled(bench.fake.commands, line, {})));
  await until(() => expect(desk.intents).toHaveLength(1));
  return desk.intents[0]!.key;
}

/** The desk holds its answer back until the test has given it. */
function holding(desk: Desk): () => void {
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  desk.serve = async (intent) => {
    desk.intents.push(intent);
    await held;
  };
  return go;
}

describe('a published sheet', () => {
  it('is the reply that waits for it, with its words, its picture and its files', async () => {
    const desk = await bench.started();
    const go = holding(desk);
    const key = await asked(desk, 'darkroom report');
    const post = await desk.chat.publish(place, await report(), key);
    go();
    expect(post).toMatchObject({ platform: 'discord', channel: IDS.channel });
    expect(bench.fake.sent('PATCH', ORIGINAL)).toHaveLength(1);
    expect(bench.fake.sent('POST', CREATE)).toHaveLength(0);
    expect(shown(post.message)).toMatchObject({
      content: 'Ten \\*pictures\\*.\nAll of them: `darkroom.csv`',
      flags: 0,
      components: [],
      allowed_mentions: { parse: [] },
    });
    const { attachments } = shown(post.message);
    expect(attachments.map(({ filename, description }) => [filename, description])).toEqual([
      ['picture.png', 'Pictures by day'],
      ['darkroom.csv', 'darkroom.csv'],
    ]);
    expect(new TextDecoder().decode(attachments[1]!.bytes)).toBe('day,pictures\n');
  });

  it('is a message in its channel when nothing waits for it, once although it is sent again', async () => {
    const desk = await bench.started();
    const sheet = { words: [{ text: 'Somebody asks.' }], presses };
    const first = await desk.chat.publish(place, sheet);
    const again = await desk.chat.publish(place, sheet);
    expect(again).toEqual(first);
    const other = await desk.chat.publish(place, { ...sheet, words: [{ text: 'Somebody else asks.' }] });
    expect(other.message).not.toBe(first.message);
    expect(buttonsOf(first.message)).toEqual([`review:approve:${ID}`, `review:deny:${ID}`]);
  });

  it('whose words are too long says so', async () => {
    const desk = await bench.started();
    const words = Array.from({ length: 60 }, (_, i) => ({ text: `${i}: ${'x'.repeat(60)}` }));
    const { message } = await desk.chat.publish(place, { words });
    const { content } = shown(message);
    expect(content.length).toBeGreaterThan(1800);
    expect(content.split('\n')[0]).toBe(`0: ${'x'.repeat(60)}`);
    expect(content.split('\n').at(-1)).toBe('There is more than one message holds.');
  });

  it('that has no way into its channel is refused with what to do', async () => {
    const desk = await bench.started();
    const sheet = { words: [{ text: 'Somebody asks.' }] };
    bench.fake.hidden.add(IDS.channel);
    await expect(desk.chat.publish(place, sheet)).rejects.toThrow(/I may not write in that channel/);
    bench.fake.hidden.clear();
    const gone = { status: 404, body: { code: 10003, message: 'Unknown Channel' } };
    bench.fake.failNext('POST', CREATE, gone);
    await expect(desk.chat.publish(place, sheet)).rejects.toThrow(/an admin can choose another/);
  });
});

describe('a revised sheet', () => {
  it('has the new words, and neither the buttons nor the files it had', async () => {
    const desk = await bench.started();
    const post = await desk.chat.publish(place, { ...(await report()), presses });
    await desk.chat.revise(post, { words: [{ text: 'Decided.' }] });
    expect(shown(post.message)).toMatchObject({ content: 'Decided.', components: [], attachments: [] });
    const patches = bench.fake.sent('PATCH', EDIT);
    expect(patches).toHaveLength(1);
    expect(patches[0]!.body).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  it('is sent again when Discord stumbles, and is nothing when its message is gone', async () => {
    const desk = await bench.started();
    const post = await desk.chat.publish(place, { words: [{ text: 'Asked.' }], presses });
    const busy = { status: 429, body: { message: 'slow down', retry_after: 0.01, global: false } };
    bench.fake.failNext('PATCH', EDIT, busy);
    await desk.chat.revise(post, { words: [{ text: 'Decided.' }] });
    expect(shown(post.message).content).toBe('Decided.');
    bench.fake.messages.delete(post.message);
    await desk.chat.revise(post, { words: [{ text: 'Decided.' }] });
    expect(bench.fake.sent('PATCH', EDIT).at(-1)!.status).toBe(404);
  });
});

describe('what is handed to a person', () => {
  const refusal: Sheet = {
    words: [{ text: 'Not here.' }],
    presses: [{ review: ID, act: 'ask', emoji: '🙋', label: 'Ask a moderator' }],
  };

  it('is seen by them alone while their event can be answered', async () => {
    const desk = await bench.started();
    const key = await asked(desk, 'usage');
    await until(() => expect(bench.fake.messages.size).toBe(0));
    await desk.chat.hand(by, place, { ...refusal, files: (await report()).files! }, key);
    const [only] = [...bench.fake.messages.values()];
    expect(only).toMatchObject({ channel_id: IDS.channel, content: 'Not here.', flags: EPHEMERAL });
    expect(only!.attachments.map(({ filename }) => filename)).toEqual(['darkroom.csv']);
    expect(buttonsOf(only!.id)).toEqual([`review:ask:${ID}`]);
  });

  it('is a direct message later, and refused with what to do where they take none', async () => {
    const desk = await bench.started();
    const key = await asked(desk, 'usage');
    bench.fake.expireTokens();
    await desk.chat.hand(by, place, refusal, key);
    expect([...bench.fake.messages.values()].at(-1)).toMatchObject({ channel_id: DM, content: 'Not here.' });
    bench.fake.refusesDms = true;
    await expect(desk.chat.hand(by, place, refusal)).rejects.toThrow(/Allow them .* Privacy Settings/);
  });

  it('fits when its files have as many bytes as are promised, with room for what is not file', async () => {
    const { mostBytes } = bench.desk().chat;
    expect(mostBytes).toBeLessThanOrEqual(bench.fake.fileLimit - 64 * 1024);
    expect(mostBytes).toBeGreaterThan(bench.fake.fileLimit / 2);
  });
});

describe('a button under a sheet', () => {
  it('is an intent about its review, with who pressed it and where', async () => {
    const desk = await bench.started();
    const { message } = await desk.chat.publish(place, { words: [{ text: 'Asked.' }], presses });
    const may = { permissions: (1n << 13n) | (1n << 5n), roles: [IDS.moderators] };
    for (const [i, customId] of buttonsOf(message).entries())
      bench.fake.interact(press(`4${i}`, shown(message), customId, may));
    await until(() => expect(desk.intents).toHaveLength(2));
    const common = { kind: 'review', review: ID, by, place, moderator: true, admin: true, roles: may.roles };
    expect(desk.intents).toMatchObject([
      { ...common, key: 'discord:40', act: 'approve' },
      { ...common, key: 'discord:41', act: 'deny' },
    ]);
    for (const { body } of bench.fake.sent('POST', CALLBACK)) expect(body).toEqual({ type: 6 });
    await desk.chat.whisper(by, place, 'So be it.', 'discord:40');
    expect(bench.fake.sent('POST', FOLLOW_UP).at(-1)!.body).toMatchObject({ flags: EPHEMERAL });
  });

  it('with a forged id means nothing', async () => {
    const desk = await bench.started();
    const { message } = await desk.chat.publish(place, { words: [{ text: 'Asked.' }], presses });
    const forged = ['review:approve', 'review:own:7', 'review:deny:', 'review:deny:a b', 'review:ask:7\n'];
    for (const [i, id] of forged.entries()) bench.fake.interact(press(`4${i}`, shown(message), id));
    await until(() => expect(bench.fake.sent('POST', CALLBACK)).toHaveLength(forged.length));
    bench.fake.interact(press('49', shown(message), `review:ask:${ID}`));
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({ act: 'ask', key: 'discord:49' });
  });
});

describe('marks in words', () => {
  it('are Discord’s mentions, and all else stands as it was typed', () => {
    const text = `<person:${IDS.ada}> bans <person:x> from <channel:${IDS.channel}> as <role:${IDS.admins}>: <@7> @everyone`;
    expect(pagesOf([{ text }])).toEqual([
      `<@${IDS.ada}> bans x from <#${IDS.channel}> as <@&${IDS.admins}>: \\<\\@7\\> \\@everyone`,
    ]);
    expect(pagesOf(`<person:${IDS.ada}> is banned.`)).toEqual([`<@${IDS.ada}> is banned.`]);
  });

  it('ping nobody', async () => {
    const desk = await bench.started();
    const words = [{ text: `<person:${IDS.bo}> asks.` }];
    const { message } = await desk.chat.publish(place, { words });
    expect(shown(message)).toMatchObject({
      content: `<@${IDS.bo}> asks.`,
      allowed_mentions: { parse: [] },
    });
    expect(shown(message).allowed_mentions).not.toHaveProperty('users');
  });
});

describe('a picture to be hidden', () => {
  async function finished(desk: Desk, spoilers: readonly number[]) {
    const message = await bench.asked(desk);
    const last = done(queued('a red heart'), 2);
    const pictures = last.pictures.map((picture, i) => ({
      ...picture,
      ...(spoilers.includes(i) && { spoiler: true as const }),
    }));
    for (const { id } of pictures) desk.pictures.set(id, await dot('red'));
    return { message, view: { ...last, pictures } };
  }

  it('hides the grid it stands in', async () => {
    const desk = await bench.started();
    const { message, view } = await finished(desk, [1]);
    await desk.chat.deliver(desk.post, view);
    expect(shown(message).attachments.map(({ filename }) => filename)).toEqual(['SPOILER_pictures.png']);
  });

  it('alone hides itself and no other', async () => {
    const desk = await bench.started();
    const { view } = await finished(desk, [1]);
    await desk.chat.direct(by, view, 'Here.');
    const sent = [...bench.fake.messages.values()].at(-1)!;
    expect(sent.attachments.map(({ filename }) => filename)).toEqual([
      'picture-1.png',
      'SPOILER_picture-2.png',
    ]);
  });

  it('is not there where nothing is flagged', async () => {
    const desk = await bench.started();
    const { message, view } = await finished(desk, []);
    await desk.chat.deliver(desk.post, view);
    expect(shown(message).attachments.map(({ filename }) => filename)).toEqual(['pictures.png']);
  });
});
