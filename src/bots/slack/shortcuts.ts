// Shortcuts: "Use as input" and "Show recipe" in a message's menu, "Draw a picture" anywhere.

import type { App, MessageShortcut } from '@slack/bolt';
import { placeAt, placeBeside, postAt } from './address.ts';
import { attachedTo } from './attached.ts';
import { commonOf, openForm, tell, type Common, type Context } from './context.ts';
import { picturesOn } from './controls.ts';
import { imagineForm, inputForm } from './forms.ts';
import type { Origin } from './origin.ts';
import { requester } from './people.ts';

export const SHORTCUTS = {
  draw: 'darkroom_draw',
  input: 'darkroom_input',
  recipe: 'darkroom_recipe',
} as const;

export function listenToShortcuts(app: App, context: Context): void {
  app.shortcut({ type: 'shortcut', callback_id: SHORTCUTS.draw }, ({ shortcut }) => {
    const { trigger_id: trigger, user } = shortcut;
    const name = 'username' in user ? user.username : undefined;
    const common = commonOf(context, trigger, requester(user.id, name), placeAt(''));
    return openForm(context, trigger, imagineForm(context, {}), common);
  });
  app.shortcut<MessageShortcut>({ type: 'message_action', callback_id: SHORTCUTS.recipe }, ({ shortcut }) => {
    const common = commonOfShortcut(context, shortcut);
    const post = postAt(shortcut.channel.id, shortcut.message_ts);
    return context.desk.serve({ ...common, kind: 'recipe', post });
  });
  app.shortcut<MessageShortcut>({ type: 'message_action', callback_id: SHORTCUTS.input }, ({ shortcut }) =>
    useAsInput(context, shortcut),
  );
}

function commonOfShortcut(context: Context, shortcut: MessageShortcut): Common {
  const { channel, message, response_url: address, trigger_id: trigger, user } = shortcut;
  const place = placeBeside(channel.id, message.ts, message['thread_ts']);
  const common = commonOf(context, trigger, requester(user.id, user.name ?? user.username), place);
  context.whispers.keep(common.key, address);
  return common;
}

async function useAsInput(context: Context, shortcut: MessageShortcut): Promise<void> {
  const common = commonOfShortcut(context, shortcut);
  const { message, trigger_id: trigger } = shortcut;
  const from: Origin = { channel: common.place.channel, key: common.key };
  const blocks: unknown = message['blocks'];
  const pictures =
    message.user === context.self.userId && Array.isArray(blocks) ? picturesOn(blocks as unknown[]) : 0;
  if (pictures > 0) {
    const post = { channel: shortcut.channel.id, message: shortcut.message_ts };
    return openForm(context, trigger, inputForm(pictures, { ...from, post }), common);
  }
  const attached = await attachedTo(
    { files: message['files'], attachments: message['attachments'] },
    context.web,
  );
  if (attached.kind !== 'image')
    return tell(context, common, 'There is no picture on that message to start from.');
  const origin = { ...from, ...(attached.file ? { file: attached.url } : { url: attached.url }) };
  await openForm(context, trigger, inputForm(1, origin), common);
}
