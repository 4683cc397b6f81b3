// What Slack sends when people do something, as its documentation shows it.

export const BOT = { user: 'U0BOT', bot: 'B0BOT', token: 'xoxb-good', appToken: 'xapp-good' };
export const PERSON = { id: 'U1ALICE', name: 'alice' };

export interface Person {
  id: string;
  name: string;
}

export interface Shown {
  channel: string;
  ts: string;
  thread?: string;
  text: string;
  blocks: Block[];
}

export interface Element {
  type: string;
  action_id?: string;
  text?: string | { text: string };
  url?: string;
  elements?: Element[];
}

export interface Block {
  type: string;
  block_id?: string;
  text?: { text: string };
  label?: { text: string };
  element?: {
    type: string;
    initial_value?: string;
    options?: { value: string }[];
    initial_option?: { value: string };
  };
  alt_text?: string;
  slack_file?: { id: string };
  elements?: Element[];
}

export interface OpenView {
  id: string;
  trigger: string;
  callback_id: string;
  private_metadata: string;
  blocks: Block[];
}

const envelope = { token: 'x', team_id: 'T1', api_app_id: 'A1' };
const team = { id: 'T1', domain: 'test' };
const userOf = ({ id, name }: Person) => ({ id, name, username: name, team_id: 'T1' });

export function commandPayload(
  text: string,
  {
    channel,
    command,
    trigger,
    address,
    by,
  }: Record<'channel' | 'command' | 'trigger' | 'address', string> & {
    by: Person;
  },
) {
  return {
    ...envelope,
    team_domain: 'test',
    channel_id: channel,
    channel_name: 'general',
    user_id: by.id,
    user_name: by.name,
    command,
    text,
    is_enterprise_install: 'false',
    response_url: address,
    trigger_id: trigger,
  };
}

export function eventPayload(event: { type: string } & Record<string, unknown>, id: string) {
  return {
    ...envelope,
    type: 'event_callback',
    event_id: id,
    event_time: 1_700_000_000,
    authorizations: [{ team_id: 'T1', user_id: BOT.user, is_bot: true, is_enterprise_install: false }],
    event,
  };
}

interface Pressing {
  trigger: string;
  address: string;
  by: Person;
}

export function pressPayload(on: Shown | 'home', actionId: string, { trigger, address, by }: Pressing) {
  const place =
    on === 'home'
      ? { container: { type: 'view', view_id: 'V0' }, view: { type: 'home', id: 'V0' } }
      : {
          response_url: address,
          container: {
            type: 'message',
            channel_id: on.channel,
            message_ts: on.ts,
            ...(on.thread && { thread_ts: on.thread }),
          },
          channel: { id: on.channel, name: 'general' },
        };
  const text = { type: 'plain_text', text: '' };
  return {
    ...envelope,
    type: 'block_actions',
    team,
    user: userOf(by),
    trigger_id: trigger,
    ...place,
    actions: [{ type: 'button', action_id: actionId, block_id: 'b', action_ts: '9.3', text }],
  };
}

export function shortcutPayload(
  callback: string,
  { trigger, address, by }: Pressing,
  on?: { channel: string; message: { ts: string } & Record<string, unknown> },
) {
  const common = {
    ...envelope,
    callback_id: callback,
    trigger_id: trigger,
    team,
    user: userOf(by),
    action_ts: '9.4',
  };
  if (!on) return { ...common, type: 'shortcut' };
  return {
    ...common,
    type: 'message_action',
    response_url: address,
    message_ts: on.message.ts,
    message: { type: 'message', ...on.message },
    channel: { id: on.channel, name: 'general' },
  };
}

/** `values` by the fields' names; true ticks a box. */
export function submissionPayload(view: OpenView, values: Record<string, string | true>, by: Person) {
  const state = Object.fromEntries(
    view.blocks.flatMap(({ block_id: id, element }) =>
      id && element ? [[id, { value: stateOf(element.type, values[id]) }]] : [],
    ),
  );
  return {
    ...envelope,
    type: 'view_submission',
    team,
    user: userOf(by),
    trigger_id: 'submitted',
    view: { ...view, type: 'modal', state: { values: state } },
    response_urls: [],
  };
}

function stateOf(type: string, value: string | true | undefined) {
  if (type === 'static_select')
    return { type, selected_option: typeof value === 'string' ? { value, text: { text: value } } : null };
  if (type === 'checkboxes') return { type, selected_options: value === true ? [{ value: 'x' }] : [] };
  return { type, value: typeof value === 'string' ? value : null };
}
