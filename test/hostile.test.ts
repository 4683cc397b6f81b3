// Workers that mean us no good, with real processes: whatever they do, the person who asked is told in a sentence, and
// the next request is drawn.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { FrontDesk } from '../src/bots/front-desk.ts';
import { Studio } from '../src/core/studio.ts';
import { Queue } from '../src/queue/queue.ts';
import { Workers } from '../src/workers/workers.ts';
import { flexible } from './support/cards.ts';
import { fakeHost, fixture, isGone, silent, type FakeOptions } from './support/fake-workers.ts';
import { houseOf } from './support/house.ts';
import { ada, bob, memory, place, postOf, RecordingChat } from './support/studio.ts';

const patient = { timeout: 30_000, interval: 20 };
const open: Workers[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((workers) => workers.stop(100)));
});

const refuse = (): Promise<never> => Promise.reject(new Error('There is no network here.'));

async function studioWith(options: FakeOptions = {}) {
  const stores = memory();
  const host = fakeHost({ threadModule: fixture('threads/quick-painter.mjs'), ...options });
  const workers = new Workers({ hosts: [host], log: silent });
  open.push(workers);
  const common = { ...stores, cards: [flexible], styles: [], log: silent };
  const queue = new Queue({ ...common, painters: workers, now: () => new Date() });
  workers.onIdle(() => queue.pump());
  const house = houseOf(stores, queue, [flexible]);
  const studio = new Studio({
    ...common,
    queue,
    admission: house.admission,
    defaultModel: 'flexible',
    unavailable: () => workers.broken,
    randomSeed: () => 7,
    readImage: refuse,
    checkedPng: refuse,
  });
  const desk = new FrontDesk({ ...common, ...house, queue, studio });
  const chat = new RecordingChat();
  let events = 0;
  const say = (kind: 'imagine' | 'cancel', what: string, by = ada): Promise<void> => {
    const meant = kind === 'imagine' ? { kind, text: what } : { kind, post: postOf(what) };
    return desk.serve(chat, { key: `event${events++}`, by, place, ...meant });
  };
  await queue.start();
  await workers.start();
  /** The headline of the last view, once it is delivered. */
  const ended = async (message: string): Promise<string> => {
    await vi.waitFor(() => expect(chat.delivered).toContain(message), patient);
    return chat.last(message)!.headline;
  };
  const written = async (message: string): Promise<string[]> => {
    const pictures = await Promise.all(chat.last(message)!.pictures.map(({ id }) => stores.images.get(id)));
    return pictures.map((png) => new TextDecoder().decode(png));
  };
  return { ...stores, host, say, chat, ended, written };
}

describe('a worker that', () => {
  it('dies of a request, whenever it is tried, costs that request alone', async () => {
    const { say, ended } = await studioWith();
    await say('imagine', 'poison --n 1');
    await say('imagine', 'a cat --n 1', bob);
    expect(await ended('m1')).toContain('Drawing this was cut off twice, so it was given up.');
    expect(await ended('m2')).toContain('Done in');
  });

  it('dies of one of two requests fails that one, and draws the other', async () => {
    const { say, ended } = await studioWith({ threads: 2 });
    await say('imagine', 'poison --n 1 --steps 30');
    await say('imagine', 'a cat --n 1 --steps 90', bob);
    expect(await ended('m1')).toContain('cut off twice');
    expect(await ended('m2')).toContain('Done in');
  });

  it('hangs is replaced, and a request that hangs two is given up', async () => {
    const { say, ended, host } = await studioWith({ stepTimeoutMs: 400 });
    const first = host.pid!;
    await say('imagine', 'hangs --n 1');
    expect(await ended('m1')).toContain('cut off twice');
    expect(isGone(first)).toBe(true);
    await say('imagine', 'a cat --n 1');
    expect(await ended('m2')).toContain('Done in');
  });

  it('is deaf to a cancel and gives its pictures late is not believed', async () => {
    const { say, chat, ended, jobs, images } = await studioWith();
    await say('imagine', 'deaf --n 1 --steps 60');
    await vi.waitFor(() => expect(chat.last('m1')?.progress?.step).toBeGreaterThan(0), patient);
    await say('cancel', 'm1');
    expect(await ended('m1')).toBe('Canceled');
    await say('imagine', 'a cat --n 1'); // is drawn when the deaf one has ended
    expect(await ended('m2')).toContain('Done in');
    expect(chat.last('m1')).toMatchObject({ status: 'canceled', pictures: [] });
    const [, deaf] = await jobs.history(ada, 2);
    expect(deaf!.status).toBe('canceled');
    expect(await images.get(`${deaf!.id}-0`)).toBeUndefined();
  });

  it('is killed for being deaf to a cancel costs its other request no try', async () => {
    const { say, chat, ended, jobs } = await studioWith({ threads: 2, cancelGraceMs: 100 });
    await say('imagine', 'deaf --n 1 --steps 100');
    await say('imagine', 'a cat --n 1 --steps 90', bob);
    await vi.waitFor(() => expect(chat.last('m2')?.progress?.step).toBeGreaterThan(0), patient);
    await say('cancel', 'm1');
    expect(await ended('m1')).toBe('Canceled');
    expect(await ended('m2')).toContain('Done in');
    expect((await jobs.history(bob, 1))[0]!.attempt).toBe(1);
  });

  it('answers twice, and for others, is believed its first answer to what it was given', async () => {
    const { say, ended, written, chat } = await studioWith({
      hostModule: fixture('hosts/answers-for-others.mjs'),
    });
    const deliver = vi.spyOn(chat, 'deliver');
    await say('imagine', 'a cat --n 2');
    expect(await ended('m1')).toContain('Done in');
    await say('imagine', 'a dog --n 1');
    expect(await ended('m2')).toContain('Done in');
    expect([await written('m1'), await written('m2')]).toEqual([['first', 'first'], ['first']]);
    expect(deliver).toHaveBeenCalledTimes(2);
  });

  it('says what can not be understood is replaced, and the program lives', async () => {
    const { say, ended, host } = await studioWith({ hostModule: fixture('hosts/talks-rubbish.mjs') });
    const first = host.pid!;
    await say('imagine', 'a cat --n 1');
    expect(await ended('m1')).toContain('cut off twice');
    expect(isGone(first)).toBe(true);
  });

  it('makes numbers that are no picture ends the request with the model’s sentence', async () => {
    const { say, ended } = await studioWith();
    await say('imagine', 'gives NaN --n 1');
    expect(await ended('m1')).toBe('The model gave numbers that are no picture.');
  });

  it.each(['gives nothing', 'gives empty pictures'])(
    '%s ends the request with the place in the log',
    async (prompt) => {
      const { say, ended, jobs, chat } = await studioWith();
      await say('imagine', `${prompt} --n 2`);
      const [job] = await jobs.history(ada, 1);
      expect(await ended('m1')).toBe(
        `Something went wrong while drawing; the owner finds it in the log under ${job!.id}.`,
      );
      expect(chat.last('m1')!.pictures).toEqual([]);
    },
  );

  it('makes previews more slowly than steps shows fewer of them, and the pictures as soon as they are there', async () => {
    const { say, ended, chat } = await studioWith();
    await say('imagine', 'slow previews --n 4 --steps 40');
    expect(await ended('m1')).toContain('Done in');
    const views = chat.views.get('m1')!;
    const steps = new Set(views.map(({ progress }) => progress?.step));
    const previews = new Set(views.map(({ preview }) => preview?.bytes));
    expect(steps.size).toBeGreaterThan(10);
    expect(previews.size).toBeLessThan(steps.size);
    expect(chat.last('m1')!.pictures).toHaveLength(4);
  });
});
