// Slack's events: a mention, a direct message, a reaction, a look at the home page, a change of user groups. Buttons,
// commands and forms have files of their own. Knows no views.

import type { App } from '@slack/bolt';
import type { ImagineFields } from '../../core/prompt-line.ts';
import type { PostRef } from '../../core/posts.ts';
import type { Reaction } from '../chat.ts';
import { meaningOf } from '../reactions.ts';
import { placeAt, postAt } from './address.ts';
import { attachedTo } from './attached.ts';
import { commonOf, sayHelp, serveLine, tell, type Common, type Context } from './context.ts';
import { homeView } from './home.ts';
import { lineFrom } from './line.ts';
import { placeOf } from './our-message.ts';

/** A line that somebody wrote to us. */
interface Written {
  user?: string;
  text?: string;
  channel: string;
  thread_ts?: string;
  files?: unknown;
}

interface Reacted {
  user: string;
  reaction: string;
  item: { type: string; channel: string; ts: string };
  item_user: string;
}

export function listenToEvents(app: App, context: Context): void {
  app.event('app_mention', async ({ event, body }) => {
    const edited = 'edited' in event && event.edited !== undefined;
    if (event.bot_id || edited || event.channel.startsWith('D')) return;
    await onWritten(context, event, body.event_id);
  });
  app.event('message', async ({ event, body }) => {
    const ofPerson = event.subtype === undefined || event.subtype === 'file_share';
    if (!ofPerson || event.channel_type !== 'im' || ('bot_id' in event && event.bot_id)) return;
    await onWritten(context, event, body.event_id);
  });
  app.event('reaction_added', ({ event, body }) => onReaction(context, event, body.event_id, true));
  app.event('reaction_removed', ({ event, body }) => onReaction(context, event, body.event_id, false));
  for (const type of ['subteam_members_changed', 'subteam_updated'] as const)
    app.event(type, () => context.groups.refresh());
  app.event('app_home_opened', async ({ event }) => {
    const by = event.tab === 'messages' ? undefined : await context.people.find(event.user);
    if (!by) return;
    const view = homeView(await context.desk.overview(by));
    await context.web.call((client) => client.views.publish({ user_id: by.id, view }));
  });
}

async function onWritten(context: Context, event: Written, id: string): Promise<void> {
  const by = event.user ? await context.people.find(event.user) : undefined;
  if (!by) return;
  const common = commonOf(context, id, by, placeAt(event.channel, event.thread_ts));
  const words = withoutOurName(event.text ?? '', context.self.userId);
  const empty = (): Promise<void> => sayHelp(context, common);
  if (!words) return empty();
  const line = lineFrom(words);
  const image = line.kind === 'imagine' ? await imageIn(context, event, common) : {};
  if (image) await serveLine(context, line, common, { empty, options: image });
}

function withoutOurName(text: string, us: string): string {
  return text.replaceAll(new RegExp(`<@${us}(\\|[^>]*)?>`, 'g'), ' ').trim();
}

/** Undefined when what is attached can not be drawn from, which the person is told. */
async function imageIn(context: Context, event: Written, common: Common): Promise<ImagineFields | undefined> {
  const attached = await attachedTo({ files: event.files }, context.web);
  if (attached.kind === 'image')
    return {
      image: {
        from: 'web',
        url: attached.url,
        ...(attached.file && { authorization: context.authorization }),
      },
    };
  if (attached.kind === 'nothing') return {};
  await tell(context, common, 'That file is no picture to start from. Send a PNG, JPEG or WebP file.');
  return undefined;
}

async function onReaction(context: Context, event: Reacted, id: string, on: boolean): Promise<void> {
  const { item, item_user: owner, reaction, user } = event;
  const [name = ''] = reaction.split('::'); // a skin tone may follow
  const meaning = meaningOf(context.reactions, `:${name}:`);
  if (!meaning || item.type !== 'message' || owner !== context.self.userId) return;
  if (!on && meaning !== 'favorite') return;
  const by = user === context.self.userId ? undefined : await context.people.find(user);
  if (!by) return;
  const post = postAt(item.channel, item.ts);
  const place = await placeOf(context.web, post);
  await context.desk.serve(intentOf(meaning, on, commonOf(context, id, by, place), post));
}

function intentOf(meaning: Reaction, on: boolean, common: Common, post: PostRef) {
  return meaning === 'favorite' ? { ...common, kind: meaning, post, on } : { ...common, kind: meaning, post };
}
