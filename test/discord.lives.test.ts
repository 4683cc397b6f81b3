// The lives of a request on Discord, from the gateway's event through the real front desk, studio and queue to the
// message that people see. Only the painters are the test's.

import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscordChat } from '../src/bots/discord/discord.ts';
import { DEFAULT_REACTIONS, readReactions } from '../src/bots/reactions.ts';
import { flexible } from './support/cards.ts';
import { breaches } from './support/discord/contract.ts';
import { dot } from './support/discord/desk.ts';
import { FakeDiscord, TOKEN, type FakeMessage } from './support/discord/fake-discord.ts';
import { DM, IDS, command, fields, press, reaction, submit, typing } from './support/discord/payloads.ts';
import { memory, openStudio } from './support/studio.ts';

let fake: FakeDiscord;
let stops: (() => Promise<void>)[];

beforeEach(async () => {
  fake = await FakeDiscord.start();
  stops = [];
});

afterEach(async () => {
  for (const stop of stops) await stop();
  await fake.stop();
  const found = breaches(fake.requests);
  if (found.length > 0) throw new Error(found.join('\n'));
});

const until = <T>(look: () => T): Promise<NonNullable<T>> =>
  vi.waitFor(
    () => {
      const found = look();
      if (!found) throw new Error('not yet');
      return found;
    },
    { timeout: 15_000, interval: 10 },
  );

/** A whole program on Discord, over stores that may have lived before. */
async function program(stores = memory()) {
  const studio = openStudio(stores);
  await studio.queue.start();
  const chat = new DiscordChat({
    token: TOKEN,
    apiUrl: fake.apiUrl,
    images: { get: () => dot('red', 128) },
    cards: () => [flexible],
    styles: () => [],
    schedulers: ['ddim'],
    reactions: readReactions(DEFAULT_REACTIONS),
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    limits: { pace: { gapMs: 1, everyMs: 0, atOnce: 100, retryMs: 1 }, retryPauseMs: 1 },
  });
  const stop = (): Promise<void> => {
    studio.desk.stop(); // first, as the program does: what is owed is not tried again
    return chat.stop();
  };
  stops.push(stop);
  await chat.start(studio.desk.at(chat));
  return { ...studio, chat, stop };
}

const messages = (): FakeMessage[] => [...fake.messages.values()];
const react = (message: string, emoji: string): unknown =>
  fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message, emoji, IDS.ada, IDS.bot));

describe('on Discord', () => {
  it('a request develops, is drawn again by a reaction, and its message goes by another', async () => {
    const { painters } = await program();
    fake.interact(command('1', 'imagine', fields({ prompt: 'a red heart --seed 7', count: 2 })));
    const easel = await until(() => painters.easels[0]);
    await until(() => messages()[0]?.content.includes('Developing'));
    easel.step(3);
    await until(() => messages()[0]?.content.includes('step 3 of 20'));
    easel.finish();
    const first = await until(() => messages().find((m) => m.content.includes('Done in')));
    expect(first.attachments[0]!.description).toContain('2: a red heart: drawn by the model flexible');

    react(first.id, '🔁');
    (await until(() => painters.easels[1])).finish();
    await until(() => messages()[1]?.content.includes('Done in'));
    expect(messages()[1]).toMatchObject({ message_reference: { message_id: first.id } });

    react(first.id, '❌');
    await until(() => !fake.messages.has(first.id));
    expect(messages()).toHaveLength(1);
  });

  it('a running request is canceled by a reaction', async () => {
    const { painters } = await program();
    fake.interact(command('2', 'imagine', fields({ prompt: 'a cat' })));
    await until(() => painters.easels[0]);
    const message = await until(() => messages().find((m) => m.content.includes('Developing')));
    react(message.id, '❌');
    await until(() => messages()[0]?.content.includes('Canceled'));
    expect(painters.easels[0]!.signal.aborted).toBe(true);
  });

  it('a refusal is read by one person, and nothing stays in the channel', async () => {
    await program();
    fake.interact(command('3', 'imagine', fields({ prompt: 'a cat --steps 0' })));
    const whisper = await until(() => messages().find((m) => m.content.includes('Steps must be')));
    expect(whisper.flags).toBe(64);
    expect(messages()).toHaveLength(1);
  });

  it('a restart goes on with the same message', async () => {
    const stores = memory();
    const before = await program(stores);
    fake.interact(command('4', 'imagine', fields({ prompt: 'a cat' })));
    await until(() => before.painters.easels[0]);
    await until(() => messages()[0]?.content.includes('Developing'));
    await before.stop();

    const after = await program(stores);
    await after.desk.resume([after.chat]);
    fake.expireTokens();
    (await until(() => after.painters.easels[0])).finish();
    await until(() => messages()[0]?.content.includes('Done in'));
    expect(messages()).toHaveLength(1);
  });

  it('a private request is shared, and only then everybody sees it', async () => {
    const { painters } = await program();
    fake.interact(command('5', 'imagine', fields({ prompt: 'a cat', private: true })));
    (await until(() => painters.easels[0])).finish();
    const own = await until(() => messages().find((m) => m.content.includes('Done in')));
    expect(own.flags).toBe(64);
    fake.interact(press('6', own, 'darkroom:share'));
    const shared = await until(() => messages().find((m) => m.flags === 0));
    expect(shared).toMatchObject({ channel_id: IDS.channel, content: expect.stringContaining('a cat') });
  });

  it('a private request stays private where the bot may not write, and its person reads what is missing', async () => {
    const { painters } = await program();
    fake.interact(command('5', 'imagine', fields({ prompt: 'a cat', private: true })));
    (await until(() => painters.easels[0])).finish();
    const own = await until(() => messages().find((m) => m.content.includes('Done in')));
    fake.hidden.add(IDS.channel);
    fake.interact(press('6', own, 'darkroom:share'));
    await until(() => messages().find((m) => m.content.includes('I need the permission')));
    expect(messages().map((m) => m.flags)).toEqual([64, 64]);
  });

  it('a private request that outlives its interaction ends as a direct message, which takes reactions', async () => {
    const { painters } = await program();
    fake.interact(command('5', 'imagine', fields({ prompt: 'a cat', private: true })));
    const easel = await until(() => painters.easels[0]);
    await until(() => messages()[0]);
    fake.expireTokens();
    easel.finish();
    const moved = await until(() =>
      messages().find((m) => m.channel_id === DM && m.content.includes('Done in')),
    );
    const again = reaction(moved.id, '🔁', IDS.ada, IDS.bot, { channel: DM });
    fake.gateway.dispatch('MESSAGE_REACTION_ADD', again);
    (await until(() => painters.easels[1])).finish();
    await until(
      () => messages().filter((m) => m.channel_id === DM && m.content.includes('Done')).length === 2,
    );
    expect(messages().filter((m) => m.flags === 0 && m.channel_id !== DM)).toEqual([]);
  });

  it('a request is changed in a form, stopped early, and found again by its id', async () => {
    const { painters, jobs } = await program();
    fake.interact(command('7', 'imagine', fields({ prompt: 'a cat', count: 1 })));
    (await until(() => painters.easels[0])).finish();
    const first = await until(() => messages().find((m) => m.content.includes('Done in')));
    fake.interact(press('8', first, 'darkroom:remix'));
    const form = await until(() => fake.sent('POST', /callback$/).find(({ body }) => 'data' in body));
    const { custom_id: id } = (form.body as { data: { custom_id: string } }).data;
    fake.interact(submit('9', id, { prompt: 'a dog', flags: '--n 1 --steps 30' }));
    const easel = await until(() => painters.easels[1]);
    await until(() => messages()[1]?.content.includes('Developing'));
    easel.step(9);
    const second = await until(() => messages().find((m) => m.content.includes('step 9 of 30')));
    fake.interact(press('10', second, 'darkroom:keep'));
    await until(() => messages().find((m) => m.content.includes('stopped after step 9')));

    fake.interact(typing('11', 'show', fields({ id: 'dog' }, 'id')));
    const choices = await until(() =>
      fake.sent('POST', /callback$/).find(({ body }) => JSON.stringify(body).includes('a dog ·')),
    );
    const [choice] = (choices.body as { data: { choices: { value: string }[] } }).data.choices;
    expect(await jobs.get(choice!.value)).toMatchObject({ params: { prompt: 'a dog', steps: 30 } });
    fake.interact(command('12', 'show', fields({ id: choice!.value })));
    await until(() => messages().length === 3 && messages()[2]!.content.includes('a dog'));
  });

  it('a reaction sends the pictures, and says so where they can not be sent', async () => {
    const { painters } = await program();
    fake.interact(command('13', 'imagine', fields({ prompt: 'a cat', count: 2 })));
    (await until(() => painters.easels[0])).finish();
    const message = await until(() => messages().find((m) => m.content.includes('Done in')));
    react(message.id, '✉️');
    const sent = await until(() => messages().find((m) => m.channel_id === DM));
    expect(sent.attachments).toHaveLength(2);
    fake.refusesDms = true;
    react(message.id, '✉️');
    await until(() =>
      messages().find((m) => m.channel_id === IDS.channel && m.content.includes('Allow them')),
    );
  });

  it('only the person who asked and moderators end a request', async () => {
    const { painters } = await program();
    fake.interact(command('14', 'imagine', fields({ prompt: 'a cat' })));
    const easel = await until(() => painters.easels[0]);
    const message = await until(() => messages().find((m) => m.content.includes('Developing')));
    const cross = (roles: string[]): unknown =>
      fake.gateway.dispatch('MESSAGE_REACTION_ADD', reaction(message.id, '❌', IDS.bo, IDS.bot, { roles }));
    cross([]);
    await until(() => messages().find((m) => m.content.includes('Only Ada')));
    expect(easel.signal.aborted).toBe(false);
    cross([IDS.moderators]);
    await until(() => messages()[0]?.content.includes('Canceled'));
    expect(easel.signal.aborted).toBe(true);
  });

  it('settings that are private make the next request private', async () => {
    const { painters } = await program();
    fake.interact(command('15', 'settings', fields({ private: true, count: 1 })));
    await until(() => messages().find((m) => m.flags === 64 && m.content.includes('--private')));
    fake.interact(command('16', 'imagine', fields({ prompt: 'a cat' })));
    (await until(() => painters.easels[0])).finish();
    await until(() => messages().find((m) => m.content.includes('Done in')));
    expect(messages().every((m) => m.flags === 64)).toBe(true);
  });
});
