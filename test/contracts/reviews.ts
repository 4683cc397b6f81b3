// What every store of reviews promises.

import { expect, it } from 'vitest';
import { sampleJob } from '../support/sample-job.ts';
import { at, type Stores } from './stores.ts';

const ada = { platform: 'discord', id: 'ada', name: 'Ada' };

export function reviewTests(stores: () => Stores): void {
  it('keeps what moderators are asked', async () => {
    const { reviews } = stores();
    const request = sampleJob({ requester: ada, server: 's' });
    const asked = {
      kind: 'request' as const,
      state: 'open' as const,
      by: ada,
      server: 's',
      channel: 'c',
      request,
      reason: 'a rule',
    };
    const review = await reviews.add(asked, at(3));
    expect(review).toEqual({ ...asked, id: review.id, createdAt: at(3) });
    expect(await reviews.get(review.id)).toEqual(review);
    expect(await reviews.get('nobody')).toBeUndefined();
  });

  it('lets one decide, whoever comes first', async () => {
    const { reviews } = stores();
    const { id } = await reviews.add(
      { kind: 'picture', state: 'open', by: ada, channel: 'c', jobId: 'j', reason: 'r' },
      at(1),
    );
    const post = { platform: 'discord', channel: 'log', message: 'm' };
    expect(await reviews.move(id, 'open', { state: 'asked', post })).toMatchObject({ state: 'asked', post });
    const decided = await Promise.all(
      (['approved', 'denied'] as const).map((state) =>
        reviews.move(id, 'asked', { state, decidedBy: 'eve' }),
      ),
    );
    expect(decided.filter(Boolean)).toHaveLength(1);
    expect(await reviews.get(id)).toMatchObject({ decidedBy: 'eve', post });
  });

  it('names what waits for a decision in a server, the oldest first', async () => {
    const { reviews } = stores();
    const about = { kind: 'picture' as const, state: 'asked' as const, by: ada, channel: 'c', reason: 'r' };
    const here = { ...about, server: 's' };
    const waiting = [];
    for (let i = 1; i <= 3; i++) waiting.push(await reviews.add(here, at(i)));
    await reviews.add({ ...here, state: 'open' }, at(4));
    const decided = await reviews.add(here, at(5));
    await reviews.move(decided.id, 'asked', { state: 'denied', decidedBy: 'eve' });
    await reviews.add({ ...here, by: { ...ada, platform: 'slack' } }, at(6));
    const nowhere = await reviews.add(about, at(7));
    expect(await reviews.asked({ platform: 'discord', server: 's' }, 9)).toEqual(waiting);
    expect(await reviews.asked({ platform: 'discord', server: 's' }, 2)).toEqual(waiting.slice(0, 2));
    expect(await reviews.asked({ platform: 'discord' }, 9)).toEqual([nowhere]);
  });

  it('drops what nobody asked about, and nothing else', async () => {
    const { reviews } = stores();
    const about = { kind: 'picture' as const, by: ada, channel: 'c', reason: 'r' };
    const ids = [];
    for (const [i, state] of (['open', 'asked', 'denied', 'open'] as const).entries())
      ids.push((await reviews.add({ ...about, state }, at(i))).id);
    await reviews.dropOpen(at(3));
    expect((await reviews.of(ada)).map(({ id }) => id)).toEqual(ids.slice(1));
  });

  it('names what a person asked or reported, and what was reported of jobs', async () => {
    const { reviews } = stores();
    const about = { kind: 'picture' as const, state: 'open' as const, channel: 'c', reason: 'r' };
    const first = await reviews.add({ ...about, by: ada, jobId: 'j' }, at(1));
    await reviews.add({ ...about, by: { ...ada, platform: 'slack' }, jobId: 'k' }, at(2));
    const last = await reviews.add({ ...about, by: ada, jobId: 'k' }, at(3));
    expect((await reviews.of(ada)).map(({ id }) => id)).toEqual([first.id, last.id]);
    expect(await reviews.about(['j', 'l'])).toEqual([first]);
    expect(await reviews.about([])).toEqual([]);
  });

  it('empties one of its words, and keeps whose it is and where its message is', async () => {
    const { reviews } = stores();
    const request = sampleJob({ requester: ada });
    const { id } = await reviews.add(
      { kind: 'request', state: 'open', by: ada, channel: 'c', request, reason: 'a rule' },
      at(1),
    );
    const post = { platform: 'discord', channel: 'log', message: 'm' };
    await reviews.move(id, 'open', { state: 'asked', post });
    await reviews.empty(id);
    expect(await reviews.get(id)).toEqual({
      id,
      kind: 'request',
      state: 'denied',
      by: { ...ada, name: '' },
      channel: 'c',
      reason: '',
      post,
      createdAt: at(1),
    });
  });

  it('erases some and no others', async () => {
    const { reviews } = stores();
    const about = { kind: 'picture' as const, state: 'open' as const, channel: 'c', jobId: 'j', reason: 'r' };
    const own = await reviews.add({ ...about, by: ada }, at(1));
    const other = await reviews.add({ ...about, by: { ...ada, platform: 'slack' } }, at(1));
    await reviews.erase([own.id]);
    expect(await reviews.get(own.id)).toBeUndefined();
    expect(await reviews.get(other.id)).toEqual(other);
  });
}
