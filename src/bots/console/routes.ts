// The console over HTTP: the page and its files, what can be typed, and the live feed. Messages and pictures have
// files of their own. Checks what comes from outside; what it means is decided by the console.

import { Hono } from 'hono';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { UserError } from '../../core/user-error.ts';
import { StorageFull } from '../../queue/job.ts';
import { firstEmoji, type Reactions } from '../reactions.ts';
import { commands } from '../typed-line.ts';
import type { Downloads } from './downloads.ts';
import type { Feed } from './feed.ts';
import { doors, ownPage, securityHeaders, type Doors } from './guards.ts';
import type { ConsoleLog } from './log.ts';
import { messageRoutes, type MessageDeps } from './message-routes.ts';
import { optionHints, type Known } from './options.ts';
import { readPageFile } from './page-files.ts';
import { pictureRoutes, type PictureDeps } from './picture-routes.ts';
import { probeRoutes, type Probes } from './probe-routes.ts';
import { wireEvent } from './wire.ts';

export interface RouteDeps extends MessageDeps, PictureDeps, Doors {
  probes?: Probes;
  heartbeatMs: number;
  feed: Feed;
  downloads: Downloads;
  reactions: Reactions;
  known: () => Known;
  log: ConsoleLog;
}

export function routes(deps: RouteDeps): Hono {
  const app = new Hono();
  app.use(securityHeaders, doors(deps), ownPage(deps.publicUrl));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse(); // as hono's own parts refuse
    if (error instanceof UserError) return c.json({ error: error.message }, 422);
    if (error instanceof StorageFull) return c.json({ error: error.message }, 507);
    deps.log.error({ err: error, path: c.req.path }, 'a console request failed');
    return c.json({ error: 'Something went wrong on our side. The log says what.' }, 500);
  });
  app.notFound((c) => c.json({ error: 'There is nothing here. The page is at /.' }, 404));
  pageRoutes(app);
  messageRoutes(app, deps);
  pictureRoutes(app, deps);
  feedRoute(app, deps);
  downloadRoute(app, deps.downloads);
  if (deps.probes) probeRoutes(app, deps.probes);
  app.get('/api/models', (c) => c.json({ models: deps.known().cards }));
  app.get('/api/options', (c) => {
    const reactions = [...firstEmoji(deps.reactions)].map(([reaction, emoji]) => ({ reaction, emoji }));
    return c.json({ options: optionHints(deps.known()), commands, reactions });
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

function downloadRoute(app: Hono, downloads: Downloads): void {
  app.get('/downloads/:id', (c) => {
    const file = downloads.get(c.req.param('id'));
    if (!file) return c.json({ error: 'That file is gone: ask for it again.' }, 404);
    const type = file.name.endsWith('.png') ? 'image/png' : 'application/octet-stream';
    c.header('content-disposition', `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`);
    c.header('cache-control', 'no-store');
    return c.body(Uint8Array.from(file.bytes), 200, { 'content-type': type });
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
