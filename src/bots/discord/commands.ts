// The definitions of the application commands: what people find behind "/" and in a message's menu. Knows what the
// models allow from their cards; the words of every value are checked by the shared grammar.

import {
  ApplicationCommandOptionType as Field,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js';
import type { ModelCard } from '../../pipeline/model-card.ts';
import { commands as known } from '../typed-line.ts';
import { adminOptions, subcommand } from './admin-command.ts';

export const MAX_CHOICES = 25;
const MAX_SEED = 2 ** 32 - 1;

/** The entries of a message's menu, under Apps. */
export const USE_AS_INPUT = 'Use as input';
export const SHOW_RECIPE = 'Show recipe';
export const REPORT_PICTURE = 'Report picture';

export type Definition =
  RESTPostAPIChatInputApplicationCommandsJSONBody | RESTPostAPIContextMenuApplicationCommandsJSONBody;

export function definitions(cards: readonly ModelCard[], schedulers: readonly string[]): Definition[] {
  const { negative, strength, privately, others } = parameters(cards, schedulers);
  return [
    command('imagine', [
      { type: Field.String, name: 'prompt', description: 'What to draw, in a few words', required: true },
      negative,
      { type: Field.Attachment, name: 'image', description: 'A picture to start from' },
      strength,
      ...others,
      {
        type: Field.Integer,
        name: 'seed',
        description: 'The noise to start from: the same seed and settings give the same picture',
        min_value: 0,
        max_value: MAX_SEED,
      },
      privately,
    ]),
    command('show', [
      {
        type: Field.String,
        name: 'id',
        description: 'Which one: your history names them',
        required: true,
        autocomplete: true,
      },
    ]),
    command('again'),
    command('queue'),
    command('history', [
      { type: Field.Boolean, name: 'favorites', description: 'Only those you marked as favorites' },
    ]),
    command('info'),
    command('settings', [
      negative,
      ...others,
      privately,
      { type: Field.Boolean, name: 'reset', description: 'Take all your settings away' },
    ]),
    command('usage'),
    command('mydata', [
      subcommand('export', 'All that is kept about you, as files'),
      subcommand('forget', 'Takes all of it away, for good', [
        { type: Field.Boolean, name: 'confirm', description: 'You are sure: there is no way back' },
      ]),
    ]),
    {
      ...command('darkroom', adminOptions()),
      contexts: [InteractionContextType.Guild],
      default_member_permissions: String(PermissionFlagsBits.ManageGuild),
    },
    command('help'),
    menu(USE_AS_INPUT),
    menu(SHOW_RECIPE),
    menu(REPORT_PICTURE),
  ];
}

const everywhere = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

function command(
  name: string,
  options: APIApplicationCommandOption[] = [],
): RESTPostAPIChatInputApplicationCommandsJSONBody {
  const description = known.find((each) => each.name === name)?.description;
  if (description === undefined) throw new Error(`Nothing says what /${name} does.`);
  return { type: ApplicationCommandType.ChatInput, name, description, ...everywhere, options };
}

const menu = (name: string): Definition => ({ type: ApplicationCommandType.Message, name, ...everywhere });

interface Parameters {
  negative: APIApplicationCommandBasicOption;
  strength: APIApplicationCommandBasicOption;
  privately: APIApplicationCommandBasicOption;
  others: APIApplicationCommandBasicOption[];
}

/** What /imagine takes beside its words, and /settings keeps but for what is about one picture. */
function parameters(cards: readonly ModelCard[], schedulers: readonly string[]): Parameters {
  const few = schedulers.length > 0 && schedulers.length <= MAX_CHOICES;
  const choices = schedulers.map((name) => ({ name, value: name }));
  const text = { type: Field.String as const };
  return {
    negative: { ...text, name: 'negative', description: 'What should not be in the picture' },
    strength: {
      type: Field.Number,
      name: 'strength',
      description: 'How far the drawing may leave the picture it starts from, 0 to 1',
      min_value: 0,
      max_value: 1,
    },
    privately: { type: Field.Boolean, name: 'private', description: 'Only you see it, until you share it' },
    others: [
      { type: Field.Integer, name: 'count', description: 'How many pictures', min_value: 1, max_value: 4 },
      { ...text, name: 'size', description: 'Pixels, like 128x128' },
      { ...text, name: 'aspect', description: 'Width to height, like 3:2' },
      {
        type: Field.Integer,
        name: 'steps',
        description: 'Steps from noise to picture: more is slower and a little finer',
        min_value: 1,
        max_value: Math.max(1, ...cards.map((card) => card.maxSteps)),
      },
      {
        type: Field.Number,
        name: 'guidance',
        description: 'How closely to follow the words',
        min_value: 0,
        max_value: 30,
      },
      {
        ...text,
        name: 'scheduler',
        description: 'The way from noise to picture',
        ...(few ? { choices } : { autocomplete: true as const }),
      },
      { ...text, name: 'model', description: 'Which model draws', autocomplete: true },
      { ...text, name: 'style', description: 'Words that a style adds to yours', autocomplete: true },
    ],
  };
}
