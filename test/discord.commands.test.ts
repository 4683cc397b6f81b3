// Discord's commands, suggestions, menus and forms as intents, over the wire.

import { describe, expect, it } from 'vitest';
import { Bench, CALLBACK, FOLLOW_UP, ORIGINAL, until } from './support/discord/bench.ts';
import type { Desk } from './support/discord/desk.ts';
import { dot, queued, running } from './support/discord/desk.ts';
import { IDS, attached, command, fields, menu, press, submit, typing } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const EPHEMERAL = 64;

const callbacks = (): unknown[] => bench.fake.sent('POST', CALLBACK).map(({ body }) => body);
const whispered = (): string[] =>
  [...bench.fake.messages.values()].filter(({ flags }) => flags === EPHEMERAL).map((m) => m.content);

/** The form that was opened last. */
function opened() {
  const body = callbacks().at(-1) as {
    type: number;
    data: { custom_id: string; components: { component: { custom_id: string; value?: string } }[] };
  };
  const fieldsOf = body.data.components.map(({ component }) => [component.custom_id, component.value ?? '']);
  return { type: body.type, id: body.data.custom_id, fields: Object.fromEntries(fieldsOf) as object };
}

describe('commands', () => {
  it('are intents, acknowledged for whom their answers are', async () => {
    const desk = await bench.started();
    const all = [
      ['21', 'show', { id: 'job-1' }],
      ['22', 'again', {}],
      ['23', 'queue', {}],
      ['24', 'history', {}],
      ['25', 'history', { favorites: true }],
      ['26', 'info', {}],
      ['27', 'settings', {}],
      ['28', 'settings', { steps: 12, private: true, style: 'comic' }],
      ['29', 'settings', { reset: true }],
    ] as const;
    for (const [id, name, values] of all) {
      bench.fake.interact(command(id, name, fields(values)));
      await until(() => expect(desk.intents.at(-1)?.key).toBe(`discord:${id}`));
    }
    const common = { key: 0, by: 0, place: 0, roles: 0 };
    const meant = desk.intents.map((intent) =>
      Object.fromEntries(Object.entries(intent).filter(([name]) => !(name in common))),
    );
    expect(meant).toEqual([
      { kind: 'show', jobId: 'job-1' },
      { kind: 'again' },
      { kind: 'queue' },
      { kind: 'history' },
      { kind: 'history', favorites: true },
      { kind: 'info' },
      { kind: 'settings' },
      { kind: 'settings', options: { steps: 12, private: true, style: 'comic' } },
      { kind: 'settings', text: 'reset' },
    ]);
    const forOne = { type: 5, data: { flags: EPHEMERAL } };
    expect(callbacks()).toEqual([{ type: 5 }, { type: 5 }, ...Array.from({ length: 7 }, () => forOne)]);
    await until(() => expect(bench.fake.messages.size).toBe(0)); // nothing is left thinking
    bench.fake.interact(command('30', 'settings', fields({ reset: true, steps: 12 })));
    await until(() => expect(whispered().join()).toContain('Use reset alone'));
  });

  it('offer as a setting only what may be one: a strength belongs to the picture it is for', async () => {
    await bench.started();
    const offered = (name: string): string[] => {
      const known = bench.fake.commands as { name: string; options?: { name: string }[] }[];
      return known.find((each) => each.name === name)?.options?.map((option) => option.name) ?? [];
    };
    expect(offered('imagine')).toContain('strength');
    expect(offered('settings')).toContain('steps');
    expect(offered('settings')).not.toContain('strength');
  });

  it('take an attached picture to start from, and nothing else', async () => {
    const desk = await bench.started();
    const ask = (id: string, type: string): void => {
      const { option, resolved } = attached(type);
      const given = [...fields({ prompt: 'a cat', strength: 0.4 }), option];
      bench.fake.interact(command(id, 'imagine', given, { resolved }));
    };
    ask('21', 'image/png');
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      options: { strength: 0.4, image: { from: 'web', url: 'https://cdn.example/cat.png' } },
    });
    ask('22', 'text/html');
    await until(() => expect(whispered().join()).toContain('not a picture'));
    expect(desk.intents).toHaveLength(1);
  });

  it('answer with lists in as many messages as they need, in which nothing pings', async () => {
    const desk = await bench.started();
    bench.fake.interact(command('21', 'history', []));
    await until(() => expect(desk.intents).toHaveLength(1));
    const { by, place, key } = desk.intents[0]!;
    const lines = Array.from({ length: 40 }, (_, i) => ({
      text: `@everyone **cat ${i}** ${'x'.repeat(100)}`,
    }));
    await desk.chat.whisper(by, place, lines, key);
    const told = whispered();
    expect(told.length).toBeGreaterThan(1);
    expect(told.join('\n').split('\n')).toHaveLength(40);
    expect(told[0]).toContain('\\@everyone \\*\\*cat 0\\*\\*');
    expect(bench.fake.sent('POST', FOLLOW_UP).every(({ body }) => 'allowed_mentions' in body)).toBe(true);
  });

  it('help with the commands, the flags and the reactions as they are configured', async () => {
    await bench.started();
    bench.fake.interact(command('21', 'help', []));
    await until(() => expect(whispered().join()).toContain('Reactions'));
    const help = whispered().join('\n');
    for (const name of ['imagine', 'show', 'again', 'queue', 'history', 'info', 'settings', 'usage', 'help'])
      expect(help).toContain(`\`/${name}\``);
    expect(help).toContain('`--ar ratio`');
    expect(help).toMatch(/🔁 or 🔄 draws it again/);
    expect(help).toContain('⬆️ draws the pictures larger');
    expect(help).toContain('Use as input');
  });

  it('that Discord knows although we do not are answered', async () => {
    const desk = await bench.started();
    bench.fake.interact(command('21', 'blend', []));
    await until(() => expect(whispered().join()).toContain('do not know that command'));
    expect(desk.intents).toEqual([]);
  });

  it('missed while the connection was broken are replayed once', async () => {
    const desk = await bench.started();
    const packet = bench.fake.interact(command('21', 'queue', []))!;
    await until(() => expect(desk.intents).toHaveLength(1));
    bench.fake.gateway.kill();
    bench.fake.interact(command('22', 'again', []));
    await until(() => expect(desk.intents).toHaveLength(2));
    bench.fake.gateway.again(packet);
    bench.fake.interact(command('23', 'info', []));
    await until(() => expect(desk.intents).toHaveLength(3));
    expect(desk.intents.map(({ key }) => key)).toEqual(['discord:21', 'discord:22', 'discord:23']);
  });
});

describe('suggestions', () => {
  const suggested = async (name: string, field: string, typed: string): Promise<unknown> => {
    const before = callbacks().length;
    bench.fake.interact(typing(`${50 + before}`, name, fields({ [field]: typed }, field)));
    await until(() => expect(callbacks()).toHaveLength(before + 1));
    return callbacks().at(-1);
  };

  it('are models, styles and the person’s own pictures', async () => {
    const desk = await bench.started();
    const entry = { headline: 'Done in 4 s', at: new Date(), pictures: [] };
    desk.known.recent = [
      { ...entry, jobId: 'job-1', prompt: 'a red heart' },
      { ...entry, jobId: 'job-2', prompt: 'cat '.repeat(100) },
    ];
    expect(await suggested('imagine', 'model', 'EMO')).toEqual({
      type: 8,
      data: { choices: [{ name: 'emoji: Small icons from words', value: 'emoji' }] },
    });
    expect(await suggested('settings', 'style', '')).toMatchObject({
      data: { choices: [{ name: 'comic: Bold lines', value: 'comic' }] },
    });
    expect(await suggested('show', 'id', 'HEART')).toMatchObject({
      data: { choices: [{ name: 'a red heart · Done in 4 s', value: 'job-1' }] },
    });
    expect(await suggested('show', 'id', 'job-2')).toMatchObject({ data: { choices: [{ value: 'job-2' }] } });
    expect(await suggested('imagine', 'size', '1')).toEqual({ type: 8, data: { choices: [] } });
  });
});

describe('changing a request', () => {
  it('opens a form that begins with it, and what it says becomes a request', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    desk.drafts.set(message, { prompt: 'a red heart', flags: '--steps 25' });
    bench.fake.interact(press('31', bench.fake.messages.get(message)!, 'darkroom:remix'));
    await until(() => expect(callbacks()).toHaveLength(2));
    expect(opened()).toEqual({
      type: 9,
      id: `darkroom:remix:${message}`,
      fields: { prompt: 'a red heart', flags: '--steps 25' },
    });
    bench.fake.interact(submit('32', opened().id, { prompt: ' a blue heart ', flags: '--steps 30' }));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(callbacks().at(-1)).toEqual({ type: 5 });
    expect(desk.intents[1]).toMatchObject({
      kind: 'remix',
      key: 'discord:32',
      text: 'a blue heart --steps 30',
      post: { platform: 'discord', channel: IDS.channel, message },
    });
  });

  it('answers the person alone when the form says so', async () => {
    const desk = await bench.started();
    bench.fake.interact(submit('32', 'darkroom:remix:7', { prompt: 'a cat', flags: '--private' }));
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(callbacks()).toEqual([{ type: 5, data: { flags: EPHEMERAL } }]);
  });

  it('of a message that shows nothing any more is answered with a sentence', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.interact(press('31', bench.fake.messages.get(message)!, 'darkroom:remix'));
    await until(() => expect(whispered().join()).toContain('shows no picture of mine'));
  });

  it('by a form with a forged id means nothing', async () => {
    const desk = await bench.started();
    for (const [i, id] of ['other', 'darkroom:remix:', 'darkroom:remix:1:2', 'darkroom:drop:1'].entries())
      bench.fake.interact(submit(`4${i}`, id, { prompt: 'a cat' }));
    bench.fake.interact(command('49', 'queue', []));
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({ kind: 'queue' });
  });
});

describe('a form that can not be filled because the database does not answer', () => {
  it('is answered with a sentence', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    desk.draft = () => Promise.reject(new Error('busy'));
    const stands = bench.fake.messages.get(message)!;
    bench.fake.interact(press('31', stands, 'darkroom:remix'));
    await until(() => expect(whispered()).toHaveLength(1));
    bench.fake.interact(menu('32', 'Use as input', { ...stands, components: [] } as { id: string }));
    await until(() => expect(whispered()).toHaveLength(2));
    for (const sentence of whispered()) expect(sentence).toContain('Try again in a moment');
    await until(() => expect(desk.logged.filter((line) => line.includes('"busy"'))).toHaveLength(2));
  });
});

describe('a picture to start from', () => {
  const picture = attached('image/png', 'https://cdn.example/photo.png').file;

  it('is chosen among those of a message of ours', async () => {
    const desk = await bench.started();
    const message = await finished(desk);
    desk.drafts.set(message, { prompt: 'a red heart', flags: '' });
    bench.fake.interact(menu('31', 'Use as input', theirView(message)));
    await until(() => expect(callbacks()).toHaveLength(2));
    expect(opened()).toMatchObject({
      type: 9,
      id: `darkroom:ours:${message}`,
      fields: { prompt: 'a red heart', strength: '0.7', picture: '' },
    });
    const typed = { prompt: 'a gold heart', strength: '0.5' };
    bench.fake.interact(submit('32', opened().id, typed, { picture: '2' }));
    await until(() => expect(desk.intents).toHaveLength(2));
    const post = { platform: 'discord', channel: IDS.channel, message };
    expect(desk.intents[1]).toMatchObject({
      kind: 'imagine',
      text: 'a gold heart',
      options: { strength: 0.5, image: { from: 'post', post, index: 2 } },
    });
  });

  it('is what another message has attached', async () => {
    const desk = await bench.started();
    const message = { id: '2000000000000000077', author: { id: IDS.bo }, attachments: [picture] };
    bench.fake.interact(menu('31', 'Use as input', message));
    await until(() => expect(callbacks()).toHaveLength(1));
    const form = opened();
    expect(form.fields).toEqual({ prompt: '', strength: '0.7' });
    bench.fake.interact(submit('32', form.id, { prompt: 'a drawing of it', strength: '' }));
    await until(() => expect(desk.intents).toHaveLength(1));
    expect(desk.intents[0]).toMatchObject({
      kind: 'imagine',
      options: { image: { from: 'web', url: 'https://cdn.example/photo.png' } },
    });
    bench.fake.interact(submit('33', form.id, { prompt: 'a cat', strength: 'much' }));
    await until(() => expect(whispered().join()).toContain('needs a number'));
  });

  it('can not be a message without one, nor one that a restart has forgotten', async () => {
    const desk = await bench.started();
    const message = { id: '2000000000000000077', author: { id: IDS.bo }, attachments: [] };
    bench.fake.interact(menu('31', 'Use as input', message));
    await until(() => expect(whispered().join()).toContain('no picture to start from'));
    bench.fake.interact(
      submit('32', 'darkroom:image:2000000000000000078', { prompt: 'a cat', strength: '1' }),
    );
    await until(() => expect(whispered().join()).toContain('forgotten which picture'));
    expect(desk.intents).toEqual([]);
  });

  it('can not be a message of ours that has no finished picture yet', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    desk.drafts.set(message, { prompt: 'a red heart', flags: '' });
    const picks = [0, 1].map((index) => ({
      action: 'pick' as const,
      index,
      emoji: '👉',
      label: `Only ${index}`,
    }));
    const view = running(queued('a red heart'), 3, await dot('gray'));
    await desk.chat.update(desk.post, { ...view, controls: [...picks, ...view.controls] });
    await until(() => expect(bench.fake.messages.get(message)!.attachments).toHaveLength(1));
    bench.fake.interact(menu('31', 'Use as input', theirView(message)));
    await until(() => expect(whispered().join()).toContain('no picture to start from'));
  });

  it('has its recipe in the same menu, for the person alone', async () => {
    const desk = await bench.started();
    const message = await bench.asked(desk);
    bench.fake.interact(menu('31', 'Show recipe', theirView(message)));
    await until(() => expect(desk.intents).toHaveLength(2));
    expect(desk.intents[1]).toMatchObject({ kind: 'recipe', post: { message } });
    expect(callbacks().at(-1)).toEqual({ type: 5, data: { flags: EPHEMERAL } });
    expect(bench.fake.sent('PATCH', ORIGINAL)).toHaveLength(1);
  });

  async function finished(desk: Desk): Promise<string> {
    const message = await bench.asked(desk);
    await desk.finish(queued('a red heart'), 4);
    return message;
  }

  /** A message of ours as an interaction carries it. */
  function theirView(message: string): { id: string } {
    const { components, ...rest } = bench.fake.messages.get(message)!;
    return { ...rest, attachments: [], components: components.map((row) => ({ type: 1, ...row })) } as {
      id: string;
    };
  }
});
