// The lives of a request on Discord, from the gateway's event through the real front desk, studio and queue to the
// message that people see. Only the painters are the test's.

import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscordChat } from '../src/bots/discord/discord.ts';
import { flexible } from './support/cards.ts';
import { breaches } from './support/discord/contract.ts';
import { dot } from './support/discord/desk.ts';
import { FakeDiscord, TOKEN, type FakeMessage } from './support/discord/fake-discord.ts';
import { IDS, command, fields, reaction } from './support/discord/payloads.ts';
import { memory, openStudio } from './support/studio.ts';

let fake: FakeDiscord;
let chats: DiscordChat[];

beforeEach(async () => {
  fake = await FakeDiscord.start();
  chats = [];
});

afterEach(async () => {
  for (const chat of chats) await chat.stop();
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
    schedulers: ['ddim'],
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    limits: { pace: { gapMs: 1, budget: 100, windowMs: 1 }, retryPauseMs: 1 },
  });
  chats.push(chat);
  await chat.start((intent) => studio.desk.serve(chat, intent));
  return { ...studio, chat };
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
    await before.chat.stop();

    const after = await program(stores);
    await after.desk.resume([after.chat]);
    fake.expireTokens();
    (await until(() => after.painters.easels[0])).finish();
    await until(() => messages()[0]?.content.includes('Done in'));
    expect(messages()).toHaveLength(1);
  });
});
