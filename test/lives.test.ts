// The lives of a request above the workers: imagine, cancel, crash, restart, rerun, and the races between them. The
// same lives with real processes and the real model are in program.test.ts.

import { describe, expect, it, vi } from 'vitest';
import { UserError } from '../src/core/user-error.ts';
import { StorageFull } from '../src/queue/job.ts';
import { BatchFailed, HostDied } from '../src/workers/failures.ts';
import { ada, bob, memory, openStudio, pngOf, postOf, until, workingStudio } from './support/studio.ts';

describe('imagine', () => {
  it('posts a message, develops it step by step and delivers the pictures on it', async () => {
    const { say, painters, chat, images } = await workingStudio();
    await say({ kind: 'imagine', text: 'a red heart --seed 7 --n 2' });
    const easel = await until(() => painters.easels[0]);
    expect(easel.batch.tasks).toEqual([
      { prompt: 'a red heart', negativePrompt: 'blur', seed: 7 },
      { prompt: 'a red heart', negativePrompt: 'blur', seed: 8 },
    ]);
    await until(() => chat.last('m1')?.status === 'running');
    easel.step(3);
    await until(() => chat.last('m1')?.headline === 'Developing, step 3 of 20');
    expect(chat.last('m1')!.controls.map((c) => c.label)).toEqual([
      'Only 1',
      'Only 2',
      'Stop & keep',
      'Cancel',
    ]);
    easel.finish();
    await until(() => chat.delivered.has('m1'));
    const view = chat.last('m1')!;
    expect(view.status).toBe('done');
    expect(view.pictures.map((p) => p.alt)).toEqual([
      'a red heart: drawn by the model flexible, picture 1 of 2',
      'a red heart: drawn by the model flexible, picture 2 of 2',
    ]);
    expect(await images.get(view.pictures[1]!.id)).toEqual(pngOf(8));
    const labels = ['Upscale 1', 'Upscale 2', 'Vary 1', 'Vary 2', 'Again', 'Remix', 'Report', 'Delete'];
    expect(view.controls.map((c) => c.label)).toEqual(labels);
    expect(chat.whispers).toEqual([]);
  });

  it('tells how many are ahead, and fewer as they finish', async () => {
    const { say, painters, chat } = await workingStudio();
    for (const text of ['one', 'two', 'three']) await say({ kind: 'imagine', text });
    await vi.waitFor(() => expect(chat.last('m3')?.headline).toBe('In line, 1 ahead of you'));
    painters.easels[0]!.finish();
    await vi.waitFor(() => expect(chat.last('m3')?.headline).toMatch(/^Next in line: starts/));
  });

  it('makes no second picture of an event that comes twice', async () => {
    const { say, painters, chat, jobs } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat' }, ada, 'same');
    await say({ kind: 'imagine', text: 'a cat' }, ada, 'same');
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    await say({ kind: 'imagine', text: 'a cat' }, ada, 'same'); // long after it was over
    expect(await jobs.history(ada, 10)).toHaveLength(1);
    expect([...chat.views.keys()]).toEqual(['m1']);
  });

  it('refuses in a whisper that says what is allowed', async () => {
    const { say, chat, painters } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --steps 0' });
    painters.broken = 'No device is configured: set DEVICES.';
    await say({ kind: 'imagine', text: 'a cat' });
    expect(chat.whispers).toEqual([
      'Steps must be a whole number from 1 to 100, not 0.',
      'No device is configured: set DEVICES.',
    ]);
    expect(chat.views.size).toBe(0);
  });
});

describe('a disk that is full', () => {
  it('refuses a new request with a sentence', async () => {
    const { say, chat, jobs } = await workingStudio();
    vi.spyOn(jobs, 'insert').mockRejectedValue(new StorageFull('The disk is full: free some space.'));
    await say({ kind: 'imagine', text: 'one' });
    expect(chat.whispers).toEqual(['The disk is full: free some space.']);
  });

  it('ends a drawn picture with a sentence, and the next one is drawn again', async () => {
    const { say, painters, chat, images } = await workingStudio();
    vi.spyOn(images, 'put').mockRejectedValueOnce(new StorageFull('The disk is full: free some space.'));
    await say({ kind: 'imagine', text: 'one --n 1' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')).toMatchObject({
      status: 'failed',
      headline: 'The disk is full: free some space.',
    });
    await say({ kind: 'rerun', post: postOf('m1') });
    (await until(() => painters.easels[1])).finish();
    await until(() => chat.delivered.has('m2'));
    expect(chat.last('m2')!.status).toBe('done');
  });
});

describe('a form', () => {
  it('wins over the flags in the prompt', async () => {
    const { say, painters } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --seed 1 --steps 9', options: { seed: 2, count: 1 } });
    const { batch } = await until(() => painters.easels[0]);
    expect(batch).toMatchObject({ steps: 9, tasks: [{ prompt: 'a cat', seed: 2 }] });
  });
});

describe('cancel', () => {
  it('ends a waiting job before it reaches a worker', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    await say({ kind: 'imagine', text: 'two' });
    await say({ kind: 'cancel', post: postOf('m2') });
    await until(() => chat.delivered.has('m2'));
    expect(chat.last('m2')).toMatchObject({ status: 'canceled', headline: 'Canceled', pictures: [] });
    await until(() => painters.easels[0]);
    painters.easels[0]!.finish();
    await until(() => chat.delivered.has('m1'));
    expect(painters.easels).toHaveLength(1);
  });

  it('ends a running job for the person before the device has noticed', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    const easel = await until(() => painters.easels[0]);
    await say({ kind: 'cancel', post: postOf('m1') });
    await until(() => chat.delivered.has('m1'));
    expect(easel.signal.aborted).toBe(true);
    expect(chat.last('m1')!.status).toBe('canceled');
  });

  it('is for the one who asked', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    await until(() => painters.easels[0]);
    await say({ kind: 'cancel', post: postOf('m1') }, bob);
    expect(chat.whispers).toEqual(['Only Ada can cancel this.']);
    expect(painters.easels[0]!.signal.aborted).toBe(false);
  });

  it('comes too late when the job is over', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    await say({ kind: 'cancel', post: postOf('m1') });
    expect(chat.whispers).toEqual(['Too late: it is already over.']);
    expect(chat.last('m1')!.status).toBe('done');
  });

  it('wins over a picture that is finished at the same moment, and the picture is dropped', async () => {
    const stores = memory();
    const { say, painters, chat, jobs, images } = await workingStudio(stores);
    await say({ kind: 'imagine', text: 'one --n 1' });
    const easel = await until(() => painters.easels[0]);
    const put = images.put.bind(images);
    vi.spyOn(images, 'put').mockImplementation(async (id, png) => {
      await put(id, png);
      await say({ kind: 'cancel', post: postOf('m1') }); // between the picture on disk and the row
    });
    easel.finish();
    await until(() => chat.delivered.has('m1'));
    const [job] = await jobs.history(ada, 1);
    expect(job!.status).toBe('canceled');
    await vi.waitFor(async () => expect(await images.get(`${job!.id}-0`)).toBeUndefined());
  });
});

describe('crash', () => {
  it('draws the job again with the same seed, once', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one --seed 5' });
    const first = await until(() => painters.easels[0]);
    first.step(4);
    first.fail(new HostDied('SIGKILL'));
    const second = await until(() => painters.easels[1]);
    expect(second.batch).toEqual(first.batch);
    second.finish();
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')!.status).toBe('done');
  });

  it('gives up a job that has stopped two workers, with a sentence, and goes on with the next', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'poison' });
    await say({ kind: 'imagine', text: 'good' });
    (await until(() => painters.easels[0])).fail(new HostDied('SIGSEGV'));
    (await until(() => painters.easels[1])).fail(new HostDied('SIGSEGV'));
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')!.headline).toContain('cut off twice');
    expect(chat.last('m1')!.controls.map((c) => c.action)).toEqual(['rerun', 'remix', 'remove']);
    const third = await until(() => painters.easels[2]);
    expect(third.batch.tasks[0]!.prompt).toBe('good');
  });

  it('does not repeat what would fail again, and shows the sentence of the model', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    (await until(() => painters.easels[0])).fail(new BatchFailed('unet/model.onnx is damaged.', true));
    await until(() => chat.delivered.has('m1'));
    expect(chat.last('m1')).toMatchObject({ status: 'failed', headline: 'unet/model.onnx is damaged.' });
    expect(painters.easels).toHaveLength(1);
  });

  it('keeps the inside of a fault in the log and gives the person an id', async () => {
    const { say, painters, chat, jobs } = await workingStudio();
    await say({ kind: 'imagine', text: 'one' });
    (await until(() => painters.easels[0])).fail(new TypeError('x is not a function'));
    await until(() => chat.delivered.has('m1'));
    const [job] = await jobs.history(ada, 1);
    expect(chat.last('m1')!.headline).toBe(
      `Something went wrong while drawing; the owner finds it in the log under ${job!.id}.`,
    );
  });
});

describe('an answer', () => {
  it('that the platform does not take now is given later', async () => {
    const { say, chat, waits } = await workingStudio();
    vi.spyOn(chat, 'post').mockRejectedValueOnce(new Error('503')).mockRejectedValueOnce(new Error('503'));
    await say({ kind: 'imagine', text: 'one' });
    await until(() => chat.last('m1')?.status === 'running');
    expect(waits).toEqual([2000]);
    expect(chat.whispers).toEqual([]);
  });

  it('that may not be given cancels what nobody would see, and says why', async () => {
    const { say, chat, jobs } = await workingStudio();
    vi.spyOn(chat, 'post').mockRejectedValue(new UserError('I may not answer there.'));
    await say({ kind: 'imagine', text: 'one' });
    expect(chat.whispers).toEqual(['I may not answer there.']);
    expect((await jobs.history(ada, 1))[0]!.status).toBe('canceled');
  });
});

describe('a delivery', () => {
  it('that fails is tried again, ever more seldom, until the platform has it', async () => {
    const { say, painters, chat, posts, waits } = await workingStudio();
    const deliver = vi.spyOn(chat, 'deliver');
    for (let i = 0; i < 10; i++) deliver.mockRejectedValueOnce(new Error('503 Service Unavailable'));
    await say({ kind: 'imagine', text: 'one' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((s) => s * 1000));
    await vi.waitFor(async () => expect(await posts.undelivered()).toEqual([]));
  });

  it('that is owed when the program stops is made after the next start', async () => {
    const stores = memory();
    const before = await workingStudio(stores);
    const deliver = vi.spyOn(before.chat, 'deliver').mockImplementation(async () => {
      before.desk.stop();
      throw new Error('the line is cut');
    });
    await before.say({ kind: 'imagine', text: 'one' });
    (await until(() => before.painters.easels[0])).finish();
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(1));
    const after = await workingStudio(stores);
    await after.desk.resume([after.chat]);
    await until(() => after.chat.delivered.has('m1'));
  });
});

describe('the line', () => {
  const promptOf = (easel: { batch: { tasks: { prompt: string }[] } }): string =>
    easel.batch.tasks[0]!.prompt;

  it('lets people take turns, however much one of them asks for', async () => {
    const { say, painters } = await workingStudio();
    for (const text of ['ada 1', 'ada 2', 'ada 3']) await say({ kind: 'imagine', text });
    for (const text of ['bob 1', 'bob 2']) await say({ kind: 'imagine', text }, bob);
    for (let i = 0; i < 5; i++) (await until(() => painters.easels[i])).finish();
    const order = painters.easels.map(promptOf);
    expect(order.slice(0, 2)).toEqual(['ada 1', 'bob 1']);
    expect(order.toSorted()).toEqual(['ada 1', 'ada 2', 'ada 3', 'bob 1', 'bob 2']);
  });

  it('draws no more at once for one person than is allowed, and keeps no device idle for it', async () => {
    const studio = openStudio(memory(), 3, { running: 1, waiting: 2 });
    await studio.queue.start();
    const { say, painters, chat } = studio;
    for (const text of ['ada 1', 'ada 2', 'ada 3', 'ada 4']) await say({ kind: 'imagine', text });
    await say({ kind: 'imagine', text: 'bob 1' }, bob);
    await until(() => painters.easels[1]);
    expect(painters.easels.map(promptOf)).toEqual(['ada 1', 'bob 1']);
    expect(chat.whispers).toEqual([
      'You have 2 requests waiting already. Wait until one is drawn, or cancel one.',
    ]);
    painters.easels[0]!.finish();
    expect(promptOf(await until(() => painters.easels[2]))).toBe('ada 2');
  });

  it('says so when nothing can be drawn any more', async () => {
    const { say, painters, chat, queue } = await workingStudio();
    for (const text of ['one', 'two']) await say({ kind: 'imagine', text });
    await until(() => chat.last('m2')?.headline.startsWith('Next in line'));
    painters.broken = 'The device is gone: start Darkroom again.';
    queue.pump();
    const told = 'Next in line, but nothing can be drawn now. The device is gone: start Darkroom again.';
    await vi.waitFor(() => expect(chat.last('m2')!.headline).toBe(told));
  });

  it('goes on after a restart with all that waited', async () => {
    const stores = memory();
    const before = openStudio(stores);
    for (const text of ['one', 'two']) await before.say({ kind: 'imagine', text });
    const { painters, queue } = await workingStudio(stores);
    (await until(() => painters.easels[0])).finish();
    (await until(() => painters.easels[1])).finish();
    expect(painters.easels.map(promptOf)).toEqual(['one', 'two']);
    await vi.waitFor(() => expect(queue.load).toEqual({ waiting: 0, running: 0 }));
  });

  it('keeps a job whose row could not be read just then', async () => {
    const stores = memory();
    const { say, painters, waits } = await workingStudio(stores);
    vi.spyOn(stores.jobs, 'move').mockRejectedValueOnce(new Error('database is locked'));
    await say({ kind: 'imagine', text: 'one' });
    await until(() => painters.easels[0]);
    expect(waits).toEqual([500]);
  });
});

describe('restart', () => {
  it('finishes what was running on the same message, with the same seed', async () => {
    const stores = memory();
    const before = await workingStudio(stores);
    await before.say({ kind: 'imagine', text: 'one --seed 9' });
    const lost = await until(() => before.painters.easels[0]); // and here the process dies

    const after = await workingStudio(stores);
    await after.desk.resume([after.chat]);
    const again = await until(() => after.painters.easels[0]);
    expect(again.batch).toEqual(lost.batch);
    again.finish();
    await until(() => after.chat.delivered.has('m1'));
    expect(after.chat.last('m1')!.status).toBe('done');
  });

  it('shows the last view that the dead process still owed', async () => {
    const stores = memory();
    const before = await workingStudio(stores);
    const deliver = vi.spyOn(before.chat, 'deliver').mockReturnValue(new Promise(() => undefined)); // never arrives
    await before.say({ kind: 'imagine', text: 'one' });
    (await until(() => before.painters.easels[0])).finish();
    await vi.waitFor(() => expect(deliver).toHaveBeenCalled());

    const after = await workingStudio(stores);
    await after.desk.resume([after.chat]);
    await until(() => after.chat.delivered.has('m1'));
    expect(after.chat.last('m1')!.pictures).toHaveLength(4);
  });

  it('answers a request that was accepted but had no message yet', async () => {
    const stores = memory();
    const before = await workingStudio(stores);
    vi.spyOn(before.chat, 'post').mockReturnValue(new Promise(() => undefined)); // dies while posting
    void before.say({ kind: 'imagine', text: 'one' });
    await until(() => before.painters.easels[0]);

    const after = await workingStudio(stores);
    await after.desk.resume([after.chat]);
    expect([...after.chat.views.keys()]).toEqual(['m1']);
    (await until(() => after.painters.easels[0])).finish();
    await until(() => after.chat.delivered.has('m1'));
  });

  it('draws nothing before it has put back what was running, so no job is drawn twice', async () => {
    const stores = memory();
    const { say, queue, painters, chat } = openStudio(stores);
    await say({ kind: 'imagine', text: 'one' });
    queue.pump(); // a worker is ready early
    expect(painters.easels).toHaveLength(0);
    await queue.start();
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    expect(painters.easels).toHaveLength(1);
  });

  it('puts running work back when it is stopped politely', async () => {
    const stores = memory();
    const { say, painters, queue, jobs } = await workingStudio(stores);
    await say({ kind: 'imagine', text: 'one' });
    await until(() => painters.easels[0]);
    await queue.stop();
    const [job] = await jobs.history(ada, 1);
    expect(job!.status).toBe('queued');
  });
});

describe('rerun', () => {
  it('asks for the same with a new seed, in a new message, for the one who pressed', async () => {
    const { say, painters, chat, jobs } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --seed 1 --n 2 --steps 5' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    await say({ kind: 'rerun', post: postOf('m1') }, bob);
    const again = await until(() => painters.easels[1]);
    expect(again.batch).toMatchObject({ steps: 5, tasks: [{ prompt: 'a cat' }, { prompt: 'a cat' }] });
    expect(again.batch.tasks[0]!.seed).not.toBe(1);
    again.finish();
    await until(() => chat.delivered.has('m2'));
    const [job] = await jobs.history(bob, 1);
    expect(job!.parent).toMatchObject({ how: 'rerun' });
  });

  it('on a message that is not ours says so', async () => {
    const { say, chat } = await workingStudio();
    await say({ kind: 'rerun', post: postOf('stranger') });
    expect(chat.whispers).toEqual(['That message shows no picture of mine any more.']);
  });
});

describe('variation', () => {
  it('draws over the chosen picture', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --seed 1 --n 2' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    await say({ kind: 'vary', post: postOf('m1'), index: 1 });
    const { batch } = await until(() => painters.easels[1]);
    expect(batch.tasks).toHaveLength(4);
    expect(batch.tasks[0]!.init).toEqual({ bytes: pngOf(2), strength: 0.7 });
    const { id } = chat.last('m1')!.pictures[1]!;
    expect(chat.last('m2')!.recipe).toContain(`--image ${id} --strength 0.7`);
  });

  it('of a picture that is gone is refused', async () => {
    const { say, painters, chat, images } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --n 1' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    await images.remove(chat.last('m1')!.pictures[0]!.id);
    await say({ kind: 'vary', post: postOf('m1'), index: 0 });
    expect(chat.whispers[0]).toContain('That picture was removed');
  });
});

describe('delete', () => {
  it('takes the message and the pictures away', async () => {
    const { say, painters, chat, images } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat --n 1' });
    (await until(() => painters.easels[0])).finish();
    await until(() => chat.delivered.has('m1'));
    const { id } = chat.last('m1')!.pictures[0]!;
    await say({ kind: 'remove', post: postOf('m1') });
    expect(chat.removed).toEqual(['m1']);
    expect(await images.get(id)).toBeUndefined();
  });

  it('of a running job cancels it', async () => {
    const { say, painters, chat } = await workingStudio();
    await say({ kind: 'imagine', text: 'a cat' });
    const easel = await until(() => painters.easels[0]);
    await say({ kind: 'remove', post: postOf('m1') });
    expect(easel.signal.aborted).toBe(true);
    expect(chat.removed).toEqual(['m1']);
  });
});
