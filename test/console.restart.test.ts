import { expect, it } from 'vitest';
import { Conversation } from '../src/bots/console/conversation.ts';
import { Feed } from '../src/bots/console/feed.ts';
import { uuid7s } from '../src/queue/uuid7.ts';
import { doneView, jobOf, queuedView } from './support/console-views.ts';
import { MemoryMessages } from './support/memory-messages.ts';

/** The conversation as one process after another sees it. */
function processes() {
  const messages = new MemoryMessages();
  const newId = uuid7s();
  let now = Date.UTC(2026, 0, 1);
  const clock = (): Date => new Date((now += 1000));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return {
    messages,
    open: () => new Conversation({ messages, feed: new Feed(clock), log, clock }),
    newJob: () => jobOf('a red heart', newId(clock())),
  };
}

it('a job whose message was kept but not linked before the end is answered on that message', async () => {
  const { messages, open, newJob } = processes();
  const first = open();
  const job = newJob();
  const before = await first.post('main', queuedView(job));
  const restarted = open();
  expect(await restarted.post('main', queuedView(job))).toBe(before);
  expect(await restarted.post('main', queuedView(newJob()))).not.toBe(before);
  expect(await messages.recent('main', 10)).toHaveLength(2);
});

it('a finished picture of before the start, shown again, gets a message of its own', async () => {
  const { messages, open, newJob } = processes();
  const job = newJob();
  const done = doneView(job, ['p1']);
  const before = await open().post('main', done);
  expect(await open().post('main', done)).not.toBe(before);
  expect(await messages.recent('main', 10)).toHaveLength(2);
});

it('only jobs of before the start are looked for among the messages', async () => {
  const { messages, open, newJob } = processes();
  const searches: string[] = [];
  const recent = messages.recent.bind(messages);
  messages.recent = (channel, ...more) => {
    searches.push(channel);
    return recent(channel, ...more);
  };
  const old = newJob();
  const conversation = open();
  await conversation.post('main', queuedView(newJob()));
  expect(searches).toEqual([]);
  await conversation.post('main', queuedView(old));
  expect(searches).toEqual(['main']);
});
