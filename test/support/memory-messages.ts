// The console's messages, kept in memory. What is kept went through JSON, as it would on its way to a database.

import type { Message, MessageStore, StoredView } from '../../src/bots/console/messages.ts';

export class MemoryMessages implements MessageStore {
  private readonly rows = new Map<string, string>();

  async add(message: Message): Promise<void> {
    if (this.rows.has(message.id)) throw new Error(`There is already a message ${message.id}.`);
    this.rows.set(message.id, JSON.stringify(message));
  }

  async update(id: string, view: StoredView): Promise<void> {
    const message = await this.get(id);
    if (message?.kind === 'bot') this.rows.set(id, JSON.stringify({ ...message, view }));
  }

  async forget(channel: string): Promise<void> {
    for (const [id, row] of this.rows) {
      const message = parse(row);
      if (message.channel === channel && message.kind === 'person') this.rows.delete(id);
    }
  }

  async remove(id: string): Promise<void> {
    this.rows.delete(id);
  }

  async get(id: string): Promise<Message | undefined> {
    const row = this.rows.get(id);
    return row === undefined ? undefined : parse(row);
  }

  async recent(channel: string, limit: number, before?: string): Promise<Message[]> {
    return [...this.rows.values()]
      .map(parse)
      .filter((message) => message.channel === channel && (before === undefined || message.id < before))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }
}

function parse(row: string): Message {
  const message = JSON.parse(row) as Message;
  return { ...message, createdAt: new Date(message.createdAt) };
}
