// `/darkroom` as Discord has it: a group for each first word of the table of admin commands, a field for each option,
// and what its filled fields mean. Knows neither who may use it nor what it does.

import {
  ApplicationCommandOptionType as Field,
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIApplicationCommandSubcommandGroupOption,
  type APIApplicationCommandSubcommandOption,
} from 'discord.js';
import type { AdminCommand } from '../../core/admin/command.ts';
import type { Mentions } from '../../core/admin/mention.ts';
import { adminCommandOf } from '../../core/admin/read.ts';
import { adminCommands, type AdminForm, type AdminOption } from '../../core/admin/table.ts';

/** What the groups are about. */
const groups: Readonly<Record<string, string>> = {
  quota: 'How much may be drawn',
  models: 'Which models may be used',
  channel: 'Where requests are taken',
  words: 'What may not be drawn',
  settings: 'Time, channels and shares of this server',
};

type Subcommand = APIApplicationCommandSubcommandOption;
type Group = APIApplicationCommandSubcommandGroupOption;

export const subcommand = (
  name: string,
  description: string,
  options: APIApplicationCommandBasicOption[] = [],
): Subcommand => ({ type: Field.Subcommand, name, description, options });

/** Every admin command, in the order of the table. */
export function adminOptions(forms: readonly AdminForm[] = adminCommands): (Subcommand | Group)[] {
  const made = new Map<string, Subcommand | Group>();
  for (const { name, description, options } of forms) {
    const [first = '', second] = name.split(' ');
    const fields = options.map(fieldOf);
    if (second === undefined) {
      made.set(first, subcommand(first, description, fields));
      continue;
    }
    const known = made.get(first);
    const below = known?.type === Field.SubcommandGroup ? (known.options ?? []) : [];
    made.set(first, {
      type: Field.SubcommandGroup,
      name: first,
      description: groups[first] ?? first,
      options: [...below, subcommand(second, description, fields)],
    });
  }
  return [...made.values()];
}

function fieldOf({
  name,
  kind,
  description,
  required,
  choices,
  models,
}: AdminOption): APIApplicationCommandBasicOption {
  const common = { name, description, ...(required && { required }) };
  switch (kind) {
    case 'person':
      return { ...common, type: Field.User };
    case 'role':
      return { ...common, type: Field.Role };
    case 'channel':
      return { ...common, type: Field.Channel };
    case 'number':
      return { ...common, type: Field.Number };
    case 'flag':
      return { ...common, type: Field.Boolean };
    case 'choice':
      return {
        ...common,
        type: Field.String,
        choices: (choices ?? []).map((value) => ({ name: value, value })),
      };
    case 'who':
    case 'text':
    case 'duration':
      return { ...common, type: Field.String, ...(models && { autocomplete: true }) };
  }
}

/** Discord makes mentions of names itself; one that is still a plain name is nobody's. */
const noNames: Mentions = () => undefined;

/** `path`: the chosen subcommand, with its group in front. Throws a UserError that shows the right form. */
export function adminMeant(
  path: readonly string[],
  given: readonly APIApplicationCommandInteractionDataBasicOption[],
): AdminCommand {
  const options = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  return adminCommandOf(path.join(' '), options, noNames);
}
