// What admins decide and what becomes of it, what moderators are asked, and what people ask about their own data: from
// the intent to the answer, over stores of memory.

import { unzipSync } from 'fflate';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { postDigests } from '../src/bots/digest.ts';
import type { AdminCommand } from '../src/core/admin/command.ts';
import { HOUSE } from '../src/core/rules.ts';
import { ada, bob, memory, place, postOf, until, workingStudio, type Meant } from './support/studio.ts';

type Opened = Awaited<ReturnType<typeof workingStudio>>;

const eve = { platform: 'test', id: 'eve', name: 'Eve' };
const server = { platform: 'test', id: 's' };
const said = (command: AdminCommand): Meant => ({ kind: 'admin', command });
const admin = (studio: Opened, command: AdminCommand): Promise<void> =>
  studio.say(said(command), eve, undefined, { admin: true });
const imagine = (text = 'a cat --n 1'): Meant => ({ kind: 'imagine', text });

async function finish({ painters, chat }: Opened, message: string): Promise<void> {
  await until(() => painters.easels.find((easel) => !easel.over));
  for (const easel of painters.easels) easel.finish();
  await until(() => chat.delivered.has(message));
}

const changes: AdminCommand[] = [
  { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 5 },
  { kind: 'quota over', choice: 'refuse' },
  { kind: 'models max-steps', steps: 30 },
  { kind: 'channel allow', channel: 'c' },
  { kind: 'ban', person: 'bob' },
  { kind: 'pause' },
  { kind: 'words add', rule: 'cat' },
  { kind: 'settings time-zone', name: 'Europe/Berlin' },
];
const shows: AdminCommand[] = [
  { kind: 'quota show' },
  { kind: 'models show' },
  { kind: 'channel show' },
  { kind: 'bans' },
  { kind: 'words show' },
  { kind: 'settings show' },
  { kind: 'report', period: 'month' },
  { kind: 'audit' },
  { kind: 'reviews' },
  { kind: 'help' },
];

describe('a command for admins', () => {
  it.each([...changes, ...shows])('is carried out for an admin of the server: $kind', async (command) => {
    const studio = await workingStudio();
    await admin(studio, command);
    const answers = [...studio.chat.whispers, ...studio.chat.published];
    expect(answers).toHaveLength(1);
    expect(studio.chat.whispers.join()).not.toContain('Only admins');
    expect(studio.chat.whispers.join()).not.toContain('Something went wrong');
  });

  it.each([...changes, ...shows])('is refused to a member and a moderator: $kind', async (command) => {
    const studio = await workingStudio();
    const before = structuredClone(studio.rules.of(server));
    await studio.say(said(command), bob);
    await studio.say(said(command), bob, undefined, { moderator: true });
    expect(studio.chat.whispers).toHaveLength(2);
    for (const whisper of studio.chat.whispers) expect(whisper).toContain('Only admins');
    expect(studio.chat.published).toEqual([]);
    expect(studio.rules.of(server)).toEqual(before);
  });

  it.each(changes)('of another server’s admin changes nothing here: $kind', async (command) => {
    const studio = await workingStudio();
    await studio.say(said(command), eve, undefined, { admin: true, place: { ...place, server: 'other' } });
    expect(studio.rules.of(server)).toEqual(studio.rules.of({ platform: 'test', id: 'nobody' }));
  });

  it('has no place in direct messages', async () => {
    const studio = await workingStudio();
    const direct = { platform: 'test', channel: 'dm' };
    await studio.say(said({ kind: 'pause' }), eve, undefined, { admin: true, place: direct });
    expect(studio.chat.whispers).toEqual([expect.stringContaining('in a server')]);
    expect(studio.rules.list()).toEqual([]);
  });

  it('is in the audit log, the newest first', async () => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'pause', reason: 'repairs' });
    await admin(studio, { kind: 'resume' });
    const entries = await studio.rules.audit(server, 10);
    expect(entries.map(({ by, change }) => [by, change])).toEqual([
      [{ id: 'eve', name: 'Eve' }, expect.stringContaining('resume')],
      [{ id: 'eve', name: 'Eve' }, expect.stringContaining('pause')],
    ]);
  });
});

describe('the recipe in a picture’s file', () => {
  it('leaves the prompt out of what is asked where the server has it so, whatever it comes from', async () => {
    const studio = await workingStudio();
    const left = async (): Promise<boolean> => {
      const easel = await until(() => studio.painters.easels.find(({ over }) => !over));
      easel.finish();
      await until(() => easel.over);
      return easel.batch.tasks[0]!.promptless ?? false;
    };
    await studio.say(imagine());
    expect(await left()).toBe(false);
    await admin(studio, { kind: 'settings prompts', on: false });
    await studio.say({ kind: 'rerun', post: postOf('m1') });
    expect(await left()).toBe(true);
    await studio.say(imagine(), ada, undefined, { place: { platform: 'test', channel: 'dm' } });
    expect(await left()).toBe(false);
    await admin(studio, { kind: 'settings prompts', on: true });
    await studio.say({ kind: 'rerun', post: postOf('m2') });
    expect(await left()).toBe(false);
  });
});

describe('a limit', () => {
  const limited = async (over: 'relax' | 'refuse', amount = 2): Promise<Opened> => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount });
    await admin(studio, { kind: 'quota over', choice: over });
    studio.chat.whispers.length = 0;
    return studio;
  };

  it('holds when a hundred ask at once', async () => {
    const studio = await limited('refuse', 7);
    await Promise.all(Array.from({ length: 100 }, () => studio.say(imagine())));
    expect(await studio.jobs.history(ada, 200)).toHaveLength(7);
    expect(studio.chat.whispers.filter((w) => w.startsWith('The limit is'))).toHaveLength(93);
  });

  it('gives back what was not drawn', async () => {
    const studio = await limited('refuse');
    await studio.say(imagine('a cat --n 2'));
    await until(() => studio.painters.easels[0]);
    await studio.say(imagine());
    expect(studio.chat.whispers.join()).toContain('2 of 2 pictures');
    await studio.say({ kind: 'cancel', post: postOf('m1') });
    await studio.say(imagine('a dog --n 2'));
    expect(await studio.jobs.history(ada, 10)).toHaveLength(2);
  });

  it('lets those over it wait for an idle device, and counts that nowhere', async () => {
    const studio = await limited('relax');
    await studio.say(imagine('a cat --n 2'));
    await studio.say(imagine('a dog --n 2'));
    expect(studio.chat.whispers.join('\n')).toContain('when a device is idle');
    const [dog] = await studio.jobs.history(ada, 1);
    expect(dog!.relaxed).toBe(true);
    await studio.say({ kind: 'usage' });
    expect(studio.chat.whispers.at(-1)).toMatch(/2 of 2/);
  });

  it('of the owner holds in direct messages', async () => {
    const studio = await workingStudio();
    await studio.rules.change(HOUSE, eve, 'pause', (rules) => ({
      rules: { ...rules, paused: {} },
      said: '',
    }));
    await studio.say(imagine(), ada, undefined, { place: { platform: 'test', channel: 'dm' } });
    expect(studio.chat.whispers).toEqual([expect.stringContaining('paused')]);
    await studio.say(imagine());
    expect(await studio.jobs.history(ada, 10)).toHaveLength(1);
  });
});

describe('who is banned', () => {
  it('draws nothing, by whatever way, and can still have their data', async () => {
    const studio = await workingStudio();
    await studio.say(imagine());
    await finish(studio, 'm1');
    await admin(studio, { kind: 'ban', person: 'ada', reason: 'spam' });
    studio.chat.whispers.length = 0;
    const ways: Meant[] = [
      imagine(),
      { kind: 'again' },
      { kind: 'rerun', post: postOf('m1') },
      { kind: 'remix', post: postOf('m1'), text: 'a dog' },
      { kind: 'vary', post: postOf('m1'), index: 0 },
      { kind: 'upscale', post: postOf('m1') },
    ];
    for (const way of ways) await studio.say(way);
    expect(studio.chat.whispers).toHaveLength(ways.length);
    for (const whisper of studio.chat.whispers) expect(whisper).toContain('You may not draw here: spam');
    await studio.say({ kind: 'mydata', what: 'export' });
    expect(studio.chat.handed.length).toBeGreaterThan(0);
    await studio.say({ kind: 'rerun', post: postOf('m1') }, bob);
    expect(await studio.jobs.history(bob, 10)).toHaveLength(1);
  });
});

describe('who waits in the relax lane', () => {
  it('may still ask within a budget that was renewed, and the other way round', async () => {
    const studio = await workingStudio(memory(), 1, { waiting: 1, running: Infinity });
    const { chat, queue } = studio;
    await admin(studio, { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 2 });
    for (let i = 0; i < 3; i++) await studio.say(imagine()); // one runs, one waits, one is over budget
    await studio.say(imagine());
    expect([queue.waitingOf(ada, false), queue.waitingOf(ada, true)]).toEqual([
      { waiting: 1, most: 1 },
      { waiting: 1, most: 1 },
    ]);
    expect(chat.whispers.at(-1)).toContain('a request waiting already');
    await studio.say({ kind: 'cancel', post: postOf('m2') });
    await admin(studio, { kind: 'quota remove', who: 'everyone', unit: 'pictures', per: 'day' });
    await studio.say(imagine());
    expect(chat.views.has('m4')).toBe(true);
    expect(queue.waitingOf(ada, false).waiting).toBe(1);
  });
});

describe('a refused prompt', () => {
  const refused = async (log = true): Promise<Opened> => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'words add', rule: 'dragon' });
    if (log) await admin(studio, { kind: 'settings log-channel', channel: 'log' });
    studio.chat.whispers.length = 0;
    await studio.say(imagine('a dragon --n 1'));
    return studio;
  };
  const press = (studio: Opened, act: 'ask' | 'approve' | 'deny', by = ada, more = {}): Promise<void> => {
    const review = (studio.chat.handed[0]?.sheet.presses ?? [])[0]!.review;
    return studio.say({ kind: 'review', review, act }, by, undefined, more);
  };

  it('costs nothing, names its rule, and is counted', async () => {
    const studio = await refused(false);
    expect(studio.chat.whispers).toEqual([expect.stringContaining('dragon')]);
    expect(studio.chat.handed).toEqual([]);
    expect(studio.painters.easels).toEqual([]);
    expect(studio.ledger.entries.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['refuse', 'moderated'],
    ]);
  });

  it('is drawn when a moderator who was asked allows it', async () => {
    const studio = await refused();
    expect(studio.chat.handed[0]).toMatchObject({ to: 'ada', sheet: { presses: [{ act: 'ask' }] } });
    await press(studio, 'ask');
    expect(studio.chat.published[0]!.place.channel).toBe('log');
    expect(studio.chat.published[0]!.sheets[0]!.presses?.map(({ act }) => act)).toEqual(['approve', 'deny']);
    await press(studio, 'approve', bob, { moderator: true });
    await finish(studio, 'm1');
    expect(studio.chat.last('m1')).toMatchObject({ by: ada, status: 'done' });
    expect(studio.chat.published[0]!.sheets.at(-1)!.presses).toBeUndefined();
  });

  it.each<[string, AdminCommand, string]>([
    [
      'the limit',
      { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 0 },
      'You may not draw pictures here.',
    ],
    ['the place', { kind: 'channel allow', channel: 'elsewhere' }, 'drawn here only in <channel:elsewhere>'],
    ['the model', { kind: 'models allow', names: [] }, 'The model flexible may not be used here.'],
  ])('is told to who asked when it is allowed and %s is against it', async (_, rule, sentence) => {
    const studio = await refused();
    await press(studio, 'ask');
    await admin(studio, rule);
    const before = studio.chat.handed.length;
    studio.chat.whispers.length = 0;
    await press(studio, 'approve', bob, { moderator: true });
    expect(studio.chat.whispers).toEqual([expect.stringContaining(sentence)]);
    const words = [{ text: expect.stringMatching(/^A moderator allowed it, but: /), code: 'a dragon' }];
    expect(studio.chat.handed.slice(before)).toEqual([{ to: 'ada', sheet: { words } }]);
    expect(studio.chat.handed.at(-1)!.sheet.words[0]!.text).toContain(sentence);
    expect(await studio.jobs.history(ada, 9)).toEqual([]);
  });

  it('is drawn over the picture that was attached to it', async () => {
    const studio = await refused();
    studio.chat.handed.length = 0;
    const image = { from: 'web', url: 'https://pictures.test/me.png' } as const;
    await studio.say({ ...imagine('a dragon --n 1'), options: { image } } as Meant);
    await press(studio, 'ask');
    await press(studio, 'approve', bob, { moderator: true });
    await finish(studio, 'm1');
    expect(studio.chat.last('m1')).toMatchObject({ status: 'done' });
    const easel = studio.painters.easels.at(-1)!;
    expect(easel.batch.tasks[0]!.init?.bytes).toHaveLength(25);
    // Nothing of it is kept once its person is forgotten, and where it is gone both are told.
    studio.chat.handed.length = 0;
    await studio.say({ ...imagine('a dragon at night --n 1'), options: { image } } as Meant);
    await press(studio, 'ask');
    for (const { id } of await studio.images.list()) await studio.images.remove(id);
    await press(studio, 'approve', bob, { moderator: true });
    expect(studio.chat.whispers.at(-1)).toContain('drawn over was removed');
    expect(studio.chat.handed.at(-1)!.sheet.words[0]!.text).toContain('A moderator allowed it, but');
  });

  it('leaves no picture that was attached to it when its person is forgotten', async () => {
    const studio = await refused();
    const image = { from: 'web', url: 'https://pictures.test/me.png' } as const;
    await studio.say({ ...imagine('a dragon --n 1'), options: { image } } as Meant);
    expect(await studio.images.list()).toHaveLength(1);
    await studio.say({ kind: 'mydata', what: 'export' });
    const files = studio.chat.handed.flatMap(({ sheet }) => sheet.files ?? []);
    expect(Object.keys(unzipSync(files[0]!.bytes))).toEqual([expect.stringMatching(/^pictures\/input-/)]);
    await studio.say({ kind: 'mydata', what: 'forget', sure: true });
    expect(await studio.images.list()).toEqual([]);
  });

  it('asked about twice at once comes before the moderators once', async () => {
    const studio = await refused();
    const { chat } = studio;
    await Promise.all([press(studio, 'ask'), press(studio, 'ask')]);
    expect(chat.published.length - chat.removed.length).toBe(1);
  });

  it('is not drawn by a model that went meanwhile, though it is allowed', async () => {
    const studio = await refused();
    const [review] = await studio.reviews.of(ada);
    const request = review!.request!;
    const asked = { ...request, params: { ...request.params, model: 'gone' } };
    await expect(studio.studio.allowed(asked, { by: ada, channel: 'c' })).rejects.toThrow(
      'The model gone is not here any more.',
    );
    expect(await studio.jobs.history(ada, 9)).toEqual([]);
  });

  it('waits in a list until it is decided, for admins of that server alone', async () => {
    const studio = await refused();
    const { chat } = studio;
    await admin(studio, { kind: 'reviews' });
    expect(chat.whispers.at(-1)).toBe('Nothing waits for a decision.'); // nobody has asked
    await press(studio, 'ask');
    const before = chat.handed.length;
    const elsewhere = { admin: true as const, place: { ...place, server: 'other' } };
    await studio.say(said({ kind: 'reviews' }), eve, undefined, elsewhere);
    expect(chat.whispers.at(-1)).toBe('Nothing waits for a decision.');
    await admin(studio, { kind: 'reviews' });
    const [listed, ...more] = chat.handed.slice(before);
    expect([listed!.to, listed!.sheet.presses!.map(({ act }) => act), more]).toEqual([
      'eve',
      ['approve', 'deny'],
      [],
    ]);
    expect(JSON.stringify(listed!.sheet.words)).toContain('a dragon');
    await studio.say({ kind: 'review', review: listed!.sheet.presses![0]!.review, act: 'deny' }, eve, 'k', {
      admin: true,
    });
    await admin(studio, { kind: 'reviews' });
    expect(chat.whispers.at(-1)).toBe('Nothing waits for a decision.');
  });

  it('is decided once, by a moderator of that server alone', async () => {
    const studio = await refused();
    await press(studio, 'ask', bob);
    await press(studio, 'ask');
    await press(studio, 'approve', bob);
    await press(studio, 'approve', bob, { moderator: true, place: { ...place, server: 'other' } });
    expect(studio.painters.easels).toEqual([]);
    await press(studio, 'deny', bob, { moderator: true });
    await press(studio, 'approve', bob, { moderator: true });
    expect(studio.painters.easels).toEqual([]);
    expect(studio.chat.whispers).toContain('That is decided already.');
    expect(studio.chat.handed.at(-1)).toMatchObject({ to: 'ada' });
  });
});

describe('a reported picture', () => {
  it('comes before the moderators, who may take it away', async () => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'settings log-channel', channel: 'log' });
    await studio.say(imagine());
    await finish(studio, 'm1');
    await studio.say({ kind: 'report', post: postOf('m1') }, bob);
    const [told] = studio.chat.published;
    const deny = told!.sheets[0]!.presses!.find(({ act }) => act === 'deny')!;
    await studio.say({ kind: 'review', review: deny.review, act: 'deny' }, eve, undefined, { admin: true });
    expect(studio.chat.removed).toContain('m1');
    expect(await studio.images.list()).toEqual([]);
  });
});

describe('a report that could not be delivered', () => {
  it('can be made again', async () => {
    const studio = await workingStudio();
    const { chat } = studio;
    await admin(studio, { kind: 'settings log-channel', channel: 'log' });
    await studio.say(imagine());
    await finish(studio, 'm1');
    const publish = chat.publish.bind(chat);
    chat.publish = async () => {
      throw new Error('no access');
    };
    await studio.say({ kind: 'report', post: postOf('m1') }, bob);
    Object.assign(chat, { publish });
    await studio.say({ kind: 'report', post: postOf('m1') }, bob);
    expect(chat.whispers.at(-1)).toBe('The moderators are told.');
    await studio.say({ kind: 'report', post: postOf('m1') }, bob);
    expect(chat.whispers.at(-1)).toBe('The moderators are told of it already.');
    expect(chat.published).toHaveLength(1);
  });
});

describe('own data', () => {
  it('comes whole, in files that can be opened', async () => {
    const studio = await workingStudio();
    await studio.say(imagine('a cat --n 2 --seed 4'));
    await finish(studio, 'm1');
    await studio.say({ kind: 'settings', text: '--steps 9' });
    await studio.say({ kind: 'mydata', what: 'export' });
    const files = studio.chat.handed.flatMap(({ sheet }) => sheet.files ?? []);
    const inside = Object.assign({}, ...files.map(({ bytes }) => unzipSync(bytes))) as Record<
      string,
      Uint8Array
    >;
    const read = (name: string): unknown => JSON.parse(new TextDecoder().decode(inside[name]));
    expect(read('requests.json')).toMatchObject([
      { status: 'done', recipe: expect.stringContaining('a cat') },
    ]);
    expect(read('settings.json')).toEqual({ steps: 9 });
    expect(read('usage.json')).toMatchObject([{ kind: 'reserve' }, { kind: 'settle' }]);
    expect(Object.keys(inside).filter((name) => name.startsWith('pictures/'))).toHaveLength(2);
    await studio.say({ kind: 'mydata', what: 'export' });
    expect(studio.chat.whispers.at(-1)).toContain('Ask again in 10 min');
  });

  it('goes for good when its person is sure, and nobody else’s does', async () => {
    const studio = await workingStudio();
    await studio.say(imagine());
    await finish(studio, 'm1');
    await studio.say({ kind: 'rerun', post: postOf('m1') }, bob);
    await finish(studio, 'm2');
    await studio.say(imagine('a dog'));
    await studio.say({ kind: 'settings', text: '--steps 9' });
    await studio.say({ kind: 'mydata', what: 'forget', sure: false });
    expect(await studio.jobs.history(ada, 10)).toHaveLength(2);
    await studio.say({ kind: 'mydata', what: 'forget', sure: true });
    expect(await studio.jobs.history(ada, 10)).toEqual([]);
    expect(await studio.people.defaultsOf(ada)).toEqual({});
    expect(studio.chat.removed.toSorted()).toEqual(['m1', 'm3']);
    expect(studio.ledger.entries.some(({ person }) => person === 'ada')).toBe(false);
    expect(await studio.jobs.history(bob, 10)).toHaveLength(1);
    expect(await studio.images.list()).toHaveLength(1);
    await studio.say({ kind: 'mydata', what: 'forget', sure: true });
    expect(studio.chat.whispers.at(-1)).toContain('0 requests');
  });
});

describe('what moderators were asked about somebody', () => {
  const textOf = (sheet: object | undefined): string => JSON.stringify(sheet ?? '');
  /** Ada asks for what a rule refuses, and Bob reports a picture of hers. */
  const asked = async (): Promise<Opened> => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'settings log-channel', channel: 'log' });
    await studio.say(imagine('a quiet harbour --n 1'));
    await finish(studio, 'm1');
    await studio.say({ kind: 'report', post: postOf('m1') }, bob);
    await admin(studio, { kind: 'words add', rule: 'dragon' });
    await studio.say(imagine('a dragon'));
    const { review } = studio.chat.handed.at(-1)!.sheet.presses![0]!;
    await studio.say({ kind: 'review', review, act: 'ask' });
    expect(studio.chat.published.map(({ sheets }) => textOf(sheets[0]).includes('ada'))).toEqual([
      true,
      true,
    ]);
    return studio;
  };
  const forget = (studio: Opened, by = ada): Promise<void> =>
    studio.say({ kind: 'mydata', what: 'forget', sure: true }, by);
  const lastSheets = (studio: Opened): string[] =>
    studio.chat.published.map(({ sheets }) => textOf(sheets.at(-1)));

  it('is in their export, and names nobody who reported or decided', async () => {
    const studio = await asked();
    const { review } = studio.chat.published[1]!.sheets[0]!.presses![0]!;
    await studio.say({ kind: 'review', review, act: 'deny' }, eve, undefined, { admin: true });
    studio.chat.handed.length = 0;
    const export_ = async (by: typeof ada): Promise<string> => {
      studio.chat.handed.length = 0;
      await studio.say({ kind: 'mydata', what: 'export' }, by);
      const files = studio.chat.handed.flatMap(({ sheet }) => sheet.files ?? []);
      const words = unzipSync(files.at(-1)!.bytes)['moderation.json'];
      return new TextDecoder().decode(words);
    };
    const own = await export_(ada);
    expect(JSON.parse(own)).toMatchObject([
      { what: 'a request that a rule refused', state: 'denied', params: { prompt: 'a dragon' } },
      { what: 'a picture of yours that somebody reported', state: 'asked' },
    ]);
    expect(own).not.toMatch(/bob|eve/i);
    expect(JSON.parse(await export_(bob))).toMatchObject([{ what: 'a picture that you reported' }]);
  });

  it('names them no more when they asked to be forgotten, and can be decided no more', async () => {
    const studio = await asked();
    const { review } = studio.chat.published[1]!.sheets[0]!.presses![0]!;
    await forget(studio);
    for (const sheet of lastSheets(studio)) {
      expect(sheet).not.toMatch(/ada|dragon|harbour|presses/i);
      expect(sheet).toContain('asked to be forgotten');
    }
    await studio.say({ kind: 'review', review, act: 'approve' }, eve, undefined, { admin: true });
    expect(studio.chat.whispers.at(-1)).toBe('That is decided already.');
  });

  it('names a reporter no more who asked to be forgotten, and still shows whose picture it was', async () => {
    const studio = await asked();
    await forget(studio, bob);
    expect(lastSheets(studio)[0]).not.toContain('bob');
    expect(lastSheets(studio)[1]).toContain('dragon');
  });

  it('is tried again at the next time where it could not be changed, with no words kept until then', async () => {
    const studio = await asked();
    const { chat, reviews, jobs, posts } = studio;
    const [revise, remove] = [chat.revise.bind(chat), chat.remove.bind(chat)];
    chat.revise = chat.remove = async () => {
      throw new Error('no access');
    };
    const [job] = await jobs.history(ada, 1);
    await forget(studio);
    expect(chat.whispers.at(-1)).toContain('3 messages could not be taken away. Ask again later');
    expect(JSON.stringify([await reviews.of(ada), await reviews.about([job!.id])])).not.toMatch(
      /dragon|harbour/,
    );
    expect(await jobs.get(job!.id)).toMatchObject({ params: { prompt: '' }, images: [] });
    expect(await posts.of(job!.id)).toHaveLength(1);
    // Nobody finds it, and nobody draws it again.
    const { id } = job!;
    const presses: Meant[] = [
      { kind: 'again' },
      { kind: 'show', jobId: id },
      { kind: 'rerun', post: postOf('m1') },
      { kind: 'history' },
    ];
    for (const by of [ada, bob]) for (const press of presses) await studio.say(press, by);
    expect(await jobs.history(bob, 9)).toEqual([]);
    expect(await jobs.history(ada, 9)).toHaveLength(1);
    expect(chat.whispers.slice(-8).join('\n')).not.toMatch(/Done in|removed since/);

    Object.assign(chat, { revise, remove });
    await forget(studio);
    expect(chat.whispers.at(-1)).toContain('3 messages, your settings');
    expect(chat.whispers.at(-1)).not.toContain('could not');
    expect(chat.removed).toEqual(['m1']);
    for (const sheet of lastSheets(studio)) expect(sheet).toContain('asked to be forgotten');
    expect(await jobs.get(job!.id)).toBeUndefined();
    expect([await reviews.of(ada), await reviews.about([job!.id])]).toEqual([[], []]);
  });
});

describe('the weekly report', () => {
  const monday = new Date('2026-11-23T08:30:00Z'); // half past nine in Berlin
  const digest = async (): Promise<Opened> => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'settings time-zone', name: 'Europe/Berlin' });
    await admin(studio, { kind: 'settings digest', channel: 'news' });
    return studio;
  };
  const post = (studio: Opened, now: Date): Promise<void> =>
    postDigests({ ...studio, chats: [studio.chat], log: pino({ level: 'silent' }) }, now);

  it('is posted on Mondays from nine in the server’s zone, once', async () => {
    const studio = await digest();
    await post(studio, new Date('2026-11-22T12:00:00Z'));
    await post(studio, new Date('2026-11-23T07:30:00Z'));
    expect(studio.chat.published).toEqual([]);
    await post(studio, monday);
    await post(studio, monday);
    expect(studio.chat.published.map((each) => each.place.channel)).toEqual(['news']);
    await post(studio, new Date('2026-11-30T09:00:00Z'));
    expect(studio.chat.published).toHaveLength(2);
  });
});

describe('what can not be got round', () => {
  const strict = async (): Promise<Opened> => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'words add', rule: 'dragon' });
    studio.chat.whispers.length = 0;
    return studio;
  };

  it.each([
    'dra[x::0]gon',
    'dra[|]gon',
    'dr[a|a]gon',
    'dra\\gon',
    '(dragon:1)',
    'dragon()',
    'a cat AND dra[x::0]gon',
    'a:0 AND a:0 --no dragon',
    'a cat --no "(dragon:-1.5)"',
    'dra​gon',
  ])('are word rules, by the prompt language: %s', async (text) => {
    const studio = await strict();
    await studio.say(imagine(`${text} --n 1`));
    expect(studio.chat.whispers).toEqual([expect.stringContaining('dragon')]);
    expect(await studio.jobs.history(ada, 9)).toEqual([]);
  });

  it('leaves alone what is pushed away', async () => {
    const studio = await strict();
    await studio.say(imagine('a cat --no dragon'));
    expect(await studio.jobs.history(ada, 9)).toHaveLength(1);
  });

  it('are the rules of the place in which a picture of elsewhere is shown', async () => {
    const studio = await strict();
    const direct = { place: { platform: 'test', channel: 'dm' } };
    await studio.say(imagine('a dragon --n 1'), ada, undefined, direct);
    await finish(studio, 'm1');
    const [job] = await studio.jobs.history(ada, 1);
    await studio.say({ kind: 'show', jobId: job!.id });
    expect(studio.chat.whispers).toEqual([expect.stringContaining('dragon')]);
    expect(studio.chat.last('m2')).toBeUndefined();
  });

  it('is a ban that comes while others have their turn', async () => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'quota set', who: 'everyone', unit: 'pictures', per: 'day', amount: 500 });
    const asked = Array.from({ length: 20 }, () => studio.say(imagine()));
    const banned = admin(studio, { kind: 'ban', person: 'ada' });
    await Promise.all([...asked, banned]);
    const accepted = (await studio.jobs.history(ada, 50)).length;
    await studio.say(imagine());
    expect(await studio.jobs.history(ada, 50)).toHaveLength(accepted);
  });

  it('is a thread of a channel in which requests are private', async () => {
    const studio = await workingStudio();
    await admin(studio, { kind: 'channel private', channel: 'c', on: true });
    await studio.say(imagine(), ada, undefined, { place: { ...place, channel: 'thread', parent: 'c' } });
    expect((await studio.jobs.history(ada, 1))[0]!.private).toBe(true);
  });
});

describe('a picture that somebody else brought', () => {
  it('is neither in one’s export nor taken away with one’s data', async () => {
    const studio = await workingStudio();
    const bytes = new Uint8Array(40);
    const input = await studio.studio.keepImage(bytes, ada);
    await studio.say(imagine(`a cat --n 1 --image ${input} --strength 0.5`));
    await finish(studio, 'm1');
    await studio.say({ kind: 'rerun', post: postOf('m1') }, bob);
    await finish(studio, 'm2');
    await studio.say({ kind: 'mydata', what: 'export' }, bob);
    const files = studio.chat.handed.flatMap(({ sheet }) => sheet.files ?? []);
    const names = files.flatMap((file) => Object.keys(unzipSync(file.bytes)));
    expect(names.some((name) => name.includes(input))).toBe(false);
    await studio.say({ kind: 'mydata', what: 'forget', sure: true }, bob);
    expect(await studio.images.get(input)).toBeDefined();
    await studio.say({ kind: 'mydata', what: 'forget', sure: true });
    expect(await studio.images.get(input)).toBeUndefined();
  });
});
