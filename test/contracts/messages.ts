// What every store of console messages promises.

import { expect, it } from 'vitest';
import type { BotMessage, Message } from '../../src/bots/console/messages.ts';
import { at, type Stores } from './stores.ts';

export function messageTests(stores: () => Stores): void {
  const said = (id: string, channel = 'studio'): Message => ({
    kind: 'person',
    id,
    channel,
    author: 'Ada',
    createdAt: at(1),
    text: '/imagine ein Herz 🫀\nשלום',
  });
  const shown = (id: string, changes: Partial<BotMessage['view']> = {}): BotMessage => ({
    kind: 'bot',
    id,
    channel: 'studio',
    author: 'Darkroom',
    createdAt: at(2),
    view: {
      jobId: 'job',
      status: 'running',
      by: { platform: 'console', id: 'ada', name: 'Ada' },
      prompt: 'a red heart',
      headline: 'Drawing, step 1 of 4',
      recipe: '/imagine a red heart --seed 7',
      progress: { step: 1, of: 4 },
      pictures: [{ id: 'p', alt: 'a red heart' }],
      controls: [{ action: 'vary', index: 0, emoji: '🔀', label: 'Vary 1' }],
      ...changes,
    },
  });

  it('keeps what people type and what we show', async () => {
    const { messages } = stores();
    const answer = { ...shown('b'), answers: 'a' };
    for (const message of [said('a'), answer, shown('c')]) await messages.add(message);
    expect(await messages.get('a')).toEqual(said('a'));
    expect(await messages.get('b')).toEqual(answer);
    expect(await messages.get('c')).toEqual(shown('c'));
    expect(await messages.get('nothing')).toBeUndefined();
  });

  it('shows a later view in place of the earlier one', async () => {
    const { messages } = stores();
    await messages.add(shown('b'));
    const { progress: _gone, ...last } = shown('b', { status: 'done', headline: 'Done' }).view;
    await messages.update('b', last);
    expect(await messages.get('b')).toEqual({ ...shown('b'), view: last });
  });

  it('changes nothing when the message to update or remove is gone or a person’s', async () => {
    const { messages } = stores();
    await messages.add(said('a'));
    await messages.update('a', shown('a').view);
    await messages.update('gone', shown('gone').view);
    await messages.remove('gone');
    expect(await messages.recent('studio', 10)).toEqual([said('a')]);
    await messages.remove('a');
    expect(await messages.get('a')).toBeUndefined();
  });

  it('tells a channel’s messages page by page with the newest first', async () => {
    const { messages } = stores();
    for (const id of ['03', '01', '05', '02', '04']) await messages.add(said(id));
    await messages.add(said('06', 'elsewhere'));
    const ids = async (limit: number, before?: string) =>
      (await messages.recent('studio', limit, before)).map((message) => message.id);
    expect(await ids(2)).toEqual(['05', '04']);
    expect(await ids(2, '04')).toEqual(['03', '02']);
    expect(await ids(9, '02')).toEqual(['01']);
    expect(await ids(9, '01')).toEqual([]);
  });

  it('forgets what was typed in a channel, and nothing of ours or of another', async () => {
    const { messages } = stores();
    await messages.add(said('a'));
    await messages.add(shown('b'));
    await messages.add(said('c', 'elsewhere'));
    await messages.forget('studio');
    expect((await messages.recent('studio', 9)).map(({ id }) => id)).toEqual(['b']);
    expect((await messages.recent('elsewhere', 9)).map(({ id }) => id)).toEqual(['c']);
  });
}
