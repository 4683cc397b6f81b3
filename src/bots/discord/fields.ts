// What the fields of a command say, as an intent. Knows which field is which flag of the shared grammar, which reads
// their values.

import {
  ApplicationCommandOptionType as Field,
  type APIApplicationCommandInteractionDataBasicOption,
  type APIAttachment,
  type APIChatInputApplicationCommandInteractionData,
} from 'discord.js';
import { parsePromptLine, type ImagineFields } from '../../core/prompt-line.ts';
import { UserError } from '../../core/user-error.ts';
import type { Intent } from '../chat.ts';
import { adminMeant } from './admin-command.ts';

/** An intent without who, where and when. */
export type Meant = Intent extends infer I
  ? I extends Intent
    ? Omit<I, 'key' | 'by' | 'place' | 'moderator' | 'admin' | 'roles'>
    : never
  : never;

export type Given = APIApplicationCommandInteractionDataBasicOption;
type Command = Pick<APIChatInputApplicationCommandInteractionData, 'name' | 'options' | 'resolved'>;

/** The fields that flags stand for. */
const flagOf: Readonly<Record<string, string>> = {
  strength: 'strength',
  count: 'n',
  size: 'size',
  aspect: 'ar',
  steps: 'steps',
  guidance: 'guidance',
  scheduler: 'scheduler',
  seed: 'seed',
  model: 'model',
  style: 'style',
};

/** The fields that were filled in, of a command or of the subcommand that was chosen. */
export const givenTo = ({ options }: Pick<Command, 'options'>): Given[] => chosenIn(options).given;

/** Which subcommand was chosen, with its group in front, and its fields. */
function chosenIn(options: Command['options']): { path: string[]; given: Given[] } {
  const [first] = options ?? [];
  if (first?.type !== Field.Subcommand && first?.type !== Field.SubcommandGroup)
    return { path: [], given: (options ?? []) as Given[] };
  const { path, given } = chosenIn(first.options);
  return { path: [first.name, ...path], given };
}

const valueOf = (given: readonly Given[], name: string): string | number | boolean | undefined =>
  given.find((option) => option.name === name)?.value;

/** Whether the words, or a field, ask for an answer that one person alone sees. */
export function asksForPrivacy(text: string, field?: boolean): boolean {
  if (field !== undefined) return field;
  try {
    return parsePromptLine(text).private ?? false;
  } catch (error) {
    if (error instanceof UserError) return false; // the person is told when it is served
    throw error;
  }
}

/** For whom the answer to a command is. */
export function audienceOf(command: Command): 'all' | 'one' {
  const given = givenTo(command);
  switch (command.name) {
    case 'imagine': {
      const field = valueOf(given, 'private');
      const text = String(valueOf(given, 'prompt') ?? '');
      return asksForPrivacy(text, typeof field === 'boolean' ? field : undefined) ? 'one' : 'all';
    }
    case 'show':
    case 'again':
      return 'all';
    case 'darkroom':
      return chosenIn(command.options).path[0] === 'report' ? 'all' : 'one';
    default:
      return 'one';
  }
}

/** Throws a UserError for a value that can not be read. */
export function meantBy(command: Command): Meant | 'help' {
  const { path, given } = chosenIn(command.options);
  const { name } = command;
  switch (name) {
    case 'imagine': {
      const options = readFields(given, command.resolved?.attachments);
      return { kind: name, text: String(valueOf(given, 'prompt') ?? ''), options };
    }
    case 'settings': {
      const options = readFields(given);
      const some = Object.keys(options).length > 0;
      const reset = valueOf(given, 'reset') === true;
      if (reset && some) throw new UserError('Use reset alone: it takes all your settings away.');
      return { kind: name, ...(reset && { text: 'reset' }), ...(some && { options }) };
    }
    case 'show':
      return { kind: name, jobId: String(valueOf(given, 'id') ?? '') };
    case 'history':
      return { kind: name, ...(valueOf(given, 'favorites') === true && { favorites: true }) };
    case 'mydata':
      return path[0] === 'forget'
        ? { kind: name, what: 'forget', sure: valueOf(given, 'confirm') === true }
        : { kind: name, what: 'export' };
    case 'darkroom':
      return { kind: 'admin', command: adminMeant(path, given) };
    case 'again':
    case 'usage':
    case 'queue':
    case 'info':
    case 'help':
      return name === 'help' ? name : { kind: name };
    default:
      throw new UserError('I do not know that command any more. Try /imagine a red heart, or /help.');
  }
}

function readFields(given: readonly Given[], attachments: Record<string, APIAttachment> = {}): ImagineFields {
  const fields: ImagineFields = {};
  for (const option of given) {
    const { name, value } = option;
    const flag = flagOf[name];
    // What should not be there is free text, in which two hyphens are no flag.
    if (name === 'negative') fields.negativePrompt = String(value);
    else if (name === 'private') fields.private = value === true;
    else if (option.type === Field.Attachment) fields.image = webImage(attachments[option.value]);
    else if (flag !== undefined) Object.assign(fields, readFlag(flag, String(value)));
  }
  return fields;
}

export function readFlag(flag: string, value: string): ImagineFields {
  const { prompt: _, ...read } = parsePromptLine(`--${flag} "${value.replace(/["“”]/g, '')}"`);
  return read;
}

/** Throws a UserError for a file that is no picture. */
function webImage(file: APIAttachment | undefined): { from: 'web'; url: string } {
  if (!file || !isPicture(file))
    throw new UserError('The attached file is not a picture: attach a PNG, JPEG or WebP.');
  return { from: 'web', url: file.url };
}

export const isPicture = ({ content_type: type }: APIAttachment): boolean =>
  type?.startsWith('image/') === true;
