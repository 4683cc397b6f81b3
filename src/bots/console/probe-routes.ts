// What machines ask of us: whether the program lives, whether it can draw, and its numbers. They tell nothing about
// people.

import type { Hono } from 'hono';
import type { ConsoleEnv } from './access/who.ts';

export interface Probes {
  /** Why nothing can be drawn; undefined when all is well. */
  unready: () => string | undefined;
  /** Numbers in Prometheus' text form. */
  metrics: { type: string; text(): Promise<string> };
}

export function probeRoutes(app: Hono<ConsoleEnv>, { unready, metrics }: Probes): void {
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', (c) => {
    const reason = unready();
    return reason === undefined ? c.json({ ok: true }) : c.json({ ok: false, reason }, 503);
  });
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.type }));
}
