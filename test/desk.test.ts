// What people can ask beyond imagine, the same on every platform: upscale, remix, stop and keep, private and share,
// stars, lists and settings. Everything below is made of memory.

import { describe, expect, it, vi } from 'vitest';
import type { Intent } from '../src/bots/chat.ts';
import { UserError } from '../src/core/user-error.ts';
import {
  ada,
  bob,
  openStudio,
  pngOf,
  postOf,
  RecordingChat,
  until,
  workingStudio,
  type Meant,
} from './support/studio.ts';

type Opened = Awaited<ReturnType<typeof workingStudio>>;

/** A studio in which Ada's request has been drawn: its message is m1. */
async function drawn(text = 'a cat --seed 10 --n 2', studio?: Opened): Promise<Opened> {
  const opened = studio ?? (await workingStudio());
  await opened.say({ kind: 'imagine', text });
  await finishNext(opened);
  await until(() => opened.chat.delivered.has('m1'));
  return opened;
}

/** Ends the drawing that begins next, and tells what was drawn. */
async function finishNext({ painters }: Opened) {
  const easel = await until(() => painters.easels.find((e) => !ended.has(e)));
  ended.add(easel);
  easel.finish();
  return easel.batch;
}
const ended = new WeakSet<object>();

describe('an upscale', () => {
  it('draws one picture again, twice as large, from itself and its own seed', async () => {
    const studio = await drawn();
    await studio.say({ kind: 'upscale', post: postOf('m1'), index: 1 }, bob);
    const batch = await finishNext(studio);
    expect(batch).toMatchObject({ width: 1024, height: 1024 });
    expect(batch.tasks).toEqual([
      { prompt: 'a cat', negativePrompt: 'blur', seed: 11, init: { bytes: pngOf(11), strength: 0.35 } },
    ]);
    await until(() => studio.chat.delivered.has('m2'));
    expect(studio.chat.last('m2')!.headline).toContain('drawn again at a higher resolution');
    expect(studio.chat.last('m2')!.by).toEqual(bob);
  });

  it('of a whole message draws each picture from its own', async () => {
    const studio = await drawn();
    await studio.say({ kind: 'upscale', post: postOf('m1') });
    const { tasks } = await finishNext(studio);
    expect(tasks.map(({ seed, init }) => [seed, init?.bytes])).toEqual([
      [10, pngOf(10)],
      [11, pngOf(11)],
    ]);
  });

  it('past what the model draws enlarges without drawing, and says so', async () => {
    const studio = await drawn('a cat --n 1 --size 1024x768');
    await studio.say({ kind: 'upscale', post: postOf('m1'), index: 0 });
    const large = await finishNext(studio);
    expect([large.width, large.height, large.tasks[0]!.init?.strength]).toEqual([2048, 1536, 0.35]);
    await until(() => studio.chat.delivered.has('m2'));
    await studio.say({ kind: 'upscale', post: postOf('m2'), index: 0 });
    const larger = await finishNext(studio);
    expect([larger.width, larger.height, larger.tasks[0]!.init?.strength]).toEqual([4096, 3072, 0]);
    await until(() => studio.chat.delivered.has('m3'));
    expect(studio.chat.last('m3')!.headline).toContain(
      'enlarged without drawing: flexible can not draw at this size',
    );
    await studio.say({ kind: 'upscale', post: postOf('m3'), index: 0 });
    expect(studio.chat.whispers).toEqual([
      'Pictures can have up to 4096 pixels a side; this one is as large as it gets.',
    ]);
  });

  it('is left behind by what is drawn from it: again, a variation and a remix are of the first request', async () => {
    const studio = await drawn('a cat --seed 10 --n 1 --size 128x128');
    const post = postOf('m2');
    await studio.say({ kind: 'upscale', post: postOf('m1'), index: 0 });
    await finishNext(studio);
    await until(() => studio.chat.delivered.has('m2'));
    await studio.say({ kind: 'rerun', post });
    const again = await finishNext(studio);
    expect(again).toMatchObject({ width: 128, height: 128 });
    expect(again.tasks).toEqual([{ prompt: 'a cat', negativePrompt: 'blur', seed: 100 }]);
    await studio.say({ kind: 'vary', post, index: 0 });
    const varied = await finishNext(studio);
    expect(varied).toMatchObject({ width: 128, height: 128 });
    expect(varied.tasks[0]!.init).toEqual({ bytes: pngOf(10), strength: 0.7 });
    const draft = await studio.desk.at(studio.chat).draft(post, ada);
    expect(draft!.flags).toContain('--size 128x128');
    expect(draft!.flags).not.toContain('--image');
  });

  it('of a picture that is gone is refused', async () => {
    const studio = await drawn();
    await studio.images.remove(studio.chat.last('m1')!.pictures[0]!.id);
    await studio.say({ kind: 'upscale', post: postOf('m1'), index: 0 });
    await studio.say({ kind: 'upscale', post: postOf('m1'), index: 3 });
    const { jobId } = studio.chat.last('m1')!;
    expect(studio.chat.whispers).toEqual(
      Array(2).fill(`That picture was removed. /show ${jobId} draws it again.`),
    );
  });
});

describe('stop and keep', () => {
  it('ends the drawing with the picture as it is, and the recipe says where', async () => {
    const studio = await workingStudio();
    const { say, chat, painters } = studio;
    await say({ kind: 'imagine', text: 'a cat' });
    const easel = await until(() => painters.easels[0]);
    easel.step(7);
    await until(() => chat.last('m1')?.controls.some(({ action }) => action === 'keep'));
    await say({ kind: 'keep', post: postOf('m1') }, bob);
    expect(chat.whispers).toEqual(['Only Ada can stop this.']);
    await say({ kind: 'keep', post: postOf('m1') });
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')).toMatchObject({ status: 'done' });
    expect(chat.last('m1')!.headline).toContain('stopped after step 7');
    expect(chat.last('m1')!.recipe).toContain('--stop 7');
    await say({ kind: 'keep', post: postOf('m1') });
    expect(chat.whispers.at(-1)).toBe('Too late: it is already over.');
    await say({ kind: 'rerun', post: postOf('m1') });
    expect((await finishNext({ ...studio, painters })).stop).toBeUndefined();
  });
});

describe('one of several pictures', () => {
  it('goes on alone, and the recipe gives it again', async () => {
    const { say, chat, painters } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --seed 10 --n 4' });
    const easel = await until(() => painters.easels[0]);
    easel.step(3);
    await until(() => chat.last('m1')?.controls.some(({ label }) => label === 'Only 3'));
    await say({ kind: 'pick', post: postOf('m1'), index: 2 }, bob);
    expect(chat.whispers).toEqual(['Only Ada can choose from this.']);
    await say({ kind: 'pick', post: postOf('m1'), index: 2 });
    await until(
      () =>
        chat
          .last('m1')!
          .controls.map(({ action }) => action)
          .join() === 'keep,cancel',
    );
    easel.finish();
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')!.pictures).toHaveLength(1);
    expect(chat.last('m1')!.recipe).toContain('--seed 12');
    expect(chat.last('m1')!.recipe).toContain('--n 1');
    await say({ kind: 'pick', post: postOf('m1'), index: 0 });
    expect(chat.whispers.at(-1)).toBe('Too late: it is already over.');
  });
});

describe('a remix', () => {
  it('begins with every parameter but the seed, and draws what was written instead', async () => {
    const studio = await drawn('a cat --seed 10 --n 2 --no "dogs, birds" --steps 9');
    const draft = await studio.desk.at(studio.chat).draft(postOf('m1'), ada);
    expect(draft).toEqual({
      prompt: 'a cat',
      flags:
        '--no "dogs, birds" --steps 9 --guidance 7.5 --scheduler ddim --size 512x512 --n 2 --model flexible',
    });
    await studio.say({ kind: 'remix', post: postOf('m1'), text: `two cats ${draft!.flags} --n 1` });
    expect(await finishNext(studio)).toMatchObject({
      steps: 9,
      tasks: [{ prompt: 'two cats', negativePrompt: 'dogs, birds', seed: 100 }],
    });
    expect(await studio.desk.at(studio.chat).draft(postOf('nothing'), ada)).toBeUndefined();
  });
});

describe('a picture to start from', () => {
  const web = { from: 'web', url: 'https://pictures.test/a.png' } as const;

  it('is fetched once it may be, kept, and named in the recipe', async () => {
    const { say, chat, painters, images } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --n 1', options: { image: web, strength: 0.4 } });
    const { batch } = await until(() => painters.easels[0]);
    expect(batch.tasks[0]!.init).toEqual({ bytes: pngOf(web.url.length), strength: 0.4 });
    const [, id] = / --image (input-[0-9a-f]{32}) --strength 0.4$/.exec(chat.last('m1')!.recipe)!;
    expect(await images.get(id!)).toEqual(pngOf(web.url.length));
  });

  it('may be given by address, by id, or by the message that shows it', async () => {
    const studio = await drawn();
    const { say, chat } = studio;
    const { id } = chat.last('m1')!.pictures[1]!;
    await say({ kind: 'imagine', text: `a dog --image ${web.url} --strength 0.5` });
    expect((await finishNext(studio)).tasks[0]!.init?.bytes).toEqual(pngOf(web.url.length));
    await say({ kind: 'imagine', text: `a dog --image ${id}` });
    expect((await finishNext(studio)).tasks[0]!.init).toEqual({ bytes: pngOf(11), strength: 0.7 });
    const image = { from: 'post', post: postOf('m1'), index: 0 } as const;
    await say({ kind: 'imagine', text: 'a dog', options: { image } });
    expect((await finishNext(studio)).tasks[0]!.init?.bytes).toEqual(pngOf(10));
  });

  it('that may not be fetched, is gone, or is too far from anything is refused in a sentence', async () => {
    const { say, chat } = await drawn();
    const asked = [
      'a dog --image https://elsewhere.test/a.png',
      'a dog --image nothing-there',
      'a dog --image "two words"',
      `a dog --image ${chat.last('m1')!.pictures[0]!.id} --strength 2`,
    ];
    for (const text of asked) await say({ kind: 'imagine', text });
    expect(chat.whispers).toEqual([
      'I take no pictures from there.',
      'That picture is gone, so there is nothing to start from.',
      '--image needs the address of a picture, beginning with https://, or an id of mine.',
      'Strength must be from 0 to 1, not 2.',
    ]);
  });
});

describe('a private request', () => {
  it('is marked so, and shared by its person alone', async () => {
    const { say, chat, jobs } = await drawn('a cat --private');
    expect(chat.last('m1')).toMatchObject({ private: true });
    expect(chat.last('m1')!.controls.map(({ action }) => action)).toContain('share');
    await say({ kind: 'share', post: postOf('m1') }, bob);
    expect(chat.whispers).toEqual(['That message shows no picture of mine any more.']);
    await Promise.all([1, 2].map(() => say({ kind: 'share', post: postOf('m1') })));
    await until(() => chat.delivered.has('m2'));
    expect([...chat.views.keys()]).toEqual(['m1', 'm2']);
    expect(chat.last('m2')).toMatchObject({ status: 'done' });
    expect(chat.last('m2')!.private).toBeUndefined();
    expect((await jobs.history(ada, 1))[0]!.private).toBeUndefined();
    expect(chat.removed).toEqual(['m1']);
    await say({ kind: 'share', post: postOf('m2') });
    expect(chat.whispers.at(-1)).toBe('Everyone can see it already.');
  });

  it('stays private where its message may not be posted', async () => {
    const { say, chat, jobs } = await drawn('a cat --private');
    vi.spyOn(chat, 'post').mockRejectedValue(new UserError('I may not write there.'));
    await say({ kind: 'share', post: postOf('m1') });
    expect(chat.whispers).toEqual(['I may not write there.']);
    expect((await jobs.history(ada, 1))[0]!.private).toBe(true);
    expect(chat.removed).toEqual([]);
  });

  it('draws its reruns in private too', async () => {
    const studio = await drawn('a cat --private');
    await studio.say({ kind: 'rerun', post: postOf('m1') });
    await finishNext(studio);
    await until(() => studio.chat.delivered.has('m2'));
    expect(studio.chat.last('m2')!.private).toBe(true);
  });

  it('goes on at the message to which the platform moved it', async () => {
    const studio = await workingStudio();
    const { say, chat, posts } = studio;
    chat.movedTo = postOf('dm');
    await say({ kind: 'imagine', text: 'a cat --private' });
    await finishNext(studio);
    await vi.waitFor(async () => expect(await posts.undelivered()).toEqual([]));
    expect(await posts.jobOf(postOf('m1'))).toBeUndefined();
    expect(await posts.jobOf(postOf('dm'))).toBe(chat.last('dm')!.jobId);
  });

  it('is not shown to others by its id', async () => {
    const { say, chat } = await drawn('a cat --private');
    const { jobId } = chat.last('m1')!;
    await say({ kind: 'show', jobId }, bob);
    expect(chat.whispers).toEqual(['There is no picture with that id. /history names yours.']);
    await say({ kind: 'show', jobId });
    await until(() => chat.delivered.has('m2'));
  });
});

describe('what is drawn over a private picture', () => {
  it('is private too, unless its person says otherwise', async () => {
    const studio = await drawn('a cat --private --n 1');
    const { say, chat } = studio;
    const { id } = chat.last('m1')!.pictures[0]!;
    const image = { from: 'post', post: postOf('m1'), index: 0 } as const;
    await say({ kind: 'imagine', text: 'a dog --strength 0.2', options: { image } });
    await say({ kind: 'imagine', text: `a dog --image ${id}` });
    await say({ kind: 'imagine', text: `a dog --image ${id} --public` });
    for (let i = 0; i < 3; i++) await finishNext(studio);
    await until(() => chat.delivered.size === 4);
    expect(['m2', 'm3', 'm4'].map((m) => chat.last(m)!.private ?? false)).toEqual([true, true, false]);
  });
});

describe('a moderator', () => {
  it('of another server ends nothing where the job is not asked for', async () => {
    const { say, chat, painters, desk } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat' });
    await until(() => painters.easels[0]);
    const { jobId } = chat.last('m1')!;
    const place = { platform: 'test', server: 'elsewhere', channel: 'c' };
    const mallory = { by: bob, place, moderator: true as const };
    await desk.serve(chat, { kind: 'show', jobId, key: 'a', ...mallory });
    await desk.serve(chat, { kind: 'cancel', post: postOf('m2'), key: 'b', ...mallory });
    await desk.serve(chat, { kind: 'keep', post: postOf('m2'), key: 'c', ...mallory });
    expect(chat.whispers).toEqual(['Only Ada can cancel this.', 'Only Ada can stop this.']);
    await desk.serve(chat, { kind: 'remove', post: postOf('m2'), key: 'd', ...mallory });
    expect(chat.removed).toEqual(['m2']);
    expect(painters.easels[0]!.signal.aborted).toBe(false);
  });
});

describe('show', () => {
  it('brings a picture back in a message of its own, with living controls', async () => {
    const studio = await drawn();
    const { say, chat } = studio;
    await say({ kind: 'show', jobId: ` ${chat.last('m1')!.jobId} ` }, bob);
    await until(() => chat.delivered.has('m2'));
    expect(chat.last('m2')!.pictures).toEqual(chat.last('m1')!.pictures);
    await say({ kind: 'rerun', post: postOf('m2') }, bob);
    expect((await finishNext(studio)).tasks[0]!.prompt).toBe('a cat');
  });
});

describe('again', () => {
  it('is the last request with new noise, or an example for who has none', async () => {
    const studio = await drawn('a cat --seed 10 --n 1');
    await studio.say({ kind: 'again' });
    expect((await finishNext(studio)).tasks).toEqual([
      { prompt: 'a cat', negativePrompt: 'blur', seed: 100 },
    ]);
    await studio.say({ kind: 'again' }, bob);
    expect(studio.chat.whispers).toEqual(['You have not asked for anything yet: /imagine a red heart']);
  });
});

describe('an ending', () => {
  const end: Intent['kind'] & 'end' = 'end';

  it('cancels what runs and deletes what is over', async () => {
    const { say, chat, painters } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat' });
    await until(() => painters.easels[0]);
    await say({ kind: end, post: postOf('m1') });
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')!.status).toBe('canceled');
    expect(chat.removed).toEqual([]);
    await say({ kind: end, post: postOf('m1') });
    expect(chat.removed).toEqual(['m1']);
  });

  it('is for the person who asked and for moderators', async () => {
    const { say, chat } = await drawn();
    await say({ kind: end, post: postOf('m1') }, bob);
    expect(chat.whispers).toEqual(['Only Ada can delete this.']);
    await say({ kind: end, post: postOf('m1') }, bob, 'moderated', { moderator: true });
    expect(chat.removed).toEqual(['m1']);
  });
});

describe('one of several messages of a job', () => {
  async function shownTwice() {
    const studio = await drawn('a cat --n 1');
    const { jobId, pictures } = studio.chat.last('m1')!;
    await studio.say({ kind: 'show', jobId });
    await until(() => studio.chat.delivered.has('m2'));
    const kept = async (): Promise<boolean> => (await studio.images.get(pictures[0]!.id)) !== undefined;
    return { ...studio, jobId, kept };
  }

  it('takes the others and the pictures with it when its person deletes it', async () => {
    const { say, chat, kept, jobId } = await shownTwice();
    await say({ kind: 'remove', post: postOf('m1') }, bob);
    expect(chat.whispers).toEqual(['Only Ada can delete this.']);
    await say({ kind: 'remove', post: postOf('m1') });
    expect(chat.removed).toEqual(['m1', 'm2']);
    expect(await kept()).toBe(false);
    await say({ kind: 'show', jobId }, bob); // as any whose pictures were removed
    await until(() => chat.last('m3'));
  });

  it('takes those on other platforms with it, and keeps what could not be taken away to be tried again', async () => {
    const { say, chat, desk, posts, jobId } = await shownTwice();
    const elsewhere = new RecordingChat('elsewhere');
    desk.at(elsewhere);
    const far = { platform: 'elsewhere', channel: 'c', message: 'far' };
    const unknown = { platform: 'gone', channel: 'c', message: 'lost' };
    for (const post of [far, unknown]) await posts.link(post, jobId);
    await say({ kind: 'remove', post: postOf('m1') });
    expect([chat.removed, elsewhere.removed]).toEqual([['m1', 'm2'], ['far']]);
    expect(await posts.of(jobId)).toEqual([unknown]);
    expect(chat.whispers.at(-1)).toContain('One message could not be taken away.');
  });

  it('goes alone when a moderator deletes it, and the last one with the pictures', async () => {
    const { say, chat, kept } = await shownTwice();
    await say({ kind: 'remove', post: postOf('m1') }, bob, 'first', { moderator: true });
    expect([chat.removed, await kept()]).toEqual([['m1'], true]);
    await say({ kind: 'remove', post: postOf('m2') }, bob, 'second', { moderator: true });
    expect([chat.removed, await kept()]).toEqual([['m1', 'm2'], false]);
  });
});

const [anna, eve] = ['anna', 'eve'].map((id) => ({ platform: 'console', id, name: id }));

describe.each([
  ['private', 'a cat --private --n 1', ada, bob],
  ['asked for on the page, where everyone is alone,', 'a cat --n 1', anna!, eve!],
])('what is %s', (_, line, by, other) => {
  it('is nothing to others, whatever they press and whoever tells them of it', async () => {
    const opened = await workingStudio();
    await opened.say({ kind: 'imagine', text: line }, by);
    await finishNext(opened);
    const { say, chat, desk, people, studio } = opened;
    await until(() => chat.delivered.has('m1'));
    const post = postOf('m1');
    const { pictures } = chat.last('m1')!;
    const presses: Meant[] = [
      ...(['rerun', 'send', 'recipe', 'share', 'end', 'remove', 'keep'] as const).map((kind) => ({
        kind,
        post,
      })),
      { kind: 'vary', post, index: 0 },
      { kind: 'upscale', post },
      { kind: 'favorite', post, on: true },
      { kind: 'remix', post, text: 'a dog' },
    ];
    for (const press of presses) await say(press, other);
    expect(chat.whispers).toEqual(presses.map(() => 'That message shows no picture of mine any more.'));
    expect(await desk.at(chat).draft(post, other)).toBeUndefined();
    expect(await people.marked(other, 9)).toEqual([]);
    const gone = 'That picture is gone, so there is nothing to start from.';
    await say({ kind: 'imagine', text: `x --image ${pictures[0]!.id} --strength 0` }, other);
    await say({ kind: 'imagine', text: 'x', options: { image: { from: 'post', post, index: 0 } } }, other);
    expect(chat.whispers.slice(-2)).toEqual([gone, gone]);
    await say({ kind: 'show', jobId: chat.last('m1')!.jobId }, other);
    expect(chat.whispers.at(-1)).toContain('There is no picture with that id');
    const { id } = pictures[0]!;
    const seen = [studio.maySeePicture(id, by), studio.maySeePicture(id, other), studio.isPublic(id)];
    expect(await Promise.all(seen)).toEqual([true, false, false]);
    expect([...chat.views.keys()]).toEqual(['m1']);
  });
});

describe('what is private', () => {
  it('is no picture that somebody else brought', async () => {
    const { studio } = await workingStudio();
    const id = await studio.keepImage(pngOf(1), ada);
    const seen = [ada, bob, { ...ada, platform: 'console' }].map((each) => studio.maySeePicture(id, each));
    expect(await Promise.all(seen)).toEqual([true, false, false]);
    expect(await studio.maySeePicture('nothing-0', ada)).toBe(false);
  });

  it('is a picture that somebody brought, also where its id stands in a public recipe', async () => {
    const studio = await workingStudio();
    const { say, chat } = studio;
    const image = { from: 'web', url: 'https://pictures.test/me.png' } as const;
    await say({ kind: 'imagine', text: 'a cat --n 1', options: { image } });
    await finishNext(studio);
    const [, id] = / --image (\S+)/.exec(chat.last('m1')!.recipe)!;
    await say({ kind: 'imagine', text: `a dog --image ${id}` }, bob);
    expect(chat.whispers).toEqual(['That picture is of the person who brought it. Attach one of your own.']);
    await say({ kind: 'imagine', text: `a dog --image ${id}` });
    expect((await finishNext(studio)).tasks[0]!.init?.bytes).toEqual(pngOf(image.url.length));
  });

  it('stays so in what is drawn from it, and where a person wants all to be', async () => {
    const studio = await drawn('a cat --n 1');
    const { say, chat } = studio;
    await say({ kind: 'settings', text: '--private' }, bob);
    for (const [at, press] of [
      { kind: 'rerun', post: postOf('m1') } as const,
      { kind: 'vary', post: postOf('m1'), index: 0 } as const,
      { kind: 'remix', post: postOf('m1'), text: 'a dog' } as const,
    ].entries()) {
      await say(press, bob);
      await finishNext(studio);
      await until(() => chat.delivered.has(`m${at + 2}`));
      expect(chat.last(`m${at + 2}`)!.private).toBe(true);
    }
  });
});

describe('a request', () => {
  it('is told as kept once it is in the database, before its message is posted', async () => {
    const { desk, chat, jobs } = await workingStudio();
    let stored: number | undefined;
    const posted = vi.spyOn(chat, 'post');
    const place = { platform: 'test', channel: 'c' };
    await desk.serve(chat, { kind: 'imagine', text: 'a cat', key: 'k', by: ada, place }, () => {
      expect(posted).not.toHaveBeenCalled();
      void jobs.history(ada, 9).then((rows) => (stored = rows.length));
    });
    expect(stored).toBe(1);
    expect(posted).toHaveBeenCalledOnce();
  });
});

describe('stars and lists', () => {
  it('name own requests, with their ids and the way to them', async () => {
    const { say, chat } = await drawn();
    const { jobId } = chat.last('m1')!;
    await say({ kind: 'favorite', post: postOf('m1'), on: true }, bob);
    await say({ kind: 'history', favorites: true }, bob);
    expect(chat.whispers.at(-1)).toContain(`${jobId} https://chat.test/c/m1`);
    await say({ kind: 'history' }, bob);
    expect(chat.whispers.at(-1)).toBe('You have not drawn anything yet: /imagine a red heart');
    await say({ kind: 'favorite', post: postOf('m1'), on: false }, bob);
    await say({ kind: 'history', favorites: true }, bob);
    expect(chat.whispers.at(-1)).toContain('You have marked nothing yet');
    await say({ kind: 'history' });
    expect(chat.whispers.at(-1)).toContain(`a cat: Done in`);
  });

  it('tell who waits, with an honest estimate once something was drawn', async () => {
    const { say, chat, desk } = await drawn();
    await say({ kind: 'queue' });
    expect(chat.whispers.at(-1)).toBe('Nobody is waiting: yours would begin at once.');
    await say({ kind: 'imagine', text: 'one' });
    await say({ kind: 'imagine', text: 'two' });
    await say({ kind: 'queue' });
    expect(chat.whispers.at(-1)).toMatch(
      /^1 request is being drawn, 1 waiting\.\none: .*\ntwo: Next in line: starts/,
    );
    const { own, waiting, running } = await desk.at(chat).overview(ada);
    expect([own.length, waiting, running]).toEqual([2, 1, 1]);
  });

  it('send the pictures to one person with what makes them again', async () => {
    const { say, chat } = await drawn();
    await say({ kind: 'send', post: postOf('m1') }, bob);
    const { jobId, pictures } = chat.last('m1')!;
    expect(chat.sent).toEqual([
      { to: 'bob', pictures: pictures.map(({ id }) => id), words: expect.stringContaining('Seeds 10, 11') },
    ]);
    expect(chat.sent[0]!.words).toContain(jobId);
    await say({ kind: 'recipe', post: postOf('m1') }, bob);
    expect(chat.whispers.at(-1)).toContain('/imagine a cat --no blur --seed 10');
  });
});

describe('settings', () => {
  it('fill what a request does not say, until they are taken away', async () => {
    const studio = openStudio();
    await studio.queue.start();
    const { say, chat } = studio;
    await say({ kind: 'settings' });
    expect(chat.whispers.at(-1)).toContain('You have set nothing.');
    await say({ kind: 'settings', text: '--n 1 --steps 30 --style watercolor' });
    await say({ kind: 'settings', options: { guidanceScale: 3, private: true } });
    expect(chat.whispers.at(-1)).toContain('--steps 30 --guidance 3 --n 1 --style watercolor --private');
    await say({ kind: 'imagine', text: 'a cat --steps 5' });
    expect(await finishNext(studio)).toMatchObject({
      steps: 5,
      guidanceScale: 3,
      tasks: [{ prompt: 'a cat, watercolor painting', negativePrompt: 'photo' }],
    });
    expect(chat.last('m1')!.private).toBe(true);
    await say({ kind: 'settings', text: '--size 256x256' });
    await say({ kind: 'settings', text: '--ar 3:2' });
    expect(chat.whispers.at(-1)).toContain('--ar 3:2');
    expect(chat.whispers.at(-1)).not.toContain('--size');
    await say({ kind: 'settings', text: 'Reset' });
    await say({ kind: 'imagine', text: 'a cat' });
    expect(await finishNext(studio)).toMatchObject({ steps: 20, guidanceScale: 7.5 });
  });

  it('refuse what no request may say, and what belongs to one request', async () => {
    const { say, chat, people } = openStudio();
    for (const text of ['--steps 1000', '--seed 4', 'a cat --n 2', '--style cubist'])
      await say({ kind: 'settings', text });
    expect(chat.whispers).toEqual([
      'Steps must be a whole number from 1 to 100, not 1000.',
      'A seed, a picture, its strength and where to stop belong to one request.',
      'Settings are flags, such as --steps 30: "a cat" is none.',
      'There is no style "cubist". You can use: watercolor.',
    ]);
    expect(await people.defaultsOf(ada)).toEqual({});
  });

  it('are told with what else is here', async () => {
    const { say, chat } = openStudio();
    await say({ kind: 'info' });
    expect(chat.whispers[0]).toContain('--model flexible');
    expect(chat.whispers[0]).toContain('Wet paint on paper --style watercolor');
  });
});
