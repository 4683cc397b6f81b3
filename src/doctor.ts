// `npm run doctor`: looks whether everything that the settings name is there and may be used, and says what to do about
// what is not. Starts nothing, but for bringing the database's tables up to date. Exit codes: 0 all is well, 1 something is missing.

import { accessSync, constants, mkdirSync } from 'node:fs';
import type { Finding } from './bots/finding.ts';
import { ConfigError, loadEnvFile, readConfig, type Config } from './config.ts';
import { readStyles } from './core/styles.ts';
import { UserError } from './core/user-error.ts';
import { readModels } from './pipeline/model-folder.ts';
import { schedulerNames } from './pipeline/schedulers/index.ts';
import { AlreadyRunning } from './store/instance-lock.ts';
import { openStore } from './store/open.ts';
import { devicesOf } from './workers/devices.ts';

const good = (what: string): Finding => ({ ok: true, what });
const bad = (what: string, todo: string): Finding => ({ ok: false, what, todo });
const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function checkDataDir({ dataDir }: Config): Finding {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
    return good(`pictures are kept in ${dataDir}`);
  } catch (error) {
    return bad(
      `DATA_DIR can not be written: ${sentence(error)}`,
      'give this user the folder, or name another',
    );
  }
}

async function checkDatabase({ databaseUrl }: Config): Promise<Finding> {
  try {
    await (await openStore(databaseUrl)).close();
    return good('the database opens, and its tables are up to date');
  } catch (error) {
    if (error instanceof AlreadyRunning) return good('the database is in use: Darkroom is running');
    return bad('the database does not open', sentence(error));
  }
}

function checkModels({ modelsDir, defaultModel }: Config): Finding[] {
  const { folders, problems } = readModels(modelsDir);
  const names = folders.map(({ card }) => card.name);
  const missing = names.includes(defaultModel)
    ? []
    : [bad(`DEFAULT_MODEL is ${defaultModel}, which can not be used`, `name one of: ${names.join(', ')}`)];
  return [
    ...names.map((name) => good(`the model ${name} can be read${name === defaultModel ? ' (default)' : ''}`)),
    ...problems.map((problem) => bad('a model can not be used', problem)),
    ...missing,
  ];
}

function checkStyles({ modelsDir }: Config): Finding {
  try {
    return good(`${readStyles(modelsDir).length} styles`);
  } catch (error) {
    return bad('the styles can not be read', sentence(error));
  }
}

async function checkPlatforms(config: Config): Promise<Finding[]> {
  const cards = readModels(config.modelsDir).folders.map(({ card }) => card);
  const found: Finding[] = [];
  if (config.discord) {
    const { checkDiscord } = await import('./bots/discord/doctor.ts');
    const { definitions } = await import('./bots/discord/commands.ts');
    found.push(
      ...(await checkDiscord({ ...config.discord, definitions: definitions(cards, schedulerNames) })),
    );
  } else found.push(good('Discord is off: DISCORD_TOKEN is not set'));
  if (config.slack) {
    const { checkSlack } = await import('./bots/slack/doctor.ts');
    found.push(...(await checkSlack(config.slack)));
  } else found.push(good('Slack is off: SLACK_BOT_TOKEN is not set'));
  return found;
}

async function examine(config: Config): Promise<Finding[]> {
  return [
    checkDataDir(config),
    await checkDatabase(config),
    ...checkModels(config),
    checkStyles(config),
    good(`pictures are drawn on ${devicesOf(config.devices).join(', ')}`),
    ...(await checkPlatforms(config)),
  ];
}

function tell(findings: readonly Finding[]): void {
  for (const { ok, what, todo } of findings)
    console.log(`${ok ? '  ok ' : 'FAIL '} ${what}${todo ? `\n        → ${todo}` : ''}`);
  const failed = findings.filter(({ ok }) => !ok).length;
  console.log(failed === 0 ? '\nAll is well.' : `\n${failed} of ${findings.length} need something.`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  loadEnvFile();
  tell(await examine(readConfig()));
} catch (error) {
  const told = error instanceof ConfigError || error instanceof UserError;
  console.error(told ? error.message : error);
  process.exitCode = 1;
}
