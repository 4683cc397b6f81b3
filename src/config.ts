// The program's settings, and the only file that reads process.env. Everything is checked here once, all problems are
// told together, and the rest of the program gets plain values. .env.example explains each setting.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface Config {
  /** `file:/absolute/path.db` or `postgresql://…`. */
  databaseUrl: string;
  /** Absolute. */
  dataDir: string;
  /** Absolute. */
  modelsDir: string;
  /** A folder's name in modelsDir. */
  defaultModel: string;
  /** What to draw on: names such as 'cpu', 'cuda:0', 'webgpu', or 'auto' to let the program choose. */
  devices: 'auto' | string[];
  /** Pipeline threads in each device's host process. */
  workerThreads: number;
  /** Megabytes of model files that one thread keeps open; absent: by the device's memory. */
  modelMemoryMb?: number;
  /** Where `npm run models` downloads from; without a slash at the end. */
  modelsHubUrl: string;
  /** For models that the hub shows to known people only. */
  modelsHubToken?: string;
  host: string;
  /** Asked for by the page; always set where `host` can be reached from other machines. */
  consolePassword?: string;
  /** 0: any free port. */
  port: number;
  logLevel: (typeof logLevels)[number];
  /** A host that shows no step for so long is replaced. */
  stepTimeoutSeconds: number;
  /** How many requests one person may have waiting, and being drawn at once; 0 for any number. */
  maxWaiting: number;
  maxRunning: number;
  /** Pictures of several requests that are drawn at once; 0: as many as are found to be worth it. */
  maxBatchPictures: number;
  /** Shares of the device time: weights by `platform/server`; every other server has 1. */
  serverWeights: Record<string, number>;
  /** How long pictures are kept and how many bytes they may have together; for ever and any number where absent. */
  retention: { keepDays?: number; budget?: number };
  /** Whether the recipes in pictures' files may have their prompts. */
  picturePrompts: boolean;
  /** Hosts that pictures to start from may come from, in the place of the platforms' own. */
  imageHosts?: string[];
  /** Where pictures can be opened by others, without a slash at the end. */
  publicUrl?: string;
  /** "🔁=rerun, …" in the place of the usual ones. */
  reactions?: string;
  /** Present when the platform is switched on. */
  discord?: { token: string; apiUrl: string; guild?: string };
  slack?: SlackConfig;
}

export interface SlackConfig {
  botToken: string;
  /** For Socket Mode. */
  appToken?: string;
  /** For signed HTTP on `port`, where there is no appToken. */
  signingSecret?: string;
  port: number;
  apiUrl: string;
  /** Ids of people who may end what others began. */
  moderators: string[];
  /** Ids of people who may set the workspace's rules. */
  admins: string[];
}

/** The settings cannot be used. The message lists every problem with what to do about it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(
      `Darkroom cannot start with these settings (from the environment or .env):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const devicePattern = /^(cpu|webgpu|cuda:\d{1,2})$/;
const rule = (allowed: (text: string) => boolean, error: string) => z.string().refine(allowed, { error });

const wholeNumber = (least: number, most: number) =>
  rule(
    (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
    `write a whole number from ${least} to ${most}`,
  ).transform(Number);

const databaseUrl = rule(
  (text) => /^file:(?!:memory:).+/.test(text) || (/^postgres(ql)?:\/\/[^/]/.test(text) && URL.canParse(text)),
  'write file: and a path for SQLite, or postgresql://user:password@host:5432/name for Postgres',
);

const devices = rule((text) => {
  const names = splitList(text);
  return (
    text === 'auto' ||
    (names.every((name) => devicePattern.test(name)) && new Set(names).size === names.length)
  );
}, 'write auto, or cpu, webgpu and cuda:0, cuda:1 …, each once, with commas between them').transform(
  (text): 'auto' | string[] => (text === 'auto' ? text : splitList(text)),
);

const apiUrl = rule(
  (text) =>
    URL.canParse(text) && /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(new URL(text).href),
  'write an https address, or http to this machine only',
);

const reactions = rule(
  (text) => splitList(text).every((pair) => /^[^=\s]+\s*=\s*(rerun|upscale|send|end|favorite)$/.test(pair)),
  'write pairs such as ⭐=favorite, :star:=favorite; the meanings are rerun, upscale, send, end and favorite',
);

const weights = rule(
  (text) =>
    splitList(text).every((pair) => {
      const [, weight] = /^[a-z]+\/[\w-]+\s*=\s*(\d+(?:\.\d+)?)$/.exec(pair) ?? [];
      return Number(weight) > 0;
    }),
  'write pairs such as discord/123456789=2, slack/T0123=0.5: a platform, a server, and its share beside 1',
).transform((text) =>
  Object.fromEntries(
    splitList(text).map((pair) => {
      const [server = '', weight] = pair.split('=');
      return [server.trim(), Number(weight)] as const;
    }),
  ),
);

const list = rule(
  (text) => splitList(text).every((name) => /^\S+$/.test(name)),
  'write names with commas between them',
).transform((text) => splitList(text));

const settings = z.object({
  DATABASE_URL: databaseUrl.optional(),
  DATA_DIR: z.string().prefault('./data'),
  MODELS_DIR: z.string().prefault('./models'),
  DEFAULT_MODEL: rule(
    (text) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text),
    "write the name of a folder in MODELS_DIR: letters, digits, '.', '_' and '-'",
  ).prefault('emoji'),
  DEVICES: devices.prefault('auto'),
  WORKER_THREADS: wholeNumber(1, 64).prefault('1'),
  MODEL_MEMORY_MB: wholeNumber(1, 16_777_216).optional(),
  MODELS_HUB_URL: apiUrl.prefault('https://huggingface.co'),
  MODELS_HUB_TOKEN: z.string().optional(),
  HOST: rule(
    (text) => /^[^\s/]+$/.test(text),
    'write an address to listen on, such as 127.0.0.1 or 0.0.0.0',
  ).prefault('127.0.0.1'),
  CONSOLE_PASSWORD: rule(
    (text) => text.length >= 12,
    'write 12 characters or more; this makes one: node -p "crypto.randomBytes(18).toString(\'base64url\')"',
  ).optional(),
  PORT: wholeNumber(0, 65535).prefault('7878'),
  LOG_LEVEL: z.enum(logLevels, { error: `write one of ${logLevels.join(', ')}` }).prefault('info'),
  STEP_TIMEOUT_SECONDS: wholeNumber(1, 86400).prefault('120'),
  SERVER_WEIGHTS: weights.optional(),
  KEEP_PICTURES_DAYS: wholeNumber(0, 100_000).prefault('0'),
  PICTURES_MAX_GB: wholeNumber(0, 1_000_000).prefault('0'),
  PICTURE_PROMPTS: z.enum(['yes', 'no'], { error: 'write yes or no' }).prefault('yes'),
  MAX_WAITING_PER_PERSON: wholeNumber(0, 1_000_000).prefault('20'),
  MAX_RUNNING_PER_PERSON: wholeNumber(0, 1_000_000).prefault('0'),
  MAX_BATCH_PICTURES: wholeNumber(0, 64).prefault('0'),
  IMAGE_HOSTS: list.optional(),
  PUBLIC_URL: rule(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'write the address under which pictures can be opened, such as https://darkroom.example.com',
  ).optional(),
  REACTIONS: reactions.optional(),
  DISCORD_TOKEN: z.string().optional(),
  DISCORD_GUILD_ID: rule(
    (text) => /^\d{5,25}$/.test(text),
    "write the server's id: a long number (Copy Server ID in Discord's developer mode)",
  ).optional(),
  DISCORD_API_URL: apiUrl.prefault('https://discord.com/api'),
  SLACK_BOT_TOKEN: rule(
    (text) => text.startsWith('xoxb-'),
    'copy the Bot User OAuth Token, which begins with xoxb-',
  ).optional(),
  SLACK_APP_TOKEN: rule(
    (text) => text.startsWith('xapp-'),
    'copy the App-Level Token, which begins with xapp-',
  ).optional(),
  SLACK_SIGNING_SECRET: z.string().optional(),
  SLACK_PORT: wholeNumber(0, 65535).prefault('7879'),
  SLACK_MODERATORS: list.optional(),
  SLACK_ADMINS: list.optional(),
  SLACK_API_URL: apiUrl.prefault('https://slack.com/api/'),
});

/** Settings that no process but this one has any business with, and that are never repeated in a message. */
const secrets = [
  'CONSOLE_PASSWORD',
  'DATABASE_URL',
  'DISCORD_TOKEN',
  'MODELS_HUB_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting there is. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

/** Adds the settings of an `.env` file, if there is one, to the environment, which keeps what it has. */
export function loadEnvFile(file = '.env'): void {
  if (existsSync(file)) process.loadEnvFile(file);
}

/** The checked settings, or a ConfigError that lists everything wrong with them. An empty value counts as none. */
export function readConfig(
  env: Environment = process.env,
  { fileExists = existsSync }: { fileExists?: (file: string) => boolean } = {},
): Config {
  const given = Object.fromEntries(
    settingNames.map((name) => [name, env[name]?.trim()] as const).filter(([, text]) => text),
  );
  const parsed = settings.safeParse(given);
  if (!parsed.success)
    throw new ConfigError([
      ...parsed.error.issues.map(({ path: [name], message }) => sentence(String(name), given, message)),
      ...modelProblems(given['MODELS_DIR'] ?? './models', undefined, fileExists),
    ]);
  const problems = [
    ...modelProblems(parsed.data.MODELS_DIR, parsed.data.DEFAULT_MODEL, fileExists),
    ...slackProblems(parsed.data),
    ...consoleProblems(parsed.data),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

const splitList = (text: string): string[] => text.split(',').map((name) => name.trim());

const sentence = (name: string, given: Environment, advice: string): string =>
  secrets.includes(name) ? `${name} cannot be read: ${advice}.` : `${name} is "${given[name]}": ${advice}.`;

function modelProblems(
  modelsDir: string,
  model: string | undefined,
  fileExists: (file: string) => boolean,
): string[] {
  const folder = path.resolve(modelsDir);
  if (!fileExists(folder))
    return [`MODELS_DIR is "${modelsDir}": there is no folder ${folder}; correct the path or make it.`];
  if (model === undefined || fileExists(path.join(folder, model, 'model_index.json'))) return [];
  return [
    `DEFAULT_MODEL is "${model}": there is no ${path.join(folder, model, 'model_index.json')}; name a model folder in MODELS_DIR.`,
  ];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

function consoleProblems({ HOST: host, CONSOLE_PASSWORD: password }: z.output<typeof settings>): string[] {
  if (password !== undefined || LOOPBACK.test(host)) return [];
  return [
    `HOST is "${host}", which other machines can reach: set CONSOLE_PASSWORD too, so that not everyone there is the owner.`,
  ];
}

function slackProblems(values: z.output<typeof settings>): string[] {
  const { SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, SLACK_SIGNING_SECRET: secret } = values;
  const way = app ?? secret;
  if (Boolean(bot) === Boolean(way)) return [];
  return bot
    ? [
        'SLACK_APP_TOKEN is missing (or SLACK_SIGNING_SECRET, for HTTP): Slack needs one beside the bot token; README.md says where they are.',
      ]
    : ['SLACK_BOT_TOKEN is missing: Slack needs both tokens; README.md says where they are.'];
}

/** The environment for processes that draw: without the secrets. */
export function withoutSecrets(env: Environment = process.env): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.includes(name)));
}

function toConfig(values: z.output<typeof settings>): Config {
  const dataDir = path.resolve(values.DATA_DIR);
  const url = values.DATABASE_URL ?? `file:${path.join(dataDir, 'darkroom.db')}`;
  return {
    databaseUrl: url.startsWith('file:') ? `file:${path.resolve(url.slice('file:'.length))}` : url,
    dataDir,
    modelsDir: path.resolve(values.MODELS_DIR),
    defaultModel: values.DEFAULT_MODEL,
    devices: values.DEVICES,
    workerThreads: values.WORKER_THREADS,
    ...(values.MODEL_MEMORY_MB !== undefined && { modelMemoryMb: values.MODEL_MEMORY_MB }),
    modelsHubUrl: values.MODELS_HUB_URL.replace(/\/+$/, ''),
    ...(values.MODELS_HUB_TOKEN && { modelsHubToken: values.MODELS_HUB_TOKEN }),
    host: values.HOST,
    ...(values.CONSOLE_PASSWORD && { consolePassword: values.CONSOLE_PASSWORD }),
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    stepTimeoutSeconds: values.STEP_TIMEOUT_SECONDS,
    serverWeights: values.SERVER_WEIGHTS ?? {},
    retention: {
      ...(values.KEEP_PICTURES_DAYS && { keepDays: values.KEEP_PICTURES_DAYS }),
      ...(values.PICTURES_MAX_GB && { budget: values.PICTURES_MAX_GB * 2 ** 30 }),
    },
    picturePrompts: values.PICTURE_PROMPTS === 'yes',
    maxWaiting: values.MAX_WAITING_PER_PERSON,
    maxRunning: values.MAX_RUNNING_PER_PERSON,
    maxBatchPictures: values.MAX_BATCH_PICTURES,
    ...(values.IMAGE_HOSTS && { imageHosts: values.IMAGE_HOSTS }),
    ...(values.PUBLIC_URL && { publicUrl: values.PUBLIC_URL.replace(/\/+$/, '') }),
    ...(values.REACTIONS && { reactions: values.REACTIONS }),
    ...(values.DISCORD_TOKEN && {
      discord: {
        token: values.DISCORD_TOKEN,
        apiUrl: values.DISCORD_API_URL,
        ...(values.DISCORD_GUILD_ID && { guild: values.DISCORD_GUILD_ID }),
      },
    }),
    ...(values.SLACK_BOT_TOKEN && { slack: slackConfig(values.SLACK_BOT_TOKEN, values) }),
  };
}

function slackConfig(botToken: string, values: z.output<typeof settings>): SlackConfig {
  return {
    botToken,
    ...(values.SLACK_APP_TOKEN && { appToken: values.SLACK_APP_TOKEN }),
    ...(values.SLACK_SIGNING_SECRET && { signingSecret: values.SLACK_SIGNING_SECRET }),
    port: values.SLACK_PORT,
    apiUrl: values.SLACK_API_URL,
    moderators: values.SLACK_MODERATORS ?? [],
    admins: values.SLACK_ADMINS ?? [],
  };
}
