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
    host: '127.0.0.1',
    port: 7878,
    logLevel: 'info',
    stepTimeoutSeconds: 120,
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
    DATABASE_URL: 'postgresql://me:secret@db.local:5433/pictures',
    DATA_DIR: '/var/darkroom',
    MODELS_DIR: '/srv/models',
    DEFAULT_MODEL: 'sd-1.5',
    DEVICES: 'cuda:0, cuda:1',
    WORKER_THREADS: '2',
    HOST: '0.0.0.0',
    PORT: '0',
    LOG_LEVEL: 'debug',
    STEP_TIMEOUT_SECONDS: '600',
    DISCORD_TOKEN: 'a.b.c',
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
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
    host: '0.0.0.0',
    port: 0,
    logLevel: 'debug',
    stepTimeoutSeconds: 600,
    discord: { token: 'a.b.c', apiUrl: 'http://127.0.0.1:9/api' },
    slack: { botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: 'https://slack.example/api/' },
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
    'SLACK_APP_TOKEN is missing: Slack needs both tokens; README.md says where they are.',
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

it('keeps the secrets from the processes that draw', () => {
  const env = {
    PATH: '/bin',
    DISCORD_TOKEN: 'a',
    SLACK_BOT_TOKEN: 'b',
    SLACK_APP_TOKEN: 'c',
    DATABASE_URL: 'd',
  };
  expect(withoutSecrets(env)).toEqual({ PATH: '/bin' });
});
