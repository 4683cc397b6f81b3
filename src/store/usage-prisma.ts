// What was used, out of the ledger, in SQLite or Postgres. Days that are over are summed once, each by one statement
// that no other can come into; the day that is not over is read by the same query. Knows no calendar.

import { join, sqltag as sql, type Sql } from '@prisma/client/runtime/client';
import type { PersonRef } from '../core/people.ts';
import type { Window } from '../core/quota.ts';
import type { Amounts, Day, DayWaits, Facet, Sum, SummedDay, Sums, UsageStore, Use } from '../core/report.ts';
import type { ServerRef } from '../core/rules.ts';
import type { Db } from './client.ts';

interface SumRow {
  platform: string;
  facet: string;
  key: string;
  requests: unknown;
  pictures: unknown;
  deviceSeconds: unknown;
  megapixelSteps: unknown;
}

interface WholeRow {
  platform: string;
  server: string;
  day: string;
  key: string;
  requests: unknown;
}

/** Sorts after every day. */
const LAST = '~';

const amountColumns = sql`"requests", "pictures", "deviceSeconds", "megapixelSteps"`;
const totals = sql`sum("requests") AS "requests", sum("pictures") AS "pictures",
  sum("deviceSeconds") AS "deviceSeconds", sum("megapixelSteps") AS "megapixelSteps"`;
/** Of requests in truth used. */
const amounts = sql`count(*) AS "requests", coalesce(sum("pictures"), 0) AS "pictures",
  coalesce(sum("deviceSeconds"), 0) AS "deviceSeconds", coalesce(sum("megapixelSteps"), 0) AS "megapixelSteps"`;

/** By the index from one server to the next, in both databases. There must be one. */
const among = (servers: readonly ServerRef[]): Sql =>
  sql`(VALUES ${join(servers.map(({ platform, id }) => sql`(${platform}, ${id})`))})`;

/**
 * Every request that was over on a day, by each facet. A settlement holds the difference to its reservation, so what was
 * used is the sum of the two; a refused request has none. Facet 'whole' is all of it, and its key is the time zone; of it
 * and of waits no platform is told.
 */
const useOn = (servers: readonly ServerRef[], { from, to }: Window, zone: string): Sql => sql`
  WITH "used" AS MATERIALIZED (
    SELECT e."platform", e."personId", e."channel", e."model", e."outcome", e."waitSeconds",
      e."pictures" + coalesce(r."pictures", 0) AS "pictures",
      e."deviceSeconds" + coalesce(r."deviceSeconds", 0) AS "deviceSeconds",
      e."megapixelSteps" + coalesce(r."megapixelSteps", 0) AS "megapixelSteps"
    FROM "LedgerEntry" e LEFT JOIN "LedgerEntry" r ON r."jobId" = e."jobId" AND r."kind" = 'reserve'
    WHERE (e."platform", e."server") IN ${among(servers)} AND e."kind" IN ('settle', 'refuse')
      AND e."at" >= ${from} AND e."at" < ${to}
  )
  SELECT "platform", 'person' AS "facet", "personId" AS "key", ${amounts} FROM "used" GROUP BY "platform", "personId"
  UNION ALL SELECT "platform", 'channel', "channel", ${amounts} FROM "used" GROUP BY "platform", "channel"
  UNION ALL SELECT "platform", 'model', "model", ${amounts} FROM "used" GROUP BY "platform", "model"
  UNION ALL SELECT "platform", 'outcome', "outcome", ${amounts} FROM "used"
    WHERE "outcome" IS NOT NULL GROUP BY "platform", "outcome"
  UNION ALL SELECT '', 'wait', CAST("waitSeconds" AS TEXT), ${amounts} FROM "used"
    WHERE "waitSeconds" IS NOT NULL GROUP BY "waitSeconds"
  UNION ALL SELECT '', 'whole', ${zone}, ${amounts} FROM "used"`;

export class PrismaUsage implements UsageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** From one server to the next by the index: reading all entries would take long. */
  async servers(): Promise<ServerRef[]> {
    const rows = await this.#db.$queryRaw<{ platform: string; server: string }[]>(sql`
      WITH RECURSIVE p("platform") AS (
        SELECT min("platform") FROM "LedgerEntry"
        UNION ALL
        SELECT (SELECT min(e."platform") FROM "LedgerEntry" e WHERE e."platform" > p."platform")
        FROM p WHERE p."platform" IS NOT NULL
      ), s("platform", "server") AS (
        SELECT p."platform",
          (SELECT min(e."server") FROM "LedgerEntry" e WHERE e."platform" = p."platform")
        FROM p WHERE p."platform" IS NOT NULL
        UNION ALL
        SELECT s."platform",
          (SELECT min(e."server") FROM "LedgerEntry" e
            WHERE e."platform" = s."platform" AND e."server" > s."server")
        FROM s WHERE s."server" IS NOT NULL
      )
      SELECT "platform", "server" FROM s WHERE "server" IS NOT NULL ORDER BY "platform", "server"`);
    return rows.map(({ platform, server }) => ({ platform, id: server }));
  }

  async since({ platform, id: server }: ServerRef): Promise<Date | undefined> {
    const row = await this.#db.ledgerEntry.findFirst({
      where: { platform, server },
      orderBy: { countedAt: 'asc' },
      select: { countedAt: true },
    });
    return row?.countedAt;
  }

  async summed(servers: readonly ServerRef[], from = '', to = LAST): Promise<SummedDay[]> {
    if (servers.length === 0) return [];
    const rows = await this.#db.$queryRaw<WholeRow[]>(sql`
      SELECT "platform", "server", "day", "key", "requests" FROM "UsageSum"
      WHERE ("platform", "server") IN ${among(servers)} AND "facet" = 'whole'
        AND "day" >= ${from} AND "day" <= ${to}`);
    return rows.map(({ platform, server: id, day, key: zone, requests }) => ({
      server: { platform, id },
      day,
      zone,
      requests: Number(requests),
    }));
  }

  async overIn({ platform, id }: ServerRef, { from, to }: Window): Promise<number> {
    // Of the index alone; Prisma's own count makes a table of all the entries first.
    const [row] = await this.#db.$queryRaw<[{ requests: unknown }]>(sql`
      SELECT count(*) AS "requests" FROM "LedgerEntry"
      WHERE "platform" = ${platform} AND "server" = ${id} AND "kind" IN ('settle', 'refuse')
        AND "at" >= ${from} AND "at" < ${to}`);
    return Number(row.requests);
  }

  async sum(server: ServerRef, day: Day, zone: string): Promise<void> {
    await this.#db.$executeRaw(sql`
      INSERT INTO "UsageSum" ("platform", "server", "day", "facet", "key", ${amountColumns})
      SELECT ${server.platform}, ${server.id}, ${day.name}, "facet", "key", ${amountColumns}
      FROM (${useOn([server], day, zone)}) u WHERE true
      ON CONFLICT ("platform", "server", "facet", "day", "key") DO UPDATE SET
        "requests" = excluded."requests", "pictures" = excluded."pictures",
        "deviceSeconds" = excluded."deviceSeconds", "megapixelSteps" = excluded."megapixelSteps"`);
  }

  async read(servers: readonly ServerRef[], day: Day): Promise<Sums> {
    if (servers.length === 0) return { days: [], sums: [], waits: [] };
    const rows = await this.#db.$queryRaw<SumRow[]>(useOn(servers, day, 'UTC'));
    const wholes = rows.filter(({ facet }) => facet === 'whole');
    const waits = rows.filter(({ facet }) => facet === 'wait');
    const others = rows.filter(({ facet }) => facet !== 'whole' && facet !== 'wait');
    return {
      days: wholes.map((row) => ({ day: day.name, ...toAmounts(row) })),
      sums: others.map(toSum),
      waits: [
        { day: day.name, bySeconds: new Map(waits.map((row) => [Number(row.key), Number(row.requests)])) },
      ],
    };
  }

  async sums(servers: readonly ServerRef[], from: string, to: string): Promise<Sums> {
    if (servers.length === 0) return { days: [], sums: [], waits: [] };
    const whose = sql`("platform", "server") IN ${among(servers)}`;
    const days = await this.#db.$queryRaw<(Omit<SumRow, 'facet' | 'key'> & { day: string })[]>(sql`
      SELECT "day", ${totals} FROM "UsageSum"
      WHERE ${whose} AND "facet" = 'whole' AND "day" >= ${from} AND "day" <= ${to} GROUP BY "day"`);
    const rows = await this.#db.$queryRaw<SumRow[]>(sql`
      SELECT "platform", "facet", "key", ${totals} FROM "UsageSum"
      WHERE ${whose} AND "facet" IN ('person', 'channel', 'model', 'outcome')
        AND "day" >= ${from} AND "day" <= ${to}
      GROUP BY "key", "facet", "platform"`); // sorted sooner than the other way round
    // One row for each day: a month has tens of thousands of different waits.
    const waits = await this.#db.$queryRaw<{ day: string; counts: string }[]>(sql`
      SELECT "day", string_agg("key" || ':' || CAST("requests" AS TEXT), ' ') AS "counts" FROM (
        SELECT "day", "key", sum("requests") AS "requests" FROM "UsageSum"
        WHERE ${whose} AND "facet" = 'wait' AND "day" >= ${from} AND "day" <= ${to}
        GROUP BY "day", "key"
      ) w GROUP BY "day"`);
    return {
      days: days.map((row) => ({ day: row.day, ...toAmounts(row) })),
      sums: rows.map(toSum),
      waits: waits.map(toWaits),
    };
  }

  async drop({ platform, id: server }: ServerRef): Promise<void> {
    await this.#db.usageSum.deleteMany({ where: { platform, server } });
  }

  async dropOf({ platform, id }: PersonRef): Promise<void> {
    await this.#db.$executeRaw(sql`
      DELETE FROM "UsageSum" WHERE "platform" = ${platform} AND ("server", "day") IN (
        SELECT p."server", p."day" FROM "UsageSum" p
        WHERE p."platform" = ${platform} AND p."facet" = 'person' AND p."key" = ${id})`);
  }

  async useOf({ platform, id }: PersonRef, { from, to }: Window): Promise<Use> {
    const [row] = await this.#db.$queryRaw<[Omit<SumRow, 'platform' | 'facet' | 'key'>]>(sql`
      SELECT coalesce(sum(CASE WHEN "kind" = 'settle' THEN 0 ELSE 1 END), 0) AS "requests",
        coalesce(sum("pictures"), 0) AS "pictures", coalesce(sum("deviceSeconds"), 0) AS "deviceSeconds",
        0 AS "megapixelSteps"
      FROM "LedgerEntry" WHERE "platform" = ${platform} AND "personId" = ${id}
        AND "countedAt" >= ${from} AND "countedAt" < ${to}`);
    const { megapixelSteps: _, ...use } = toAmounts(row);
    return use;
  }

  async nameOf({ platform, id: requesterId }: PersonRef): Promise<string | undefined> {
    const row = await this.#db.job.findFirst({
      where: { platform, requesterId },
      orderBy: { createdAt: 'desc' },
      select: { requesterName: true },
    });
    return row?.requesterName;
  }
}

/** The databases give whole numbers as numbers, bigints or decimals. */
const toAmounts = (row: Omit<SumRow, 'platform' | 'facet' | 'key'>): Amounts => ({
  requests: Number(row.requests),
  pictures: Number(row.pictures),
  deviceSeconds: Number(row.deviceSeconds),
  megapixelSteps: Number(row.megapixelSteps),
});

/** Of "3:12 20:1": twelve requests waited 3 seconds, and one 20. */
const toWaits = ({ day, counts }: { day: string; counts: string }): DayWaits => ({
  day,
  bySeconds: new Map(counts.split(' ').map((pair) => pair.split(':').map(Number) as [number, number])),
});

const toSum = (row: SumRow): Sum => ({
  platform: row.platform,
  facet: row.facet as Facet,
  key: row.key,
  ...toAmounts(row),
});
