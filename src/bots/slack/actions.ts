// Buttons: those under a message of ours, about a job or a review, and the one on a home page. Every press is an
// intent, but remix, which opens a form at once.

import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import type { PostRef } from '../../core/posts.ts';
import type { Draft } from '../chat.ts';
import { placeAt, placeBeside, postAt } from './address.ts';
import { commonOf, openForm, tell, type Common, type Context } from './context.ts';
import { readActionId, type Press } from './controls.ts';
import { imagineForm, remixForm } from './forms.ts';
import { DRAW } from './home.ts';
import { requester } from './people.ts';
import { PRESS_ID, readPressId } from './presses.ts';

type Pressed = BlockAction<ButtonAction>;

export function listenToActions(app: App, context: Context): void {
  app.action<Pressed>({ type: 'block_actions', action_id: DRAW }, ({ body }) => {
    const common = commonOf(context, body.trigger_id, requester(body.user.id, body.user.name), placeAt(''));
    return openForm(context, body.trigger_id, imagineForm(context, {}), common);
  });
  app.action<Pressed>({ type: 'block_actions', action_id: /^darkroom:\w+(:\d+)?$/ }, ({ body, action }) => {
    const press = readActionId(action.action_id);
    return press ? onPress(context, body, press) : Promise.resolve();
  });
  app.action<Pressed>({ type: 'block_actions', action_id: PRESS_ID }, async ({ body, action }) => {
    const press = readPressId(action.action_id);
    const pressed = press && pressedOn(context, body);
    if (pressed) await context.desk.serve({ ...pressed.common, kind: 'review', ...press });
  });
}

async function onPress(context: Context, body: Pressed, press: Press): Promise<void> {
  const pressed = pressedOn(context, body);
  if (!pressed) return;
  const { common, post } = pressed;
  if (press.action === 'remix') return openRemix(context, body.trigger_id, common, post);
  await context.desk.serve(intentOf(press.action, press.index, common, post));
}

/** Who pressed, and the message; its answer may go to the address that came with the press. */
function pressedOn(context: Context, body: Pressed): { common: Common; post: PostRef } | undefined {
  const { channel_id: channel, message_ts: ts, thread_ts: thread } = body.container;
  if (typeof channel !== 'string' || typeof ts !== 'string') return undefined;
  const by = requester(body.user.id, body.user.name ?? body.user.username);
  const common = commonOf(context, body.trigger_id, by, placeBeside(channel, ts, thread));
  if (body.response_url) context.whispers.keep(common.key, body.response_url);
  return { common, post: postAt(channel, ts) };
}

function intentOf(action: Exclude<Press['action'], 'remix'>, index: number, common: Common, post: PostRef) {
  return action === 'vary' || action === 'upscale' || action === 'pick'
    ? { ...common, kind: action, post, index }
    : { ...common, kind: action, post };
}

async function openRemix(context: Context, trigger: string, common: Common, post: PostRef): Promise<void> {
  let draft: Draft | undefined;
  try {
    draft = await context.desk.draft(post, common.by);
  } catch (error) {
    context.log.error({ err: error, key: common.key }, 'a form over a message could not be made');
    return tell(context, common, 'I can not read that request right now. Press Remix again in a moment.');
  }
  if (!draft) return tell(context, common, 'That message shows no picture of mine any more.');
  const { channel, message } = post;
  const origin = { channel: common.place.channel, key: common.key, post: { channel, message } };
  await openForm(context, trigger, remixForm(draft, origin), common);
}
