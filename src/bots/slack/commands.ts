// The slash commands: /imagine and, for everything else, /darkroom. Slack has none in threads; there people mention us.

import type { App, SlashCommand } from '@slack/bolt';
import type { TypedLine } from '../typed-line.ts';
import { placeAt } from './address.ts';
import { commonOf, openForm, serveLine, type Context } from './context.ts';
import { imagineForm } from './forms.ts';
import { lineFrom, lineIn } from './line.ts';
import { unescaped } from './mrkdwn.ts';
import { requester } from './people.ts';
import { DARKROOM, IMAGINE } from './words.ts';

export function listenToCommands(app: App, context: Context): void {
  app.command(IMAGINE, ({ command }) => {
    const words = wordsOf(command);
    const line = words.toLowerCase() === 'help' ? words : `imagine ${words}`;
    return onCommand(context, command, lineIn(line));
  });
  app.command(DARKROOM, ({ command }) =>
    onCommand(context, command, lineFrom(command.text?.trim() || 'help')),
  );
}

/** /imagine takes prompts: Slack is asked to mark nothing in them. */
function wordsOf({ text }: SlashCommand): string {
  return unescaped(text ?? '').trim();
}

function onCommand(context: Context, command: SlashCommand, line: TypedLine): Promise<void> {
  const { channel_id: channel, trigger_id: trigger, user_id: id, user_name: name } = command;
  const common = commonOf(context, trigger, requester(id, name), placeAt(channel));
  context.whispers.keep(common.key, command.response_url);
  const origin = { channel: common.place.channel, key: common.key };
  return serveLine(context, line, common, {
    empty: () => openForm(context, trigger, imagineForm(context, origin), common),
  });
}
