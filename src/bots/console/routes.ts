// The console over HTTP: the doors, the gate, the page and its files, and the live feed. Messages, pictures, reports and
// signing in have files of their own. Checks what comes from outside; what it means is decided by the console.

import { Hono } from 'hono';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { UserError } from '../../core/user-error.ts';
import { StorageFull } from '../../queue/job.ts';
import { firstEmoji, type Reactions } from '../reactions.ts';
import { commands } from '../typed-line.ts';
import type { Access } from './access/access.ts';
import { hostnameOf, isLoopback } from './access/address.ts';
import { gate, openGate, type GateDeps } from './access/gate.ts';
import { metricsGuard } from './access/metrics-guard.ts';
import { peopleCommand } from './access/people-line.ts';
import { signInRoutes, signOutRoute, type SessionDeps } from './access/session-routes.ts';
import { Tries } from './access/tries.ts';
import type { ConsoleEnv, Who } from './access/who.ts';
import type { Downloads } from './downloads.ts';
import type { Feed, Outbox } from './feed.ts';
import { doors, isPublicPicture, ownPage, securityHeaders, type Doors } from './guards.ts';
import type { ConsoleLog } from './log.ts';
import { messageRoutes, type MessageDeps } from './message-routes.ts';
import { optionHints, type Known } from './options.ts';
import { sendPageFile } from './page-files.ts';
import { pictureRoutes, type PictureDeps } from './picture-routes.ts';
import { probeRoutes, type Probes } from './probe-routes.ts';
import { reportRoutes, type Reports } from './report-routes.ts';
import { wireEvent } from './wire.ts';

export interface RouteDeps extends Omit<MessageDeps, 'originOf'>, PictureDeps, Omit<Doors, 'signsIn'> {
  /** Absent where nobody signs in. */
  access?: Access;
  /** Somebody may use the page no longer, or has signed out in one of their browsers. */
  left: (who: Who) => void;
  probes?: Probes;
  reports?: Reports;
  heartbeatMs: number;
  feed: Feed;
  downloads: Downloads;
  reactions: Reactions;
  known: () => Known;
  log: ConsoleLog;
  clock: () => Date;
}

export function routes(deps: RouteDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  const { access, publicUrl, log } = deps;
  app.use(securityHeaders, doors({ ...deps, signsIn: access !== undefined }), ownPage(publicUrl));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse(); // as hono's own parts refuse
    if (error instanceof UserError) return c.json({ error: error.message }, 422);
    if (error instanceof StorageFull) return c.json({ error: error.message }, 507);
    log.error({ err: error, path: c.req.path }, 'a console request failed');
    return c.json({ error: 'Something went wrong on our side. The log says what.' }, 500);
  });
  app.notFound((c) => c.json({ error: 'There is nothing here. The page is at /.' }, 404));
  if (access) signedInRoutes(app, deps, access);
  else unsignedRoutes(app, deps);
  personalRoutes(app, deps);
  return app;
}

function unsignedRoutes(app: Hono<ConsoleEnv>, deps: RouteDeps): void {
  app.get('/api/session', (c) => c.json({ signsIn: false }));
  openRoutes(app, deps, openGate);
}

function signedInRoutes(app: Hono<ConsoleEnv>, deps: RouteDeps, access: Access): void {
  const { clock } = deps;
  const session: SessionDeps = { ...deps, access, isSecure: overHttps(deps), tries: new Tries(clock) };
  app.get('/sign-in', (c) => sendPageFile(c, 'sign-in/sign-in.html'));
  signInRoutes(app, session);
  app.use('/metrics', metricsGuard({ access, tries: new Tries(clock) }));
  openRoutes(
    app,
    deps,
    gate(session, (c) => isPublicPicture(c, deps.isPublic)),
  );
  signOutRoute(app, session);
}

/** What tells nothing about anybody; and then the gate, behind which all the rest lies. */
function openRoutes(app: Hono<ConsoleEnv>, { probes }: RouteDeps, gateway: ReturnType<typeof gate>): void {
  app.get('/page/:file{.+}', (c) => sendPageFile(c, c.req.param('file')));
  if (probes) probeRoutes(app, probes);
  app.use(gateway);
}

function personalRoutes(app: Hono<ConsoleEnv>, deps: RouteDeps): void {
  const { access, known, reports, heartbeatMs } = deps;
  app.get('/', (c) => sendPageFile(c, 'chat/index.html'));
  messageRoutes(app, { ...deps, originOf: originOf(deps) });
  pictureRoutes(app, deps);
  feedRoute(app, deps);
  downloadRoute(app, deps.downloads);
  if (reports) {
    app.get('/report', (c) => sendPageFile(c, 'report/report.html'));
    const mayRead = (c: Context<ConsoleEnv>): boolean => c.get('who').admin === true;
    reportRoutes(app, { ...reports, heartbeatMs, mayRead, isStillIn: stillIn(deps) });
  }
  app.get('/api/models', (c) => c.json({ models: known().cards }));
  app.get('/api/options', (c) => {
    const reactions = [...firstEmoji(deps.reactions)].map(([reaction, emoji]) => ({ reaction, emoji }));
    return c.json({ options: optionHints(known()), commands: commandsOf(c.get('who'), access), reactions });
  });
}

/** Admins have more. */
const commandsOf = ({ admin }: Who, access: Access | undefined): typeof commands =>
  admin
    ? [...commands, ...(access ? [peopleCommand] : [])]
    : commands.filter(({ name }) => name !== 'darkroom');

/** Whether the browser came over https: only a proxy of ours has the public name. */
const overHttps =
  ({ publicUrl }: RouteDeps): GateDeps['isSecure'] =>
  (c) =>
    publicUrl !== undefined && /^https:/i.test(publicUrl) && isPublicName(c, publicUrl);

const originOf =
  ({ publicUrl }: RouteDeps): MessageDeps['originOf'] =>
  (c) => {
    const host = c.req.header('host');
    const isPublic =
      publicUrl !== undefined && (isPublicName(c, publicUrl) || isLoopback(hostnameOf(host) ?? ''));
    return isPublic ? publicUrl : `http://${host}`;
  };

/** A proxy passes the name with its port, or the name alone. */
function isPublicName(c: Context, publicUrl: string): boolean {
  const asked = c.req.header('host')?.toLowerCase();
  const { host, hostname } = new URL(publicUrl);
  return asked === host || asked === hostname;
}

function downloadRoute(app: Hono<ConsoleEnv>, downloads: Downloads): void {
  app.get('/downloads/:id', (c) => {
    const file = downloads.get(c.get('who').channel, c.req.param('id'));
    if (!file) return c.json({ error: 'That file is gone: ask for it again.' }, 404);
    const type = file.name.endsWith('.png') ? 'image/png' : 'application/octet-stream';
    c.header('content-disposition', `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`);
    c.header('cache-control', 'no-store');
    return c.body(file.bytes as Uint8Array<ArrayBuffer>, 200, { 'content-type': type });
  });
}

/** Whether who has asked is signed in at this moment: a stream lives longer than a request. */
const stillIn =
  ({ access }: RouteDeps) =>
  async (c: Context<ConsoleEnv>): Promise<boolean> => {
    const token = c.get('token');
    return token === undefined || (await access?.whoHas(token).catch(() => undefined)) !== undefined;
  };

function feedRoute(app: Hono<ConsoleEnv>, deps: RouteDeps): void {
  const { feed, heartbeatMs, log } = deps;
  const isStillIn = stillIn(deps);
  const beat = async (c: Context<ConsoleEnv>, outbox: Outbox): Promise<void> => {
    if (await isStillIn(c)) outbox.put({ type: 'beat' });
    else feed.close(outbox);
  };
  app.get('/api/events', (c) =>
    streamSSE(
      c,
      async (stream) => {
        const outbox = feed.open(c.get('who').channel);
        stream.onAbort(() => feed.close(outbox));
        const heart = setInterval(() => void beat(c, outbox), heartbeatMs);
        try {
          await stream.write(': welcome\n\n');
          for (let event = await outbox.take(); event; event = await outbox.take()) {
            await stream.write(wireEvent(event));
          }
        } finally {
          clearInterval(heart);
          feed.close(outbox);
        }
      },
      async (error) => log.warn({ err: error }, 'a live feed broke off'),
    ),
  );
}
