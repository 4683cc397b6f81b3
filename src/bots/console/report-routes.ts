// The report over HTTP, for the page and for programs: its numbers as JSON and CSV, the servers that it can be of, and
// a live stream that tells how busy the queue is, and so when to ask again. Knows no ledger.

import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { UsageReport } from '../../core/report.ts';
import { serverKey, type ServerRef } from '../../core/rules.ts';
import { UserError } from '../../core/user-error.ts';
import { reportCsv } from '../report/csv.ts';
import { reportJson } from '../report/json.ts';
import type { Facet } from '../report/words.ts';
import { serverName, withChannelNames, type NameOf } from './report-names.ts';

export interface Load {
  waiting: number;
  running: number;
}

/** Where the numbers come from. */
export interface Reports {
  /** No server: all of them. Rejects with a UserError for a period that there is not. */
  report: (asked: { server?: ServerRef; period: string }) => Promise<UsageReport>;
  /** Those with rules or with use. */
  servers: () => Promise<ServerRef[]>;
  nameOf?: NameOf;
  /** How many requests wait and are drawn at this moment. */
  load: () => Load;
  /** Calls `heard` when a request began, ended or came, a few times a second at the most. Returns how to end that. */
  watch: (heard: () => void) => () => void;
}

export interface ReportDeps extends Reports {
  mayRead: (c: Context) => boolean;
  /** Whether who asked once may still read. */
  isStillIn: (c: Context) => Promise<boolean>;
  heartbeatMs: number;
}

const ALL = 'all';
const PERIOD = '30d';
const FACETS: readonly Facet[] = ['person', 'channel', 'model'];

/** Whatever else is known of a request is not ours. */
export function reportRoutes(app: Hono<any>, deps: ReportDeps): void {
  const { load, nameOf = () => undefined } = deps;
  const shared = sharing(deps.report);
  const asked = async (c: Context): Promise<UsageReport> => {
    const server = await serverOf(c.req.query('server') || ALL, deps);
    return withChannelNames(await shared(c.req.query('period')?.trim() || PERIOD, server), nameOf);
  };

  app.use('/api/report', refuse(deps));
  app.use('/api/report/*', refuse(deps));
  app.use('/api/report.csv', refuse(deps));
  app.get('/api/report', async (c) => {
    const by = facetOf(c.req.query('by'));
    return c.json({ ...reportJson(await asked(c), by), now: load() }, 200, { 'cache-control': 'no-store' });
  });
  app.get('/api/report.csv', async (c) => {
    const report = await asked(c);
    c.header('content-disposition', `attachment; filename="darkroom-${report.from}-${report.to}.csv"`);
    c.header('cache-control', 'no-store');
    return c.body(reportCsv(report), 200, { 'content-type': 'text/csv; charset=utf-8' });
  });
  app.get('/api/report/servers', async (c) => {
    const servers = await deps.servers();
    const choices = servers.map((server) => ({ key: serverKey(server), name: serverName(server, nameOf) }));
    return c.json({ servers: [{ key: ALL, name: 'All servers together' }, ...choices] });
  });
  app.get('/api/report/events', (c) => news(c, deps));
}

const refuse =
  ({ mayRead }: ReportDeps) =>
  async (c: Context, next: () => Promise<void>): Promise<Response | void> => {
    if (mayRead(c)) return next();
    return c.json({ error: 'Only admins of this Darkroom may read its report.' }, 403);
  };

/** The load now and whenever it changed: the newest alone, however slow the reader is. */
function news(c: Context, { load, watch, isStillIn, heartbeatMs }: ReportDeps): Response {
  return streamSSE(c, async (stream) => {
    const beat = async (): Promise<void> => {
      if (await isStillIn(c)) await stream.writeSSE({ event: 'beat', data: '' });
      else stream.abort();
    };
    let due = true;
    let wake = (): void => {};
    const stop = watch(() => {
      due = true;
      wake();
    });
    stream.onAbort(() => wake());
    const heart = setInterval(() => void beat(), heartbeatMs);
    try {
      while (!stream.aborted) {
        if (due) {
          due = false;
          await stream.writeSSE({ event: 'load', data: JSON.stringify(load()) });
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearInterval(heart);
      stop();
    }
  });
}

/** Pages that ask the same at the same time cost one report. */
function sharing(report: Reports['report']) {
  const open = new Map<string, Promise<UsageReport>>();
  return (period: string, server?: ServerRef): Promise<UsageReport> => {
    const key = JSON.stringify([period, server]);
    const known = open.get(key);
    if (known) return known;
    const made = report({ ...(server && { server }), period }).finally(() => open.delete(key));
    open.set(key, made);
    return made;
  };
}

function facetOf(text: string | undefined): Facet | undefined {
  if (!text) return undefined;
  const facet = FACETS.find((each) => each === text);
  if (!facet) throw new UserError('by is person, channel or model.');
  return facet;
}

async function serverOf(key: string, { servers }: Reports): Promise<ServerRef | undefined> {
  if (key === ALL) return undefined;
  const server = (await servers()).find((each) => serverKey(each) === key);
  if (!server) throw new UserError('There is no such server here. Choose one of those that are listed.');
  return server;
}
