// What every store of posts promises.

import { expect, it } from 'vitest';
import { sampleJob } from '../support/sample-job.ts';
import { at, type Stores } from './stores.ts';

export function postTests(stores: () => Stores): void {
  const post = (message: string, channel = 'c') => ({ platform: 'console', channel, message });

  it('knows which job a message shows until the message is gone', async () => {
    const { jobs, posts } = stores();
    const job = await jobs.insert(sampleJob(), at(1));
    await posts.link(post('1'), job.id);
    expect(await posts.jobOf(post('1'))).toBe(job.id);
    expect(await posts.jobOf(post('1', 'other'))).toBeUndefined();
    await posts.link(post('2'), job.id);
    expect(await posts.of(job.id)).toEqual([post('1'), post('2')]);
    await posts.unlink(post('1'));
    expect(await posts.of(job.id)).toEqual([post('2')]);
    expect(await posts.jobOf(post('1'))).toBeUndefined();
    await expect(posts.unlink(post('1'))).resolves.toBeUndefined();
  });

  it('lists the messages that owe their last view, the oldest first', async () => {
    const { jobs, posts } = stores();
    const one = await jobs.insert(sampleJob(), at(1));
    const two = await jobs.insert(sampleJob(), at(2));
    await posts.link(post('b'), two.id);
    await posts.link(post('a'), one.id);
    await posts.link(post('c'), one.id);
    await posts.markDelivered(post('a'));
    await posts.markDelivered(post('never linked'));
    expect(await posts.undelivered()).toEqual([
      { ...post('b'), jobId: two.id, delivered: false },
      { ...post('c'), jobId: one.id, delivered: false },
    ]);
  });

  it('links a message twice without harm', async () => {
    const { jobs, posts } = stores();
    const one = await jobs.insert(sampleJob(), at(1));
    const two = await jobs.insert(sampleJob(), at(2));
    await Promise.all([posts.link(post('m'), one.id), posts.link(post('m'), one.id)]);
    await posts.markDelivered(post('m'));
    await posts.link(post('m'), one.id);
    expect(await posts.undelivered()).toEqual([]);
    await posts.link(post('m'), two.id);
    expect(await posts.undelivered()).toEqual([{ ...post('m'), jobId: two.id, delivered: false }]);
  });

  it('refuses a message about a job that is not there', async () => {
    await expect(stores().posts.link(post('m'), 'nobody')).rejects.toThrow(/no job|foreign key/i);
  });

  it('lists the jobs that were accepted and never answered', async () => {
    const { jobs, posts } = stores();
    const [silent, running, answered, canceled, done] = [
      await jobs.insert(sampleJob(), at(1)),
      await jobs.insert(sampleJob(), at(2)),
      await jobs.insert(sampleJob(), at(3)),
      await jobs.insert(sampleJob(), at(4)),
      await jobs.insert(sampleJob(), at(5)),
    ];
    await jobs.move(running.id, ['queued'], { status: 'running', begin: true });
    await posts.link(post('m'), answered.id);
    await jobs.move(canceled.id, ['queued'], { status: 'canceled' });
    await jobs.move(done.id, ['queued'], { status: 'done', images: ['p'] });
    await posts.unlink(post('m')); // it had one
    expect(await posts.unposted()).toEqual([silent.id, running.id, done.id]);
  });
}
