// The command line for Discord's commands: tells Discord of them without starting Darkroom, for all servers or for one,
// and prints what changed and the link that invites the bot. Exit codes: 0 done, 1 failed, 2 not allowed as asked.

import { Command, CommanderError } from 'commander';
import { definitions } from './bots/discord/commands.ts';
import { inWords, isEmpty, registerOnce } from './bots/discord/register.ts';
import { ConfigError, loadEnvFile, readConfig } from './config.ts';
import { UserError } from './core/user-error.ts';
import { readModels } from './pipeline/model-folder.ts';
import { schedulerNames } from './pipeline/schedulers/index.ts';

const FAILED = 1;
const NOT_ALLOWED = 2;

interface Typed {
  guild?: string;
  remove?: boolean;
}

const command = new Command('discord:register')
  .description('Tells Discord which commands there are.')
  .option('--guild <id>', 'for this server alone, where it works at once (default: DISCORD_GUILD_ID, or all)')
  .option('--remove', 'take the commands away')
  .addHelpText('after', '\nExample: npm run discord:register -- --guild 123456789012345678')
  .exitOverride();

async function run({ guild: asked, remove = false }: Typed): Promise<void> {
  const { discord, modelsDir } = readConfig();
  if (!discord) throw new UserError('DISCORD_TOKEN is not set: README.md says where it comes from.');
  const guild = asked ?? discord.guild;
  if (guild !== undefined && !/^\d{1,20}$/.test(guild))
    throw new UserError(
      `"${guild}" is no server's id: a long number (Copy Server ID in Discord's developer mode).`,
    );
  const cards = readModels(modelsDir).folders.map(({ card }) => card);
  const ours = remove ? [] : definitions(cards, schedulerNames);
  const { changes, invite } = await registerOnce(discord, ours, guild);
  const where = guild === undefined ? 'for all servers' : `for the server ${guild}`;
  const what = isEmpty(changes) ? 'nothing had changed' : inWords(changes).replace('to remove', 'removed');
  console.log(`Commands ${where}: ${what}.`);
  console.log(`To invite the bot, with the permissions that it needs and no more:\n${invite}`);
}

try {
  loadEnvFile();
  command.parse();
  await run(command.opts<Typed>());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : NOT_ALLOWED;
  else {
    const told = error instanceof UserError || error instanceof ConfigError;
    console.error(told ? error.message : error);
    process.exitCode = error instanceof UserError ? NOT_ALLOWED : FAILED;
  }
}
