import { expect, it } from 'vitest';
import { Conversation } from '../src/bots/console/conversation.ts';
import { Feed } from '../src/bots/console/feed.ts';
import type { View } from '../src/bots/chat.ts';
import { MemoryMessages } from './support/memory-messages.ts';

const view = (jobId: string): View => ({
  jobId,
  status: 'queued',
  by: { platform: 'console', id: 'local', name: 'You' },
  prompt: 'a red heart',
  headline: 'Next in line',
  recipe: '/imagine a red heart',
  pictures: [],
  controls: [],
});

it('a job whose message was kept but not linked before the end is answered on that message', async () => {
  const messages = new MemoryMessages();
  const open = () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    return new Conversation({ messages, feed: new Feed(), log, clock: () => new Date() });
  };
  const before = await open().post('main', view('job-1'));
  const restarted = open();
  expect(await restarted.post('main', view('job-1'))).toBe(before);
  expect(await restarted.post('main', view('job-2'))).not.toBe(before);
  expect(await messages.recent('main', 10)).toHaveLength(2);
});
