// The forms that Discord opens over a message: a request to change before it is drawn again, and a picture to start
// from. What a form is about stands in its id. Knows neither what a model allows nor how a form is answered.

import {
  ComponentType,
  TextInputStyle,
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  type APIModalSubmission,
  type APIStringSelectComponent,
  type APITextInputComponent,
} from 'discord.js';
import type { Draft } from '../chat.ts';

const MAX_PROMPT = 2000;
const MAX_INPUT = 4000;

type Form = APIModalInteractionResponseCallbackData;

/** A form that was filled in. `message` is the one it was opened over. */
export type Filled =
  | { form: 'remix'; message: string; text: string }
  /** `ours`: the picture is on a message of ours, and `index` says which one. */
  | { form: 'input'; message: string; ours: boolean; text: string; strength: string; index: number };

export function remixForm(message: string, { prompt, flags }: Draft): Form {
  const options = {
    ...input('flags', TextInputStyle.Paragraph, MAX_INPUT, flags),
    placeholder: '--ar 3:2 --steps 30 --no text',
    required: false,
  };
  return {
    custom_id: `darkroom:remix:${message}`,
    title: 'Change it and draw it again',
    components: [promptField(prompt), label('Options', options, 'As flags, and none of them is needed')],
  };
}

/** `pictures`: how many the message shows. */
export function inputForm(
  message: string,
  { ours, prompt, pictures }: { ours: boolean; prompt: string; pictures: number },
): Form {
  const strength = input('strength', TextInputStyle.Short, 10, '0.7');
  return {
    custom_id: `darkroom:${ours ? 'ours' : 'image'}:${message}`,
    title: 'Draw over this picture',
    components: [
      promptField(prompt),
      label('Strength', strength, 'How far the drawing may leave the picture, 0 to 1'),
      ...(pictures > 1 ? [label('Which picture', choice(pictures))] : []),
    ],
  };
}

/** Undefined for a form that is not one of ours. */
export function readForm({ custom_id: id, components }: APIModalSubmission): Filled | undefined {
  const [, form, message = ''] = /^darkroom:(remix|ours|image):(\d{1,20})$/.exec(id) ?? [];
  if (form === undefined) return undefined;
  const values = new Map<string, string>();
  for (const part of components) {
    if (part.type !== ComponentType.Label) continue;
    const { component } = part;
    if (component.type === ComponentType.TextInput) values.set(component.custom_id, component.value);
    if (component.type === ComponentType.StringSelect)
      values.set(component.custom_id, component.values[0] ?? '');
  }
  const said = (name: string): string => (values.get(name) ?? '').trim();
  if (form === 'remix') return { form, message, text: `${said('prompt')} ${said('flags')}`.trim() };
  return {
    form: 'input',
    message,
    ours: form === 'ours',
    text: said('prompt'),
    strength: said('strength'),
    index: Number(/^[0-3]$/.exec(said('picture'))?.[0] ?? 0),
  };
}

const promptField = (prompt: string): APILabelComponent =>
  label('What to draw', {
    ...input('prompt', TextInputStyle.Paragraph, MAX_PROMPT, prompt),
    placeholder: 'a red heart',
  });

function input(name: string, style: TextInputStyle, most: number, value: string): APITextInputComponent {
  const said = value.slice(0, most);
  return {
    type: ComponentType.TextInput,
    custom_id: name,
    style,
    max_length: most,
    ...(said && { value: said }),
  };
}

function choice(pictures: number): APIStringSelectComponent {
  return {
    type: ComponentType.StringSelect,
    custom_id: 'picture',
    options: Array.from({ length: pictures }, (_, i) => ({
      label: `Picture ${i + 1}`,
      value: String(i),
      default: i === 0,
    })),
  };
}

function label(
  text: string,
  component: APILabelComponent['component'],
  description?: string,
): APILabelComponent {
  return {
    type: ComponentType.Label,
    label: text,
    ...(description !== undefined && { description }),
    component,
  };
}
