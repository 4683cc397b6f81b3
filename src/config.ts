// The program's settings, and the only file that reads process.env. Everything is checked here once, all problems are
// told together, and the rest of the program gets plain values. .env.example explains each setting.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { settings, type LogLevel, type Settings } from './settings.ts';

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
  logLevel: LogLevel;
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

function consoleProblems({ HOST: host, CONSOLE_PASSWORD: password }: Settings): string[] {
  if (password !== undefined || LOOPBACK.test(host)) return [];
  return [
    `HOST is "${host}", which other machines can reach: set CONSOLE_PASSWORD too, so that not everyone there is the owner.`,
  ];
}

function slackProblems(values: Settings): string[] {
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

function toConfig(values: Settings): Config {
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

function slackConfig(botToken: string, values: Settings): SlackConfig {
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
