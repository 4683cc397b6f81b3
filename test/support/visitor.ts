// A browser that somebody uses the console with: it keeps the cookie and the page's token, and can be told to leave
// either out. The plain client, as fetch sets Host itself.

import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: () => Record<string, unknown>;
}

interface Asked {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export class Visitor {
  readonly #url: string;
  readonly #host: string;
  cookie: string | undefined;
  csrf: string | undefined;

  constructor(url: string, host = 'localhost') {
    this.#url = url;
    this.#host = host;
  }

  async signIn(secret: string): Promise<Answer> {
    const answer = await this.post('/api/session', { secret });
    const [given] = answer.headers['set-cookie'] ?? [];
    if (given) this.cookie = given.split(';')[0];
    if (answer.status === 200) this.csrf = answer.json()['csrf'] as string;
    return answer;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, { headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, { method: 'POST', body, headers });
  }

  async say(text: string, key = text): Promise<Answer> {
    return this.post('/api/messages', { text, key: key.replace(/\W+/g, '-') });
  }

  /** The messages of the conversation, as the page reads them. */
  async messages(): Promise<{ id: string; kind: string; text?: string }[]> {
    return (await this.get('/api/messages')).json()['messages'] as { id: string; kind: string }[];
  }

  ask(path: string, { method = 'GET', body, headers = {} }: Asked): Promise<Answer> {
    const sent: Record<string, string> = {
      host: this.#host,
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
      ...(this.cookie !== undefined && { cookie: this.cookie }),
      ...(method !== 'GET' && this.csrf !== undefined && { 'x-csrf-token': this.csrf }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#url}${path}`, { method, headers: sent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        const { statusCode: status = 0, headers: got } = response;
        const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
        response.on('end', () => resolve({ status, headers: got, text, json }));
      });
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Opens a live feed: what came until now, and when it ended. */
  feed(path = '/api/events'): { heard: () => string; ended: Promise<void>; close: () => void } {
    let text = '';
    let finish = (): void => {};
    const ended = new Promise<void>((resolve) => (finish = resolve));
    const headers = { host: this.#host, ...(this.cookie !== undefined && { cookie: this.cookie }) };
    const asked = request(`${this.#url}${path}`, { headers }, (response) => {
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('close', finish);
    });
    asked.on('error', finish).end();
    return { heard: () => text, ended, close: () => asked.destroy() };
  }
}
