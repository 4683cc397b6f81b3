// Discord's buttons and reactions as intents, over the wire.

import { describe, expect, it } from 'vitest';
import { Bench, CALLBACK, CREATE, EDIT, FOLLOW_UP, until } from './support/discord/bench.ts';
import type { Desk } from './support/discord/desk.ts';
import { done, queued } from './support/discord/desk.ts';
import { DM, IDS, press, reaction, unreaction } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const MANAGE_MESSAGES = 1n << 13n;

const shown = (message: string) => bench.fake.messages.get(message)!;

/** What was meant after the request itself. */
const meant = (desk: Desk) => desk.intents.slice(1).toSorted((a, b) => a.key.localeCompare(b.key));

describe('buttons', () => {
  it('are intents about the message they stand under, acknowledged without a change', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const pressed = [
      ['31', 'darkroom:upscale:3'],
      ['32', 'darkroom:vary:2'],
      ['33', 'darkroom:rerun'],
      ['34', 'darkroom:cancel'],
      ['35', 'darkroom:keep'],
      ['36', 'darkroom:share'],
      ['37', 'darkroom:remove'],
      ['38', 'darkroom:pick:1'],
      ['39', 'darkroom:report'],
    ] as const;
    for (const [id, customId] of pressed) bench.fake.interact(press(id, shown(message), customId));
    await until(() => expect(desk.intents).toHaveLength(10));
    expect(meant(desk)).toMatchObject([
      { kind: 'upscale', index: 3, key: 'discord:31', post: { message, channel: IDS.channel } },
      { kind: 'vary', index: 2 },
      { kind: 'rerun' },
      { kind: 'cancel' },
      { kind: 'keep' },
      { kind: 'share' },
      { kind: 'remove', post: { message } },
      { kind: 'pick', index: 1, post: { message } },
      { kind: 'report', post: { message } },
    ]);
    expect(desk.intents.every(({ moderator }) => moderator === undefined)).toBe(true);
    for (const { body } of bench.fake.sent('POST', CALLBACK).slice(1)) expect(body).toEqual({ type: 6 });
  });

  it('whose ids are forged are acknowledged and mean nothing', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const forged = [
      'someone-elses',
      'darkroom:format',
      'darkroom:constructor',
      'darkroom:vary:99',
      'darkroom:vary:-1',
      'darkroom:remove:0:1',
      'darkroom:remove\n',
    ];
    for (const [i, id] of forged.entries()) bench.fake.interact(press(`4${i}`, shown(message), id));
    await until(() => expect(bench.fake.sent('POST', CALLBACK)).toHaveLength(forged.length + 1));
    bench.fake.interact(press('49', shown(message), 'darkroom:rerun'));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'rerun', key: 'discord:49' });
  });

  it('pressed by somebody who may delete messages there say so', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const may = { permissions: MANAGE_MESSAGES };
    bench.fake.interact(press('31', shown(message), 'darkroom:remove', may));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'remove', moderator: true });
  });

  it('lead to a new message that answers the old one, and to whispers for that person only', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.interact(press('36', shown(message), 'darkroom:rerun'));
    await until(() => expect(desk.intents).toHaveLength(2));
    await desk.show(desk.intents[1]!, queued('a red heart', 'job-2'));
    expect(shown(desk.post.message)).toMatchObject({ message_reference: { message_id: message } });
    const { by, place, key } = desk.intents[1]!;
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', key);
    expect(bench.fake.sent('POST', FOLLOW_UP).at(-1)?.body).toMatchObject({ flags: 64 });
  });

  it('stand in one sequence when there is one picture', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    await desk.finish(queued('a red heart'), 1);
    expect(shown(message).components.map((row) => row.components.map((b) => b.custom_id))).toEqual([
      ['darkroom:upscale:0', 'darkroom:vary:0', 'darkroom:rerun', 'darkroom:remix', 'darkroom:remove'],
    ]);
  });

  it('on a message from before a restart mean the same', async () => {
    const before = await bench.started();
    const message = await bench.asked(before);
    await before.chat.stop();
    const after = await bench.started();
    bench.fake.interact(press('51', shown(message), 'darkroom:vary:1'));
    await until(() => expect(after.intents).toHaveLength(1));
    expect(after.intents[0]).toMatchObject({ kind: 'vary', index: 1, post: { message } });
  });
});

describe('reactions', () => {
  const add = (d: object): unknown => bench.fake.gateway.dispatch('MESSAGE_REACTION_ADD', d);
  const take = (d: object): unknown => bench.fake.gateway.dispatch('MESSAGE_REACTION_REMOVE', d);

  it('mean what the table says, for the person who reacts', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    // One arrow without the invisible character that asks for colour, and a server's own emoji.
    for (const emoji of ['🔁', '⬆', '✉️', '❌', '⭐', ':darkroom:'])
      add(reaction(message, emoji, IDS.ada, IDS.bot));
    await until(() => expect(desk.intents).toHaveLength(7));
    expect(desk.intents.slice(1)).toMatchObject([
      { kind: 'rerun', by: { id: IDS.ada, name: 'Ada' }, post: { channel: IDS.channel, message } },
      { kind: 'upscale' },
      { kind: 'send' },
      { kind: 'end' },
      { kind: 'favorite', on: true },
      { kind: 'rerun' },
    ]);
    expect(desk.intents[2]).not.toHaveProperty('index');
  });

  it('taken away mean something for favorites only', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const others = bench.fake.put();
    for (const emoji of ['🔁', '❌', '👍']) take(unreaction(message, emoji));
    take(unreaction(message, '⭐', IDS.bot));
    take(unreaction(others.id, '⭐'));
    take(unreaction('2999999999999999999', '⭐'));
    take(unreaction(message, '⭐'));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'favorite', on: false, by: { name: 'Ada' } });
  });

  it('of bots, of unknown kinds and on messages of others mean nothing', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    add(reaction(message, '🔁', IDS.bot, IDS.bot));
    add(reaction(message, '🔁', IDS.otherBot, IDS.bot));
    add(reaction(message, '👍', IDS.ada, IDS.bot));
    add(reaction(message, ':thumbs:', IDS.ada, IDS.bot));
    add(reaction(message, '❌', IDS.ada, IDS.otherBot));
    add(reaction(bench.fake.put().id, '🔁'));
    // Discord does not say whose message it is: it is looked up.
    add(reaction(message, '🔁'));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'rerun' });
    expect(bench.fake.sent('GET', EDIT)).toHaveLength(2);
    expect(bench.fake.sent('POST', CREATE)).toHaveLength(0);
  });

  it('on messages that are gone or out of sight are ignored without a word', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    add(reaction('2999999999999999999', '🔁'));
    bench.fake.hidden.add(IDS.thread);
    add(reaction('2999999999999999999', '🔁', IDS.ada, undefined, { channel: IDS.thread }));
    await until(() => expect(bench.fake.sent('GET', EDIT)).toHaveLength(2));
    add(reaction(message, '🔁', IDS.ada, IDS.bot));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.logged.join('')).not.toMatch(/"level":(40|50)/);
  });

  it('delivered again have the same key, and put back after being taken away another', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const once = reaction(message, '🔁', IDS.ada, IDS.bot);
    const packet = bench.fake.gateway.dispatch('MESSAGE_REACTION_ADD', once)!;
    bench.fake.gateway.again(packet);
    add(once);
    await until(() => expect(desk.intents).toHaveLength(4));
    const [, first, same, other] = desk.intents.map(({ key }) => key);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('of people who may delete messages in that channel say so', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const roles = [IDS.moderators];
    const react = (by: string, more: { roles?: string[]; channel?: string } = {}): unknown =>
      add(reaction(message, '❌', by, IDS.bot, more));
    react(IDS.ada);
    react(IDS.ada, { roles });
    react(IDS.ada, { roles, channel: IDS.thread });
    react(IDS.owner);
    react(IDS.cy);
    react(IDS.cy, { channel: IDS.thread });
    react(IDS.cy, { channel: IDS.quiet });
    await until(() => expect(desk.intents).toHaveLength(8));
    react(IDS.cy, { channel: DM });
    await until(() => expect(desk.intents).toHaveLength(9));
    const moderators = desk.intents.slice(1).map(({ moderator = false }) => moderator);
    expect(moderators).toEqual([false, true, true, true, true, true, false, false]);
  });

  it('in direct messages mean the same', async () => {
    const desk = await bench.started();
    await bench.asked(desk);
    const moved = await bench.privately(desk);
    add(reaction(moved, '❌', IDS.ada, IDS.bot, { channel: DM }));
    await until(() => expect(desk.intents.at(-1)?.kind).toBe('end'));
    expect(desk.intents.at(-1)).toMatchObject({
      by: { id: IDS.ada, name: 'Ada' },
      post: { platform: 'discord', channel: DM, message: moved },
    });
  });

  it('are answered by a direct message, or by a passing note where those are refused', async () => {
    const desk = await bench.started({ passingNoteMs: 1 });
    const place = { platform: 'discord', channel: IDS.channel };
    const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', 'discord:none');
    expect([...bench.fake.messages.values()]).toMatchObject([{ channel_id: DM }]);
    bench.fake.refusesDms = true;
    await desk.chat.whisper(by, place, 'Only Bo can cancel this.', 'discord:none');
    expect(bench.fake.sent('POST', CREATE).at(-1)?.body).toMatchObject({
      content: `<@${IDS.ada}> Only Bo can cancel this.`,
      allowed_mentions: { parse: [], users: [IDS.ada] },
    });
    await until(() => expect(bench.fake.sent('DELETE', EDIT)).toHaveLength(1));
    // What only this person should read is not shown to others.
    await desk.chat.whisper(by, place, [{ text: 'a secret cat' }], 'discord:none');
    expect(bench.fake.sent('POST', CREATE).at(-1)?.body).toMatchObject({
      content: expect.stringContaining('Allow them'),
    });
  });
});

describe('pictures sent to a person', () => {
  it('come each on its own, with the words and its alt text', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    const view = queued('a red heart');
    await desk.finish(view, 2);
    const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
    await desk.chat.direct(by, done(view, 2), [
      { text: 'Picture 1 of *yours*:', code: '--seed 7', href: 'https://example.org/1' },
    ]);
    const sent = [...bench.fake.messages.values()].at(-1)!;
    expect(sent).toMatchObject({ channel_id: DM, allowed_mentions: { parse: [] } });
    expect(sent.content).toBe('Picture 1 of \\*yours\\*: `--seed 7` · [go to it](<https://example.org/1>)');
    expect(sent.attachments.map(({ filename, description }) => [filename, description])).toEqual([
      ['picture-1.png', 'a red heart: drawn by the model emoji, picture 1 of 2'],
      ['picture-2.png', 'a red heart: drawn by the model emoji, picture 2 of 2'],
    ]);
    expect(shown(message).channel_id).toBe(IDS.channel);
  });

  it('that take none, or whose pictures are gone, are told what to do', async () => {
    const desk = await bench.started();
    await bench.asked(desk);
    const view = queued('a red heart');
    const by = { platform: 'discord', id: IDS.ada, name: 'Ada' };
    await expect(desk.chat.direct(by, done(view, 1), 'Here.')).rejects.toThrow('were deleted');
    await desk.finish(view, 1);
    bench.fake.refusesDms = true;
    await expect(desk.chat.direct(by, done(view, 1), 'Here.')).rejects.toThrow(
      /Allow them .* Privacy Settings/,
    );
  });
});
