// What each setting of the environment may be, and what it is in the program. .env.example explains them. Reads no
// environment itself.

import { z } from 'zod';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const splitList = (text: string): string[] => text.split(',').map((name) => name.trim());

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

/** By its name in the environment. A problem's message says what to write instead. */
export const settings = z.object({
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

export type Settings = z.output<typeof settings>;
