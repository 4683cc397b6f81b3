import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import {
  ConfigError,
  loadEnvFile,
  readConfig,
  settingNames,
  withoutSecrets,
  type Environment,
} from '../src/config.ts';

const allThere = { fileExists: () => true };
const problemsOf = (
  env: Environment,
  options: { fileExists: (file: string) => boolean } = allThere,
): string[] => {
  try {
    readConfig(env, options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

/** .env.example with every setting switched on. */
const example = parseEnv(readFileSync('.env.example', 'utf8').replaceAll(/^#(?=[A-Z_]+=)/gm, ''));

it('needs no setting at all', () => {
  expect(readConfig({}, allThere)).toEqual({
    databaseUrl: `file:${path.resolve('data/darkroom.db')}`,
    dataDir: path.resolve('data'),
    modelsDir: path.resolve('models'),
    defaultModel: 'emoji',
    devices: 'auto',
    workerThreads: 1,
    modelsHubUrl: 'https://huggingface.co',
    host: '127.0.0.1',
    port: 7878,
    logLevel: 'info',
    stepTimeoutSeconds: 120,
    serverWeights: {},
    retention: {},
    picturePrompts: true,
    maxWaiting: 20,
    maxRunning: 0,
    maxBatchPictures: 0,
  });
});

it('documents every setting in .env.example, and no other', () => {
  expect(Object.keys(example).toSorted()).toEqual([...settingNames].toSorted());
});

it('shows the real defaults in .env.example', () => {
  expect(readConfig(example, allThere)).toEqual(readConfig({}, allThere));
});

it('takes every setting from the environment', () => {
  const env = {
    CONSOLE_PASSWORD: 'correct horse battery',
    DATABASE_URL: 'postgresql://me:secret@db.local:5433/pictures',
    DATA_DIR: '/var/darkroom',
    MODELS_DIR: '/srv/models',
    DEFAULT_MODEL: 'sd-1.5',
    DEVICES: 'cuda:0, cuda:1',
    WORKER_THREADS: '2',
    MODEL_MEMORY_MB: '6000',
    MODELS_HUB_URL: 'https://mirror.example/hub/',
    MODELS_HUB_TOKEN: 'hf_1',
    HOST: '0.0.0.0',
    PORT: '0',
    LOG_LEVEL: 'debug',
    STEP_TIMEOUT_SECONDS: '600',
    SERVER_WEIGHTS: 'discord/123=2, slack/T1 = 0.5',
    KEEP_PICTURES_DAYS: '30',
    PICTURES_MAX_GB: '2',
    PICTURE_PROMPTS: 'no',
    MAX_WAITING_PER_PERSON: '5',
    MAX_RUNNING_PER_PERSON: '2',
    MAX_BATCH_PICTURES: '16',
    IMAGE_HOSTS: 'pictures.example, .cdn.example',
    PUBLIC_URL: 'https://darkroom.example/',
    REACTIONS: '🎲=rerun, :dice:=rerun',
    DISCORD_TOKEN: 'a.b.c',
    DISCORD_GUILD_ID: '123456789',
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
    SLACK_SIGNING_SECRET: 'whispered',
    SLACK_PORT: '3000',
    SLACK_MODERATORS: 'U1, U2',
    SLACK_ADMINS: 'U3, U4',
    SLACK_API_URL: 'https://slack.example/api/',
  };
  expect(Object.keys(env).toSorted()).toEqual([...settingNames].toSorted());
  expect(readConfig(env, allThere)).toEqual({
    databaseUrl: 'postgresql://me:secret@db.local:5433/pictures',
    dataDir: path.resolve('/var/darkroom'),
    modelsDir: path.resolve('/srv/models'),
    defaultModel: 'sd-1.5',
    devices: ['cuda:0', 'cuda:1'],
    workerThreads: 2,
    modelMemoryMb: 6000,
    modelsHubUrl: 'https://mirror.example/hub',
    modelsHubToken: 'hf_1',
    host: '0.0.0.0',
    consolePassword: 'correct horse battery',
    port: 0,
    logLevel: 'debug',
    stepTimeoutSeconds: 600,
    serverWeights: { 'discord/123': 2, 'slack/T1': 0.5 },
    retention: { keepDays: 30, budget: 2 * 2 ** 30 },
    picturePrompts: false,
    maxWaiting: 5,
    maxRunning: 2,
    maxBatchPictures: 16,
    imageHosts: ['pictures.example', '.cdn.example'],
    publicUrl: 'https://darkroom.example',
    reactions: '🎲=rerun, :dice:=rerun',
    discord: { token: 'a.b.c', apiUrl: 'http://127.0.0.1:9/api', guild: '123456789' },
    slack: {
      botToken: 'xoxb-1',
      appToken: 'xapp-1',
      signingSecret: 'whispered',
      port: 3000,
      apiUrl: 'https://slack.example/api/',
      moderators: ['U1', 'U2'],
      admins: ['U3', 'U4'],
    },
  });
});

it('keeps the database in DATA_DIR unless it is told otherwise', () => {
  const { databaseUrl } = readConfig({ DATA_DIR: '/var/darkroom' }, allThere);
  expect(databaseUrl).toBe(`file:${path.resolve('/var/darkroom/darkroom.db')}`);
});

it('treats an empty setting as none', () => {
  expect(readConfig({ PORT: '', DEVICES: '  ' }, allThere)).toEqual(readConfig({}, allThere));
});

it('lists all problems at once, each with what to do', () => {
  const env = {
    PORT: 'http',
    DEVICES: 'gpu',
    LOG_LEVEL: 'loud',
    WORKER_THREADS: '0',
    DATABASE_URL: 'mysql://x',
  };
  const problems = problemsOf(env, { fileExists: () => false });
  expect(problems).toHaveLength(6);
  expect(problems.join('\n').replace(path.resolve('.'), '<here>')).toMatchInlineSnapshot(`
    "DATABASE_URL cannot be read: write file: and a path for SQLite, or postgresql://user:password@host:5432/name for Postgres.
    DEVICES is "gpu": write auto, or cpu, webgpu and cuda:0, cuda:1 …, each once, with commas between them.
    WORKER_THREADS is "0": write a whole number from 1 to 64.
    PORT is "http": write a whole number from 0 to 65535.
    LOG_LEVEL is "loud": write one of fatal, error, warn, info, debug, trace, silent.
    MODELS_DIR is "./models": there is no folder <here>/models; correct the path or make it."
  `);
  expect(() => readConfig(env, allThere)).toThrow(/cannot start with these settings.*\n  - DATABASE_URL/);
});

it.each([
  ['PORT', ['-1', '65536', '80.5', '1e3', '0x50', ' 8 0 ']],
  ['WORKER_THREADS', ['0', '65', 'two']],
  ['STEP_TIMEOUT_SECONDS', ['0', '86401', '1.5']],
  ['DEVICES', ['gpu', 'cuda', 'cpu,', 'cpu,cpu', 'auto,cpu', 'cuda:x']],
  ['HOST', ['http://localhost', 'my host']],
  ['DEFAULT_MODEL', ['../emoji', 'a/b', '.hidden']],
  ['LOG_LEVEL', ['INFO', 'verbose']],
  ['REACTIONS', ['🔁', '🔁=again', '=rerun', '🔁=rerun,', '🔁=rerun;⭐=favorite']],
  ['SERVER_WEIGHTS', ['discord/1', '1=2', 'discord/1=0', 'discord/1=-1', 'discord/1=2,', 'discord/1=many']],
  ['PUBLIC_URL', ['darkroom.example', 'ftp://darkroom.example']],
  ['IMAGE_HOSTS', ['a b', 'a.example,,b.example']],
  ['KEEP_PICTURES_DAYS', ['-1', '1.5', 'ever']],
  ['PICTURES_MAX_GB', ['-1', 'all']],
  ['PICTURE_PROMPTS', ['off', 'true']],
  ['MAX_WAITING_PER_PERSON', ['-1', 'few']],
  ['SLACK_PORT', ['-1', '65536']],
  ['DISCORD_GUILD_ID', ['my server', '12']],
  ['DATABASE_URL', ['file:', 'file::memory:', 'darkroom.db', 'postgres:/x', 'postgresql://']],
])('refuses a bad %s', (name, values) => {
  for (const value of values) {
    const problems = problemsOf({ [name]: value });
    expect(problems, `${name}=${value}`).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} .*: write `));
  }
});

it('never repeats a password', () => {
  expect(problemsOf({ DATABASE_URL: 'mysql://me:secret@host/db' }).join()).not.toContain('secret');
});

it('says which model folder is missing', () => {
  const fileExists = (file: string): boolean => path.basename(file) === 'models';
  expect(problemsOf({ DEFAULT_MODEL: 'sdxl' }, { fileExists })).toEqual([
    `DEFAULT_MODEL is "sdxl": there is no ${path.resolve('models/sdxl/model_index.json')}; name a model folder in MODELS_DIR.`,
  ]);
});

it('reads .env without overriding the environment, and does without one', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'darkroom-env-')), '.env');
  expect(() => loadEnvFile(file)).not.toThrow();
  writeFileSync(file, 'DARKROOM_TEST_A=file\nDARKROOM_TEST_B=file\n');
  process.env['DARKROOM_TEST_A'] = 'environment';
  onTestFinished(() => {
    delete process.env['DARKROOM_TEST_A'];
    delete process.env['DARKROOM_TEST_B'];
  });
  loadEnvFile(file);
  expect(process.env['DARKROOM_TEST_A']).toBe('environment');
  expect(process.env['DARKROOM_TEST_B']).toBe('file');
});

it('wants both Slack tokens or none, and never repeats one', () => {
  expect(problemsOf({ SLACK_BOT_TOKEN: 'xoxb-1' })).toEqual([
    'SLACK_APP_TOKEN is missing (or SLACK_SIGNING_SECRET, for HTTP): Slack needs one beside the bot token; README.md says where they are.',
  ]);
  const [problem] = problemsOf({ SLACK_BOT_TOKEN: 'hunter2', SLACK_APP_TOKEN: 'xapp-1' });
  expect(problem).toContain('begins with xoxb-');
  expect(problem).not.toContain('hunter2');
});

it.each(['http://discord.com/api', 'ftp://127.0.0.1/', 'nonsense', 'http://localhost.evil.com/'])(
  'refuses %s as the address of a platform',
  (address) => {
    expect(problemsOf({ DISCORD_API_URL: address })).toHaveLength(1);
  },
);

it('lets nobody in from other machines without a password', () => {
  for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'box.local'])
    expect(problemsOf({ HOST })).toEqual([expect.stringContaining('set CONSOLE_PASSWORD')]);
  for (const HOST of ['127.0.0.1', 'localhost', '::1', '127.0.0.2'])
    expect(readConfig({ HOST }, allThere).host).toBe(HOST);
  const short = problemsOf({ HOST: '0.0.0.0', CONSOLE_PASSWORD: 'hunter2' });
  expect(short).toEqual([expect.stringContaining('12 characters')]);
  expect(short.join()).not.toContain('hunter2');
});

it('keeps the secrets from the processes that draw', () => {
  const env = {
    PATH: '/bin',
    DISCORD_TOKEN: 'a',
    SLACK_BOT_TOKEN: 'b',
    SLACK_APP_TOKEN: 'c',
    DATABASE_URL: 'd',
    CONSOLE_PASSWORD: 'e',
  };
  expect(withoutSecrets(env)).toEqual({ PATH: '/bin' });
});
