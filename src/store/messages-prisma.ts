// The console's messages in SQLite or Postgres.

import type { Message, MessageStore, StoredView } from '../bots/console/messages.ts';
import type { Db } from './client.ts';
import type { ConsoleMessage as MessageRow } from './generated/sqlite/client.ts';

export class PrismaMessages implements MessageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async add(message: Message): Promise<void> {
    const { id, channel, author, kind, createdAt } = message;
    const content =
      message.kind === 'person'
        ? { text: message.text }
        : { view: asJson(message.view), answers: message.answers ?? null };
    await this.#db.consoleMessage.create({ data: { id, channel, author, kind, createdAt, ...content } });
  }

  async update(id: string, view: StoredView): Promise<void> {
    await this.#db.consoleMessage.updateMany({ where: { id, kind: 'bot' }, data: { view: asJson(view) } });
  }

  async forget(channel: string): Promise<void> {
    await this.#db.consoleMessage.deleteMany({ where: { channel, kind: 'person' } });
  }

  async remove(id: string): Promise<void> {
    await this.#db.consoleMessage.deleteMany({ where: { id } });
  }

  async get(id: string): Promise<Message | undefined> {
    const row = await this.#db.consoleMessage.findUnique({ where: { id } });
    return row ? toMessage(row) : undefined;
  }

  async recent(channel: string, limit: number, before?: string): Promise<Message[]> {
    const rows = await this.#db.consoleMessage.findMany({
      where: { channel, ...(before !== undefined && { id: { lt: before } }) },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(toMessage);
  }
}

/** An interface's type is not Prisma's index type, though its values are plain JSON. */
const asJson = (view: StoredView): object => ({ ...view });

// The casts trust columns that only this file writes.
function toMessage({ id, channel, author, createdAt, kind, text, view, answers }: MessageRow): Message {
  const base = { id, channel, author, createdAt };
  return kind === 'person'
    ? { ...base, kind, text: text ?? '' }
    : { ...base, kind: 'bot', view: view as unknown as StoredView, ...(answers !== null && { answers }) };
}
