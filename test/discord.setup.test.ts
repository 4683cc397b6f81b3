// Setting Discord up: registering the commands without starting, and the doctor, who names what is missing.

import { describe, expect, it } from 'vitest';
import { definitions } from '../src/bots/discord/commands.ts';
import { checkDiscord } from '../src/bots/discord/doctor.ts';
import { registerOnce } from '../src/bots/discord/register.ts';
import type { Finding } from '../src/bots/finding.ts';
import { schedulerNames } from '../src/pipeline/schedulers/index.ts';
import { emojiCard } from './support/cards.ts';
import { Bench } from './support/discord/bench.ts';
import { TOKEN } from './support/discord/fake-discord.ts';
import { IDS } from './support/discord/payloads.ts';

const bench = Bench.forEachTest();
const ours = definitions([emojiCard], schedulerNames);
const EVERYTHING = String(0x40_0001_8c00n);
const INVITE = `https://discord.com/oauth2/authorize?client_id=${IDS.application}&scope=bot+applications.commands&permissions=${EVERYTHING}`;

const account = () => ({ token: TOKEN, apiUrl: bench.fake.apiUrl });
const check = (more: { token?: string; apiUrl?: string; guild?: string } = {}): Promise<Finding[]> =>
  checkDiscord({ ...account(), definitions: ours, ...more });
const wrong = (findings: Finding[]): string[] =>
  findings.filter(({ ok }) => !ok).map(({ what, todo }) => `${what} ${todo}`);

describe('registering', () => {
  it('tells what is new, what changed and what went, and where to invite the bot', async () => {
    const first = await registerOnce(account(), ours);
    expect(first.invite).toBe(INVITE);
    expect(first.changes.added).toContain('/imagine');
    expect(first.changes.added).toContain('"Use as input"');

    const nothing = { added: [], changed: [], removed: [] };
    expect((await registerOnce(account(), ours)).changes).toEqual(nothing);

    const fewer = ours.slice(0, 3).map((each, i) => (i === 1 ? { ...each, description: 'Other' } : each));
    const { changes } = await registerOnce(account(), [
      ...fewer,
      { type: 1, name: 'new', description: 'New' },
    ]);
    expect(changes.added).toEqual(['/new']);
    expect(changes.changed).toEqual(['/show']);
    expect(changes.removed).toHaveLength(ours.length - 3);
  });

  it('sees what changed below a command, and who may use it', async () => {
    await registerOnce(account(), ours);
    const darkroom = ours.findIndex(({ name }) => name === 'darkroom');
    const changesOf = async (other: object) => {
      const all = ours.map((each, i) => (i === darkroom ? { ...structuredClone(each), ...other } : each));
      const { changes } = await registerOnce(account(), all);
      await registerOnce(account(), ours);
      return changes.changed;
    };
    expect(await changesOf({})).toEqual([]);
    expect(await changesOf({ default_member_permissions: null })).toEqual(['/darkroom']);
    const { options } = structuredClone(ours[darkroom]) as {
      options: { options: { options: { description: string }[] }[] }[];
    };
    options[0]!.options[1]!.options[0]!.description = 'Other';
    expect(await changesOf({ options })).toEqual(['/darkroom']);
  });

  it('is for one server where that is asked, and takes everything away again', async () => {
    await registerOnce(account(), ours, IDS.guild);
    expect(bench.fake.guildCommands.get(IDS.guild)).toHaveLength(ours.length);
    expect(JSON.stringify(bench.fake.guildCommands.get(IDS.guild))).not.toContain('contexts');
    const { changes } = await registerOnce(account(), [], IDS.guild);
    expect(changes.removed).toHaveLength(ours.length);
    expect(bench.fake.guildCommands.get(IDS.guild)).toEqual([]);
    expect(bench.fake.commands).toEqual([]);
  });

  it('says what to do about a bad token and about a server that the bot is not in', async () => {
    await expect(registerOnce({ ...account(), token: 'bad' }, ours)).rejects.toThrow(/DISCORD_TOKEN.*Reset/);
    const forbidden = { status: 403, body: { code: 50001, message: 'Missing Access' } };
    bench.fake.failNext('GET', /guilds/, forbidden);
    await expect(registerOnce(account(), ours, '7')).rejects.toThrow('not in the server 7');
  });
});

describe('the doctor', () => {
  it('finds nothing wrong with a bot that is set up', async () => {
    await registerOnce(account(), ours);
    bench.fake.guilds = [{ id: IDS.guild, name: 'Studio', permissions: EVERYTHING }];
    const findings = await check();
    expect(wrong(findings)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual([
      'The token is accepted: Darkroom, of the application Darkroom.',
      'Commands, buttons and reactions come to Darkroom.',
      'No privileged intent is needed.',
      'The commands are registered for all servers.',
      'In Studio it has every permission it needs.',
      `To invite the bot: ${INVITE}`,
    ]);
  });

  it('names what is missing', async () => {
    bench.fake.application = { flags: 1 << 19, interactions_endpoint_url: 'https://elsewhere.example' };
    bench.fake.guilds = [
      { id: '1', name: 'Admins', permissions: '8' },
      { id: '2', name: 'Quiet', permissions: '1024' },
    ];
    const findings = await check();
    const [elsewhere, commands, quiet, ...more] = wrong(findings);
    expect(elsewhere).toMatch(/elsewhere\.example.*Empty Interactions Endpoint URL/);
    expect(commands).toMatch(/not registered.*new: \/imagine.*npm run discord:register/);
    expect(quiet).toMatch(
      /In Quiet it lacks Send Messages, Send Messages in Threads, Attach Files, Read Message History\./,
    );
    expect(more).toEqual([]);
    expect(findings.map(({ what }) => what).join()).toContain('you may switch off Message Content');
  });

  it('names commands that a server shows twice', async () => {
    await registerOnce(account(), ours, IDS.guild);
    bench.fake.guilds = [{ id: IDS.guild, name: 'Studio', permissions: EVERYTHING }];
    expect(wrong(await check({ guild: IDS.guild }))).toEqual([]);
    await registerOnce(account(), ours.slice(0, 1));
    expect(wrong(await check({ guild: IDS.guild }))).toEqual([
      expect.stringMatching(
        new RegExp(`the server ${IDS.guild} shows them twice.*discord:register.*--remove`),
      ),
    ]);
  });

  it('tells of a bot that nobody has invited, and of a server that it is not in', async () => {
    const forbidden = { status: 403, body: { code: 50001, message: 'Missing Access' } };
    bench.fake.failNext('GET', /guilds\/7/, forbidden);
    const found = wrong(await check({ guild: '7' }));
    expect(found[0]).toContain('not in the server 7, which DISCORD_GUILD_ID names');
    expect(found[1]).toContain(`The bot is in no server yet. Invite it: ${INVITE}`);
  });

  it('says what to do about a bad token, and about a Discord that can not be reached', async () => {
    expect(wrong(await check({ token: 'bad' }))).toEqual([
      expect.stringMatching(/does not accept DISCORD_TOKEN.*Reset Token/),
    ]);
    expect(wrong(await check({ apiUrl: 'http://127.0.0.1:9/api' }))).toEqual([
      expect.stringMatching(/can not be asked.*DISCORD_API_URL/),
    ]);
  });
});
