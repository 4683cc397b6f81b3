// Messages over HTTP: the history, typed lines, and what can be done with a message.

import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Draft, Overview } from '../chat.ts';
import type { Conversation } from './conversation.ts';
import { Decided, Pressed, Reacted, Typed } from './intents.ts';
import { wireMessage } from './wire.ts';

export const CHANNEL = 'main';
const HISTORY_PAGE = 30;
const BODY_LIMIT = 64 * 1024;

export interface MessageDeps {
  conversation: Conversation;
  person: Person;
}

/** What the one person here can do. */
export interface Person {
  /** Whether the line was something we can do. Resolves once it is kept. */
  type(text: string, key: string): Promise<boolean>;
  /** Whether there is such a message; so does `react`. */
  press(message: string, press: Pressed): Promise<boolean>;
  react(message: string, reaction: Reacted): Promise<boolean>;
  /** Presses a button under words of ours. */
  decide(review: string, decided: Decided): Promise<void>;
  draft(message: string): Promise<Draft | undefined>;
  overview(): Promise<Overview>;
}

export function messageRoutes(app: Hono, { conversation, person }: MessageDeps): void {
  const limit = bodyLimit({
    maxSize: BODY_LIMIT,
    onError: (c) => c.json({ error: 'That is too long. A line can have up to 64 KiB.' }, 413),
  });
  app.use('/api/messages/*', limit);
  app.get('/api/messages', async (c) => {
    const { channel = CHANNEL, before } = c.req.query();
    if (channel !== CHANNEL) return c.json({ error: `There is one channel here: ${CHANNEL}.` }, 404);
    const { messages, more } = await conversation.history(channel, HISTORY_PAGE, before || undefined);
    c.header('cache-control', 'no-store');
    return c.json({ messages: messages.map(wireMessage), more });
  });
  app.post('/api/messages', async (c) => {
    const body = Typed.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: 'Send {"text": "/imagine …", "key": "a new id"}.' }, 400);
    return c.json({ accepted: await person.type(body.data.text, body.data.key) }, 202);
  });
  app.post('/api/messages/:id/actions', async (c) => {
    const body = Pressed.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: ACTION_SHAPE }, 400);
    return (await person.press(c.req.param('id'), body.data)) ? c.json({ accepted: true }, 202) : gone(c);
  });
  app.post('/api/messages/:id/reactions', async (c) => {
    const body = Reacted.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: REACTION_SHAPE }, 400);
    return (await person.react(c.req.param('id'), body.data)) ? c.json({ accepted: true }, 202) : gone(c);
  });
  app.post('/api/reviews/:id', limit, async (c) => {
    const body = Decided.safeParse(await jsonOf(c));
    if (!body.success)
      return c.json({ error: 'Send {"act": "ask", "approve" or "deny", "key": "a new id"}.' }, 400);
    await person.decide(c.req.param('id'), body.data);
    return c.json({ accepted: true }, 202);
  });
  app.get('/api/messages/:id/draft', async (c) => {
    const draft = await person.draft(c.req.param('id'));
    return draft ? c.json(draft) : gone(c);
  });
  app.get('/api/overview', async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await person.overview());
  });
}

const ACTION_SHAPE =
  'Send {"action": …, "key": "a new id"}. Actions: rerun, cancel, keep, share, report, remove; upscale, vary and pick with the ' +
  'picture\'s "index" from 0 to 3; remix with its "text".';
const REACTION_SHAPE =
  'Send {"reaction": "rerun", "upscale", "send", "end" or "favorite", "on": true, "key": "a new id"}.';

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
