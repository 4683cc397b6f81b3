// People's defaults and stars in SQLite or Postgres.

import type { PeopleStore, PersonRef } from '../core/people.ts';
import type { ImagineFields } from '../core/prompt-line.ts';
import type { Db } from './client.ts';

export class PrismaPeople implements PeopleStore {
  readonly #db: Db;
  readonly #now: () => Date;

  constructor(db: Db, now: () => Date) {
    this.#db = db;
    this.#now = now;
  }

  async defaultsOf({ platform, id }: PersonRef): Promise<ImagineFields> {
    const row = await this.#db.person.findUnique({ where: { platform_id: { platform, id } } });
    return (row?.defaults ?? {}) as ImagineFields; // only this file writes the column
  }

  async setDefaults({ platform, id }: PersonRef, fields: ImagineFields): Promise<void> {
    const defaults = JSON.parse(JSON.stringify(fields)) as Record<string, string | number>; // no undefined in it
    const where = { platform_id: { platform, id } };
    await this.#db.person.upsert({ where, create: { platform, id, defaults }, update: { defaults } });
  }

  async mark({ platform, id: personId }: PersonRef, jobId: string, on: boolean): Promise<void> {
    const key = { platform, personId, jobId };
    if (!on) return void (await this.#db.favorite.deleteMany({ where: key }));
    const where = { platform_personId_jobId: key };
    await this.#db.favorite.upsert({ where, create: { ...key, createdAt: this.#now() }, update: {} });
  }

  async forget({ platform, id }: PersonRef, jobIds: readonly string[]): Promise<void> {
    await this.#db.favorite.deleteMany({
      where: { OR: [{ platform, personId: id }, { jobId: { in: [...jobIds] } }] },
    });
    await this.#db.person.deleteMany({ where: { platform, id } });
  }

  async marked({ platform, id: personId }: PersonRef, limit: number): Promise<string[]> {
    const where = { platform, personId };
    const rows = await this.#db.favorite.findMany({ where, orderBy: { createdAt: 'desc' }, take: limit });
    return rows.map((row) => row.jobId);
  }
}
