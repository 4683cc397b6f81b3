// Forms that were sent, as a prompt and fields. A field means what the flag of its name means, and is read by the same
// grammar, so its refusals are the same sentences; they are said beside the field, while the form is still open.

import type { App, SlackViewMiddlewareArgs, ViewStateValue, ViewSubmitAction } from '@slack/bolt';
import { parsePromptLine, type ImagineFields, type ImageSource } from '../../core/prompt-line.ts';
import { UserError } from '../../core/user-error.ts';
import type { Requester } from '../../queue/job.ts';
import type { Place } from '../chat.ts';
import { PLATFORM, placeAt } from './address.ts';
import { commonOf, type Common, type Context } from './context.ts';
import { FORMS, VALUE } from './forms.ts';
import { readOrigin, type Origin } from './origin.ts';
import { requester } from './people.ts';

type FormState = Record<string, Record<string, ViewStateValue>>;

/** By the field's name. */
type Complaints = Record<string, string>;

type Sent = SlackViewMiddlewareArgs<ViewSubmitAction>;
/** What is to be done once it is known where; or what is wrong with the fields. */
type Read = (state: FormState, origin: Origin) => ((common: Common) => Promise<void>) | Complaints;

const FLAGS = ['n', 'size', 'steps', 'guidance', 'scheduler', 'seed', 'model', 'style', 'image', 'strength'];

export function listenToForms(app: App, context: Context): void {
  const on = (form: string, read: Read): void =>
    app.view<ViewSubmitAction>({ callback_id: form, type: 'view_submission' }, (sent) =>
      onSent(context, sent, read),
    );

  on(FORMS.imagine, (state, origin) => readImagine(context, state, origin));
  on(FORMS.input, (state, origin) => readImagine(context, state, origin));
  on(FORMS.remix, (state, { post }) => {
    if (!post) return async () => undefined;
    const text = `${valueOf(state, 'prompt')} ${valueOf(state, 'flags')}`.trim();
    return (common) =>
      context.desk.serve({ ...common, kind: 'remix', post: { platform: PLATFORM, ...post }, text });
  });
}

/** Complaints come first: Slack shows none to a form that it has been told was taken. */
async function onSent(context: Context, { ack, body, view }: Sent, read: Read): Promise<void> {
  const origin = readOrigin(view.private_metadata);
  const complain = (errors: Complaints): Promise<void> => ack({ response_action: 'errors', errors });
  const serve = read(view.state.values, origin);
  if (typeof serve !== 'function') return complain(serve);
  const by = requester(body.user.id, body.user.name);
  try {
    const common = commonOf(context, view.id, by, await placeOf(context, origin, by));
    if (origin.key) context.whispers.alsoFor(common.key, origin.key);
    await serve(common);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await complain({ prompt: error.message });
  }
}

async function placeOf(context: Context, { channel }: Origin, by: Requester): Promise<Place> {
  return channel ? { platform: PLATFORM, channel } : placeAt(await context.whispers.directChannel(by.id));
}

function readImagine(context: Context, state: FormState, origin: Origin): ReturnType<Read> {
  const fields = fieldsOf(state);
  if ('complaints' in fields) return fields.complaints;
  const image = imageOf(context, state, origin);
  const options: ImagineFields = { ...fields, ...(image && { image }) };
  const text = valueOf(state, 'prompt');
  return (common) => context.desk.serve({ ...common, kind: 'imagine', text, options });
}

/** The picture that the form was opened over. */
function imageOf(context: Context, state: FormState, { post, file, url }: Origin): ImageSource | undefined {
  if (post)
    return {
      from: 'post',
      post: { platform: PLATFORM, ...post },
      index: Math.max(0, Number(valueOf(state, 'index') || 1) - 1),
    };
  if (file) return { from: 'web', url: file, authorization: context.authorization };
  return url ? { from: 'web', url } : undefined;
}

function valueOf(state: FormState, name: string): string {
  const given = state[name]?.[VALUE];
  return (given?.selected_option?.value ?? given?.value ?? '').trim();
}

function checked(state: FormState, name: string): boolean {
  return (state[name]?.[VALUE]?.selected_options ?? []).length > 0;
}

/** The fields that are filled in, or what is wrong with them. */
function fieldsOf(state: FormState): ImagineFields | { complaints: Complaints } {
  const fields: ImagineFields = {};
  const complaints: Complaints = {};
  for (const name of FLAGS) {
    const value = valueOf(state, name);
    if (!value) continue;
    try {
      Object.assign(fields, flagFields(name, value));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      complaints[name] = error.message;
    }
  }
  if (Object.keys(complaints).length > 0) return { complaints };
  const negativePrompt = valueOf(state, 'negative');
  return {
    ...fields,
    ...(negativePrompt && { negativePrompt }),
    ...(checked(state, 'private') && { private: true }),
  };
}

function flagFields(name: string, value: string): ImagineFields {
  if (/\s/.test(value)) throw new UserError('Write this without spaces.');
  const flag = name === 'size' && value.includes(':') ? 'ar' : name;
  const { prompt: _, ...fields } = parsePromptLine(`--${flag} ${value}`);
  return fields;
}
