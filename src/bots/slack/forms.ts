// The forms: everything a request can say, a message's request again with other words, a picture to start from. Knows
// what they look like; submissions.ts reads what people wrote into them.

import type { types } from '@slack/bolt';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Draft } from '../chat.ts';
import { cut, plain } from './mrkdwn.ts';
import { writeOrigin, type Origin } from './origin.ts';

export const FORMS = {
  imagine: 'darkroom:imagine',
  remix: 'darkroom:remix',
  input: 'darkroom:input',
} as const;
/** Every field's action; its block has the field's name. */
export const VALUE = 'value';

const MOST_OPTIONS = 100;
const MOST_LETTERS = 3000;
const LARGEST_SEED = 2 ** 32 - 1;

export interface Choices {
  cards: () => readonly ModelCard[];
  styles: () => readonly Style[];
  schedulers: readonly string[];
}

export function imagineForm(choices: Choices, origin: Origin): types.ModalView {
  const { cards, styles, schedulers } = choices;
  const [first] = cards();
  const defaults = first?.defaults;
  const most = Math.max(1, ...cards().map(({ maxSteps }) => maxSteps));
  return modal('imagine', 'Draw a picture', origin, [
    field('prompt', 'What to draw', text({ multiline: true, hint: 'a red heart' }), false),
    field('negative', 'What should not be in it', text({})),
    field('n', 'How many pictures', select(['1', '2', '3', '4'])),
    field(
      'size',
      'Size or aspect ratio',
      text({ hint: `${defaults?.width ?? 512}x${defaults?.height ?? 512} or 3:2` }),
    ),
    field('steps', 'Steps: more is slower and a little finer', whole(1, most, defaults?.steps)),
    field('guidance', 'Guidance: how closely to follow the words', decimal(0, 30, defaults?.guidanceScale)),
    ...list('scheduler', 'Scheduler', schedulers),
    field('seed', 'Seed: the same one gives the same picture', whole(0, LARGEST_SEED)),
    ...list(
      'model',
      'Model',
      cards().map(({ name }) => name),
      2,
    ),
    ...list(
      'style',
      'Style',
      styles().map(({ name }) => name),
    ),
    field('image', 'Address of a picture to start from', { type: 'url_text_input', action_id: VALUE }),
    field('strength', 'Strength: how far to leave that picture, 0 to 1', decimal(0, 1)),
    field('private', 'Who sees it', {
      type: 'checkboxes',
      action_id: VALUE,
      options: [{ text: plain('Only me, until I share it'), value: 'private' }],
    }),
  ]);
}

export function remixForm(draft: Draft, origin: Origin): types.ModalView {
  const flags = cut(draft.flags, MOST_LETTERS);
  return modal('remix', 'Draw it differently', origin, [
    field(
      'prompt',
      'What to draw',
      text({ multiline: true, initial: cut(draft.prompt, MOST_LETTERS) }),
      false,
    ),
    field('flags', 'Options', text({ multiline: true, ...(flags && { initial: flags }) })),
  ]);
}

/** `pictures`: how many the message shows, one of which is taken. */
export function inputForm(pictures: number, origin: Origin): types.ModalView {
  const numbers = Array.from({ length: pictures }, (_, i) => String(i + 1));
  return modal('input', 'Start from this picture', origin, [
    field('prompt', 'What to draw', text({ multiline: true, hint: 'the same in winter' }), false),
    ...(pictures > 1 ? [field('index', 'Which picture', select(numbers, '1'), false)] : []),
    field('strength', 'Strength: how far to leave the picture, 0 to 1', decimal(0, 1)),
  ]);
}

function modal(
  form: keyof typeof FORMS,
  title: string,
  origin: Origin,
  blocks: types.KnownBlock[],
): types.ModalView {
  return {
    type: 'modal',
    callback_id: FORMS[form],
    private_metadata: writeOrigin(origin),
    title: plain(title),
    submit: plain('Draw'),
    close: plain('Close'),
    blocks,
  };
}

function field(
  name: string,
  label: string,
  element: types.InputBlock['element'],
  optional = true,
): types.InputBlock {
  return { type: 'input', block_id: name, label: plain(label), element, optional };
}

/** A choice, where there is one. */
function list(name: string, label: string, values: readonly string[], least = 1): types.InputBlock[] {
  return values.length < least ? [] : [field(name, label, select(values))];
}

function text(more: { multiline?: true; hint?: string; initial?: string }): types.PlainTextInput {
  const { multiline, hint, initial } = more;
  return {
    type: 'plain_text_input',
    action_id: VALUE,
    max_length: MOST_LETTERS,
    ...(multiline && { multiline }),
    ...(hint && { placeholder: plain(hint) }),
    ...(initial && { initial_value: initial }),
  };
}

function whole(least: number, most: number, usual?: number): types.NumberInput {
  return { ...decimal(least, most, usual), is_decimal_allowed: false };
}

function decimal(least: number, most: number, usual?: number): types.NumberInput {
  return {
    type: 'number_input',
    action_id: VALUE,
    is_decimal_allowed: true,
    min_value: String(least),
    max_value: String(most),
    ...(usual !== undefined && { placeholder: plain(String(usual)) }),
  };
}

function select(values: readonly string[], initial?: string): types.StaticSelect {
  const option = (value: string): types.PlainTextOption => ({ text: plain(value), value });
  return {
    type: 'static_select',
    action_id: VALUE,
    options: values.slice(0, MOST_OPTIONS).map(option),
    ...(initial !== undefined && { initial_option: option(initial) }),
  };
}
