// Messages over HTTP: the history, typed lines, and what can be done with a message.

import type { Context, Hono } from 'hono';
import type { ConsoleEnv } from './access/who.ts';
import { bodyLimit } from 'hono/body-limit';
import type { Conversation } from './conversation.ts';
import { Decided, MOST_LETTERS, Pressed, Reacted, Typed } from './intents.ts';
import type { Visitors } from './visitors.ts';
import { wireMessage } from './wire.ts';

const HISTORY_PAGE = 30;
const BODY_LIMIT = 64 * 1024;

export interface MessageDeps {
  conversation: Conversation;
  visitors: Visitors;
  /** Where the browser found the page, without a slash at the end. */
  originOf: (c: Context) => string;
}

export function messageRoutes(
  app: Hono<ConsoleEnv>,
  { conversation, visitors, originOf }: MessageDeps,
): void {
  const limit = bodyLimit({
    maxSize: BODY_LIMIT,
    onError: tooLong,
  });
  app.use('/api/messages/*', limit);
  app.get('/api/messages', async (c) => {
    const { before } = c.req.query();
    const { channel } = c.get('who');
    const { messages, more } = await conversation.history(channel, HISTORY_PAGE, before || undefined);
    c.header('cache-control', 'no-store');
    return c.json({ messages: messages.map(wireMessage), more });
  });
  app.post('/api/messages', async (c) => {
    const body = Typed.safeParse(await jsonOf(c));
    if (body.error?.issues.some(({ code }) => code === 'too_big')) return tooLong(c);
    if (!body.success) return c.json({ error: 'Send {"text": "/imagine …", "key": "a new id"}.' }, 400);
    const { text, key } = body.data;
    return c.json({ accepted: await visitors.type(c.get('who'), text, key, originOf(c)) }, 202);
  });
  app.post('/api/messages/:id/actions', async (c) => {
    const body = Pressed.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: ACTION_SHAPE }, 400);
    return (await visitors.press(c.get('who'), c.req.param('id'), body.data))
      ? c.json({ accepted: true }, 202)
      : gone(c);
  });
  app.post('/api/messages/:id/reactions', async (c) => {
    const body = Reacted.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: REACTION_SHAPE }, 400);
    return (await visitors.react(c.get('who'), c.req.param('id'), body.data))
      ? c.json({ accepted: true }, 202)
      : gone(c);
  });
  app.post('/api/reviews/:id', limit, async (c) => {
    const body = Decided.safeParse(await jsonOf(c));
    if (!body.success)
      return c.json({ error: 'Send {"act": "ask", "approve" or "deny", "key": "a new id"}.' }, 400);
    await visitors.decide(c.get('who'), c.req.param('id'), body.data);
    return c.json({ accepted: true }, 202);
  });
  app.get('/api/messages/:id/draft', async (c) => {
    const draft = await visitors.draft(c.get('who'), c.req.param('id'));
    return draft ? c.json(draft) : gone(c);
  });
  app.get('/api/overview', async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await visitors.overview(c.get('who')));
  });
}

const ACTION_SHAPE =
  'Send {"action": …, "key": "a new id"}. Actions: rerun, cancel, keep, share, report, remove; upscale, vary and pick with the ' +
  'picture\'s "index" from 0 to 3; remix with its "text".';
const REACTION_SHAPE =
  'Send {"reaction": "rerun", "upscale", "send", "end" or "favorite", "on": true, "key": "a new id"}.';

function tooLong(c: Context): Response {
  return c.json({ error: `That is too long. A line can have up to ${MOST_LETTERS} letters.` }, 413);
}

function gone(c: Context): Response {
  return c.json({ error: 'That message is gone.' }, 404);
}

async function jsonOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    return undefined;
  }
}
