// The application commands: their definitions, what a person's fields say, and suggestions while they type. Knows what
// the models allow from their cards; the words of every value are checked by the shared grammar.

import { isDeepStrictEqual } from 'node:util';
import {
  ApplicationCommandOptionType as Field,
  ApplicationCommandType,
  InteractionContextType,
  Routes,
  type APIApplicationCommand,
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIApplicationCommandOption,
  type APIApplicationCommandOptionChoice,
  type REST,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import { parsePromptLine, type ImagineFields } from '../../core/prompt-line.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';

const MAX_CHOICES = 25;
const MAX_CHOICE = 100; // characters
const MAX_SEED = 2 ** 32 - 1;

export type Definition = RESTPostAPIChatInputApplicationCommandsJSONBody;

export const HELP = [
  '`/imagine` and a few words: pictures develop here. For example: `/imagine prompt: a red heart`',
  'Options are the fields of the command, or flags after the words: `--seed 7 --steps 25 --n 1 --no blue`',
  'On each message, buttons and reactions do the same: 🔁 draws again with a new seed, ❌ cancels or deletes.',
  'The line in grey under a picture is its recipe: give it to `/imagine` and the same picture comes again.',
].join('\n');

export function definitions(cards: readonly ModelCard[], schedulers: readonly string[]): Definition[] {
  const contexts = [InteractionContextType.Guild, InteractionContextType.BotDM];
  const steps = Math.max(1, ...cards.map((card) => card.maxSteps));
  const few = schedulers.length > 0 && schedulers.length <= MAX_CHOICES;
  const options: APIApplicationCommandBasicOption[] = [
    { type: Field.String, name: 'prompt', description: 'What to draw, in a few words', required: true },
    { type: Field.String, name: 'negative', description: 'What should not be in the picture' },
    { type: Field.Integer, name: 'count', description: 'How many pictures', min_value: 1, max_value: 4 },
    {
      type: Field.Integer,
      name: 'steps',
      description: 'Steps from noise to picture: more is slower and a little finer',
      min_value: 1,
      max_value: steps,
    },
    {
      type: Field.Number,
      name: 'guidance',
      description: 'How closely to follow the words',
      min_value: 0,
      max_value: 30,
    },
    {
      type: Field.String,
      name: 'scheduler',
      description: 'The way from noise to picture',
      ...(few
        ? { choices: schedulers.map((name) => ({ name, value: name })) }
        : { autocomplete: true as const }),
    },
    {
      type: Field.Integer,
      name: 'seed',
      description: 'The noise to start from: the same seed and settings give the same picture',
      min_value: 0,
      max_value: MAX_SEED,
    },
    { type: Field.String, name: 'size', description: 'Pixels, like 128x128' },
    { type: Field.String, name: 'aspect', description: 'Width to height, like 3:2' },
    { type: Field.String, name: 'model', description: 'Which model draws', autocomplete: true },
  ];
  const type = ApplicationCommandType.ChatInput as const;
  return [
    { type, name: 'imagine', description: 'Draws pictures from words', contexts, options },
    { type, name: 'help', description: 'What can be asked here, and how', contexts, options: [] },
  ];
}

/** Tells Discord of our commands when it knows other ones. True when it had to be told. */
export async function register(
  rest: REST,
  application: string,
  ours: readonly Definition[],
): Promise<boolean> {
  const route = Routes.applicationCommands(application);
  const theirs = (await rest.get(route)) as APIApplicationCommand[];
  const sorted = (all: readonly (Definition | APIApplicationCommand)[]): object[] =>
    all.map(plain).toSorted((a, b) => a.name.localeCompare(b.name));
  if (isDeepStrictEqual(sorted(ours), sorted(theirs))) return false;
  await rest.put(route, { body: ours });
  return true;
}

/** What matters of a definition, with Discord's defaults written out. */
function plain({ type, name, description, contexts, options = [] }: Definition | APIApplicationCommand): {
  name: string;
  [more: string]: unknown;
} {
  return {
    type: type ?? ApplicationCommandType.ChatInput,
    name,
    description,
    contexts: (contexts ?? []).toSorted((a, b) => a - b),
    options: options.map(plainOption),
  };
}

function plainOption(option: APIApplicationCommandOption): object {
  const { type, name, description, required = false } = option;
  const choices = 'choices' in option ? (option.choices ?? []) : [];
  return {
    type,
    name,
    description,
    required,
    autocomplete: 'autocomplete' in option ? (option.autocomplete ?? false) : false,
    min: 'min_value' in option ? option.min_value : undefined,
    max: 'max_value' in option ? option.max_value : undefined,
    choices: choices.map((choice) => [choice.name, choice.value]),
  };
}

type Given = APIApplicationCommandInteractionDataBasicOption;

const flagOf: Record<string, string> = {
  negative: 'no',
  count: 'n',
  steps: 'steps',
  guidance: 'guidance',
  scheduler: 'scheduler',
  seed: 'seed',
  size: 'size',
  aspect: 'ar',
  model: 'model',
};

/** The prompt and the fields of /imagine. Throws a UserError for a value that can not be read. */
export function readImagine(given: readonly Given[]): { text: string; options: ImagineFields } {
  let text = '';
  const options: ImagineFields = {};
  for (const { name, value } of given) {
    const flag = flagOf[name];
    if (name === 'prompt') text = String(value);
    // What should not be there is free text, in which two hyphens are no flag.
    else if (name === 'negative') options.negativePrompt = String(value);
    else if (flag) {
      const { prompt: _, ...read } = parsePromptLine(`--${flag} "${String(value).replace(/["“”]/g, '')}"`);
      Object.assign(options, read);
    }
  }
  return { text, options };
}

/** What fits what has been typed so far into the field in focus. */
export function suggestions(
  given: readonly Given[],
  cards: readonly ModelCard[],
  schedulers: readonly string[],
): APIApplicationCommandOptionChoice<string>[] {
  const focused = given.find((option) => 'focused' in option && option.focused);
  const typed = String(focused?.value ?? '').toLowerCase();
  const all =
    focused?.name === 'model'
      ? cards.map((card) => ({ name: `${card.name}: ${card.description}`, value: card.name }))
      : focused?.name === 'scheduler'
        ? schedulers.map((name) => ({ name, value: name }))
        : [];
  return all
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .slice(0, MAX_CHOICES)
    .map(({ name, value }) => ({ name: name.slice(0, MAX_CHOICE), value }));
}
