// Slack's events as intents: the slash command, a mention, a button, a reaction. Everything is acknowledged at once;
// an event's own id is the intent's key, so one that Slack sends twice is one. Knows no views.

import type { App, BlockAction, ButtonAction, SlashCommand } from '@slack/bolt';
import type { PostRef } from '../../core/posts.ts';
import type { Requester } from '../../queue/job.ts';
import type { Action, Intent, Place } from '../chat.ts';
import { PLATFORM, placeAt, postAt } from './address.ts';
import { ACTION_ID, actionId, readActionId, unescaped } from './blocks.ts';
import type { Self } from './connection.ts';
import type { SlackWeb } from './web.ts';

export const COMMAND = '/imagine';
const AGAIN = new Set(['repeat', 'arrows_counterclockwise']);
const END = 'x';

interface Deps {
  self: Self;
  web: SlackWeb;
  serve: (intent: Intent) => Promise<void>;
  help: (to: Requester, place: Place, key: string) => Promise<void>;
  /** The address at which the event with this key may be answered. */
  keep: (key: string, responseUrl: string) => void;
}

interface Common {
  key: string;
  by: Requester;
  place: Place;
}

export function listen(app: App, deps: Deps): void {
  app.command(COMMAND, async ({ command, ack }) => {
    await ack();
    await onCommand(command, deps);
  });
  app.event('app_mention', async ({ event, body }) => {
    const edited = 'edited' in event && event.edited !== undefined;
    if (!event.user || event.bot_id || edited) return;
    const common = {
      key: keyOf(body.event_id),
      by: person(event.user),
      place: placeAt(event.channel, event.thread_ts),
    };
    await imagine(mentioned(event.text, deps.self), common, deps);
  });
  app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: ACTION_ID }, async (pressed) => {
    await pressed.ack();
    await onPress(pressed.body, pressed.action, deps);
  });
  app.event('reaction_added', async ({ event, body }) => {
    const { item, item_user: owner, reaction, user } = event;
    if (item.type !== 'message' || owner !== deps.self.userId || user === deps.self.userId) return;
    if (!AGAIN.has(reaction) && reaction !== END) return;
    const post = postAt(item.channel, item.ts);
    const shown = await messageAt(post, deps.web);
    const common = {
      key: keyOf(body.event_id),
      by: person(user),
      place: placeAt(item.channel, shown.thread),
    };
    const kind = AGAIN.has(reaction) ? 'rerun' : shown.running ? 'cancel' : 'remove';
    await deps.serve({ ...common, kind, post });
  });
}

async function onCommand(command: SlashCommand, deps: Deps): Promise<void> {
  const key = keyOf(command.trigger_id);
  deps.keep(key, command.response_url);
  const by = person(command.user_id, command.user_name);
  await imagine(unescaped(command.text ?? ''), { key, by, place: placeAt(command.channel_id) }, deps);
}

/** `text` is what follows the command; nothing, or a call for help, is answered with help. */
async function imagine(text: string | undefined, common: Common, deps: Deps): Promise<void> {
  const line = text?.trim() ?? '';
  if (!line || line.toLowerCase() === 'help') return deps.help(common.by, common.place, common.key);
  await deps.serve({ ...common, kind: 'imagine', text: line });
}

/** What follows "imagine" in a mention; undefined where it is not a call to draw. */
function mentioned(text: string, self: Self): string | undefined {
  const words = text.replaceAll(new RegExp(`<@${self.userId}(\\|[^>]*)?>`, 'g'), ' ').trim();
  const [, line] = /^\/?imagine\b([^]*)$/i.exec(words) ?? [];
  return line === undefined ? undefined : unescaped(line);
}

async function onPress(body: BlockAction<ButtonAction>, action: ButtonAction, deps: Deps): Promise<void> {
  const pressed = readActionId(action.action_id);
  const { channel_id: channel, message_ts: ts, thread_ts: thread } = body.container;
  if (!pressed || typeof channel !== 'string' || typeof ts !== 'string') return;
  const key = keyOf(body.trigger_id ?? action.action_ts);
  if (body.response_url) deps.keep(key, body.response_url);
  const by = person(body.user.id, body.user.name ?? body.user.username);
  const place = placeAt(channel, typeof thread === 'string' ? thread : undefined);
  await deps.serve(intentOf(pressed, { key, by, place }, postAt(channel, ts)));
}

function intentOf(
  { action, index }: { action: Action; index: number },
  common: Common,
  post: PostRef,
): Intent {
  return action === 'vary' ? { ...common, kind: action, post, index } : { ...common, kind: action, post };
}

/** What a reaction does not say of its message: the thread, and whether it can still be canceled. */
async function messageAt(
  { channel, message: timestamp }: PostRef,
  web: SlackWeb,
): Promise<{ thread?: string; running: boolean }> {
  const answer = await web
    .call((client) => client.reactions.get({ channel, timestamp }))
    .catch(() => undefined);
  const shown = answer?.message as { thread_ts?: string; blocks?: unknown } | undefined;
  if (!shown) return { running: true }; // the gentler of both endings
  const cancelable = JSON.stringify(shown.blocks ?? []).includes(`"${actionId({ action: 'cancel' })}"`);
  return { running: cancelable, ...(shown.thread_ts && { thread: shown.thread_ts }) };
}

/** Events that carry no name get words that still read well: "Only the person who asked can cancel this." */
function person(id: string, name = 'the person who asked'): Requester {
  return { platform: PLATFORM, id, name };
}

function keyOf(id: string): string {
  return `${PLATFORM}:${id}`;
}
