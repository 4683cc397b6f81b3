// The console over HTTP: the page and its files, history, typed lines, actions, pictures and the live feed.
// Checks what comes from outside; what it means is decided by the console.

import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { ModelCard } from '../../pipeline/model-card.ts';
import { StorageFull, type ImageStore } from '../../queue/job.ts';
import type { Conversation } from './conversation.ts';
import type { Feed } from './feed.ts';
import { knownHost, ownPage, securityHeaders } from './guards.ts';
import type { ConsoleLog } from './log.ts';
import { optionHints } from './options.ts';
import { readPageFile } from './page-files.ts';
import { wireEvent, wireMessage } from './wire.ts';

export const CHANNEL = 'main';
const HISTORY_PAGE = 30;
const BODY_LIMIT = 64 * 1024;

const key = z.string().regex(/^[\w-]{1,100}$/);
const TypedBody = z.object({ text: z.string(), key });
const ActionBody = z.object({
  action: z.enum(['rerun', 'vary', 'cancel', 'remove']),
  index: z.int().min(0).max(3).optional(),
  key,
});
export type PressedAction = z.infer<typeof ActionBody>;

export interface RouteDeps {
  host: string;
  heartbeatMs: number;
  conversation: Conversation;
  feed: Feed;
  images: Pick<ImageStore, 'get'>;
  cards: () => ModelCard[];
  schedulers: readonly string[];
  log: ConsoleLog;
  /** Whether the line was something we can do. Resolves once it is kept. */
  typed(text: string, key: string): Promise<boolean>;
  /** Whether there is such a message. */
  pressed(message: string, action: PressedAction): Promise<boolean>;
}

export function routes(deps: RouteDeps): Hono {
  const app = new Hono();
  app.use(securityHeaders, knownHost(deps.host), ownPage);
  app.use(
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: (c) => c.json({ error: 'That is too long. A line can have up to 64 KiB.' }, 413),
    }),
  );
  app.onError((error, c) => {
    if (error instanceof StorageFull) return c.json({ error: error.message }, 507);
    deps.log.error({ err: error, path: c.req.path }, 'a console request failed');
    return c.json({ error: 'Something went wrong on our side. The log says what.' }, 500);
  });
  app.notFound((c) => c.json({ error: 'There is nothing here. The page is at /.' }, 404));
  pageRoutes(app);
  messageRoutes(app, deps);
  pictureRoute(app, deps);
  feedRoute(app, deps);
  app.get('/api/models', (c) => c.json({ models: deps.cards() }));
  app.get('/api/options', (c) => {
    const models = deps.cards().map((card) => card.name);
    return c.json({ options: optionHints(deps.schedulers, models) });
  });
  return app;
}

function pageRoutes(app: Hono): void {
  const send = async (c: Context, name: string): Promise<Response> => {
    const file = await readPageFile(name);
    if (!file) return c.notFound();
    return c.body(file.bytes, 200, { 'content-type': file.type, 'cache-control': 'no-cache' });
  };
  app.get('/', (c) => send(c, 'index.html'));
  app.get('/page/:file', (c) => send(c, c.req.param('file')));
}

function messageRoutes(app: Hono, deps: RouteDeps): void {
  app.get('/api/messages', async (c) => {
    const { channel = CHANNEL, before } = c.req.query();
    if (channel !== CHANNEL) return c.json({ error: `There is one channel here: ${CHANNEL}.` }, 404);
    const { messages, more } = await deps.conversation.history(channel, HISTORY_PAGE, before || undefined);
    c.header('cache-control', 'no-store');
    return c.json({ messages: messages.map(wireMessage), more });
  });
  app.post('/api/messages', async (c) => {
    const body = TypedBody.safeParse(await jsonOf(c));
    if (!body.success) return c.json({ error: 'Send {"text": "/imagine …", "key": "a new id"}.' }, 400);
    return c.json({ accepted: await deps.typed(body.data.text, body.data.key) }, 202);
  });
  app.post('/api/messages/:id/actions', async (c) => {
    const body = ActionBody.safeParse(await jsonOf(c));
    if (!body.success) {
      return c.json(
        { error: 'Send {"action": "rerun", "vary", "cancel" or "remove", "key": "a new id"}.' },
        400,
      );
    }
    if (body.data.action === 'vary' && body.data.index === undefined) {
      return c.json({ error: 'Say which picture to vary: "index" from 0 to 3.' }, 400);
    }
    if (await deps.pressed(c.req.param('id'), body.data)) return c.json({ accepted: true }, 202);
    return c.json({ error: 'That message is gone.' }, 404);
  });
}

function pictureRoute(app: Hono, deps: RouteDeps): void {
  app.get('/pictures/:file', async (c) => {
    const id = /^(\w[\w-]{0,119})\.png$/.exec(c.req.param('file'))?.[1];
    const png = id === undefined ? undefined : await deps.images.get(id);
    if (!png) return c.json({ error: 'That picture is gone: its message was deleted.' }, 404);
    return c.body(new Uint8Array(png), 200, {
      'content-type': 'image/png',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });
}

function feedRoute(app: Hono, deps: RouteDeps): void {
  app.get('/api/events', (c) =>
    streamSSE(
      c,
      async (stream) => {
        const outbox = deps.feed.open();
        stream.onAbort(() => deps.feed.close(outbox));
        const heart = setInterval(() => outbox.put({ type: 'beat' }), deps.heartbeatMs);
        try {
          await stream.write(': welcome\n\n');
          for (let event = await outbox.take(); event; event = await outbox.take()) {
            await stream.write(wireEvent(event));
          }
        } finally {
          clearInterval(heart);
          deps.feed.close(outbox);
        }
      },
      async (error) => deps.log.warn({ err: error }, 'a live feed broke off'),
    ),
  );
}

async function jsonOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    return undefined;
  }
}
